import Curl
import DeskCore
import Store
import Testing

@testable import Console

/// `GET /v1/tickets`: who sees which tickets, and how pages continue.
@Suite struct TicketListRoutesTests {
  private func ask(
    _ client: HTTPClient, _ url: String, _ query: String, _ key: String
  ) async throws -> (status: Int, body: String) {
    let response = try await client.send(
      HTTPClient.Request(method: "GET", url: "\(url)/v1/tickets\(query)", headers: ["authorization": "Bearer \(key)"]))
    return (response.status, String(decoding: response.body, as: UTF8.self))
  }

  private func tickets(_ body: String) throws -> [String] {
    try (JSONValue(json: body)?["tickets"]?.list ?? []).map { try #require($0["ticket_id"]?.text) }
  }

  @Test func agentsListTheirQueuesAndOthersEverything() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let received = try await desk.received(from: "dora", at: desk.store.now() - .seconds(60)).description
      let parcels = try await desk.queued(from: "cara").id.description
      let offered = try await desk.offered(to: "bob", from: "eva").ticket.id.description
      let (ann, bob) = try await (desk.key(.agent, agent: "ann"), desk.key(.agent, agent: "bob"))
      // Ann's team serves the queue of both; Bob's does not, and he is offered one of them. No one serves an undecided ticket.
      #expect(try tickets(await ask(client, url, "", ann).body) == [offered, parcels])
      #expect(try tickets(await ask(client, url, "", bob).body) == [offered])
      #expect(try tickets(await ask(client, url, "?customer=cara&channel=web", bob).body) == [])
      for key in [
        try await desk.key(.lead, agent: "bob"), try await desk.key(.operator), try await desk.key(.auditor),
      ] {
        #expect(try tickets(await ask(client, url, "", key).body) == [offered, parcels, received])
        #expect(try tickets(await ask(client, url, "?state=queued,received", key).body) == [parcels, received])
        #expect(try tickets(await ask(client, url, "?agent=bob&late=false", key).body) == [offered])
        let search = "?text=MY%20WORDS&customer=dora&channel=web"
        #expect(try tickets(await ask(client, url, search, key).body) == [received])
      }
      #expect(try await ask(client, url, "", desk.key(.channel)).status == 403)
    }
  }

  @Test func cursorsContinueOneListOnly() async throws {
    try await StaffedDesk.serving { desk, client, url in
      var expected: [String] = []
      for customer in ["a", "b", "c"] { expected.append(try await desk.queued(from: customer).id.description) }
      let lead = try await desk.key(.lead, agent: "bob")
      var seen: [String] = []
      var next: String? = ""
      for _ in 0..<3 {
        guard let place = next else { break }
        let cursor = place.isEmpty ? "" : "&cursor=\(place)"
        let page = try await ask(client, url, "?state=queued&limit=1\(cursor)", lead)
        #expect(page.status == 200)
        seen += try tickets(page.body)
        next = JSONValue(json: page.body)?["next"]?.text
      }
      #expect(seen == expected.sorted(by: >) && next == nil)
      let first = try await ask(client, url, "?state=queued&limit=1", lead)
      let cursor = try #require(JSONValue(json: first.body)?["next"]?.text)
      // Another page size is the same list.
      #expect(try await ask(client, url, "?state=queued&limit=2&cursor=\(cursor)", lead).status == 200)
      for filters in ["", "state=queued,offered&", "state=queued&late=true&"] {
        let query = "?\(filters)cursor=\(cursor)"
        let answer = try await ask(client, url, query, lead)
        #expect(answer.status == 422, "\(query)")
        let error = try #require(JSONValue(json: answer.body)?["errors"]?.list?.first)
        #expect(error["field"]?.text == "cursor" && error["value"]?.text == cursor)
        #expect(error["remedy"]?.text?.contains("same filters") == true)
      }
    }
  }

  private static let invalid = [
    ("state=open", "state"), ("state=closed", "state"), ("state=", "state"), ("priority=urgent,top", "priority"),
    ("queue=Not%20A%20Name", "queue"), ("agent=,", "agent"), ("late=yes", "late"), ("escalated=1", "escalated"),
    ("opened_from=today", "opened_from"), ("opened_before=2026-05-04", "opened_before"),
    ("opened_from=2026-05-04T08:30:00Z&opened_before=2026-05-04T08:30:00Z", "opened_before"),
    ("channel=web,app", "channel"), ("customer=cara", "customer"), ("text=x", "text"), ("text=%20%20%20", "text"),
    ("limit=0", "limit"), ("limit=101", "limit"), ("cursor=", "cursor"), ("cursor=x_1", "cursor"),
    ("status=open", "status"),
    ("limit=1&limit=2", "limit"),
  ]

  @Test func invalidParametersAreRefused() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let lead = try await desk.key(.lead, agent: "bob")
      for (query, field) in Self.invalid {
        let answer = try await ask(client, url, "?" + query, lead)
        #expect(answer.status == 422, "\(query): \(answer.body)")
        let errors = try #require(JSONValue(json: answer.body)?["errors"]?.list)
        #expect(errors.map { $0["field"]?.text } == [field], "\(query): \(answer.body)")
        if field == "status" { #expect(answer.body.contains("Known parameters are state, queue")) }
        // What people wrote is not repeated.
        if field == "customer" || field == "text" { #expect(errors.first?["value"]?.text == nil) }
      }
    }
  }
}

@Suite struct TicketCursorTests {
  private let ticket = TicketID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001)

  @Test(arguments: [0, 1, UInt64.max])
  func aCursorIsReadAsWritten(filters: UInt64) {
    let cursor = TicketCursor(after: ticket, filters: filters)
    #expect(TicketCursor(cursor.description) == cursor)
  }

  @Test func otherTextsAreNoCursors() {
    let text = TicketCursor(after: ticket, filters: 35).description
    let others = [text + "_", text.uppercased(), text + " ", "_z"] + ["", "_", "_+z", "_0z"].map { "\(ticket)" + $0 }
    for other in others {
      #expect(TicketCursor(other) == nil, "\(other)")
    }
  }

  @Test func filtersHaveDifferentDigests() {
    let digests = [
      TicketCursor.digest(of: []), TicketCursor.digest(of: [("a", "b")]), TicketCursor.digest(of: [("b", "a")]),
      TicketCursor.digest(of: [("a", "b"), ("c", "d")]), TicketCursor.digest(of: [("a", "bc 1 d")]),
      TicketCursor.digest(of: [("a", "")]),
    ]
    #expect(Set(digests).count == digests.count)
    #expect(TicketCursor.digest(of: [("a", nil)]) == digests[0])
  }
}
