import Curl
import DeskCore
import PostgreSQL
import Store
import Testing

@testable import Console

/// Notices to people: their list, read marks, and the stream.
@Suite struct NoticeRoutesTests {
  private func ask(
    _ client: HTTPClient, _ url: String, _ method: String, _ path: String, _ key: String
  ) async throws -> (status: Int, body: String) {
    let response = try await client.send(
      HTTPClient.Request(method: method, url: url + path, headers: ["authorization": "Bearer \(key)"]))
    return (response.status, String(decoding: response.body, as: UTF8.self))
  }

  /// Breached targets of a ticket, as the sla-watcher records them.
  private func breach(_ ticket: TicketID, times: Int = 1, from first: Int = 0, on desk: StaffedDesk) async throws {
    for position in first..<first + times {
      try await desk.store.pool.executeScript(
        """
        INSERT INTO desk.ticket_event (ticket_id, version, position, kind, actor, at, detail)
        VALUES ('\(ticket)', 100, \(position), 'sla_breached', 'service:sla-watcher', now(), '{"clock": "first_response"}')
        """)
    }
  }

  @Test func leadsReadTheirNoticesAndMarkThem() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let ticket = try await desk.queued()
      let (lead, agent) = try await (desk.key(.lead, agent: "bob"), desk.key(.agent, agent: "ann"))
      #expect(JSONValue(json: try await ask(client, url, "GET", "/v1/notices", lead).body)?["notices"]?.list == [])
      try await breach(ticket.id, times: 3, on: desk)
      let first = try #require(JSONValue(json: try await ask(client, url, "GET", "/v1/notices?limit=2", lead).body))
      let notices = try #require(first["notices"]?.list)
      #expect(notices.count == 2)
      let notice = try #require(notices.first)
      #expect(notice["kind"]?.text == "sla.breached" && notice["ticket_id"]?.text == ticket.id.description)
      #expect(notice["detail"]?["clock"]?.text == "first_response" && notice["read_at"]?.text == nil)
      let next = try #require(first["next"]?.text)
      let last = try #require(
        JSONValue(json: try await ask(client, url, "GET", "/v1/notices?limit=2&before=\(next)", lead).body))
      #expect(last["notices"]?.list?.count == 1 && last["next"]?.text == nil)
      let id = try #require(notice["notice_id"]?.text)
      // Agents get only what is sent to them.
      #expect(JSONValue(json: try await ask(client, url, "GET", "/v1/notices", agent).body)?["notices"]?.list == [])
      #expect(try await ask(client, url, "POST", "/v1/notices/\(id)/read", agent).status == 404)
      let read = try await ask(client, url, "POST", "/v1/notices/\(id)/read", lead)
      #expect(read.status == 200 && JSONValue(json: read.body)?["read_at"]?.text != nil)
      #expect(try await ask(client, url, "POST", "/v1/notices/\(id)/read", lead).body == read.body)
      #expect(try await ask(client, url, "POST", "/v1/notices/x/read", lead).status == 404)
      #expect(try await ask(client, url, "GET", "/v1/notices?before=x", lead).status == 422)
      #expect(try await ask(client, url, "GET", "/v1/notices", desk.key(.auditor)).status == 403)
    }
  }

  @Test func leadsStreamsSendUnreadNoticesOnce() async throws {
    try await StaffedDesk.with { desk in
      let ticket = try await desk.queued()
      try await breach(ticket.id, times: 2, on: desk)
      let reader = NoticeReader(agent: "bob", role: .lead)
      let read = try #require(await desk.store.notices.notices(for: reader, limit: 5).last)
      _ = try await desk.store.notices.markAsRead(read.id, by: reader)
      let bob = try #require(await desk.hub.join("bob", with: StreamKey.of("bob", role: .lead)))
      let ann = try #require(await desk.hub.join("ann", with: StreamKey.of("ann")))
      // The same person with an agent's key does not read what is sent to leads.
      let bobToo = try #require(await desk.hub.join("bob", with: StreamKey.of("bob")))
      for _ in 0..<2 { try await desk.hub.lookForNotices() }
      try await breach(ticket.id, from: 2, on: desk)
      for _ in 0..<2 { try await desk.hub.lookForNotices() }
      await desk.hub.end()
      let all = try await desk.store.notices.notices(for: reader, limit: 5)
      var texts: [String] = []
      for await event in bob.events { texts.append(event.text) }
      let names = texts.map { String($0.prefix { $0 != "\n" }) }
      #expect(names == ["retry: 1000", "event: notice", "event: notice"])
      // Oldest first.
      #expect(texts.count == 3 && texts[1].contains("\(all[1].id)") && texts[2].contains("\(all[0].id)"))
      for quiet in [ann, bobToo] {
        var count = 0
        for await _ in quiet.events { count += 1 }
        #expect(count == 1)
      }
    }
  }
}
