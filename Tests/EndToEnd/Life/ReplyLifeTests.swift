import Foundation
import Testing

/// Replies on their way to channels that fetch them, on a running desk. `foreign/replies_http.py` and `foreign/replies_zeromq.py` read the
/// same as a stream and over ZeroMQ.
@Suite("Replies, end to end", .serialized)
struct ReplyLifeTests {
  private static func policy(web: String = "replies: fetch") -> String {
    """
    version: 1
    teams:
      desk: { lead: agent-003 }
    agents:
      - { id: agent-001, teams: [desk], capacity: 5 }
      - { id: agent-003, teams: [desk], capacity: 5 }
    queues:
      general: { teams: [desk], offer_time: 60s }
      triage: { teams: [desk], offer_time: 60s }
    rules: []
    default_queue: general
    triage: { queue: triage, below: 0.0 }
    channels:
      web: { \(web), reopen_window: 1d }
      email: { replies: fetch, reopen_window: 1d }
    hooks:
      shop:
        url: https://shop.example/hook
        secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw]
        kinds: [message.replied]

    """
  }

  private func replies(to channel: LifeDesk.Voice, after cursor: String = "0", on life: LifeDesk) async throws
    -> [[String: Any]]
  {
    let page = try await life.ask(channel, "GET", "/v1/replies?after=\(cursor)", expecting: 200)
    return try #require(page.body["replies"] as? [[String: Any]])
  }

  private func report(
    _ state: String, of reply: String, reason: String? = nil, by channel: LifeDesk.Voice, on life: LifeDesk
  ) async throws -> String? {
    var receipt = ["reply_id": reply, "state": state]
    receipt["reason"] = reason
    let answer = try await life.ask(
      channel, "POST", "/v1/replies/receipts", ["receipts": [receipt]], expecting: 200)
    return (answer.body["results"] as? [[String: Any]])?.first?["status"] as? String
  }

  /// The states of the replies of a ticket, as its agent sees them, in order.
  private func deliveries(of ticket: String, on life: LifeDesk) async throws -> [String] {
    let seen = try await life.ask(.ann, "GET", "/v1/tickets/\(ticket)", expecting: 200)
    return (seen.body["messages"] as? [[String: Any]] ?? []).compactMap { message in
      guard let delivery = message["delivery"] as? [String: Any], let state = delivery["state"] as? String else {
        return nil
      }
      return state + ((delivery["reason"] as? String).map { ": \($0)" } ?? "")
    }
  }

  @Test(
    "replies are fetched in order, agents see their states, and a failure brings the ticket back once",
    .timeLimit(.minutes(4)))
  func fetchedDeliveredFailed() async throws {
    try await LifeDesk.with(policy: Self.policy()) { life in
      try await life.come(.ann)
      let id = try await life.write("Where is my parcel?", from: "cara", id: "m-1")
      try await life.take(id, by: .ann)
      try await life.reply("One moment", on: id, by: .ann, awaiting: false)
      try await life.reply("It arrives tomorrow", on: id, by: .ann, awaiting: true)
      #expect(try await deliveries(of: id, on: life) == ["queued", "queued"])
      let fetched = try await replies(to: .web, on: life)
      #expect(fetched.map { $0["text"] as? String } == ["One moment", "It arrives tomorrow"])
      #expect(fetched.allSatisfy { $0["customer"] as? String == "cara" && $0["ticket_id"] as? String == id })
      #expect(try await replies(to: .email, on: life).isEmpty, "another channel's key sees nothing")
      #expect(try await deliveries(of: id, on: life) == ["sent", "sent"])
      let cursor = try #require(fetched.first?["cursor"] as? String)
      let rest = try await replies(to: .web, after: cursor, on: life)
      #expect(rest.map { $0["text"] as? String } == ["It arrives tomorrow"])
      let names = fetched.compactMap { $0["reply_id"] as? String }
      try #require(names.count == 2)
      #expect(try await report("read", of: names[0], by: .web, on: life) == "recorded")
      #expect(try await report("read", of: names[1], by: .email, on: life) == "unknown")
      for outcome in ["recorded", "unchanged"] {
        #expect(
          try await report("failed", of: names[1], reason: "blocked by the customer", by: .web, on: life) == outcome)
      }
      let back = try await life.ticket(id, is: "assigned")
      #expect(back["agent"] == "agent-001")
      #expect(try await deliveries(of: id, on: life) == ["read", "failed: blocked by the customer"])
      // Who wrote it and the leads are notified, once, without the provider's text.
      for voice: LifeDesk.Voice in [.ann, .eve] {
        let list = try await life.ask(voice, "GET", "/v1/notices", expecting: 200)
        let notices = (list.body["notices"] as? [[String: Any]] ?? []).filter {
          $0["kind"] as? String == "message.failed"
        }
        #expect(notices.count == 1 && notices.first?["ticket_id"] as? String == id && !list.text.contains("blocked by"))
      }
      // The second answer is read, and nothing brings the ticket back again.
      try await life.reply("By mail, then", on: id, by: .ann, awaiting: true)
      #expect(try await report("failed", of: names[1], by: .web, on: life) == "unchanged")
      #expect(
        try await life.timeline(of: id).filter { $0.hasPrefix("reply_failed") } == ["reply_failed by service:router"])
      // A settled ticket is reopened.
      try await life.ask(.ann, "POST", "/v1/tickets/\(id)/resolve", expecting: 200)
      let last = try #require(try await replies(to: .web, on: life).last?["reply_id"] as? String)
      #expect(try await report("failed", of: last, reason: "window closed", by: .web, on: life) == "recorded")
      try await life.take(id, by: .ann)
      let reopened = try await life.ticket(id, is: "assigned")
      #expect(reopened.body["reopened"] as? Int == 1)
    }
  }

  @Test("a merged conversation is answered on the channel that was written on last", .timeLimit(.minutes(4)))
  func mergedAcrossChannels() async throws {
    try await LifeDesk.with(policy: Self.policy()) { life in
      try await life.come(.ann)
      let first = try await life.write("Where is my parcel?", from: "cara", id: "m-1")
      try await life.take(first, by: .ann)
      let second = try await life.write("My parcel is late", from: "cara@mail", by: .email, id: "m-2")
      try await life.take(second, by: .ann)
      try await life.ask(
        .eve, "POST", "/v1/tickets/\(first)/merge",
        ["into": second, "across_customers": true, "reason": "same customer"],
        expecting: 200)
      let writers: [(name: String, channel: LifeDesk.Voice)] = [
        ("cara", .web), ("cara@mail", .email), ("cara", .web),
      ]
      for (number, writer) in writers.enumerated() {
        let id = try await life.write("Any news?", from: writer.name, by: writer.channel, id: "n-\(number)")
        #expect(id == second, "both channels reach the ticket that lives")
        _ = try await life.until(.eve, "/v1/tickets/\(second)") {
          ($0.body["reply_to"] as? [String: Any])?["customer"] as? String == writer.name
        }
        try await life.reply("Answer \(number)", on: second, by: .ann, awaiting: true)
      }
      let web = try await replies(to: .web, on: life)
      #expect(web.map { $0["text"] as? String } == ["Answer 0", "Answer 2"])
      #expect(web.allSatisfy { $0["customer"] as? String == "cara" })
      let mail = try await replies(to: .email, on: life)
      #expect(mail.map { $0["text"] as? String } == ["Answer 1"])
      #expect(mail.allSatisfy { $0["customer"] as? String == "cara@mail" })
    }
  }

  @Test("a channel by which no reply can leave is refused by apply, and red in status", .timeLimit(.minutes(4)))
  func noWayOut() async throws {
    try await LifeDesk.with(policy: Self.policy()) { life in
      let path = "\(life.desk.folder)/silent.yaml"
      try Self.policy(web: "weight: 1").write(toFile: path, atomically: true, encoding: .utf8)
      let refused = try await life.desk.command(["apply", path]).end()
      #expect(refused.status != 0 && refused.output.contains("no reply can leave by this channel"))
      #expect(refused.output.contains("channels.web") && refused.output.contains("replies: fetch"))
      try await life.desk.expect(["status"])
      try await life.apply(Self.policy(web: "reply_hook: shop"))
      try await life.desk.expect(["hooks", "pause", "shop", "--reason", "broken"])
      let status = try await life.desk.command(["status"]).end()
      #expect(status.status == 1)
      #expect(status.output.contains("no reply can leave by the channel web: its hook shop is paused"))
      let json = try await life.desk.command(["status", "--json"]).end().output
      #expect(json.contains("blocked_channels") && json.contains(#""cause""#))
    }
  }
}
