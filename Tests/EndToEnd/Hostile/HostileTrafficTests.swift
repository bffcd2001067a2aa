import Foundation
import TestKit
import Testing

/// A running desk under fuzzed traffic at all its interfaces. No process may exit. The number of inputs is
/// `FuzzSettings.inputs` per interface.
@Suite("Hostile traffic", .serialized)
struct HostileTrafficTests {
  /// Kilobytes by which a service may grow while it is fuzzed, whatever the number of inputs.
  private static let growthMaximum = 192 << 10
  /// Requests per write.
  private static let pipelined = 32

  @Test("crashes no process, causes no internal error, and memory stays bounded", .timeLimit(.minutes(60)))
  func everyEntrance() async throws {
    try await RunningDesk.with { desk in
      let keys = try ClientKeys(desk)
      let people = try await DoorKeys(desk)
      await people.close()
      let ticket = try await openTicket(keys)
      let before = try processes(of: desk)
      try await warmUp(keys)
      let memory = before.mapValues { ProcessMemory.residentKilobytes(of: "\($0)") }

      try await fuzz(port: keys.intakePort, key: keys.channel, identifiers: [ticket], seed: 1)
      for (place, bearer) in [AuthorisationMatrix.Bearer.lead, .operator, .auditor].enumerated() {
        let key = try #require(people.bearers[bearer])
        try await fuzz(port: keys.consolePort, key: key, identifiers: [ticket], seed: UInt64(10 + place), share: 3)
      }
      try await fuzzBytes(ports: [keys.intakePort, keys.consolePort, keys.channelPort], keys)
      try await fuzzFrames(keys)

      let after = try processes(of: desk)
      #expect(after == before, "processes that ended: \(before.filter { after[$0.key] != $0.value }.keys.sorted())")
      for (name, process) in after {
        let growth = ProcessMemory.residentKilobytes(of: "\(process)") - (memory[name] ?? 0)
        #expect(growth < Self.growthMaximum, "\(name) grew by \(growth) kB")
      }
      // An innocent sender is served as before.
      _ = try await openTicket(keys, id: "innocent")
      let log = String(
        decoding: try Data(contentsOf: URL(fileURLWithPath: "\(desk.folder)/log/desk.log")), as: UTF8.self)
      let failed = log.split(separator: "\n").filter { $0.contains("request failed") }
      #expect(failed.isEmpty, "internal errors in the log: \(failed.prefix(5))")
    }
  }

  @Test("on the command line ends with an error, never with a signal", .timeLimit(.minutes(10)))
  func commandLine() async throws {
    // Commands that take numbers, times or files, with values at and beyond the limits, in a folder without a desk. Commands that
    // would start one (`bench`, `chaos`) are only parsed, in `ParserFuzzTests`.
    let extremes = [
      "", "-1", "0", "99999999999", "9223372036854775807", "9223372036854775808", "1e400", "inf", "nan", "0x10",
      "294248-01-01T00:00:00Z", "2026-02-30", "é", "\u{1B}[31m", "106751991167300d", "9223372036854775807s",
    ]
    let options: [[String]] = [
      ["keys", "create", "--channel", "web", "--days="], ["scale", "router", ""], ["report", "queue", "--from="],
      ["report", "queue", "--to="], ["report", "queue", "--zone="], ["send", "--samples="], ["send", "--rate="],
      ["send", "--return-after="], ["agents", "--count="], ["ledger", "--wait="], ["status", "--timeout="],
      ["keys", "rotate", "x", "--grace="], ["explain", ""], ["train", "/nonexistent.csv", "--out="],
      ["evaluate", "/nonexistent.csv", "--folds="], ["erase", "--channel", "web", "--customer="],
    ]
    let folder = "/tmp/fdt-none-\(UInt32.random(in: 0 ... .max))"
    try await withThrowingTaskGroup(of: (String, Command.Ended).self) { group in
      var running = 0
      for option in options {
        for extreme in extremes {
          let arguments = Array(option.dropLast()) + [(option.last ?? "") + extreme]
          if running >= 4, let (name, ended) = try await group.next() { expectRefusal(ended, name) }
          running += 1
          group.addTask {
            let command = try Command("frontdesk", arguments, environment: ["FRONTDESK_FOLDER": folder])
            return (arguments.joined(separator: " "), await command.end())
          }
        }
      }
      for try await (name, ended) in group { expectRefusal(ended, name) }
    }
  }

  private func expectRefusal(_ ended: Command.Ended, _ name: String) {
    #expect(!ended.wasSignalled, "frontdesk \(name) was terminated by signal \(ended.status): \(ended.output)")
    #expect(!ended.output.contains("\u{1B}"), "frontdesk \(name) writes an escape code")
  }

  // MARK: Interfaces

  private func fuzz(port: Int, key: String, identifiers: [String], seed: UInt64, share: Int = 1) async throws {
    let answer = try await ClientConnection.exchange(
      port: port, Array("GET /openapi.json HTTP/1.1\r\nHost: desk\r\n\r\n".utf8))
    let description = try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
    let requests = try HostileRequests(
      description: description, identifiers: identifiers, key: key, seed: FuzzSettings.seed &+ seed)
    #expect(requests.count > 2)
    let count = FuzzSettings.inputs / share
    let result = try await onThread { try Self.send(requests, count, to: port) }
    #expect(result.failures.isEmpty, "internal errors: \(result.failures.prefix(3))")
    #expect(result.unanswered == 0, "\(result.unanswered) of \(count) requests with valid framing got no answer")
    #expect(result.statuses[2, default: 0] > 0, "some requests get past every check: \(result.statuses)")
  }

  private struct Tally: Sendable {
    var statuses: [Int: Int] = [:]
    var failures: [String] = []
    var unanswered = 0
  }

  private static func send(_ requests: HostileRequests, _ count: Int, to port: Int) throws -> Tally {
    var requests = requests
    var tally = Tally()
    var connection = try PipelinedConnection(port: port)
    var number = 0
    while number < count {
      let batch = (number..<min(count, number + pipelined)).map { requests.next($0) }
      number += batch.count
      let outcome = try connection.exchange(batch.flatMap { $0 }, answers: batch.count)
      for status in outcome.statuses { tally.statuses[status / 100, default: 0] += 1 }
      tally.failures += outcome.failures
      guard outcome.isClosed else { continue }
      connection = try PipelinedConnection(port: port)
      // Closed after an answer that announces it; the rest of the same write is sent again, one connection each.
      for request in batch.dropFirst(outcome.statuses.count) {
        let alone = try PipelinedConnection(port: port).exchange(request, answers: 1)
        for status in alone.statuses { tally.statuses[status / 100, default: 0] += 1 }
        tally.failures += alone.failures
        if alone.statuses.isEmpty { tally.unanswered += 1 }
      }
    }
    return tally
  }

  /// Whole requests and greetings with broken bytes, each on its own connection.
  private func fuzzBytes(ports: [Int], _ keys: ClientKeys) async throws {
    let body = #"{"id":"b","customer":"c","text":"t"}"#
    let good =
      [
        "GET /v1/agents/me HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer \(keys.agent)\r\n\r\n",
        "POST /v1/messages HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer \(keys.channel)\r\n"
          + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)",
        "POST /v1/messages HTTP/1.1\r\nHost: desk\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"id\"\r\n0\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      ].map { Array($0.utf8) } + [[0xFF] + [UInt8](repeating: 0, count: 8) + [0x7F, 3] + Array("CURVE".utf8)]
    let words =
      ["\r\n", "\r\n\r\n", ": ", "Content-Length: 99999999999999999999", "Transfer-Encoding: chunked", "\0", " "]
      .map { Array($0.utf8) } + [[0x80], [0xFF, 0xFF, 0xFF, 0xFF]]
    let count = FuzzSettings.inputs / 20
    try await onThread {
      var mutator = Mutator(seed: FuzzSettings.seed &+ 30, corpus: good, words: words)
      for number in 0..<count {
        let connection = try PipelinedConnection(port: ports[number % ports.count])
        let outcome = try connection.exchange(mutator.next(), answers: 1, endsSending: true)
        #expect(outcome.failures.isEmpty, "input \(number): \(outcome.failures)")
      }
    }
  }

  private func fuzzFrames(_ keys: ClientKeys) async throws {
    let body = Array(#"[{"id":"z1","customer":"c","text":"t","sent_at":"2026-11-22T08:30:00Z"}]"#.utf8)
    let words = ["{", "}", "[", "]", "\"id\":", "\\ud83d", "null", "é", "e\u{301}"].map { Array($0.utf8) }
    var mutator = Mutator(seed: FuzzSettings.seed &+ 40, corpus: [body, [0x0A, 3, 0x0A, 1, 0x61]], words: words)
    let types = ["application/json", "application/x-protobuf", "text/plain", ""].map { Array($0.utf8) }
    let count = FuzzSettings.inputs / 4
    var requests: [[[UInt8]]] = []
    for number in 0..<count {
      // The same number of frames as a request, so that each gets an answer; other numbers are in `BadFrames`.
      requests.append([
        Array("\(number)".utf8), mutator.happens(oneIn: 8) ? mutator.pick(types) : types[number % 2], mutator.next(),
      ])
      guard requests.count == 1000 || number == count - 1 else { continue }
      let answers = try await ClientChannel.ask(requests, at: keys.channelEndpoint, security: keys.security)
      #expect(answers.allSatisfy { $0 != nil }, "every request is answered")
      requests = []
    }
  }

  private func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
    }
  }

  // MARK: The desk

  /// Uses every interface once, so that allocations at first use do not count as growth.
  private func warmUp(_ keys: ClientKeys) async throws {
    for number in 0..<20 { _ = try await openTicket(keys, id: "warm-\(number)") }
  }

  private func openTicket(_ keys: ClientKeys, id: String = "first") async throws -> String {
    let body = #"{"id":"\#(id)","customer":"\#(id)","text":"Where is my parcel?"}"#
    let head =
      "POST /v1/messages HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer \(keys.channel)\r\n"
      + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
    let answer = try await ClientConnection.exchange(port: keys.intakePort, Array((head + body).utf8))
    #expect(answer.status == 202, "\(answer.text)")
    let object = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
    return try #require(object?["ticket_id"] as? String)
  }

  private func processes(of desk: RunningDesk) throws -> [String: Int32] {
    let all = try ["intake", "classifier", "router", "sla-watcher", "notifier", "console", "executor", "postgres"]
      .map { try desk.processes(of: $0) }.reduce(into: [:]) { $0.merge($1) { $1 } }
    #expect(all.count >= 8)
    return all
  }
}
