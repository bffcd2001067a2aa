import Foundation
import Subprocess

/// Client programs that send messages, each in its own process, for the duration of a run.
struct ChaosClients: Sendable {
  /// The folder with their description of the desk and their acknowledgements.
  let folder: String
  let seed: UInt64
  /// Of all clients together.
  let messagesPerSecond: Double

  /// A client that sends messages continuously.
  enum Steady: String, CaseIterable, Sendable {
    case http
    case zeroMQProtobuf = "zeromq-protobuf"
    case zeroMQJSON = "zeromq-json"

    fileprivate var way: [String] {
      switch self {
      case .http: ["--by", "http"]
      case .zeroMQProtobuf: ["--by", "zeromq", "--form", "protobuf"]
      case .zeroMQJSON: ["--by", "zeromq", "--form", "json"]
      }
    }
  }

  /// Returns the id prefix of a steady client's messages.
  func prefix(of client: Steady) -> String { "chaos-\(seed)-\(client.rawValue)-" }

  func acknowledgements(of name: String) -> String { "\(folder)/\(name).ndjson" }

  /// The existing acknowledgement files.
  var acknowledgementFiles: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".ndjson") }.sorted().map { "\(folder)/\($0)" }
  }

  /// Runs a steady client until cancelled.
  /// - Returns: the problem, when it ends on its own.
  func run(_ client: Steady) async -> String? {
    let rate = messagesPerSecond / Double(Steady.allCases.count)
    let count = Int(rate * (ChaosBounds.clientTime / .seconds(1)))
    let status = await ClientProcess.run(
      ["send", "--folder", folder, "--samples", "\(count)", "--rate", "\(rate)"] + client.way + [
        "--prefix", prefix(of: client), "--acknowledged", acknowledgements(of: client.rawValue),
        "--batch", "\(ChaosBounds.clientBatch)", "--connections", "\(ChaosBounds.clientConnections)",
        "--give-up", ChaosBounds.clientPatience,
      ])
    return Task.isCancelled ? nil : "the client \(client.rawValue) exited unexpectedly with \(status)"
  }

  /// Runs simulated agents until cancelled.
  /// - Returns: the problem, when they end on their own.
  func runAgents() async -> String? {
    let status = await ClientProcess.run([
      "agents", "simulate", "\(ChaosBounds.agents)", "--folder", folder, "--handle-time", ChaosBounds.agentHandleTime,
      "--seed", "\(seed)",
    ])
    return Task.isCancelled ? nil : "the agents exited unexpectedly with \(status)"
  }

  /// Sends samples once.
  /// - Returns: how the process ended, as part of a sentence; nil when all were acknowledged.
  func sendSamples(_ count: Int, prefix: String, by way: String, name: String) async -> String? {
    let status = await ClientProcess.run([
      "send", "--folder", folder, "--samples", "\(count)", "--prefix", prefix, "--by", way, "--acknowledged",
      acknowledgements(of: name), "--give-up", ChaosBounds.repetitionPatience,
    ])
    return status == "status 0" ? nil : status
  }

  /// Sends a file once, which may contain messages that are rejected.
  /// - Returns: how the process ended, as part of a sentence; nil when each message was answered.
  func sendFile(_ path: String, prefix: String, by way: String, name: String, batch: Int = 1) async -> String? {
    let status = await ClientProcess.run([
      "send", path, "--folder", folder, "--prefix", prefix, "--by", way, "--acknowledged", acknowledgements(of: name),
      "--give-up", ChaosBounds.repetitionPatience, "--batch", "\(batch)",
    ])
    return ["status 0", "status 1"].contains(status) ? nil : status
  }
}

/// This program as a separate process, whose output is discarded.
enum ClientProcess {
  /// Runs it to completion; cancelling kills it.
  /// - Returns: how it ended, as part of a sentence.
  static func run(_ arguments: [String]) async -> String {
    var options = PlatformOptions()
    // Ctrl-C at the terminal is for us alone.
    options.processGroupID = 0
    let program = OwnProgram.path as NSString
    let path = "\(program.deletingLastPathComponent):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
    do {
      let result = try await Subprocess.run(
        .name(program.lastPathComponent), arguments: Arguments(arguments),
        environment: .inherit.updating(["PATH": path]), platformOptions: options, input: .none, output: .discarded,
        error: .discarded)
      switch result.terminationStatus {
      case .exited(let code): return "status \(code)"
      case .signaled(let signal): return "signal \(signal)"
      }
    } catch {
      return "an error (\(error))"
    }
  }
}
