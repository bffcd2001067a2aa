import Curl
import DeskCore
import ServiceProcess
import Store
import TestStore
import Testing

@testable import Console

/// Crisis cases over HTTP.
@Suite struct CrisisRoutesTests {
  private func ask(
    _ client: HTTPClient, _ url: String, _ method: String, _ path: String, _ key: String, _ body: String = ""
  ) async throws -> (status: Int, body: JSONValue) {
    var headers: HTTPHeaders = ["authorization": "Bearer \(key)"]
    if !body.isEmpty { headers.add(name: "content-type", value: "application/json") }
    let response = try await client.send(
      HTTPClient.Request(method: method, url: url + path, headers: headers, body: Array(body.utf8)))
    return (response.status, JSONValue(json: String(decoding: response.body, as: UTF8.self)) ?? .null)
  }

  private static let policy =
    StaffedDesk.document + """

      crises:
        topics: {recall: {words: [recall]}}
        checklist: [Inform legal, Call back]
        answers: {checking: {en: We are checking.}}
      """

  private func serving(
    _ body: @escaping @Sendable (StaffedDesk, HTTPClient, String, _ lead: String) async throws -> Void
  ) async throws {
    try await StaffedDesk.serving { desk, client, url in
      _ = try await desk.store.access.applyPolicy(document: Self.policy, by: "test")
      try await desk.policy.look()
      try await body(desk, client, url, try await desk.key(.lead, agent: "bob"))
    }
  }

  @Test func aLeadOpensWorksOnAndEndsACase() async throws {
    try await serving { desk, client, url, lead in
      let opening = #"{"topic":"recall","reason":"two calls"}"#
      let opened = try await ask(client, url, "POST", "/v1/crises", lead, opening)
      #expect(opened.status == 200 && opened.body["cause"]?.text == "words:recall")
      #expect(opened.body["owner"]?.text == "bob" && opened.body["reason"]?.text == "two calls")
      let id = try #require(opened.body["crisis"]?.text)
      let path = "/v1/crises/\(id)"
      // Asked again, the same case is open.
      #expect(try await ask(client, url, "POST", "/v1/crises", lead, opening).body["crisis"]?.text == id)
      let checked = try await ask(client, url, "POST", path + "/checklist", lead, #"{"item":2,"done":true}"#)
      #expect(checked.body["checklist"]?.list?.map { $0["by"]?.text } == [nil, "agent:bob"])
      let on = try await ask(client, url, "POST", path + "/answers", lead, #"{"answer":"checking","on":true}"#)
      #expect(on.status == 200 && on.body["answers"]?.list?.first?["on"]?.flag == true)
      #expect(try await desk.store.crises.answering(limit: 5).map(\.answers) == [["checking"]])
      #expect(
        try await ask(client, url, "POST", path + "/owner", lead, #"{"agent":"ann"}"#).body["owner"]?.text == "ann")
      let ended = try await ask(client, url, "POST", path + "/end", lead, #"{"reason":"false alarm"}"#)
      #expect(ended.status == 200 && ended.body["state"]?.text == "ended")
      #expect(ended.body["end_reason"]?.text == "false alarm" && ended.body["figures"]?["tickets"]?.integer == 0)
      #expect(try await desk.store.crises.answering(limit: 5).isEmpty)
      let late = try await ask(client, url, "POST", path + "/end", lead, #"{"reason":"again"}"#)
      #expect(late.status == 409 && late.body["type"]?.text == "urn:frontdesk:problem:crisis-ended")
      #expect(try await ask(client, url, "GET", "/v1/crises", lead).body["crises"]?.list?.count == 1)
      #expect(try await ask(client, url, "GET", path, lead).body["ended_by"]?.text == "agent:bob")
      for (kind, times) in [("crisis.opened", 1), ("crisis.changed", 3), ("crisis.ended", 1)] {
        #expect(try await desk.store.audit.newestAuditEntries(ofKind: kind, limit: 9).count == times, "\(kind)")
      }
    }
  }

  @Test func whatDoesNotFitIsRefused() async throws {
    try await serving { desk, client, url, lead in
      let agent = try await desk.key(.agent, agent: "ann")
      let named = #"{"name":"flood","reason":"rain"}"#
      #expect(try await ask(client, url, "POST", "/v1/crises", agent, named).status == 403)
      for body in [
        #"{"reason":"rain"}"#, #"{"name":"flood","topic":"recall","reason":"rain"}"#,
        #"{"topic":"storm","reason":"rain"}"#, #"{"name":"flood","owner":"zoe","reason":"rain"}"#, #"{"name":"flood"}"#,
      ] {
        #expect(try await ask(client, url, "POST", "/v1/crises", lead, body).status == 422, "\(body)")
      }
      let id = try #require(try await ask(client, url, "POST", "/v1/crises", lead, named).body["crisis"]?.text)
      let path = "/v1/crises/\(id)"
      for (part, body) in [
        ("checklist", #"{"item":3,"done":true}"#), ("checklist", #"{"item":0,"done":true}"#),
        ("checklist", #"{"done":true}"#), ("answers", #"{"answer":"flood","on":true}"#), ("owner", #"{"agent":"zoe"}"#),
        ("owner", "{}"), ("end", "{}"),
      ] {
        #expect(try await ask(client, url, "POST", "\(path)/\(part)", lead, body).status == 422, "\(part) \(body)")
      }
      let other = "/v1/crises/\(try await desk.store.fresh(CrisisCase.self))"
      #expect(try await ask(client, url, "GET", other, lead).status == 404)
      #expect(try await ask(client, url, "POST", other + "/end", lead, #"{"reason":"x"}"#).status == 404)
    }
  }

  @Test func casesArePaged() async throws {
    try await serving { _, client, url, lead in
      for name in ["flood", "storm", "quake"] {
        let body = #"{"name":"\#(name)","reason":"weather"}"#
        #expect(try await ask(client, url, "POST", "/v1/crises", lead, body).status == 200)
      }
      let first = try await ask(client, url, "GET", "/v1/crises?limit=2", lead).body
      #expect(first["crises"]?.list?.compactMap { $0["cause"]?.text } == ["hand:quake", "hand:storm"])
      let next = try #require(first["next"]?.text)
      let second = try await ask(client, url, "GET", "/v1/crises?limit=2&before=\(next)", lead).body
      #expect(second["crises"]?.list?.compactMap { $0["cause"]?.text } == ["hand:flood"] && second["next"] == nil)
    }
  }
}
