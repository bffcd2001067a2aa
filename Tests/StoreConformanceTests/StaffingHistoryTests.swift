import DeskCore
import PostgreSQL
import Store
import TestStore
import Testing

/// What forecasts and plans read from timelines, with figures that are calculated by hand.
@Suite struct StaffingHistoryTests {
  private static let start = Instant(seconds: Int64(CivilDay(year: 2026, month: 3, day: 2)?.sinceEpoch ?? 0) * 86_400)
  private static let end = start + .seconds(86_400)

  /// Tickets opened at 10:00:00. The first is queued after a second, offered after 61, taken at 70 and resolved at 100. The second is
  /// queued at 10:20 and resolved from the queue at 10:25. An article answered the third, which is offered at 11:00 all the same, and
  /// solved the fourth. The fifth was closed long ago with its queue; the sixth still waits. The seventh was queued on the next day.
  private static let rows = """
    CREATE FUNCTION pg_temp.ticket(n integer) RETURNS uuid LANGUAGE sql AS $$
      SELECT (left(desk.uuid_floor('2026-03-02T10:00:00Z')::text, 35) || n)::uuid $$;
    CREATE FUNCTION pg_temp.entry(n integer, v integer, kind text, second integer, actor text DEFAULT 'service:router',
                                  detail jsonb DEFAULT '{"queue":"q1"}') RETURNS void LANGUAGE sql AS $$
      INSERT INTO desk.ticket_event (ticket_id, version, position, kind, actor, at, detail)
      VALUES (pg_temp.ticket(n), v, 0, kind, actor, '2026-03-02T10:00:00Z'::timestamptz + second * interval '1 s', detail) $$;
    INSERT INTO desk.open_ticket (channel, customer, ticket_id, opened_at)
      SELECT 'web', 'c' || n, pg_temp.ticket(n), '2026-03-02T10:00:00Z' FROM unnest('{1,2,3,4,6,7}'::int[]) n;
    INSERT INTO desk.ticket (id, state, channel, customer, opened_at, queue, category, last_agent, resolved_at, waiting_queue, waiting_since,
                             weight)
    SELECT pg_temp.ticket(n), CASE WHEN n IN (6, 7) THEN 'queued' ELSE 'resolved' END, 'web', 'c' || n, '2026-03-02T10:00:00Z',
           CASE WHEN n = 3 THEN 'q2' ELSE 'q1' END, 'billing', CASE WHEN n = 1 THEN 'ada' END, CASE WHEN n < 6 THEN now() END,
           CASE WHEN n IN (6, 7) THEN 'q1' END, CASE WHEN n IN (6, 7) THEN now() END, n FROM unnest('{1,2,3,4,6,7}'::int[]) n;
    INSERT INTO desk.closed_ticket (id, state, channel, customer, queue, opened_at, closed_at, ticket)
    VALUES (pg_temp.ticket(5), 'closed', 'web', 'c5', 'q2', '2026-03-02T10:00:00Z', now(), '{}');
    SELECT pg_temp.entry(1, 1, 'queued', 1), pg_temp.entry(1, 2, 'offered', 61), pg_temp.entry(1, 3, 'accepted', 70, 'agent:ada'),
           pg_temp.entry(1, 4, 'resolved', 100, 'agent:ada');
    SELECT pg_temp.entry(2, 1, 'triaged', 1200), pg_temp.entry(2, 2, 'resolved', 1500, 'agent:ada');
    SELECT pg_temp.entry(3, 1, 'answered', 1), pg_temp.entry(3, 2, 'offered', 3600);
    SELECT pg_temp.entry(4, 1, 'answered', 1), pg_temp.entry(4, 2, 'closed', 3600);
    SELECT pg_temp.entry(5, 1, 'queued', 899), pg_temp.entry(5, 2, 'offered', 901), pg_temp.entry(5, 3, 'closed', 1000);
    SELECT pg_temp.entry(6, 1, 'queued', 30), pg_temp.entry(7, 1, 'queued', 60000);
    """

  private func with(_ body: (ReportStore, TestDesk) async throws -> Void) async throws {
    try await TestDesk.with { desk in
      try await desk.run(Self.rows)
      try await body(desk.store.reports, desk)
    }
  }

  @Test func arrivalsAreTicketsThatCameBeforePeopleByQuarterAndQueue() async throws {
    try await with { reports, _ in
      let ten = Self.start + .seconds(36_000)
      #expect(
        try await reports.arrivals(from: Self.start, to: Self.end) == [
          ArrivalCount(queue: "q1", start: ten, tickets: 2),
          ArrivalCount(queue: "q1", start: ten + .seconds(900), tickets: 1),
          ArrivalCount(queue: "q2", start: ten, tickets: 1),
          ArrivalCount(queue: "q2", start: ten + .seconds(3_600), tickets: 1),
        ], "not the one that an article solved")
      // Each counts in one period, though it was opened in another.
      let next = try await reports.arrivals(from: Self.end, to: Self.end + .seconds(86_400))
      #expect(next.map(\.tickets) == [1] && next.first?.start == ten + .seconds(59_400))
    }
  }

  @Test func handTimesAddUpByQueueAndCategory() async throws {
    try await with { reports, _ in
      let sums = try await reports.handTimeSums(from: Self.start, to: Self.end)
      #expect(sums == [HandTimeSums(queue: "q1", category: "billing", hands: 1, seconds: 30, squares: 900, weight: 1)])
    }
  }

  @Test func waitsEndByAnOfferOrWithoutAnAgent() async throws {
    try await with { reports, desk in
      let waits = try await reports.waitSpells(from: Self.start, to: Self.end, limit: 100)
      #expect(waits.map(\.end) == [.offered, .other, .offered, .settled, .other])
      #expect(
        waits.map { $0.joined - (Self.start + .seconds(36_000)) } == [1, 30, 899, 1_200, 60_000].map { .seconds($0) })
      #expect(waits.prefix(1).map { $0.left - $0.joined } == [.seconds(60)])
      #expect(waits[3].left - waits[3].joined == .seconds(300))
      #expect(try await waits[1].left > desk.store.now() - .seconds(60), "the sixth still waits")
      #expect(try await reports.waitSpells(from: Self.start, to: Self.end, limit: 2).count == 2)
    }
  }

  @Test func timelinesAreKnownFromTheOldestDayThatIsKept() async throws {
    try await TestDatabase.with(hasPartitions: true) { store in
      let oldest = try #require(try await store.reports.timelinesKeptSince())
      let now = try await store.now()
      #expect(oldest <= now && oldest > now - .seconds(3 * 86_400) && oldest.microseconds % 86_400_000_000 == 0)
    }
  }
}
