import Curl
import DeskCore
import PostgreSQL
import SystemPrimitives
import Testing

@testable import Intake
@testable import Store

/// Replies leave to the channel's system, over HTTP and ZeroMQ.
@Suite("Replies", .timeLimit(.minutes(4))) struct ReplyTests {
  /// Writes replies as a step does.
  @discardableResult
  private func write(_ texts: [String], on channel: String = "web", in intake: ServedIntake) async throws -> [String] {
    var random = SystemRandom()
    let now = try await intake.store.now()
    return try await texts.asyncMap { text in
      let id = MessageID(at: now, using: &random)
      try await intake.store.pool.executeScript(
        """
        INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at)
        VALUES ('\(id)', '\(id)', 2, '\(channel)', 'ada', '\(text)', now());
        INSERT INTO desk.reply (id, channel, customer, state_at, written_at) VALUES ('\(id)', '\(channel)', 'ann', now(), now())
        """)
      return id.description
    }
  }

  private func states(_ intake: ServedIntake) async throws -> [ReplyState] {
    try await intake.store.replies.replies(of: "web", after: 0, limit: 99).map(\.delivery.state)
  }

  private func receipts(_ items: [(id: String, state: String)]) -> String {
    let list = items.map { #"{"reply_id":"\#($0.id)","state":"\#($0.state)"}"# }
    return #"{"receipts":[\#(list.joined(separator: ","))]}"#
  }

  @Test("a list goes on from its cursor, and what was returned counts as sent")
  func listsFromACursor() async throws {
    try await ServedIntake.with { intake in
      let empty = try await intake.send("GET", "/v1/replies")
      #expect(empty.status == 200 && empty.json?["replies"]?.list == [] && empty.json?["next"]?.text == "0")
      let ids = try await write(["one", "two", "three"], in: intake)
      try await write(["for the app"], on: "app", in: intake)
      let first = try await intake.send("GET", "/v1/replies?limit=2")
      let replies = try #require(first.json?["replies"]?.list)
      #expect(replies.map { $0["reply_id"]?.text } == [ids[0], ids[1]])
      #expect(replies.map { $0["text"]?.text } == ["one", "two"] && replies[0]["customer"]?.text == "ann")
      #expect(replies.map { $0["cursor"]?.text } == ["1", "2"] && first.json?["next"]?.text == "2")
      #expect(try await states(intake) == [.sent, .sent, .queued])
      let second = try await intake.send("GET", "/v1/replies?after=2")
      #expect(second.json?["replies"]?.list?.map { $0["reply_id"]?.text } == [ids[2]])
      #expect(second.json?["next"]?.text == "3")
      let end = try await intake.send("GET", "/v1/replies?after=3")
      #expect(end.json?["replies"]?.list == [] && end.json?["next"]?.text == "3")
      let again = try await intake.send("GET", "/v1/replies?after=0&limit=1")
      #expect(again.json?["replies"]?.list?.first?["reply_id"]?.text == ids[0])
      // Handed over by a process that ended before it recorded that: who goes on behind a reply has it.
      try await intake.store.pool.executeScript(
        "UPDATE desk.reply SET state = 'queued' WHERE channel IN ('web', 'app')")
      #expect(try await intake.send("GET", "/v1/replies?after=2&limit=1").status == 200)
      #expect(try await states(intake) == [.sent, .sent, .sent])
      #expect(try await intake.store.replies.backlogs().map(\.channel) == ["app"])
    }
  }

  @Test(
    "hostile cursors and limits are refused with field, value and remedy",
    arguments: [
      ("after=-1", "after", "-1"), ("after=1e3", "after", "1e3"), ("after=", "after", ""), ("after=01", "after", "01"),
      ("after=9999999999999999999", "after", "9999999999999999999"), ("after=%27%3B--", "after", "';--"),
      ("after=1", "after", "1"), ("limit=0", "limit", "0"), ("limit=201", "limit", "201"), ("limit=x", "limit", "x"),
    ])
  func refusesHostileParameters(query: String, field: String, value: String) async throws {
    try await ServedIntake.with { intake in
      let answer = try await intake.send("GET", "/v1/replies?\(query)")
      #expect(answer.status == 422 && answer.contentType == "application/problem+json")
      let error = try #require(answer.json?["errors"]?.list?.first)
      #expect(error["field"]?.text == field && error["value"]?.text == value && error["remedy"]?.text?.isEmpty == false)
    }
  }

  @Test("reports are recorded once; faulty ones are refused together, with field, value and remedy")
  func recordsReceipts() async throws {
    try await ServedIntake.with { intake in
      let ids = try await write(["one", "two"], in: intake)
      let foreign = try await write(["for the app"], on: "app", in: intake)
      func send(_ body: String) async throws -> ServedIntake.Answer {
        try await intake.send("POST", "/v1/replies/receipts", body: Array(body.utf8))
      }
      let body = receipts([(ids[0], "delivered"), (ids[1], "sent"), (foreign[0], "read")])
      let first = try await send(body)
      #expect(first.status == 200)
      #expect(first.results.map { $0["status"]?.text } == ["recorded", "recorded", "unknown"])
      #expect(first.results.map { $0["state"]?.text } == ["delivered", "sent", nil])
      #expect(try await send(body).results.map { $0["status"]?.text } == ["unchanged", "unchanged", "unknown"])
      let long = String(repeating: "x", count: IntakeBounds.failureReasonCharacters + 1)
      let tooLong = try await send(#"{"receipts":[{"reply_id":"\#(ids[1])","state":"failed","reason":"\#(long)"}]}"#)
      #expect(tooLong.status == 422)
      #expect(tooLong.json?["errors"]?.list?.first?["field"]?.text == "/receipts/0/reason")
      let failed = """
        {"receipts":[{"reply_id":"\(ids[1])","state":"failed","reason":"blocked","at":"2020-01-01T00:00:00Z"}]}
        """
      #expect(try await send(failed).results.map { $0["state"]?.text } == ["failed"])
      #expect(try await states(intake) == [.delivered, .failed])
      let faulty = """
        {"receipts":[{"reply_id":"x","state":"queued"},{"state":"read","reason":"why"},7,
        {"reply_id":"\(ids[0])","state":"read","at":"yesterday","more":1}]}
        """
      let refused = try await send(faulty)
      #expect(refused.status == 422)
      let errors = try #require(refused.json?["errors"]?.list)
      #expect(
        Set(errors.compactMap { $0["field"]?.text }) == [
          "/receipts/0/reply_id", "/receipts/0/state", "/receipts/1/reply_id", "/receipts/1/reason", "/receipts/2",
          "/receipts/3/at", "/receipts/3/more",
        ])
      #expect(errors.allSatisfy { $0["remedy"]?.text?.isEmpty == false })
      #expect(errors.contains { $0["field"]?.text == "/receipts/0/state" && $0["value"]?.text == "queued" })
      for body in ["{}", #"{"receipts":[]}"#, #"{"receipts":{}}"#] { #expect(try await send(body).status == 422) }
      #expect(try await send("[").status == 400)
      #expect(try await states(intake) == [.delivered, .failed], "nothing of a refused request is recorded")
    }
  }

  @Test("a stream sends replies as they are written, and goes on behind the last event's id")
  func streamsAndResumes() async throws {
    try await ServedIntake.with { intake in
      let ids = try await write(["one", "two"], in: intake)
      let stream = try await intake.events("/v1/replies/stream")
      #expect(stream.status == 200)
      var events = stream.events().makeAsyncIterator()
      for (number, id) in ids.enumerated() {
        let event = try #require(try await events.next())
        #expect(event.lastEventID == "\(number + 1)" && JSONValue(json: event.data)?["reply_id"]?.text == id)
      }
      let later = try await write(["three"], in: intake)
      #expect(JSONValue(json: try #require(try await events.next()).data)?["reply_id"]?.text == later[0])
      let resumed = try await intake.events("/v1/replies/stream?after=3", headers: [("Last-Event-ID", "1")])
      var rest = resumed.events().makeAsyncIterator()
      #expect(try await rest.next()?.lastEventID == "2")
      #expect(try await rest.next()?.lastEventID == "3")
      let refused = try await intake.send("GET", "/v1/replies/stream", headers: [("Last-Event-ID", "99")])
      #expect(refused.status == 422)
      #expect(refused.json?["errors"]?.list?.first?["field"]?.text == "Last-Event-ID")
    }
  }

  @Test("over ZeroMQ, a subscriber gets replies in order, and again after a reconnect until it acknowledges them")
  func pushesUntilAcknowledged() async throws {
    try await ServedIntake.with { intake in
      let ids = try await write(["one", "two"], in: intake)
      try await write(["for the app"], on: "app", in: intake)
      let type = ReplyFrames.subscription
      for _ in 0..<2 {
        let seen = try await intake.converse { dealer in
          try dealer.send("s", type, #"{"window":8}"#)
          let answer = try dealer.receive()
          #expect(answer.id == "s" && answer.type == type && answer.body["window"] == .integer(8))
          return try (0..<2).map { _ in
            let reply = try dealer.receive()
            #expect(reply.id == "s" && reply.type == ReplyFrames.reply)
            return reply.body["reply_id"]?.text
          }
        }
        #expect(seen == ids, "not acknowledged by the first connection")
      }
      #expect(try await states(intake) == [.queued, .queued])
      let body = receipts([(ids[0], "sent"), (ids[1], "delivered")])
      let results = try await intake.converse { dealer in
        try dealer.send("r", ReplyFrames.receipts, body)
        let answer = try dealer.receive()
        #expect(answer.id == "r" && answer.type == ReplyFrames.receipts)
        return answer.body["results"]?.list?.map { $0["status"]?.text }
      }
      #expect(results == ["recorded", "recorded"])
      #expect(try await states(intake) == [.sent, .delivered])
      let later = try await write(["three"], in: intake)
      let next = try await intake.converse { dealer in
        try dealer.send("s", type, "{}")
        _ = try dealer.receive()
        return try dealer.receive().body["reply_id"]?.text
      }
      #expect(next == later[0], "what was acknowledged does not come again")
    }
  }

  @Test("over ZeroMQ, faulty requests about replies get the problem that HTTP answers")
  func answersFaultyFramesWithAProblem() async throws {
    try await ServedIntake.with { intake in
      let answers = try await intake.ask(frames: [
        [Array(ReplyFrames.subscription.utf8), Array(#"{"window":0}"#.utf8)],
        [Array(ReplyFrames.receipts.utf8), Array(#"{"receipts":[{"reply_id":"x","state":"read"}]}"#.utf8)],
        [Array(ReplyFrames.receipts.utf8), Array("[".utf8)],
      ])
      #expect(answers.allSatisfy { $0.contentType == "application/problem+json" })
      #expect(answers.map { $0.json?["status"] } == [.integer(422), .integer(422), .integer(400)])
      #expect(
        answers.map { $0.json?["errors"]?.list?.first?["field"]?.text } == ["/window", "/receipts/0/reply_id", ""])
    }
  }
}

extension Array {
  /// Maps one element after the other.
  fileprivate func asyncMap<Mapped>(_ transform: (Element) async throws -> Mapped) async rethrows -> [Mapped] {
    var mapped: [Mapped] = []
    for element in self { mapped.append(try await transform(element)) }
    return mapped
  }
}
