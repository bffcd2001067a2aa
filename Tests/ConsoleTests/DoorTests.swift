import Curl
import DeskCore
import Foundation
import Store
import Testing

@testable import Console

/// Requests that the console refuses, over sockets and with a real database: each of these was a crash, a 500, or was accepted.
@Suite struct DoorTests {
  /// Sends requests with a person's key.
  private struct Caller: Sendable {
    let client: HTTPClient
    let url: String
    let key: String

    func ask(
      _ method: String, _ path: String, _ body: String = "", type: String = "application/json",
      fields: HTTPHeaders = [:]
    ) async throws -> (status: Int, body: String) {
      var headers = fields
      headers.add(name: "authorization", value: "Bearer \(key)")
      if !body.isEmpty { headers.add(name: "content-type", value: type) }
      let response = try await client.send(
        HTTPClient.Request(method: method, url: url + path, headers: headers, body: Array(body.utf8)))
      return (response.status, String(decoding: response.body, as: UTF8.self))
    }
  }

  private static func pointers(_ body: String) -> [String] {
    (JSONValue(json: body)?["errors"]?.list ?? []).compactMap { $0["field"]?.text }
  }

  // MARK: Timestamps

  @Test func invalidOrPastBreakEndsAreRefused() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let ann = try await Caller(client: client, url: url, key: desk.key(.agent, agent: "ann"))
      let lead = try await Caller(client: client, url: url, key: desk.key(.lead, agent: "bob"))
      let now = try await desk.store.now()
      let (past, far) = (RFC3339.text(now - .seconds(1)), RFC3339.text(now + .seconds(367 * 86_400)))
      for until in [
        "294248-01-01T00:00:00Z", "300000-01-01T00:00:00Z", "-290308-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
        "2027-02-30T10:00:00Z", "2027-02-01T10:00:00Z garbage", "2027-02-01T24:00:00Z", "0000-01-01T00:00:00Z",
        "2027-02-01T10:00:00", "2027-02-01", "noon", "", past, far,
      ] {
        let body = #"{"presence":"away","reason":"lunch","until":"\#(until)"}"#
        for (caller, method, path) in [
          (ann, "PUT", "/v1/agents/me/presence"), (lead, "POST", "/v1/agents/ann/presence"),
        ] {
          let answer = try await caller.ask(method, path, body)
          #expect(answer.status == 422 && DoorTests.pointers(answer.body) == ["/until"], "\(until): \(answer.body)")
          #expect(answer.body.contains(#""value":""#), "the value is shown: \(answer.body)")
        }
      }
      // Nothing is dropped silently.
      let bare = RFC3339.text(now + .seconds(3600))
      let without = try await ann.ask("PUT", "/v1/agents/me/presence", #"{"presence":"away","until":"\#(bare)"}"#)
      #expect(without.status == 422 && DoorTests.pointers(without.body) == ["/reason"])
      // The console accepts the same timestamps as intake: lower case, offsets, microseconds.
      let text = RFC3339.text(now + .seconds(86_400)).dropLast().lowercased() + "+00:00"
      let kept = try await ann.ask(
        "PUT", "/v1/agents/me/presence", #"{"presence":"away","reason":"lunch","until":"\#(text)"}"#)
      #expect(kept.status == 200)
      #expect(JSONValue(json: kept.body)?["break_until"]?.text == RFC3339.text(now + .seconds(86_400)))
      #expect(try await ann.ask("GET", "/v1/agents/me").status == 200, "the console still responds")
    }
  }

  // MARK: Paths and queries

  @Test func pathsAndQueriesAreParsedStrictly() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let lead = try await Caller(client: client, url: url, key: desk.key(.lead, agent: "bob"))
      let tier = #"{"tier":"vip","reason":"contract"}"#
      let long = String(repeating: "c", count: 3000)
      for (path, status) in [
        ("/v1/customers/web/%00", 400), ("/v1/customers/web/a%00b", 400), ("/v1/customers/web/%zz", 400),
        ("/v1/customers/web/%ff", 400), ("/v1/customers/%00/cara", 400), ("/v1/customers/web/\(long)", 422),
        ("/v1/customers/web/%20", 422), ("/v1/customers/web/%E2%80%8B", 422), ("/v1/customers/fax/cara", 404),
        ("/v1/customers/WEB/cara", 404), ("/v1/customers/w%20b/cara", 404),
      ] {
        for answer in try await [lead.ask("GET", path), lead.ask("PUT", path, tier)] {
          #expect(answer.status == status, "\(path.prefix(60)): \(answer.body)")
        }
      }
      // An encoded letter equals the letter.
      #expect(try await lead.ask("PUT", "/v1/customers/we%62/Cara%20M%C3%BCller", tier).status == 200)
      #expect(try await lead.ask("GET", "/v1/customers/web/Cara%20M%C3%BCller").body.contains(#""tier":"vip""#))
      let some = "00000000-0000-7000-8000-000000000001"
      for (path, status) in [
        ("/v1/tickets/%00", 400), ("/v1/tickets/%c3%28/timeline", 400), ("/v1/tickets/x", 404),
        ("/v1/tickets/\(some)", 404),
        ("/v1/reports/%00", 400), ("/v1/reports/weather", 404),
      ] { #expect(try await lead.ask("GET", path).status == status, "\(path)") }
      let away = #"{"presence":"away"}"#
      #expect(try await lead.ask("POST", "/v1/agents/%00/presence", away).status == 400)
      #expect(try await lead.ask("POST", "/v1/agents/zoe/presence", away).status == 404)
      #expect(try await lead.ask("POST", "/v1/offers/%zz/accept").status == 400)
      #expect(try await lead.ask("GET", "/v1/follow-ups?done=true").status == 200)
      for query in ["done=yes", "done=%00", "open=true", "done=true&done=true", "%zz=1"] {
        #expect(try await lead.ask("GET", "/v1/follow-ups?" + query).status == 422, "\(query)")
      }
      for query in [
        "from=1970-01-01&to=9999-12-31", "from=0001-01-01", "to=294248-01-01", "from=%00", "zone=../../etc/passwd",
        "zone=posixrules", "zone=GMT%2B25", "zone=%ff", "zone=" + long,
      ] {
        let answer = try await lead.ask("GET", "/v1/reports/day?" + query)
        #expect(answer.status == 422, "\(query.prefix(60)): \(answer.body)")
      }
      for zone in ["Asia/Kolkata", "Etc/UTC", "US/Pacific", "Singapore", "Etc/GMT%2B8"] {
        let answer = try await lead.ask("GET", "/v1/reports/day?zone=" + zone)
        #expect(answer.status == 200, "\(zone): \(answer.body)")
      }
    }
  }

  // MARK: Bodies

  @Test func repliesFollowTheRulesOfIncomingMessages() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let (ticket, offer) = try await desk.offered(to: "ann")
      _ = try await desk.desk.accept(offer, by: "ann")
      let ann = try await Caller(client: client, url: url, key: desk.key(.agent, agent: "ann"))
      let path = "/v1/tickets/\(ticket.id)/replies"
      func refused(_ attachment: String, _ field: String) async throws {
        let answer = try await ann.ask("POST", path, #"{"text":"see","attachments":[\#(attachment)]}"#)
        #expect(answer.status == 422 && DoorTests.pointers(answer.body) == [field], "\(attachment): \(answer.body)")
      }
      for address in [
        "https://user:secret@files.example/a", #"https://files.example/a\nb"#, #"https://files.example/\"a\""#,
        "https://files.example/a b", "https://files.example:99999/", "https://", "//files.example/a", #"https:\\\\a/b"#,
        #"https://files.example/\u0000"#, "https://例え.jp/a", "https://a/" + String(repeating: "a", count: 2000),
      ] { try await refused(#"{"url":"\#(address)"}"#, "/attachments/0/url") }
      for type in [
        #"text/html\r\nX: y"#, "png", #"a/b\u0000"#, "text/html; x", String(repeating: "a", count: 200) + "/b",
      ] {
        try await refused(#"{"url":"https://a.example/b","media_type":"\#(type)"}"#, "/attachments/0/media_type")
      }
      for name in [#"a\u0000b.pdf"#, #"a\r\nX: y"#, " ", #"\u200b"#, String(repeating: "n", count: 256)] {
        try await refused(#"{"url":"https://a.example/b","name":"\#(name)"}"#, "/attachments/0/name")
      }
      try await refused(#"{"url":7}"#, "/attachments/0/url")
      try await refused(#"{"name":"a"}"#, "/attachments/0/url")
      try await refused(#""https://a.example/b""#, "/attachments/0")
      try await refused(#"{"url":"https://a.example/b","size":1}"#, "/attachments/0/size")
      for text in ["", "  ", #"\u200b"#, #"\u3164\ufeff"#, #"a\u0000"#, String(repeating: "字", count: 20_001)] {
        let answer = try await ann.ask("POST", path, #"{"text":"\#(text)"}"#)
        #expect(answer.status == 422 && DoorTests.pointers(answer.body) == ["/text"])
      }
      for (body, type) in [
        (#"{"text":"a\ud83d"}"#, "application/json"), (#"{"text":"a"} x"#, "application/json"),
        (#"{"text":01}"#, "application/json"), ("{'text':'a'}", "application/json"), ("[]", "application/json"),
      ] { #expect(try await ann.ask("POST", path, body, type: type).status == 400, "\(body)") }
      for type in ["text/plain", "application/json; charset=latin1", "application/x-ndjson"] {
        #expect(try await ann.ask("POST", path, #"{"text":"a"}"#, type: type).status == 415)
      }
      for key in ["a b", "ü", String(repeating: "k", count: 191)] {
        #expect(try await ann.ask("POST", path, #"{"text":"a"}"#, fields: ["idempotency-key": key]).status == 400)
      }
      // The last of equal names wins, as for messages; what was sent comes back unchanged.
      let sent =
        #"{"text":"first","text":"last","attachments":[{"url":"https://a.example/b","media_type":"text/plain; charset=utf-8","name":"发票.pdf"}]}"#
      #expect(try await ann.ask("POST", path, sent).status == 201)
      let whole = try await ann.ask("GET", "/v1/tickets/\(ticket.id)").body
      #expect(whole.contains(#""text":"last""#) && !whole.contains("first\""))
      #expect(
        whole.contains(#"{"url":"https://a.example/b","media_type":"text/plain; charset=utf-8","name":"发票.pdf"}"#))
    }
  }

  // MARK: Closed tickets

  @Test func actingOnAFinishedTicketIsAConflict() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let first = try await desk.queued(from: "cara")
      let second = try await desk.queued(from: "carl")
      let lead = try await Caller(client: client, url: url, key: desk.key(.lead, agent: "ann"))
      let merge = #"{"into":"\#(second.id)","across_customers":true,"reason":"same parcel"}"#
      #expect(try await lead.ask("POST", "/v1/tickets/\(first.id)/merge", merge).status == 200)
      #expect(try await lead.ask("POST", "/v1/tickets/\(first.id)/merge", merge).status == 200, "it is already merged")
      let third = try await desk.queued(from: "cyn")
      let path = "/v1/tickets/\(first.id)"
      for (target, body) in [
        ("\(path)/replies", #"{"text":"a"}"#), ("\(path)/notes", #"{"text":"a"}"#), ("\(path)/resolve", ""),
        ("\(path)/transfer", #"{"queue":"parcels","reason":"r"}"#),
        ("\(path)/transfer", #"{"agent":"bob","reason":"r"}"#),
        ("\(path)/links", #"{"ticket_id":"\#(third.id)","reason":"r"}"#),
        ("\(path)/merge", #"{"into":"\#(third.id)","across_customers":true,"reason":"r"}"#),
        ("/v1/tickets/\(third.id)/merge", #"{"into":"\#(first.id)","across_customers":true,"reason":"r"}"#),
        ("\(path)/priority", #"{"priority":"urgent","reason":"r"}"#),
      ] {
        let answer = try await lead.ask("POST", target, body)
        let error = JSONValue(json: answer.body)?["errors"]?.list?.first
        #expect(answer.status == 409, "\(target): \(answer.body)")
        #expect(error?["field"]?.text == "state" && error?["value"]?.text == "closed")
        #expect(error?["detail"]?.text?.contains("\(first.id)") == true, "\(target) names the ticket")
      }
      // A wrong label can be corrected on a closed ticket: the next model learns from it.
      #expect(try await lead.ask("POST", "\(path)/label", #"{"category":"c2","reason":"r"}"#).status == 200)
      // What does not exist stays 404, and so does what an agent may not see.
      let nothing = "/v1/tickets/00000000-0000-7000-8000-000000000001/resolve"
      #expect(try await lead.ask("POST", nothing).status == 404)
      let bob = try await Caller(client: client, url: url, key: desk.key(.agent, agent: "bob"))
      #expect(try await bob.ask("POST", "\(path)/resolve").status == 404)
    }
  }

  @Test func mergeConflictsNameTheTicketAtFault() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let (held, offer) = try await desk.offered(to: "bob", from: "cara")
      _ = try await desk.desk.accept(offer, by: "bob")
      let resolved = try await desk.desk.resolve(held.id, by: "bob")
      let waiting = try await desk.queued(from: "carl")
      let lead = try await Caller(client: client, url: url, key: desk.key(.lead, agent: "ann"))
      // The target is settled and cannot be merged into.
      let answer = try await lead.ask(
        "POST", "/v1/tickets/\(waiting.id)/merge",
        #"{"into":"\#(resolved.id)","across_customers":true,"reason":"r"}"#)
      #expect(
        answer.status == 409 && answer.body.contains("\(resolved.id)") && answer.body.contains(#""value":"resolved""#))
      #expect(!answer.body.contains("\(waiting.id)"))
      // A ticket that waits for its first decision has a state as well.
      let fresh = try await desk.received(from: "dan")
      for (path, body) in [
        ("priority", #"{"priority":"urgent","reason":"r"}"#), ("label", #"{"category":"c","reason":"r"}"#),
      ] {
        let answer = try await lead.ask("POST", "/v1/tickets/\(fresh)/\(path)", body)
        #expect(answer.status == 409 && answer.body.contains(#""value":"received""#), "\(path): \(answer.body)")
      }
    }
  }

  // MARK: Reports

  @Test func everyTicketCountsInExactlyOneDay() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let lead = try await Caller(client: client, url: url, key: desk.key(.lead, agent: "bob"))
      // A ticket every half hour from noon on the 22nd to noon on the 26th, in Cairo; midnight of the 24th is skipped.
      let noon = try #require(RFC3339.instant("2026-04-22T12:00:00+02:00"))
      let moments = (0..<190).map { noon + .seconds($0 * 1800) }
      for (number, moment) in moments.enumerated() { _ = try await desk.received(from: "c\(number)", at: moment) }
      func days(_ from: String?, _ to: String) async throws -> [String: Int64] {
        let query = (from.map { "from=\($0)&" } ?? "") + "to=\(to)&zone=Africa/Cairo"
        let answer = try await lead.ask("GET", "/v1/reports/day?" + query)
        #expect(answer.status == 200, "\(answer.body)")
        let rows = JSONValue(json: answer.body)?["rows"]?.list ?? []
        return Dictionary(uniqueKeysWithValues: rows.map { ($0["group"]?.text ?? "", $0["tickets"]?.integer ?? 0) })
      }
      let together = try await days("2026-04-22", "2026-04-26")
      #expect(
        together == [
          "2026-04-22": 24, "2026-04-23": 48, "2026-04-24": 46, "2026-04-25": 48, "2026-04-26": 24,
        ])
      for day in together.keys { #expect(try await days(day, day) == [day: together[day] ?? 0], "\(day)") }
      // A week whose default start is the 24th loses none of its tickets.
      #expect(try await days(nil, "2026-04-30")["2026-04-24"] == 46)
      #expect(try await days(nil, "2026-04-29")["2026-04-23"] == 48)
    }
  }
}
