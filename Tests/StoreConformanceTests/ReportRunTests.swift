import DeskCore
import PostgreSQL
import Store
import Testing

/// The history of presence, and the record of scheduled reports.
@Suite struct ReportRunTests {
  @Test func everyChangeOfPresenceIsKeptAndNothingElse() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ada"], capacity: 5)
      _ = try await desk.store.matching.setPresence(.available, of: "ada")
      let before = try await desk.number("SELECT count(*) FROM desk.presence_change")
      _ = try await desk.store.matching.setPresence(.available, of: "ada")
      try await desk.store.matching.touch(["ada"])
      try await desk.run("UPDATE desk.agent_state SET load = 1")
      #expect(try await desk.number("SELECT count(*) FROM desk.presence_change") == before, "nothing changed")
      _ = try await desk.store.matching.setPresence(.away, of: "ada")
      try await desk.upsert(["ada"], capacity: 7)
      let last = try await desk.store.pool.query(
        PostgresStatement<String>(
          "test_presence", "SELECT presence || ' ' || capacity FROM desk.presence_change ORDER BY at DESC LIMIT 3"))
      #expect(last == ["available 7", "away 7", "away 5"], "the fixture makes the agent available again")
    }
  }

  @Test func aPeriodIsMadeOnce() async throws {
    try await TestDesk.with { desk in
      let now = try await desk.store.now()
      let day = CivilDay(of: now)
      let due = ReportSchedule(
        name: "s", request: ReportRequest(.outcomes), days: 1, weekday: nil, minute: 0, zone: .utc, format: .csv,
        language: .english, destination: .file
      ).due(after: nil, at: now, limit: 1)
      #expect(due.map(\.day) == [day])
      func keep() async throws -> Bool {
        let id: NoticeID = try await desk.fresh()
        let notice = Notice(
          id: id, hook: "bi", kind: .reportReady, ticket: id.of(Ticket.self), body: .object([]))
        return try await desk.store.reports.keepRun(of: "s", for: due[0], .delivered, notifying: [notice])
      }
      async let first = keep()
      async let second = keep()
      let outcomes = try await [first, second]
      #expect(outcomes.count { $0 } == 1, "of two at once one succeeds")
      #expect(try await !keep())
      #expect(try await desk.number("SELECT count(*) FROM desk.outbox WHERE kind = 'report.ready'") == 1)
      #expect(try await desk.store.reports.newestRuns(at: now) == ["s": day])
      #expect(try await desk.store.reports.newestRuns(at: due[0].at - .seconds(1)) == [:], "it was not due yet")
    }
  }

  @Test func retentionKeepsWhatTheNextReportNeeds() async throws {
    try await TestDesk.with { desk in
      try await desk.run(
        """
        DELETE FROM desk.presence_change;
        INSERT INTO desk.presence_change (agent, at, presence, capacity)
        SELECT 'ada', now() - days * interval '1 day', 'away', days FROM unnest(ARRAY[50, 40, 3]) AS days;
        INSERT INTO desk.report_run (schedule, period, due_at, outcome)
        SELECT schedule, current_date - days, now() - days * interval '1 day', 'delivered'
          FROM (VALUES ('old', 50), ('old', 40), ('kept', 60), ('kept', 2)) AS r(schedule, days);
        """)
      _ = try await desk.store.privacy.forget(olderThan: 30)
      #expect(
        try await desk.number("SELECT sum(capacity) FROM desk.presence_change") == 43, "that of 40 days ago held on")
      #expect(try await desk.number("SELECT count(*) FROM desk.report_run WHERE schedule = 'old'") == 1)
      #expect(try await desk.number("SELECT count(*) FROM desk.report_run WHERE schedule = 'kept'") == 1)
    }
  }
}
