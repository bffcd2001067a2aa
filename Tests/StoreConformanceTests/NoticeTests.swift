import PostgreSQL
import Store
import Testing

@testable import DeskCore

/// Notices to people are written with what they are about.
@Suite struct NoticeTests {
  private let ann = NoticeReader(agent: "ann", role: .lead)
  private let bob = NoticeReader(agent: "bob", role: .lead)
  private let cara = NoticeReader(agent: "cara", role: .agent)

  private func kinds(_ desk: TestDesk, for reader: NoticeReader) async throws -> [String] {
    try await desk.store.notices.notices(for: reader, limit: 100).map(\.kind)
  }

  /// Writes a timeline entry of a ticket, as a step does.
  private func record(
    _ kind: String, of ticket: Ticket, position: Int, _ detail: String, at moment: String = "now()", on desk: TestDesk
  ) async throws {
    try await desk.run(
      """
      INSERT INTO desk.ticket_event (ticket_id, version, position, kind, actor, at, detail)
      VALUES ('\(ticket.id)', 100, \(position), '\(kind)', 'service:sla-watcher', \(moment), '\(detail)')
      """)
  }

  @Test func escalationsReachTheNamedLeadsElseAll() async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["one"])[0]
      #expect(try await kinds(desk, for: ann) == [])
      try await record("escalated", of: ticket, position: 0, #"{"step": 1, "leads": ["ann", "cara"]}"#, on: desk)
      #expect(try await kinds(desk, for: ann) == ["ticket.escalated"])
      #expect(try await kinds(desk, for: bob) == [])
      #expect(try await kinds(desk, for: cara) == ["ticket.escalated"])
      try await record("escalated", of: ticket, position: 1, #"{"step": 2, "leads": []}"#, on: desk)
      try await record("escalated", of: ticket, position: 2, #"{"step": 3}"#, on: desk)
      #expect(try await kinds(desk, for: ann).count == 3)
      #expect(try await kinds(desk, for: bob).count == 2)
      #expect(try await kinds(desk, for: cara).count == 1)
      let all = try await desk.store.notices.notices(for: bob, limit: 5)
      #expect(all.allSatisfy { $0.ticket == ticket.id && $0.readAt == nil })
      #expect(Set(all.map(\.detail)) == [#"{"step": 2}"#, #"{"step": 3}"#])
    }
  }

  @Test func breachesOfRealStepsAreNoticed() async throws {
    try await TestDesk.with { desk in
      let start = try await desk.store.now() - .seconds(90)
      var ticket = try await desk.queued(["one"], targets: .test(from: start))[0]
      #expect(try await kinds(desk, for: ann) == [])
      // Of the two clocks only the first response is late.
      try await desk.take(&ticket, .deadlineReached)
      #expect(try await kinds(desk, for: ann).contains("sla.breached"))
      #expect(try await kinds(desk, for: cara) == [])
    }
  }

  @Test func followUpsReachTheLeadOfTheTeam() async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["one"])[0]
      try await record("follow_up_opened", of: ticket, position: 0, #"{"rating": 1, "lead": "bob"}"#, on: desk)
      #expect(try await kinds(desk, for: bob) == ["follow_up.opened"])
      #expect(try await kinds(desk, for: ann) == [])
      try await record("follow_up_opened", of: ticket, position: 1, #"{"rating": 1, "lead": null}"#, on: desk)
      #expect(try await kinds(desk, for: ann) == ["follow_up.opened"])
    }
  }

  @Test func hotIssuesReachAllLeadsOnce() async throws {
    try await TestDesk.with { desk in
      for _ in 0..<2 {
        _ = try await desk.store.learning.raiseHotIssue("refunds", tickets: 30, expected: 2.5) { _ in [] }
      }
      #expect(try await kinds(desk, for: ann) == ["issue.hot"])
      let notice = try #require(await desk.store.notices.notices(for: bob, limit: 5).first)
      #expect(notice.ticket == nil && notice.detail.contains(#""category": "refunds""#))
    }
  }

  @Test func otherEntriesAndMovedOnesCauseNoNotice() async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["one"])[0]
      try await record("sla_warned", of: ticket, position: 0, "{}", on: desk)
      try await record("sla_breached", of: ticket, position: 1, "{}", at: "now() - interval '2 days'", on: desk)
      #expect(try await desk.number("SELECT count(*) FROM desk.notice") == 0)
    }
  }

  @Test func aFailedStepLeavesNoNotice() async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["one"])[0]
      try await record("sla_breached", of: ticket, position: 0, "{}", on: desk)
      await #expect(throws: PostgresError.self) {
        try await record("sla_breached", of: ticket, position: 0, "{}", on: desk)
      }
      #expect(try await desk.number("SELECT count(*) FROM desk.notice") == 1)
    }
  }

  @Test func readMarksArePersonalAndTheFirstCounts() async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["one"])[0]
      try await record("sla_breached", of: ticket, position: 0, "{}", on: desk)
      let notice = try #require(await desk.store.notices.notices(for: ann, limit: 5).first)
      let read = try #require(await desk.store.notices.markAsRead(notice.id, by: ann))
      #expect(read.readAt != nil)
      #expect(try await desk.store.notices.markAsRead(notice.id, by: ann) == read)
      #expect(try await desk.store.notices.notices(for: ann, limit: 5) == [read])
      #expect(try await desk.store.notices.notices(for: bob, limit: 5) == [notice])
      // A notice to others cannot be read, nor one that does not exist.
      #expect(try await desk.store.notices.markAsRead(notice.id, by: cara) == nil)
      #expect(try await desk.store.notices.markAsRead(try await desk.fresh(), by: ann) == nil)
      #expect(try await desk.number("SELECT count(*) FROM desk.notice_read") == 1)
    }
  }

  @Test func noticesArePagedAndReadForManyAtOnce() async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["one"])[0]
      for position in 0..<5 {
        let detail = position % 2 == 0 ? #"{"leads": ["ann"]}"# : "{}"
        try await record("escalated", of: ticket, position: position, detail, on: desk)
      }
      let all = try await desk.store.notices.notices(for: ann, limit: 100)
      #expect(all.count == 5 && all.map(\.id) == all.map(\.id).sorted(by: >))
      let first = try await desk.store.notices.notices(for: ann, limit: 2)
      let second = try await desk.store.notices.notices(for: ann, before: first.last?.id, limit: 100)
      #expect(first + second == all)
      let newest = try await desk.store.notices.newestNotices(for: [bob, ann, cara], limit: 2)
      #expect(newest[ann] == first && newest[bob]?.count == 2 && newest[cara] == nil)
    }
  }

  @Test func aListDoesNotWalkThroughNoticesToOthers() async throws {
    try await TestDesk.with(connections: 1) { desk in
      try await desk.run(
        """
        INSERT INTO desk.notice (receiver, id, kind, detail)
        SELECT 'role:lead', desk.uuid_floor(now() - n * interval '1 second'), 'sla.breached', '{}' FROM generate_series(1, 20000) n;
        INSERT INTO desk.notice_read (reader, notice) SELECT 'bob', id FROM desk.notice;
        ANALYZE desk.notice, desk.notice_read;
        """)
      func rows() async throws -> Int64 {
        try await desk.run("SELECT pg_stat_force_next_flush()")
        return try await desk.number(
          """
          SELECT sum(coalesce(idx_tup_fetch, 0) + seq_tup_read) FROM pg_stat_user_tables
           WHERE schemaname = 'desk' AND relname IN ('notice', 'notice_read')
          """)
      }
      let before = try await rows()
      let newest = try await desk.store.notices.newestNotices(for: [ann, bob, cara], limit: 20)
      #expect(newest[ann]?.count == 20 && newest[bob]?.allSatisfy { $0.readAt != nil } == true && newest[cara] == nil)
      #expect(try await rows() - before < 200)
    }
  }

  @Test func retentionDeletesOldNotices() async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["one"])[0]
      for position in 0..<2 { try await record("sla_breached", of: ticket, position: position, "{}", on: desk) }
      let last = try #require(await desk.store.notices.notices(for: ann, limit: 5).last)
      try await desk.run(
        "UPDATE desk.notice SET id = desk.uuid_floor(now() - interval '9 days') WHERE id = '\(last.id)'")
      let old = try #require(await desk.store.notices.notices(for: ann, limit: 5).last)
      #expect(try await desk.store.notices.markAsRead(old.id, by: ann)?.readAt != nil)
      _ = try await desk.store.privacy.forget(olderThan: 5)
      #expect(try await desk.store.notices.notices(for: ann, limit: 5).count == 1)
      #expect(try await desk.number("SELECT count(*) FROM desk.notice_read") == 0)
    }
  }
}
