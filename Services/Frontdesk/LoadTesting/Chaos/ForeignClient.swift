import CommandLineTool
import Curl
import DeskCore
import DeskReporting
import DeskSupervisor
import Foundation
import Subprocess
import SystemPrimitives
import ZeroMQ

/// A client that shares no code with the desk, where available: curl over HTTP, Python with pyzmq over ZeroMQ. Its
/// acknowledgements go to a file like those of all clients.
struct ForeignClient: Sendable {
  enum Kind: String, CaseIterable, Sendable {
    case curl
    case python
  }

  let kind: Kind
  /// The clients' description of the desk.
  let local: LocalDesk
  let prefix: String
  let log: AcknowledgementLog
  /// Messages per request.
  private static let batch = 5
  private static let pace: Duration = .seconds(1)
  private static let outputBytes = 1 << 20
  private static let script = "Tests/EndToEnd/foreign/send_zeromq.py"

  /// Returns why it is not available; nil when it is.
  static func obstacle(_ kind: Kind) async -> String? {
    switch kind {
    case .curl:
      return await ShellCommand(program: "curl", arguments: ["--version"]).succeeds() ? nil : "curl is not installed"
    case .python:
      guard scriptPath() != nil else { return "\(script) is not next to this program" }
      let hasModule = await ShellCommand(program: "python3", arguments: ["-c", "import zmq"]).succeeds()
      return hasModule ? nil : "python3 with pyzmq is not installed"
    }
  }

  /// Sends messages until cancelled, retrying each batch until it is acknowledged.
  /// - Returns: the problem, when it cannot continue.
  func run() async -> String? {
    do {
      let channels = local.keys.channels()
      let traffic = SampleTraffic(samples: try SampleFile.texts(path: nil), channels: channels, prefix: prefix)
      var position = 0
      var random = SystemRandom()
      while !Task.isCancelled {
        // All of one channel, because a key belongs to one.
        let messages = (0..<ForeignClient.batch).map { traffic.message((position + $0) * channels.count) }
        position += ForeignClient.batch
        var pauses = LoadBounds.retryPause
        while try await !send(messages) { try await Task.sleep(for: pauses.next(using: &random)) }
        try await Task.sleep(for: ForeignClient.pace)
      }
      return nil
    } catch {
      return Task.isCancelled ? nil : "the client \(kind.rawValue) cannot continue: \(error)"
    }
  }

  /// - Returns: whether all were acknowledged.
  private func send(_ messages: [SentMessage]) async throws -> Bool {
    guard let channel = messages.first?.channel else { return true }
    let lines = try messages.map { message in
      let object = ["id": message.id, "customer": message.customer, "text": message.text]
      return String(decoding: try JSONEncoder().encode(object), as: UTF8.self)
    }
    let fates =
      switch kind {
      case .curl: try await post(lines, key: try local.keys.channelKey(channel))
      case .python: try await send(lines, keys: try local.keys.channelCurveKeys(channel))
      }
    guard fates.count == messages.count else { return false }
    var all = true
    let acknowledgements = zip(messages, fates).compactMap { message, fate -> Acknowledgement? in
      guard case .acknowledged(let id, let ticket, _) = fate else {
        all = false
        return nil
      }
      return Acknowledgement(
        channel: message.channel.rawValue, externalID: message.id, messageID: id, ticketID: ticket)
    }
    try log.append(acknowledgements)
    return all
  }

  // MARK: Transports

  private func post(_ lines: [String], key: String) async throws -> [MessageFate] {
    // The key is passed in the configuration on standard input, so that it is not visible in process lists.
    func quoted(_ text: String) -> String {
      "\"" + text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"") + "\""
    }
    let configuration = """
      url = "\(local.intakeURL)/v1/messages"
      header = "Authorization: Bearer \(key)"
      header = "Content-Type: application/json"
      data-raw = \(quoted("[" + lines.joined(separator: ",") + "]"))
      """
    let output = try await call(
      "curl", ["--silent", "--max-time", "10", "--config", "-"], input: configuration, environment: [:])
    return HTTPAnswer.fates(HTTPClient.Response(status: 200, body: Array(output.utf8)), count: lines.count)
  }

  private func send(_ lines: [String], keys: CurveKeyPair) async throws -> [MessageFate] {
    guard let script = ForeignClient.scriptPath() else { throw CommandFailure("the script no longer exists") }
    let output = try await call(
      "python3", [script, "--input", "-"], input: lines.joined(separator: "\n"),
      environment: [
        "FRONTDESK_CHANNEL_ENDPOINT": local.channelEndpoint, "FRONTDESK_SERVER_KEY": local.channelServerKey,
        "FRONTDESK_PUBLIC_KEY": keys.publicKey.z85, "FRONTDESK_SECRET_KEY": keys.secretKey.z85,
      ])
    let results = output.split(separator: "\n").joined(separator: ",")
    let answer = ChannelSocket.Answer(contentType: "application/json", body: Array("{\"results\":[\(results)]}".utf8))
    return ChannelAnswerReader.fates(answer, count: lines.count)
  }

  /// Runs a program to completion and returns its output; cancelling kills it.
  private func call(
    _ program: String, _ arguments: [String], input: String, environment: [String: String]
  ) async throws -> String {
    var options = PlatformOptions()
    options.processGroupID = 0
    var variables: [Subprocess.Environment.Key: String?] = [:]
    for (name, value) in environment {
      if let key = Subprocess.Environment.Key(rawValue: name) { variables[key] = .some(value) }
    }
    let result = try await Subprocess.run(
      .name(program), arguments: Arguments(arguments), environment: .inherit.updating(variables),
      platformOptions: options, input: .string(input), output: .string(limit: ForeignClient.outputBytes),
      error: .discarded)
    return result.standardOutput
  }

  private static func scriptPath() -> String? {
    var folder = (OwnProgram.path as NSString).deletingLastPathComponent
    var folders = [FileManager.default.currentDirectoryPath]
    while folder.count > 1 {
      folders.append(folder)
      folder = (folder as NSString).deletingLastPathComponent
    }
    return folders.map { "\($0)/\(script)" }.first { FileManager.default.isReadableFile(atPath: $0) }
  }
}
