import Foundation

/// A desk of its own for a measurement, in a temporary folder, of which nothing is left afterwards.
final class BenchDesk {
  let local: LocalDesk
  let folder: String
  private let process: Process

  private init(local: LocalDesk, folder: String, process: Process) {
    self.local = local
    self.folder = folder
    self.process = process
  }

  /// Starts a desk and waits until it is ready.
  static func start(policy: String?) async throws -> BenchDesk {
    guard let policy = policy ?? samplePolicy() else {
      throw CommandFailure(
        "the sample policy was not found from here", remedy: "name one with --policy", status: .wrongCall)
    }
    // Short, because the path of a Unix socket in it is bounded.
    let folder = "/tmp/frontdesk-bench-\(ProcessInfo.processInfo.processIdentifier)"
    try PrivateFile.makeFolder(folder)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: OwnProgram.path)
    process.arguments = ["up", "--folder", folder, "--policy", policy, "--quiet"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    do {
      try process.run()
      return BenchDesk(local: try await ready(folder, process), folder: folder, process: process)
    } catch {
      await end(process, folder: folder)
      throw error
    }
  }

  /// Ends the desk and removes all of it.
  func end() async {
    await BenchDesk.end(process, folder: folder)
  }

  private static func ready(_ folder: String, _ process: Process) async throws -> LocalDesk {
    let deadline = ContinuousClock.now + BenchBounds.startTime
    while true {
      if let local = try? LocalDesk.read(folder: folder), !local.keys.channels().isEmpty,
        let report = try? await DeskConnection.withStore(local.postgres, { try await StatusReport.read($0) }),
        report.allServicesReady
      {
        return local
      }
      guard process.isRunning, ContinuousClock.now < deadline else {
        throw CommandFailure(
          "the desk for the measurement did not become ready", remedy: "see whether `frontdesk up` works")
      }
      try await Task.sleep(for: LoadBounds.lookInterval)
    }
  }

  private static func end(_ process: Process, folder: String) async {
    let local = try? LocalDesk.read(folder: folder)
    if process.isRunning {
      process.terminate()
      let deadline = ContinuousClock.now + BenchBounds.endTime
      // Shielded from cancellation, for an interrupted measurement must not leave a desk behind.
      await Task.detached {
        while process.isRunning, ContinuousClock.now < deadline { try? await Task.sleep(for: LoadBounds.lookInterval) }
      }.value
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
    // Where the folder's owner may not be PostgreSQL's, its data lie elsewhere.
    for path in [folder, local?.postgresData, local?.postgresSocket].compactMap(\.self) {
      try? FileManager.default.removeItem(atPath: path)
    }
  }

  private static func samplePolicy() -> String? {
    var folder = (OwnProgram.path as NSString).deletingLastPathComponent
    var folders = [FileManager.default.currentDirectoryPath]
    while folder.count > 1 {
      folders.append(folder)
      folder = (folder as NSString).deletingLastPathComponent
    }
    return folders.flatMap { ["\($0)/deploy/desk.yaml", "\($0)/share/frontdesk/desk.yaml"] }
      .first { FileManager.default.isReadableFile(atPath: $0) }
  }
}
