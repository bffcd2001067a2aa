import CommandLineTool
import Curl
import DeskCore
import Foundation

extension FaultInjector {
  /// Sends the same new messages from several clients at once, and old ones again.
  func repeatMessages(_ fault: Fault) async -> FaultConsequences {
    let clients = desk.clients
    var sendings: [(prefix: String, way: String)] = (0..<ChaosBounds.repeatingClients).map { number in
      ("chaos-\(clients.seed)-repeated-\(fault.number)-", number.isMultiple(of: 2) ? "http" : "zeromq")
    }
    // Messages first sent over HTTP are repeated over ZeroMQ, and vice versa.
    sendings.append((clients.prefix(of: .http), "zeromq"))
    sendings.append((clients.prefix(of: .zeroMQProtobuf), "http"))
    let findings = await withTaskGroup(of: String?.self) { group in
      for (number, sending) in sendings.enumerated() {
        group.addTask {
          let end = await clients.sendSamples(
            fault.amount, prefix: sending.prefix, by: sending.way, name: "repeated-\(fault.number)-\(number)")
          return end.map { "a client that repeated messages ended with \($0)" }
        }
      }
      var findings: [String] = []
      for await finding in group {
        if let finding { findings.append(finding) }
      }
      return findings
    }
    return FaultConsequences(findings: Task.isCancelled ? [] : findings)
  }

  /// Sends malformed and extreme messages. Whatever is acknowledged must be decided like everything else; invalid requests must be
  /// refused, and nothing else may happen.
  func poison(_ fault: Fault) async throws -> FaultConsequences {
    let path = "\(desk.clients.folder)/poison-\(fault.number).txt"
    try PrivateFile.write(try Poison.file(channel: desk.local.keys.channels().first), path: path)
    defer { unlink(path) }
    var findings: [String] = []
    for way in ["http", "zeromq"] {
      let end = await desk.clients.sendFile(
        path, prefix: "chaos-\(desk.clients.seed)-\(way)-\(fault.number)-", by: way,
        name: "poison-\(fault.number)-\(way)")
      if let end, !Task.isCancelled { findings.append("poison over \(way) got no answer: \(end)") }
    }
    findings += try await Poison.refusals(of: desk.local)
    return FaultConsequences(findings: findings)
  }
}

/// Texts and requests that break programs.
enum Poison {
  /// Texts, some of which are valid messages and some are not.
  static var texts: [String] {
    [
      String(repeating: "很", count: ChaosBounds.longMessage),
      String(repeating: "𝔘", count: ChaosBounds.longMessage),
      String(repeating: "x", count: ChaosBounds.longMessage + 1),
      String(repeating: "word ", count: ChaosBounds.longMessage / 5),
      "e" + String(repeating: "\u{301}", count: 2000),
      "\u{202E}desrever\u{202C} \u{200B}\u{FEFF}\u{2028}\u{2029}",
      "👩‍👩‍👧‍👦🏳️‍🌈" + String(repeating: "👨‍🚀", count: 500),
      "\u{0}", "a\u{0}b", "\u{1}\u{7}\u{8}\u{1B}[31m\u{7F}\u{85}", "\u{FFFE}\u{FFFF}\u{10FFFF}", "\u{E000}",
      "", " ", "\n\n\n", "'; DROP TABLE desk.message; --", "{{customer}} {{#each}}", "$1 %s %n %@ \\x00 \\u0000",
      "{\"text\":null}", "<script>alert(1)</script>", "٠١٢٣٤٥٦٧٨٩ ૱ ꙮ ﷽",
      String(repeating: "\u{1F1E8}\u{1F1F3}", count: 1000), String(repeating: "[", count: 10_000),
    ]
  }

  /// Returns the texts as input lines of `frontdesk send`, each from a customer with an unusual name.
  static func file(channel: ChannelID?) throws -> Data {
    struct Line: Encodable {
      var channel: String
      var id: String
      var customer: String
      var text: String
    }
    guard let channel else { throw CommandFailure("the desk has no channel") }
    return try texts.enumerated().reduce(into: Data()) { bytes, text in
      bytes += try JSONEncoder().encode(
        Line(
          channel: channel.rawValue, id: "poison '\"\\ é \(text.offset)", customer: "客户 '\";-- \(text.offset)",
          text: text.element))
      bytes.append(UInt8(ascii: "\n"))
    }
  }

  /// Bodies that are not lists of messages.
  private static let bodies = [
    "", "{", "[]", "null", "42", "\"\\ud800\"", #"{"id":"a","customer":"b","text":"c""#,
    String(repeating: "[", count: 100_000), #"[{"id":1,"customer":[],"text":{}}]"#, "\u{0}\u{0}\u{0}\u{0}",
  ]

  /// Sends invalid requests directly to intake.
  /// - Returns: those that were not refused as client errors.
  static func refusals(of local: LocalDesk) async throws -> [String] {
    let client = try HTTPClient()
    var findings: [String] = []
    let key = try local.keys.channels().first.map { try local.keys.channelKey($0) } ?? ""
    for (number, body) in bodies.enumerated() {
      for (name, authorization) in [
        ("a key", "Bearer \(key)"), ("a wrong key", "Bearer fd_\(String(repeating: "x", count: 43))"),
      ] {
        let request = HTTPClient.Request(
          method: "POST", url: "\(local.intakeURL)/v1/messages",
          headers: ["Authorization": authorization, "Content-Type": "application/json"], body: Array(body.utf8),
          timeout: LoadBounds.requestTimeout)
        // A connection closed early is a refusal too.
        guard let status = try? await client.send(request).status else { continue }
        if !(400..<500).contains(status), status != 503 {
          findings.append("the bad request \(number) with \(name) was answered with \(status)")
        }
      }
    }
    await client.shutDown()
    return findings
  }
}
