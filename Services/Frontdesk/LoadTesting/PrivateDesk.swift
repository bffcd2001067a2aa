import CommandLineTool
import DeskReporting
import DeskSupervisor
import Foundation

/// A command's private desk in a temporary folder, which is removed afterwards.
final class PrivateDesk {
  /// The start parameters.
  struct Plan: Sendable {
    /// Its purpose, used in the name of its folder: a short word.
    var purpose: String
    /// The policy file to apply.
    var policy: String
    /// Additional arguments of `up`.
    var arguments: [String] = []
    /// Environment variables of `up` and the services in addition to ours.
    var environment: [String: String] = [:]
    /// The absolute path of a program that executes `up`, such as `/usr/bin/env`; nil for starting it directly.
    var launcher: String?
    /// How often it is asked whether it is ready.
    var readyInterval = Ledger.lookInterval

    init(purpose: String, policy: String) {
      self.purpose = purpose
      self.policy = policy
    }

    /// Short, because the path of a Unix socket in it is bounded; named after this process, so that leftovers of a killed one
    /// can be distinguished from folders in use.
    var folder: String { "\(PrivateDesk.folderPrefix)\(purpose)-\(getpid())" }
  }

  let local: LocalDesk
  let folder: String
  private let process: Process
  /// `up` stops when we exit, for whatever reason, because it sees the end of this pipe.
  private let lifeline: Pipe

  private static let folderPrefix = "/tmp/frontdesk-"

  private init(local: LocalDesk, folder: String, process: Process, lifeline: Pipe) {
    self.local = local
    self.folder = folder
    self.process = process
    self.lifeline = lifeline
  }

  /// Starts a desk and waits until it is ready.
  /// - Throws: `CommandFailure`, or `CancellationError`; the desk has then been removed.
  static func start(_ plan: Plan) async throws -> PrivateDesk {
    removeLeftovers()
    let folder = plan.folder
    try PrivateFile.makeFolder(folder)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: plan.launcher ?? OwnProgram.path)
    process.arguments =
      (plan.launcher == nil ? [] : [OwnProgram.path]) + [
        "up", "--folder", folder, "--policy", plan.policy, "--quiet", "--supervised",
      ] + plan.arguments + fixedNumbers(beside: plan.arguments)
    process.environment = ProcessInfo.processInfo.environment.merging(plan.environment) { _, ours in ours }
    let lifeline = Pipe()
    // If another process inherited it, it would not end with us.
    _ = fcntl(lifeline.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
    process.standardInput = lifeline
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    do {
      try process.run()
      return PrivateDesk(
        local: try await ready(folder, process, every: plan.readyInterval), folder: folder, process: process,
        lifeline: lifeline)
    } catch {
      await stop(process)
      remove(folder)
      throw error
    }
  }

  /// What is measured and broken must not change by itself: numbers of processes that the plan leaves open are fixed.
  static func fixedNumbers(beside arguments: [String]) -> [String] {
    [("--routers", "2"), ("--classifiers", "1")].filter { !arguments.contains($0.0) }.flatMap { [$0.0, $0.1] }
  }

  /// The process id of `up`.
  var processID: Int32 { process.processIdentifier }

  /// Stops the desk and removes it.
  /// - Parameters:
  ///   - keepsFolder: whether to keep the folder for inspection after everything has stopped.
  ///   - stopped: called after everything has stopped and before anything is removed.
  func end(keepsFolder: Bool = false, stopped: () async -> Void = {}) async {
    await PrivateDesk.stop(process)
    await stopped()
    if !keepsFolder { PrivateDesk.remove(folder) }
    try? lifeline.fileHandleForWriting.close()
  }

  private static func ready(_ folder: String, _ process: Process, every interval: Duration) async throws -> LocalDesk {
    let deadline = ContinuousClock.now + LoadBounds.privateDeskStart
    while true {
      if let local = try? LocalDesk.read(folder: folder), !local.keys.channels().isEmpty,
        let report = try? await DeskConnection.withStore(local.postgres, { try await StatusReport.read($0) }),
        report.allServicesReady
      {
        return local
      }
      guard process.isRunning, ContinuousClock.now < deadline else {
        throw CommandFailure(
          "the private desk did not become ready", remedy: "check whether `frontdesk up` works")
      }
      try await Task.sleep(for: interval)
    }
  }

  private static func stop(_ process: Process) async {
    guard process.isRunning else { return }
    process.terminate()
    let deadline = ContinuousClock.now + LoadBounds.privateDeskEnd
    // Shielded from cancellation, because an interrupted command must not leave a desk behind.
    await Task.detached {
      while process.isRunning, ContinuousClock.now < deadline { try? await Task.sleep(for: Ledger.lookInterval) }
    }.value
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }

  /// Removes a desk's folder and its data elsewhere.
  static func remove(_ folder: String) {
    let local = try? LocalDesk.read(folder: folder)
    // Where PostgreSQL cannot run as the folder's owner, its data is elsewhere.
    for path in [folder, local?.postgresData, local?.postgresSocket].compactMap(\.self) {
      try? FileManager.default.removeItem(atPath: path)
    }
  }

  /// Removes leftovers of killed commands that could not clean up.
  private static func removeLeftovers() {
    let parent = (folderPrefix as NSString).deletingLastPathComponent
    for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] {
      let parts = name.split(separator: "-")
      guard parts.count == 3, parts[0] == "frontdesk", ["bench", "chaos", "rehearse"].contains(parts[1]),
        let owner = Int32(parts[2]), kill(owner, 0) != 0, errno == ESRCH
      else { continue }
      let folder = "\(parent)/\(name)"
      // An `up` that has not noticed its parent's exit yet still uses it.
      guard let lock = try? DeskFolder.take(folder) else { continue }
      withExtendedLifetime(lock) { try? FileManager.default.removeItem(atPath: folder) }
    }
  }

  /// Returns the path of the named policy, or of the project's own.
  static func policy(named: String?, default name: String = "desk.yaml") throws -> String {
    if let named { return named }
    var folder = (OwnProgram.path as NSString).deletingLastPathComponent
    var folders = [FileManager.default.currentDirectoryPath]
    while folder.count > 1 {
      folders.append(folder)
      folder = (folder as NSString).deletingLastPathComponent
    }
    let found = folders.flatMap { ["\($0)/deploy/\(name)", "\($0)/share/frontdesk/\(name)"] }
      .first { FileManager.default.isReadableFile(atPath: $0) }
    guard let found else {
      throw CommandFailure(
        "the sample policy was not found from here", remedy: "name one with --policy", status: .wrongCall)
    }
    return found
  }
}
