import PostgreSQL
import Store
import Testing

@testable import DeskCore

/// What recordings read: each ticket once whatever the pages, no free text, and who had it for how long.
@Suite struct RecordingStoreTests {
  private static let timeout: Duration = .seconds(30)
  private static let start = Instant(seconds: Int64(CivilDay(year: 2026, month: 3, day: 2)?.sinceEpoch ?? 0) * 86_400)
  private static let end = start + .seconds(86_400)

  /// Ticket 1 was opened and ended the day before, 2 the day before and is open, 3 and 4 on the day (4 has ended), 5 the day after.
  private static let rows = """
    CREATE FUNCTION pg_temp.ticket(n integer) RETURNS uuid LANGUAGE sql AS $$
      SELECT (left(desk.uuid_floor('2026-03-01T22:00:00Z'::timestamptz + n / 3 * interval '3 h' + (n / 5) * interval '1 d')::text, 35) || n)::uuid $$;
    CREATE FUNCTION pg_temp.entry(n integer, v integer, kind text, second integer, actor text DEFAULT 'service:router',
                                  detail jsonb DEFAULT '{}') RETURNS void LANGUAGE sql AS $$
      INSERT INTO desk.ticket_event (ticket_id, version, position, kind, actor, at, detail)
      VALUES (pg_temp.ticket(n), v, 0, kind, actor, '2026-03-02T01:00:00Z'::timestamptz + second * interval '1 s', detail) $$;
    INSERT INTO desk.open_ticket (channel, customer, ticket_id, opened_at)
      SELECT 'web', 'c' || n, pg_temp.ticket(n), '2026-03-02T01:00:00Z' FROM unnest(ARRAY[2, 3, 5]) n;
    INSERT INTO desk.closed_ticket (id, state, channel, customer, opened_at, closed_at, ticket)
      SELECT pg_temp.ticket(n), 'closed', 'mail', 'c' || n, '2026-03-01T22:00:00Z', at, '{"tier":"vip","first_due_at":"2026-03-02T02:00:00Z"}'
        FROM (VALUES (1, '2026-03-01T23:00:00Z'::timestamptz), (4, '2026-03-02T09:00:00Z')) AS v(n, at);
    INSERT INTO desk.customer (channel, external_id, dedicated_agent) VALUES ('mail', 'c4', 'ada');
    SELECT pg_temp.entry(4, 1, 'queued', 1, detail => '{"queue":"q","priority":"high","category":"c","found":[1],"guesses":[{"x":"SECRET"}]}'),
           pg_temp.entry(4, 2, 'offered', 5, detail => '{"agent":"ada","offer":"o","why":{"note":"SECRET"}}'),
           pg_temp.entry(4, 3, 'accepted', 10, 'agent:ada', '{"offer":"o","reason":"SECRET"}'),
           pg_temp.entry(4, 4, 'noted', 20, 'agent:ada', '{"reason":"SECRET"}'),
           pg_temp.entry(4, 5, 'pending', 40, 'agent:ada'),
           pg_temp.entry(4, 6, 'customer_wrote', 100, 'customer', '{"state":"pending"}'),
           pg_temp.entry(4, 7, 'resolved', 130, 'agent:ada', '{"reason":"SECRET"}');
    INSERT INTO desk.presence_change (agent, at, presence, capacity)
    VALUES ('ada', '2026-02-01T00:00:00Z', 'offline', 4), ('ada', '2026-03-01T09:00:00Z', 'available', 4),
           ('ada', '2026-03-02T10:00:00Z', 'away', 3), ('bo', '2026-03-02T11:00:00Z', 'available', 2),
           ('bo', '2026-03-03T11:00:00Z', 'offline', 2);
    """

  private func with(_ body: (RecordingStore) async throws -> Void) async throws {
    try await TestDesk.with { desk in
      try await desk.run(Self.rows)
      try await body(desk.store.recordings)
    }
  }

  private func tickets(_ store: RecordingStore, limit: Int) async throws -> [RecordableTicket] {
    var all: [RecordableTicket] = []
    while true {
      let page = try await store.tickets(
        after: all.last?.id, openedSince: Self.start - .seconds(86_400), openAt: Self.start, openedBefore: Self.end,
        limit: limit, timeout: Self.timeout)
      if page.isEmpty { return all }
      #expect(page.count <= limit)
      all += page
    }
  }

  @Test func everyTicketOfTheStretchIsReadOnceWhateverThePages() async throws {
    try await with { store in
      let all = try await tickets(store, limit: 100)
      #expect(all.map(\.customer) == ["c2", "c3", "c4"], "1 had ended, 5 came later")
      #expect(all.map(\.tier) == ["standard", "standard", "vip"])
      #expect(all.map(\.dedicatedAgent) == [nil, nil, "ada"])
      #expect(all[2].firstDueAt == Self.start + .seconds(7200))
      for limit in 1...3 { #expect(try await tickets(store, limit: limit) == all) }
      #expect(try await store.ticketCount(from: Self.start, to: Self.end, timeout: Self.timeout) == 2)
    }
  }

  @Test func entriesHaveNoFreeText() async throws {
    try await with { store in
      let ticket = try #require(await tickets(store, limit: 100).last).id
      let entries = try await store.entries(of: [ticket], timeout: Self.timeout)
      #expect(entries.map(\.event.kind) == ["queued", "offered", "accepted", "customer_wrote", "resolved"])
      #expect(entries.allSatisfy { !$0.event.detail.contains("SECRET") && !$0.event.detail.contains("reason") })
      guard case .queued(let routed)? = entries[0].event.content else {
        Issue.record("the decision is not readable")
        return
      }
      #expect(routed.queue == "q" && routed.priority == .high && routed.category == "c" && routed.found == [1])
    }
  }

  @Test func handsAreMeasuredLikeTheReportOnHandling() async throws {
    try await with { store in
      let ticket = try #require(await tickets(store, limit: 100).last).id
      let hands = try await store.hands(of: [ticket], timeout: Self.timeout)
      #expect(hands.count == 1 && hands[0].agent == "ada" && hands[0].endedBy == "resolved")
      #expect(hands[0].since == Self.start + .seconds(3_610))
      #expect(hands[0].handledSeconds == 60 && hands[0].pendedSeconds == 60)
    }
  }

  @Test func presenceBeginsWithWhatHeldAtTheStart() async throws {
    try await with { store in
      var all: [PresenceChange] = []
      while true {
        let page = try await store.presence(
          after: all.last, from: Self.start, to: Self.end, limit: 1, timeout: Self.timeout)
        if page.isEmpty { break }
        all += page
      }
      #expect(all.map(\.agent) == ["ada", "ada", "bo"])
      #expect(all.map(\.presence) == ["available", "away", "available"] && all.map(\.capacity) == [4, 3, 2])
    }
  }
}
