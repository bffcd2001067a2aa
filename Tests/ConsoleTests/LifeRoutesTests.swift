import Curl
import DeskCore
import PolicyReading
import Store
import Testing

@testable import Console

/// What leads and operators change over HTTP, and what is recorded about it.
@Suite struct LifeRoutesTests {
  private func ask(
    _ client: HTTPClient, _ url: String, _ method: String, _ path: String, _ key: String, _ body: String = ""
  ) async throws -> (status: Int, body: String) {
    var headers: HTTPHeaders = ["authorization": "Bearer \(key)"]
    if !body.isEmpty { headers.add(name: "content-type", value: "application/json") }
    let response = try await client.send(
      HTTPClient.Request(method: method, url: url + path, headers: headers, body: Array(body.utf8)))
    return (response.status, String(decoding: response.body, as: UTF8.self))
  }

  @Test func pausedHooksCanBeEnabledAgain() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let operatorKey = try await desk.key(.operator)
      let lead = try await desk.key(.lead, agent: "bob")
      let pause = #"{"reason":"their maintenance"}"#
      #expect(try await ask(client, url, "POST", "/v1/hooks/replies/pause", lead, pause).status == 403)
      #expect(try await ask(client, url, "POST", "/v1/hooks/nothing/pause", operatorKey, pause).status == 404)
      for _ in 0..<2 {
        let paused = try await ask(client, url, "POST", "/v1/hooks/replies/pause", operatorKey, pause)
        #expect(paused.status == 200 && paused.body.contains(#""enabled":false"#))
        #expect(paused.body.contains(#""reason":"their maintenance""#))
      }
      #expect(try await desk.store.audit.newestAuditEntries(ofKind: "hook.paused_by", limit: 5).count == 1)
      #expect(try await ask(client, url, "GET", "/v1/hooks", lead).body.contains(#""enabled":false"#))
      let reason = #"{"reason":"the endpoint is back"}"#
      #expect(try await ask(client, url, "POST", "/v1/hooks/replies/enable", lead, reason).status == 403)
      #expect(try await ask(client, url, "POST", "/v1/hooks/replies/enable", operatorKey, "{}").status == 422)
      for _ in 0..<2 {
        let enabled = try await ask(client, url, "POST", "/v1/hooks/replies/enable", operatorKey, reason)
        #expect(enabled.status == 200 && enabled.body.contains(#""enabled":true"#))
      }
      #expect(try await ask(client, url, "POST", "/v1/hooks/nothing/enable", operatorKey, reason).status == 404)
      #expect(try await desk.store.hooks.pausedHooks().isEmpty)
      #expect(try await desk.store.audit.newestAuditEntries(ofKind: "hook.enabled_by", limit: 5).count == 1)
    }
  }

  @Test func policyAndHooksDoNotShowSecrets() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let lead = try await desk.key(.lead, agent: "bob")
      let stored = try #require(await desk.store.access.newestPolicy())
      let address = try #require(try stored.policy().hooks["replies"]?.url)
      #expect(stored.document.contains(address))
      let secret = stored.document.replacing(address, with: address + "/path-of-secrets?token=query-of-secrets")
      _ = try await desk.store.access.applyPolicy(document: secret, by: "test")
      for path in ["/v1/policy", "/v1/hooks"] {
        let shown = try await ask(client, url, "GET", path, lead)
        #expect(shown.status == 200 && !shown.body.contains("of-secrets") && !shown.body.contains("MfKQ9r8GKYqr"))
      }
    }
  }

  @Test func customerSettingsAreAuditedWithoutTheName() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let lead = try await desk.key(.lead, agent: "bob")
      let path = "/v1/customers/web/Cara%20M%C3%BCller"
      let tier = #"{"tier":"vip","dedicated_agent":"ann","reason":"contract"}"#
      #expect(try await ask(client, url, "PUT", path, lead, tier).status == 200)
      let read = try await ask(client, url, "GET", path, lead).body
      #expect(read.contains(#""tier":"vip""#) && read.contains("Cara M\u{FC}ller"))
      let noted = try #require(await desk.store.audit.newestAuditEntries(ofKind: "customer.set", limit: 1).first)
      #expect(noted.reason?.text == "contract" && !noted.detail.contains("contract") && !noted.detail.contains("Cara"))
      let noOne = #"{"tier":"vip","dedicated_agent":"zoe","reason":"contract"}"#
      #expect(try await ask(client, url, "PUT", path, lead, noOne).status == 422)
      #expect(try await ask(client, url, "PUT", "/v1/customers/fax/cara", lead, tier).status == 404)
    }
  }

  @Test func allErrorsOfABodyAreReportedTogether() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let ticket = try await desk.queued()
      let lead = try await desk.key(.lead, agent: "bob")
      let path = "/v1/tickets/\(ticket.id)"
      let both = try await ask(
        client, url, "POST", path + "/transfer", lead, #"{"queue":"parcels","agent":"ann","reason":"r"}"#)
      #expect(both.status == 422 && both.body.contains("/queue") && both.body.contains("/agent"))
      let unknown = try await ask(client, url, "POST", path + "/transfer", lead, #"{"queue":"lost","reason":"r"}"#)
      #expect(unknown.status == 422)
      let other = try await ask(client, url, "POST", path + "/merge", lead, #"{"into":"it","why":"r"}"#)
      #expect(other.status == 422 && other.body.contains("/into") && other.body.contains("/why"))
      let away = try await ask(
        client, url, "PUT", "/v1/agents/me/presence", lead,
        #"{"presence":"away","reason":"lunch","until":"\#(RFC3339.text(desk.store.now() + .seconds(3600)))"}"#)
      #expect(away.status == 200 && away.body.contains(#""break_reason":"lunch""#))
      let wrong = try await ask(
        client, url, "PUT", "/v1/agents/me/presence", lead, #"{"presence":"available","reason":"lunch"}"#)
      #expect(wrong.status == 422)
    }
  }

  @Test func theTimelineRecordsReasonsOfAgentDecisions() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let (declined, first) = try await desk.offered(to: "ann")
      let (settled, second) = try await desk.offered(to: "ann", from: "carl")
      let ann = try await desk.key(.agent, agent: "ann")
      #expect(try await ask(client, url, "POST", "/v1/offers/\(first)/decline", ann, #"{"reason":" "}"#).status == 422)
      #expect(try await ask(client, url, "POST", "/v1/offers/\(first)/decline", ann, #"{"why":"x"}"#).status == 422)
      #expect(try await ask(client, url, "POST", "/v1/offers/\(first)/decline", ann, "reason=x").status == 400)
      #expect(
        try await ask(client, url, "POST", "/v1/offers/\(first)/decline", ann, #"{"reason":"我不懂这个产品"}"#).status == 200)
      #expect(
        try await ask(client, url, "POST", "/v1/offers/\(second)/accept", ann, #"{"reason":"I know this customer"}"#)
          .status == 200)
      #expect(
        try await ask(
          client, url, "POST", "/v1/tickets/\(settled.id)/resolve", ann, #"{"reason":"fixed by a restart"}"#
        ).status == 200)
      let past = try await desk.store.conversations.timeline(of: declined.id)
      let done = try await desk.store.conversations.timeline(of: settled.id)
      let refusal = try #require(past.last { $0.kind == "declined" })
      #expect(refusal.actor == "agent:ann" && JSONValue(json: refusal.detail)?["reason"]?.text == "我不懂这个产品")
      let taking = try #require(done.last { $0.kind == "accepted" })
      #expect(JSONValue(json: taking.detail)?["reason"]?.text == "I know this customer")
      let ending = try #require(done.last { $0.kind == "resolved" })
      #expect(ending.actor == "agent:ann" && JSONValue(json: ending.detail)?["reason"]?.text == "fixed by a restart")
    }
  }

  @Test func repliesCanReferenceAttachments() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let (ticket, offer) = try await desk.offered(to: "ann")
      _ = try await desk.desk.accept(offer, by: "ann")
      let ann = try await desk.key(.agent, agent: "ann")
      let path = "/v1/tickets/\(ticket.id)"
      let wrong = try await ask(
        client, url, "POST", path + "/replies", ann, #"{"text":"see","attachments":[{"url":"file:///etc/passwd"}]}"#)
      #expect(wrong.status == 422 && wrong.body.contains("/attachments/0"))
      let reply = #"{"text":"see","attachments":[{"url":"https://files.example/a.pdf","name":"a.pdf"}]}"#
      #expect(try await ask(client, url, "POST", path + "/replies", ann, reply).status == 201)
      let whole = try await ask(client, url, "GET", path, ann).body
      #expect(
        whole.contains(#""attachments":[{"url":"https://files.example/a.pdf","media_type":null,"name":"a.pdf"}]"#))
    }
  }

  @Test func feedbackCSVContainsNoSpreadsheetFormulas() {
    let text = FeedbackTable.text(of: [
      FeedbackFigures(
        id: Identifier(high: 0, low: 1), category: "suggestion", messages: 2, lastWeek: 2, weekBefore: 0,
        openedAt: Instant(seconds: 0), lastAt: Instant(seconds: 1), example: "=cmd(\"x\"), please", tickets: [])
    ])
    #expect(text.hasSuffix(",\"'=cmd(\"\"x\"\"), please\"\r\n"))
  }
}
