import Curl
import DeskCore
import HTTPService
import HTTPTypes
import PostgreSQL
import Store
import TestKit
import Testing

@testable import Console

/// `GET /v1/search`: who finds what, how pages continue, and what is refused.
@Suite struct SearchRoutesTests {
  private static let reader = SearchReader(name: "search", distance: .seconds(-2))

  private func index(_ desk: StaffedDesk) async throws {
    try await desk.store.pool.executeScript(
      "UPDATE desk.watch_cursor SET up_to = '00000000-0000-0000-0000-000000000000' WHERE name = 'search'")
    let reading = try #require(try await desk.store.search.read(by: Self.reader))
    #expect(try await desk.store.search.index(reading.messages, of: reading, by: Self.reader, upTo: reading.upTo))
  }

  private func ask(
    _ client: HTTPClient, _ url: String, _ query: String, _ key: String
  ) async throws -> (status: Int, body: String) {
    let response = try await client.send(
      HTTPClient.Request(method: "GET", url: "\(url)/v1/search\(query)", headers: ["authorization": "Bearer \(key)"]))
    return (response.status, String(decoding: response.body, as: UTF8.self))
  }

  private func tickets(_ body: String) throws -> [String] {
    try (JSONValue(json: body)?["tickets"]?.list ?? []).map { try #require($0["ticket_id"]?.text) }
  }

  private func customers(_ body: String) throws -> [String] {
    try (JSONValue(json: body)?["customers"]?.list ?? []).map { try #require($0["customer"]?.text) }
  }

  @Test func agentsFindTheirOwnAndOthersEverything() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let received = try await desk.received(from: "dora", at: desk.store.now() - .seconds(60)).description
      let parcels = try await desk.queued(from: "cara").id.description
      let offered = try await desk.offered(to: "bob", from: "eva").ticket.id.description
      try await index(desk)
      let (ann, bob) = try await (desk.key(.agent, agent: "ann"), desk.key(.agent, agent: "bob"))
      #expect(try tickets(await ask(client, url, "?q=words", ann).body) == [offered, parcels])
      #expect(try tickets(await ask(client, url, "?q=words", bob).body) == [offered])
      #expect(try tickets(await ask(client, url, "?q=\(parcels)", bob).body) == [])
      #expect(try customers(await ask(client, url, "?q=cara", bob).body) == [])
      #expect(try customers(await ask(client, url, "?q=cara", ann).body) == ["cara"])
      for key in [
        try await desk.key(.lead, agent: "bob"), try await desk.key(.operator), try await desk.key(.auditor),
      ] {
        #expect(
          try tickets(await ask(client, url, "?q=my+words".replacing("+", with: "%20"), key).body) == [
            offered, parcels, received,
          ])
        #expect(try tickets(await ask(client, url, "?q=wor&state=queued,received", key).body) == [parcels, received])
        #expect(try tickets(await ask(client, url, "?q=words&queue=parcels&limit=1", key).body) == [offered])
      }
      #expect(try await ask(client, url, "?q=words", desk.key(.channel)).status == 403)
    }
  }

  @Test func whatIsFoundHasItsSchemaAndItsMatches() async throws {
    try await StaffedDesk.serving { desk, client, url in
      var check = try #require(OpenAPICheck(ConsoleOpenAPI.document.json))
      let ticket = try await desk.queued(from: "🙂 李雷")
      try await desk.store.pool.executeScript("UPDATE desk.message SET body = '🙂 我的快递 & <b>快递</b>', subject = 's'")
      try await index(desk)
      let auditor = try await desk.key(.auditor)
      let answer = try await ask(client, url, "?q=%E5%BF%AB%E9%80%92", auditor)
      #expect(answer.status == 200 && check.faults(inResponse: answer.body, of: "GET /v1/search", status: 200) == [])
      let found = try #require(JSONValue(json: answer.body)?["tickets"]?.list?.first)
      #expect(found["ticket_id"]?.text == ticket.id.description && found["customer"]?.text == "🙂 李雷")
      #expect(found["state"]?.text == "queued" && found["queue"]?.text == "parcels")
      let message = try #require(found["message"])
      #expect(message["excerpt"]?.text == "🙂 我的快递 & <b>快递</b>" && message["kind"]?.text == "customer")
      let places = try #require(message["matches"]?.list).map { [$0["at"]?.integer, $0["length"]?.integer] }
      #expect(places == [[4, 2], [12, 2]])
      let named = try await ask(client, url, "?q=%E6%9D%8E%E9%9B%B7", auditor)
      #expect(check.faults(inResponse: named.body, of: "GET /v1/search", status: 200) == [])
      #expect(try customers(named.body) == ["🙂 李雷"])
      for schema in ["SearchResults", "FoundTicket", "FoundMessage", "FoundCustomer"] {
        #expect(check.unseenProperties(of: schema) == [], "\(schema)")
      }
    }
  }

  @Test func cursorsContinueOneSearchOnly() async throws {
    try await StaffedDesk.serving { desk, client, url in
      var expected: [String] = []
      for customer in ["a", "b", "c"] { expected.append(try await desk.queued(from: customer).id.description) }
      try await index(desk)
      let lead = try await desk.key(.lead, agent: "bob")
      var seen: [String] = []
      var next: String? = ""
      var cursor = ""
      for _ in 0..<4 {
        guard let place = next else { break }
        let page = try await ask(client, url, "?q=words&limit=1" + (place.isEmpty ? "" : "&cursor=\(place)"), lead)
        #expect(page.status == 200, "\(page.body)")
        seen += try tickets(page.body)
        next = JSONValue(json: page.body)?["next"]?.text
        cursor = next ?? cursor
      }
      #expect(seen == expected.reversed() && next == nil)
      for query in ["?q=word&cursor=\(cursor)", "?q=words&state=queued&cursor=\(cursor)", "?q=words&cursor=\(cursor)x"]
      {
        let answer = try await ask(client, url, query, lead)
        #expect(answer.status == 422, "\(query)")
        #expect(try #require(JSONValue(json: answer.body)?["errors"]?.list?.first)["field"]?.text == "cursor")
      }
    }
  }

  private static let invalid = [
    ("", "q"), ("q=", "q"), ("q=%20%20", "q"), ("q=%E2%80%A6%21%3F", "q"), ("q=%F0%9F%99%82", "q"), ("q=a%00b", "q"),
    ("q=%ED%A0%80", "q"), ("q=%ff", "q"), ("q=\(String(repeating: "x", count: 101))", "q"),
    ("q=a&q=b", "q"), ("q=a&state=open", "state"), ("q=a&queue=Not%20A%20Name", "queue"), ("q=a&limit=0", "limit"),
    ("q=a&limit=51", "limit"), ("q=a&cursor=", "cursor"), ("q=a&cursor=x_1", "cursor"), ("q=a&text=b", "text"),
  ]

  @Test func invalidParametersAreRefusedWithoutRepeatingTheWords() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let lead = try await desk.key(.lead, agent: "bob")
      for (query, field) in Self.invalid {
        let answer = try await ask(client, url, "?" + query, lead)
        #expect(answer.status == 422, "\(query): \(answer.body)")
        let errors = try #require(JSONValue(json: answer.body)?["errors"]?.list)
        #expect(
          errors.first?["field"]?.text == field && errors.first?["remedy"]?.text != nil, "\(query): \(answer.body)")
        if field == "q" { #expect(errors.first?["value"]?.text == nil, "\(query)") }
      }
      let long = try await ask(client, url, "?q=" + String(repeating: "x", count: 3_000), lead)
      #expect(long.status == 422)
      // The server may close the connection instead of reading all of this.
      let longer = try? await ask(client, url, "?q=" + String(repeating: "x", count: 10_000), lead)
      #expect((400..<500).contains(longer?.status ?? 400))
      for words in ["x%27%29%3B--", "%E2%80%AEx", "a%3A%2A%26b%5C", "%25x_"] {
        #expect(try await ask(client, url, "?q=\(words)", lead).status == 200, "\(words)")
      }
    }
  }

  @Test func tooManySearchesAtOnceAreToldToWait() async throws {
    let turns = SearchTurns()
    func nested(_ depth: Int) async throws -> Int {
      depth == 0 ? 0 : try await turns.take { try await nested(depth - 1) + 1 }
    }
    #expect(try await nested(ConsoleBounds.searchesAtOnce) == ConsoleBounds.searchesAtOnce)
    let problem = await #expect(throws: HTTPProblem.self) { try await nested(ConsoleBounds.searchesAtOnce + 1) }
    #expect(problem?.status == .serviceUnavailable)
    #expect(try await nested(ConsoleBounds.searchesAtOnce) == ConsoleBounds.searchesAtOnce)
  }
}

@Suite struct SearchCursorTests {
  private let place = SearchPlace(
    before: MessageID(high: 0x0190_0000_0000_7000, low: 1), newest: MessageID(high: 0x0190_0000_0000_7000, low: 2))

  @Test(arguments: [0, 1, UInt64.max])
  func aCursorIsReadAsWritten(filters: UInt64) {
    let cursor = SearchCursor(place, filters: filters)
    #expect(SearchCursor(cursor.description) == cursor)
  }

  @Test func otherTextsAreNoCursors() {
    let text = SearchCursor(place, filters: 35).description
    for other in [
      text + "_", text.uppercased(), text + " ", "__z", "",
      "\(TicketCursor(after: TicketID(high: 0, low: 0), filters: 1))",
    ] {
      #expect(SearchCursor(other) == nil, "\(other)")
    }
  }
}
