import DeskCore
import Foundation
import TestKit
import Testing

/// The guarantees of the desk, verified with real processes that die (ARCHITECTURE: I1, I2, I3, I6).
@Suite("No message is lost or duplicated", .serialized)
struct NothingIsLostTests {
  /// 20,000 messages over both transports while each service in turn is killed, and PostgreSQL is stopped in immediate mode.
  @Test("while every process is killed in turn", .timeLimit(.minutes(12)))
  func everyProcessIsKilled() async throws {
    try await RunningDesk.with(["--routers", "2", "--classifiers", "2"]) { desk in
      let agents = try desk.command(["agents", "simulate", "20", "--handle-time", "0.2s"])
      async let crowd = agents.end()
      let http = try desk.send(10_000, by: "http", prefix: "h-", rate: 300, file: "\(desk.folder)/http.ndjson")
      let zeromq = try desk.send(10_000, by: "zeromq", prefix: "z-", rate: 300, file: "\(desk.folder)/zeromq.ndjson")
      async let sentByHTTP = http.end()
      async let sentByZeroMQ = zeromq.end()
      for service in ["intake", "classifier", "router", "sla-watcher", "notifier", "console", "executor"] {
        try await desk.killAndAwaitReturn(of: service)
      }
      // The postmaster stops at once, as with `pg_ctl -m immediate`.
      try await desk.killAndAwaitReturn(of: "postgres", signal: SIGQUIT)
      for ended in await [sentByHTTP, sentByZeroMQ] { #expect(ended.status == 0, "\(ended.output.suffix(2_000))") }
      for file in ["http.ndjson", "zeromq.ndjson"] {
        try await desk.expectCleanLedger(file: "\(desk.folder)/\(file)", messages: 10_000)
      }
      agents.terminate()
      _ = await crowd
    }
  }

  /// A stopped process neither works nor exits: only the missing answers show it.
  @Test("while processes hang", .timeLimit(.minutes(8)))
  func processesHang() async throws {
    try await RunningDesk.with { desk in
      let sending = try desk.send(2_000, by: "both", prefix: "hang-", rate: 100)
      async let sent = sending.end()
      for service in ["classifier", "router"] {
        try await desk.killAndAwaitReturn(of: service, signal: SIGSTOP)
      }
      let ended = await sent
      #expect(ended.status == 0, "\(ended.output.suffix(2_000))")
      try await desk.expectCleanLedger(messages: 2_000)
      let output = try await desk.command(["status", "--json"]).end().output
      let status = try #require(JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
      let processes = try #require(status["processes"] as? [[String: Any]])
      for name in ["classifier#1", "router#1"] {
        let process = try #require(processes.first { $0["name"] as? String == name })
        #expect(process["hangs"] as? Int == 1 && process["restarts"] as? Int == 1, "\(process)")
      }
      // A process that hangs while it should stop does not remain forever either.
      let router = try #require(desk.processes(of: "router")["router#2"])
      kill(router, SIGSTOP)
      try await desk.expect(["scale", "router", "1"])
      #expect(kill(router, 0) != 0 && errno == ESRCH)
    }
  }

  @Test("with ZeroMQ between services cut off", .timeLimit(.minutes(5)))
  func linksBlocked() async throws {
    try await RunningDesk.with(["--links-blocked"]) { desk in
      let sent = try await desk.send(1_000, by: "both", prefix: "b-").end()
      #expect(sent.status == 0, "\(sent.output)")
      try await desk.expectCleanLedger(messages: 1_000)
    }
  }

  @Test("while routers are added and removed under load", .timeLimit(.minutes(6)))
  func scaling() async throws {
    try await RunningDesk.with(["--routers", "1"]) { desk in
      let sending = try desk.send(6_000, by: "both", prefix: "s-", rate: 300)
      async let sent = sending.end()
      let others = try ["intake", "classifier", "sla-watcher", "notifier", "console", "postgres"].map {
        try desk.processes(of: $0)
      }
      let first = try desk.processes(of: "router")
      try await desk.expect(["scale", "router", "4"])
      #expect(try desk.processes(of: "router").count == 4)
      try await ConnectionBudget().expectKept(by: desk)
      try await desk.expect(["scale", "router", "1"])
      #expect(
        try desk.processes(of: "router") == first, "the first router is the one that stays, and was never restarted")
      let othersAfter = try ["intake", "classifier", "sla-watcher", "notifier", "console", "postgres"].map {
        try desk.processes(of: $0)
      }
      #expect(others == othersAfter)
      let ended = await sent
      #expect(ended.status == 0, "\(ended.output.suffix(2_000))")
      try await desk.expectCleanLedger(messages: 6_000)
    }
  }

  /// The settings ask for a router at a hundredth of one's load, and take it away after seconds.
  @Test("while routers come and go by themselves", .timeLimit(.minutes(4)))
  func elastic() async throws {
    try await RunningDesk.with(["--routers", "auto"]) { desk in
      let policy = RunningDesk.project.appendingPathComponent("deploy/desk.yaml")
      let text = try String(contentsOf: policy, encoding: .utf8)
        .replacing(
          "router: { base: 2, limit: 8 }",
          with: "router: { base: 1, limit: 3, busy_percent: 1, cool_down: 5s, step_pause: 1s }"
        )
        .replacing("article_files: articles/*.md\n", with: "")
      try text.write(toFile: "\(desk.folder)/elastic.yaml", atomically: true, encoding: .utf8)
      try await desk.expect(["apply", "\(desk.folder)/elastic.yaml"])
      // The command itself is the pause between two looks.
      func until(_ isReached: (Int) -> Bool) async throws {
        repeat {
          #expect(try await desk.expect(["scale"]).contains("auto"))
        } while try !isReached(desk.processes(of: "router").count)
      }
      try await until { $0 == 1 }
      let sending = try desk.send(6_000, by: "both", prefix: "e-")
      async let sent = sending.end()
      try await until { $0 > 1 }
      let ended = await sent
      #expect(ended.status == 0, "\(ended.output.suffix(2_000))")
      try await until { $0 == 1 }
      try await desk.expectCleanLedger(messages: 6_000)
      let audited = try await desk.expect(["audit", "list", "--kind", "capacity."])
      #expect(audited.contains("capacity.raised") && audited.contains("capacity.lowered"), "\(audited)")
    }
  }

  @Test("when the same message is sent five times at once over both transports", .timeLimit(.minutes(5)))
  func fiveTimesAtOnce() async throws {
    try await RunningDesk.with { desk in
      let files = (0..<5).map { "\(desk.folder)/copy-\($0).ndjson" }
      let senders = try files.enumerated().map { number, file in
        try desk.send(400, by: number.isMultiple(of: 2) ? "http" : "zeromq", prefix: "same-", file: file)
      }
      for sender in senders {
        let ended = await sender.end()
        #expect(ended.status == 0, "\(ended.output)")
      }
      let answers = try files.map(LoggedAcknowledgement.read)
      for answer in answers.dropFirst() { #expect(answer == answers[0], "every copy got the same answer") }
      #expect(answers[0].count == 400)
      for file in files { try await desk.expectCleanLedger(file: file, messages: 400) }
    }
  }
}

extension NothingIsLostTests {
  @Test("with messages whose ids look alike, in every normal form, over every transport", .timeLimit(.minutes(5)))
  func everyNormalForm() async throws {
    try await RunningDesk.with { desk in
      // The same ids with equal texts and, under another prefix, with different ones; many requests at once.
      let messages = ["same ", "other "].flatMap { prefix in
        NormalForms.texts.enumerated().map { position, text in
          [
            "channel": "web", "external_id": prefix + text, "customer": "c-\(text)",
            "text": prefix == "same " ? "Where is my parcel?" : "Where is parcel \(position)?",
          ]
        }
      }
      let lines = try messages.map { String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self) }
      let input = "\(desk.folder)/forms.ndjson"
      try lines.joined(separator: "\n").write(toFile: input, atomically: true, encoding: .utf8)
      var answers: [Set<LoggedAcknowledgement>] = []
      for (way, more) in [("http", []), ("zeromq", ["--form", "json"]), ("zeromq", ["--form", "protobuf"])] {
        for batch in ["1", "100"] {
          let file = "\(desk.folder)/forms-\(answers.count).ndjson"
          let sent = try await desk.command(
            ["send", input, "--by", way, "--batch", batch, "--acknowledged", file] + more
          ).end()
          #expect(sent.status == 0, "\(way) \(more): \(sent.output)")
          try await desk.expectCleanLedger(file: file, messages: messages.count)
          answers.append(try LoggedAcknowledgement.read(file))
        }
      }
      #expect(answers[0].count == messages.count)
      #expect(Set(answers[0].map(\.message)).count == messages.count)
      for answer in answers.dropFirst() { #expect(answer == answers[0], "every repetition got the first answer") }
    }
  }
}

/// A client's acknowledgement of one message.
struct LoggedAcknowledgement: Hashable {
  let channel: String
  let externalID: ExactString
  let message: String
  let ticket: String

  /// Reads the acknowledgements in a file, unordered.
  static func read(_ file: String) throws -> Set<LoggedAcknowledgement> {
    let text = try String(contentsOfFile: file, encoding: .utf8)
    return try Set(
      text.split(separator: "\n").map { line in
        let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        func word(_ name: String) throws -> String { try #require(object[name] as? String) }
        return try LoggedAcknowledgement(
          channel: word("channel"), externalID: ExactString(word("external_id")), message: word("message_id"),
          ticket: word("ticket_id"))
      })
  }
}
