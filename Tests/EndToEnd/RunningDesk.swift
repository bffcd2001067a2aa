import Foundation
import Testing

@testable import LoadTesting

/// A whole desk with real processes in a temporary folder: PostgreSQL, every service, keys. Stopped by `stop()`.
struct RunningDesk {
  /// The desk's folder.
  let folder: String
  /// The file with all acknowledgements to clients of this desk.
  let acknowledgements: String
  private let up: Command
  private let log: Task<Void, Never>

  /// Starts a desk and waits until every service is ready and the sample policy is in force.
  /// - Parameters:
  ///   - arguments: of `up`; numbers of processes that they leave open are fixed.
  ///   - clock: the wall clock of all its processes except the database; nil for the machine's own.
  ///   - environment: additional configuration of its services.
  ///   - wordKeys: the text of its file of word keys; nil for a desk without one.
  static func start(
    _ arguments: [String] = [], clock: ShiftedClock? = nil, environment: [String: String] = [:],
    wordKeys: String? = nil
  ) async throws -> RunningDesk {
    // Short, because PostgreSQL's socket is below it; accessible, because PostgreSQL may have to run as another user.
    let folder = "/tmp/fdt-\(UInt32.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    try FileManager.default.createDirectory(atPath: "\(folder)/model", withIntermediateDirectories: true)
    try await sampleModel.value.write(to: URL(fileURLWithPath: "\(folder)/model/sample.model"))
    if let wordKeys {
      try FileManager.default.createDirectory(
        atPath: "\(folder)/secrets", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try wordKeys.write(toFile: "\(folder)/secrets/word-keys", atomically: true, encoding: .utf8)
    }
    let up = try Command(
      "frontdesk", ["up", "--folder", folder] + arguments + PrivateDesk.fixedNumbers(beside: arguments),
      environment: environment.merging(clock?.environment ?? [:]) { $1 },
      through: clock.map { _ in ShiftedClock.launcher })
    let logFile = "\(folder)/combined.log"
    _ = FileManager.default.createFile(atPath: logFile, contents: nil)
    let log = Task {
      let file = FileHandle(forWritingAtPath: logFile)
      for await line in up.lines { file?.write(Data((line + "\n").utf8)) }
    }
    let desk = RunningDesk(
      folder: folder, acknowledgements: "\(folder)/acknowledged.ndjson", up: up, log: log)
    let policy = RunningDesk.project.appendingPathComponent("deploy/desk.yaml").path
    for arguments in [["status", "--wait", "--timeout", "120s"], ["apply", policy]] {
      let ended = try await desk.command(arguments).end()
      guard ended.status == 0 else {
        let log = desk.latestWarnings
        await desk.stop()
        throw DidNotStart(description: "\(arguments[0]): \(ended.output)\nlatest lines of the desk's log: \(log)")
      }
    }
    return desk
  }

  /// The model that `up` would train in every folder, which is most of a desk's start time. Trained when the first desk starts.
  private static let sampleModel = Task {
    let path = "/tmp/fdt-\(UInt32.random(in: 0 ... .max)).model"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let samples = project.appendingPathComponent("Services/Classifier/Samples/concerns.csv").path
    let ended = try await Command("frontdesk", ["train", samples, "--out", path]).end()
    guard ended.status == 0 else { throw DidNotStart(description: "train: \(ended.output)") }
    return try Data(contentsOf: URL(fileURLWithPath: path))
  }

  /// The reason a desk did not start.
  private struct DidNotStart: Error, CustomStringConvertible {
    let description: String
  }

  static let project = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Starts a subcommand of `frontdesk` on this desk.
  func command(_ arguments: [String]) throws -> Command {
    let words = arguments.prefix { !$0.hasPrefix("-") && Int($0) == nil }.count
    let isGroup = ["agents", "audit", "hooks", "keys", "words"].contains(arguments.first ?? "")
    let verbs = min(isGroup ? 2 : 1, words)
    return try Command(
      "frontdesk", Array(arguments.prefix(verbs)) + ["--folder", folder] + Array(arguments.dropFirst(verbs)))
  }

  /// Runs a subcommand and expects it to succeed.
  @discardableResult
  func expect(_ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
    let ended = try await command(arguments).end()
    #expect(
      ended.status == 0, "frontdesk \(arguments.joined(separator: " ")): \(ended.output)",
      sourceLocation: sourceLocation)
    return ended.output
  }

  /// Reads the current `desk.json`.
  func description() throws -> [String: Any] {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/desk.json"))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  /// Returns the process ids of a service's instances, by process name (`router#1`).
  func processes(of service: String) throws -> [String: Int32] {
    let all = try description()["processes"] as? [[String: Any]] ?? []
    var found: [String: Int32] = [:]
    for process in all {
      guard let name = process["name"] as? String, let id = process["process_id"] as? Int else { continue }
      if name == service || name.hasPrefix("\(service)#") { found[name] = Int32(id) }
    }
    return found
  }

  /// Kills one process of a service, and waits until the desk is complete again.
  func killAndAwaitReturn(of service: String, signal: Int32 = SIGKILL) async throws {
    let before = try processes(of: service)
    let victim = try #require(before.sorted { $0.key < $1.key }.first, "\(service) is running")
    kill(victim.value, signal)
    // The command itself polls the processes; it exits when the new one is ready.
    repeat {
      try await expect(["status", "--wait", "--timeout", "120s"])
    } while try processes(of: service)[victim.key] == victim.value
  }

  /// Sends the project's sample messages; the process exits when all are acknowledged.
  /// - Parameter returnAfter: the number of messages after which a customer writes again; nil for at once.
  func send(
    _ count: Int, by way: String, prefix: String, rate: Int? = nil, returnAfter: Int? = nil, file: String? = nil,
    channels: [String] = []
  ) throws -> Command {
    try command(
      ["send", "--via", way, "--samples", "\(count)", "--prefix", prefix, "--acknowledged", file ?? acknowledgements]
        + (rate.map { ["--rate", "\($0)"] } ?? []) + (returnAfter.map { ["--return-after", "\($0)"] } ?? [])
        + channels.flatMap { ["--channel", $0] })
  }

  /// Waits until everything acknowledged is decided, and expects the ledger to find all of it exactly once.
  func expectCleanLedger(file: String? = nil, messages: Int? = nil) async throws {
    let output = try await expect([
      "ledger", "--acknowledged", file ?? acknowledgements, "--wait", "120s",
    ])
    #expect(output.contains("0 lost, 0 doubled"), "\(output)")
    if let messages { #expect(output.contains("\(messages) acknowledged"), "\(output)") }
  }

  /// The last lines of the log above level INFO.
  private var latestWarnings: String {
    let log = (try? String(contentsOfFile: "\(folder)/combined.log", encoding: .utf8)) ?? ""
    return log.split(separator: "\n").filter { !$0.contains(" INFO ") }.suffix(20).joined(separator: "\n")
  }

  /// Stops the desk and removes its folder.
  func stop() async {
    up.terminate()
    await log.value
    _ = await up.end()
    if let kept = ProcessInfo.processInfo.environment["FRONTDESK_KEEP_TEST_FOLDERS"], !kept.isEmpty { return }
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Runs a body on a private desk, which is removed afterwards.
  static func with(
    _ arguments: [String] = [], clock: ShiftedClock? = nil, environment: [String: String] = [:],
    wordKeys: String? = nil, _ body: (RunningDesk) async throws -> Void
  ) async throws {
    let desk = try await start(arguments, clock: clock, environment: environment, wordKeys: wordKeys)
    do {
      try await body(desk)
    } catch {
      Issue.record("latest lines of the desk's log: \(desk.latestWarnings)")
      await desk.stop()
      throw error
    }
    await desk.stop()
  }
}
