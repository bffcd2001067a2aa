import Curl
import DeskCore
import ServiceProcess
import Store
import TestStore
import Testing

@testable import Console

/// What operators ask for over HTTP: written as intents, never done here; and the policy while it is edited.
@Suite struct IntentRoutesTests {
  private struct Desk {
    let desk: StaffedDesk
    let client: HTTPClient
    let url: String
    let key: String

    func ask(
      _ method: String, _ path: String, _ body: String? = nil, key: String? = nil, idempotencyKey: String? = nil
    ) async throws -> (status: Int, body: JSONValue?, text: String, location: String?) {
      var headers: HTTPHeaders = ["authorization": "Bearer \(key ?? self.key)"]
      if body != nil { headers.add(name: "content-type", value: "application/json") }
      if let idempotencyKey { headers.add(name: "idempotency-key", value: idempotencyKey) }
      let response = try await client.send(
        HTTPClient.Request(
          method: method, url: url + path, headers: headers, body: body.map { Array($0.utf8) } ?? []))
      let text = String(decoding: response.body, as: UTF8.self)
      return (response.status, JSONValue(json: text), text, response.headers["location"])
    }
  }

  private func serving(_ body: @escaping @Sendable (Desk) async throws -> Void) async throws {
    try await StaffedDesk.serving { desk, client, url in
      try await body(Desk(desk: desk, client: client, url: url, key: desk.key(.operator)))
    }
  }

  private static func json(_ fields: [JSONValue.Field]) -> String { JSONValue.object(fields).json }

  @Test func scalingIsWrittenDownOnceAndFollowed() async throws {
    try await serving { http in
      let body = #"{"service": "router", "count": 4, "reason": "Monday"}"#
      let asked = try await http.ask("POST", "/v1/workers/scale", body, idempotencyKey: "k-1")
      #expect(asked.status == 202, "\(asked.text)")
      let id = try #require(asked.body?["intent_id"]?.text)
      #expect(asked.location == "/v1/intents/\(id)")
      #expect(asked.body?["state"]?.text == "pending" && asked.body?["parameters"]?["count"] == .integer(4))
      let again = try await http.ask("POST", "/v1/workers/scale", body, idempotencyKey: "k-1")
      #expect(again.status == 202 && again.body?["intent_id"]?.text == id)
      let other = body.replacing("4", with: "5")
      #expect(try await http.ask("POST", "/v1/workers/scale", other, idempotencyKey: "k-1").status == 422)
      let read = try await http.ask("GET", "/v1/intents/\(id)")
      #expect(read.body?["reason"]?.text == "Monday" && read.body?["result"] == nil)
      let listed = try await http.ask("GET", "/v1/intents?state=pending,running&limit=1")
      #expect(listed.body?["intents"]?.list?.count == 1 && listed.body?["next"] == nil, "\(listed.text)")
      #expect(try await http.ask("GET", "/v1/intents?state=lost").status == 422)
      #expect(try await http.ask("GET", "/v1/intents/\(http.desk.fresh() as IntentID)").status == 404)
    }
  }

  @Test func theNumberCanFollowTheLoadAgainAndSaysWhy() async throws {
    try await serving { http in
      try await http.desk.store.capacity.choose("router", 3, by: "olga")
      let rows = try await http.ask("GET", "/v1/workers").body?["capacity"]?.list
      let fixed = try #require(rows?.first { $0["service"]?.text == "router" })
      #expect(fixed["mode"]?.text == "fixed" && fixed["wanted"] == .integer(3))
      #expect(fixed["reason"]?["en"]?.text == "chosen by olga" && fixed["reason"]?["zh"]?.text == "由 olga 指定")
      let asked = try await http.ask(
        "POST", "/v1/workers/scale", #"{"service": "router", "automatic": true, "reason": "the sale is over"}"#)
      #expect(asked.status == 202, "\(asked.text)")
      #expect(asked.body?["parameters"]?["automatic"] == .flag(true) && asked.body?["parameters"]?["count"] == nil)
    }
  }

  @Test(arguments: [
    #"{"service": "console", "count": 2, "reason": "x"}"#, #"{"service": "router", "count": 33, "reason": "x"}"#,
    #"{"service": "router", "count": 2}"#, #"{"service": "router", "reason": "x"}"#,
    #"{"service": "router", "count": 2, "reason": ""}"#,
    #"{"service": "notifier", "automatic": true, "reason": "x"}"#,
    #"{"service": "router", "automatic": true, "count": 2, "reason": "x"}"#,
    #"{"service": "router", "automatic": false, "reason": "x"}"#,
  ])
  func whatCannotBeDoneIsRefusedAtOnce(_ body: String) async throws {
    try await serving { http in
      let answer = try await http.ask("POST", "/v1/workers/scale", body)
      #expect(answer.status == 422)
      #expect(try await http.desk.store.intents.intents(before: nil, limit: 1).isEmpty)
    }
  }

  @Test func onlyOperatorsAskAndOnlyTheyAndAuditorsFollow() async throws {
    try await serving { http in
      let (lead, auditor) = try await (http.desk.key(.lead, agent: "ann"), http.desk.key(.auditor))
      for key in [lead, auditor] {
        #expect(try await http.ask("POST", "/v1/models/back", #"{"reason": "x"}"#, key: key).status == 403)
        #expect(try await http.ask("POST", "/v1/policy/check", "{}", key: key).status == 403)
      }
      #expect(try await http.ask("GET", "/v1/intents", key: lead).status == 403)
      #expect(try await http.ask("GET", "/v1/intents", key: auditor).status == 200)
      #expect(try await http.ask("GET", "/v1/keys", key: lead).status == 403)
    }
  }

  @Test func keysAreListedWithoutSecretsAndRevokedByAnIntent() async throws {
    try await serving { http in
      let secret = try await http.desk.key(.agent, agent: "bob")
      let listed = try await http.ask("GET", "/v1/keys")
      let keys = try #require(listed.body?["keys"]?.list)
      #expect(keys.count == 2 && !listed.text.contains(secret))
      let id = try #require(keys.first { $0["agent"]?.text == "bob" }?["key_id"]?.text)
      let asked = try await http.ask("POST", "/v1/keys/\(id)/revoke", #"{"reason": "lost"}"#)
      #expect(asked.status == 202 && asked.body?["kind"]?.text == "key.revoke", "\(asked.text)")
      #expect(asked.body?["parameters"]?["key"]?.text == id)
      // Nothing has happened yet: the executor revokes.
      #expect(try await http.ask("GET", "/v1/agents/me", key: secret).status == 200)
      let unknown: Identifier<APIKey> = try await http.desk.fresh()
      #expect(try await http.ask("POST", "/v1/keys/\(unknown)/revoke", #"{"reason": "x"}"#).status == 404)
    }
  }

  @Test func aSetOfDeadLettersIsCountedAndNamedInTheReplay() async throws {
    try await serving { http in
      let ticket = try await http.desk.received(from: "cara")
      let messages = try await http.desk.store.conversations.messages(of: ticket, limit: 9)
      let message = try #require(messages.first?.id)
      #expect(try await http.desk.store.outbox.deadLetter(message, reason: "cannot be read"))
      let listed = try await http.ask("GET", "/v1/dead-letters?kind=message&ticket=\(ticket)")
      #expect(listed.status == 200, "\(listed.text)")
      let letter = try #require(listed.body?["dead_letters"]?.list?.first)
      #expect(letter["reason"]?.text == "cannot be read" && letter["ticket_id"]?.text == ticket.description)
      #expect(!listed.text.contains("my words"), "what it carries is read on the ticket")
      let id = try #require(letter["dead_letter_id"]?.text)
      #expect(try await http.ask("GET", "/v1/dead-letters/\(id)").body == letter)
      let set = try #require(listed.body?["set"])
      #expect(set["count"] == .integer(1))
      let fields: [JSONValue.Field] = [
        .init("kind", .text("message")), .init("until", set["until"] ?? .null), .init("count", set["count"] ?? .null),
        .init("digest", set["digest"] ?? .null), .init("reason", .text("fixed")),
      ]
      let asked = try await http.ask("POST", "/v1/dead-letters/replays", Self.json(fields))
      #expect(asked.status == 202, "\(asked.text)")
      #expect(asked.body?["parameters"]?["until"] == set["until"], "to the microsecond")
      for missing in ["until", "count", "digest", "reason"] {
        let less = fields.filter { $0.name != missing }
        #expect(try await http.ask("POST", "/v1/dead-letters/replays", Self.json(less)).status == 422, "\(missing)")
      }
      #expect(try await http.ask("GET", "/v1/dead-letters?kind=none").status == 422)
      #expect(try await http.ask("GET", "/v1/dead-letters?hook=replies").body?["dead_letters"]?.list?.isEmpty == true)
    }
  }

  // MARK: The policy

  private func policyFields(_ document: String, base: Int64 = 1, reason: String? = nil) -> String {
    Self.json(
      [.init("document", .text(document)), .init("based_on", .integer(base))]
        + (reason.map { [.init("reason", .text($0))] } ?? []))
  }

  @Test func aPolicyIsCheckedAsItIsTyped() async throws {
    try await serving { http in
      let shown = try #require(try await http.ask("GET", "/v1/policy").body?["document"]?.text)
      let good = try await http.ask("POST", "/v1/policy/check", policyFields(shown))
      #expect(good.status == 200 && good.body?["valid"] == .flag(true), "\(good.text)")
      #expect(good.body?["mistakes"]?.list?.isEmpty == true && good.body?["changes"]?.list?.isEmpty == true)
      #expect(good.body?["counts"]?["queues"] == .integer(2) && good.body?["in_force"] == .integer(1))
      let wrong = shown.replacing("default_queue: parcels", with: "default_queue: parcel")
      let bad = try await http.ask("POST", "/v1/policy/check", policyFields(wrong))
      #expect(bad.status == 200 && bad.body?["valid"] == .flag(false))
      let mistake = try #require(bad.body?["mistakes"]?.list?.first)
      let line = try #require(
        wrong.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.hasPrefix("default_queue") })
      #expect(mistake["line"] == .integer(Int64(line + 1)) && mistake["column"] != .integer(0))
      #expect(mistake["remedy"]?.text?.contains("parcels") == true, "\(bad.text)")
      #expect(mistake["says"]?["code"]?.text == "unknown-thing", "\(bad.text)")
      #expect(mistake["remedy_says"]?["code"]?.text == "did-you-mean", "\(bad.text)")
      // A queue is gone in which a ticket waits: whoever applies it is told first.
      _ = try await http.desk.queued()
      let gone = shown.replacing("c2, complaint] }, queue: parcels", with: "c2, complaint] }, queue: praise")
        .replacing("  parcels: { teams: [orders] }\n", with: "")
        .replacing("queue: parcels", with: "queue: praise")
      let changed = try await http.ask("POST", "/v1/policy/check", policyFields(gone))
      #expect(changed.body?["changes"]?.list?.isEmpty == false, "\(changed.text)")
      #expect(try await http.ask("POST", "/v1/policy/check", policyFields(shown, base: 7)).status == 422)
    }
  }

  @Test func secretsNeverReachTheBrowserAndMasksNeverReachThePolicy() async throws {
    try await serving { http in
      let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
      let read = try await http.ask("GET", "/v1/policy")
      let shown = try #require(read.body?["document"]?.text)
      #expect(!read.text.contains(secret) && !read.text.contains("example.com/hook") && shown.contains("…"))
      let version = try await http.ask("GET", "/v1/policy/versions/1")
      #expect(version.status == 200 && version.body?["document"]?.text == shown)
      #expect(try await http.ask("GET", "/v1/policy/versions/2").status == 404)
      #expect(try await http.ask("GET", "/v1/policy/versions").body?["versions"]?.list?.count == 1)
      let edited = shown.replacing("below: 0.35", with: "below: 0.4")
      let asked = try await http.ask("POST", "/v1/policy", policyFields(edited, reason: "fewer in triage"))
      #expect(asked.status == 202 && !asked.text.contains("document"), "\(asked.text)")
      let id = try #require(asked.body?["intent_id"]?.text.flatMap { IntentID($0) })
      let stored = try #require(try await http.desk.store.intents.intent(id)?.document)
      #expect(stored == edited, "the placeholders, which the executor replaces")
      // Placeholders that stand for nothing are refused before anything is written.
      let moved = shown.replacing("https://example.com/…", with: "https://evil.example/…")
      let refused = try await http.ask("POST", "/v1/policy", policyFields(moved, reason: "x"))
      #expect(refused.status == 422 && refused.text.contains("stands for nothing"), "\(refused.text)")
      #expect(!refused.text.contains(secret))
      let bad = shown.replacing("version: 1", with: "version: 9")
      let mistaken = try await http.ask("POST", "/v1/policy", policyFields(bad, reason: "x"))
      #expect(mistaken.status == 422 && mistaken.body?["errors"]?.list?.first?["value"]?.text?.hasPrefix("1:") == true)
      #expect(try await http.desk.store.intents.intents(before: nil, limit: 9).count == 1)
    }
  }

  @Test func aPolicyIsTriedOnExamplesAndOnTicketsThatWereRoutedAlready() async throws {
    try await serving { http in
      let shown = try #require(try await http.ask("GET", "/v1/policy").body?["document"]?.text)
      func fields(_ document: String, _ more: JSONValue.Field) -> String {
        Self.json([.init("document", .text(document)), .init("based_on", .integer(1)), more])
      }
      let examples = """
        examples:
          - { name: right, message: { channel: web, category: praise }, expect: { queue: praise } }
          - { name: wrong, message: { channel: web, category: c }, expect: { queue: praise } }

        """
      let run = try await http.ask(
        "POST", "/v1/policy/examples", fields(shown, .init("examples", .text(examples))))
      #expect(run.status == 200 && run.body?["run"] == .integer(2), "\(run.text)")
      let failed = try #require(run.body?["failed"]?.list)
      #expect(failed.count == 1 && failed[0]["name"]?.text == "wrong" && failed[0]["line"] == .integer(3))
      let mistaken = try await http.ask(
        "POST", "/v1/policy/examples", fields(shown, .init("examples", .text("examples: [{ name: x }]"))))
      #expect(mistaken.body?["mistakes"]?.list?.isEmpty == false && mistaken.body?["run"] == .integer(0))

      let policy = try #require(http.desk.policy.current)
      for customer in ["cara", "carl", "cleo"] {
        let id = try await http.desk.received(from: customer)
        let ticket = try #require(try await http.desk.store.tickets.tickets([id])[id])
        let message = try #require(try await http.desk.store.conversations.messages(of: id, limit: 1).first)
        var decision = policy.decide(
          RoutingFacts(
            channel: "web", tier: .standard, labels: .of(category: "c"), text: message.body, openedAt: ticket.openedAt))
        decision.message = message.id
        _ = try await http.desk.take(ticket, .routed(decision), decides: [message.id])
      }
      let same = try await http.ask("POST", "/v1/policy/dry-run", fields(shown, .init("tickets", .integer(10))))
      #expect(same.status == 200 && same.body?["elsewhere"] == .integer(0), "\(same.text)")
      #expect(same.body?["examined"] == .integer(3), "\(same.text)")
      let moved = shown.replacing("c2, complaint] }, queue: parcels", with: "c2, complaint] }, queue: praise")
      let tried = try await http.ask("POST", "/v1/policy/dry-run", fields(moved, .init("tickets", .integer(2))))
      #expect(tried.body?["examined"] == .integer(2) && tried.body?["elsewhere"] == .integer(2), "\(tried.text)")
      let move = try #require(tried.body?["moves"]?.list?.first)
      #expect(move["from"]?["queue"]?.text == "parcels" && move["to"]?["queue"]?.text == "praise")
      #expect(move["examples"]?.list?.count == 2)
    }
  }

  @Test func anEarlierVersionIsPutBackByAnIntent() async throws {
    try await serving { http in
      let asked = try await http.ask("POST", "/v1/policy/restore", #"{"version": 1, "based_on": 1, "reason": "x"}"#)
      #expect(asked.status == 202 && asked.body?["kind"]?.text == "policy.restore", "\(asked.text)")
      let unknown = try await http.ask("POST", "/v1/policy/restore", #"{"version": 3, "based_on": 1, "reason": "x"}"#)
      #expect(unknown.status == 422 && unknown.text.contains("/version"))
    }
  }

  @Test func theAuditIsReadInPagesWithoutReasons() async throws {
    try await serving { http in
      _ = try await http.ask("POST", "/v1/models/back", #"{"reason": "worse than before"}"#)
      let first = try await http.ask("GET", "/v1/audit?limit=1")
      let entry = try #require(first.body?["entries"]?.list?.first)
      #expect(entry["kind"]?.text == "intent.requested" && entry["digest"]?.text?.utf8.count == 64, "\(first.text)")
      #expect(entry["detail"]?["intent"]?.text == "model.back" && !first.text.contains("worse than before"))
      let next = try #require(first.body?["next"]?.text)
      let second = try await http.ask("GET", "/v1/audit?before=\(next)&limit=100")
      #expect(second.body?["entries"]?.list?.isEmpty == false && second.body?["next"] == nil)
    }
  }
}
