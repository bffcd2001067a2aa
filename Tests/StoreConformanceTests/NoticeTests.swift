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
      var ticket = try await desk.queued(["one"], targets: .test(from: desk.store.now()))[0]
      #expect(try await kinds(desk, for: ann) == [])
      // Of the two clocks only the first response is late.
      #expect(try await desk.take(&ticket, .deadlineReached, at: ticket.openedAt + .seconds(90)))
      #expect(try await kinds(desk, for: ann) == ["sla.breached"])
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

  @Test func aNewKindNamesItsGroupAndAnExample() async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["one"])[0]
      try await desk.run(
        """
        INSERT INTO desk.hot_issue (category, tickets, expected, examples, group_id, first_seen)
        VALUES ('refunds', 12, 0.5, ARRAY['\(ticket.id)']::uuid[], '\(ticket.id)', '2026-03-02T10:00:00Z')
        """)
      let notice = try #require(await desk.store.notices.notices(for: ann, limit: 5).first)
      let detail = try #require(JSONValue(json: notice.detail))
      #expect(notice.kind == "issue.hot" && notice.ticket == ticket.id)
      #expect(
        detail["group"]?.text == ticket.id.description && detail["first_seen"]?.text?.hasPrefix("2026-03-02T10") == true
      )
    }
  }

  @Test func crisesReachTheLeadsOnceForEachEvent() async throws {
    try await TestDesk.with { desk in
      let rules = CrisisPolicy(
        checklist: ["Inform legal"], answers: [.init(name: "checking", texts: ["en": "Wait"])])
      var policy = Policy.test
      policy.life.crisis = rules
      let now = try await desk.store.now()
      func crisis(_ cause: CrisisCause, by actor: TimelineEntry.Actor) async throws -> CrisisCase {
        CrisisCase(
          id: try await desk.fresh(CrisisCase.self), cause: cause,
          evidence: CrisisEvidence(kinds: [], firstSeen: now, reason: "what a lead knows"), by: actor, owner: "ann",
          under: rules,
          now: now)
      }
      // As the watcher opens one, twice, and as a lead does; the second of a cause changes nothing.
      var first = try await crisis(.surge, by: .service("sla-watcher"))
      #expect(try await desk.store.crises.open(first, notifying: []))
      #expect(try await !desk.store.crises.open(crisis(.surge, by: .service("sla-watcher")), notifying: []))
      #expect(try await desk.store.crises.open(crisis(.byHand("strike"), by: .agent("bob")), notifying: []))
      #expect(try await kinds(desk, for: bob) == ["crisis.opened", "crisis.opened"])
      // A point of the checklist is no notice; an answer and the end are. A change of an old version is none.
      for event in [
        .checked(0, isDone: true, by: .agent("ann")), .answerSwitched("checking", on: true, by: .agent("ann")),
        .ended(reason: "over", by: .agent("ann"), CrisisFigures()),
      ] as [CrisisEvent] {
        let version = first.version
        _ = try first.handle(event, now: now, under: policy)
        #expect(try await desk.store.crises.update(first, from: version, notifying: []))
        #expect(try await !desk.store.crises.update(first, from: version, notifying: []))
      }
      let seen = try await desk.store.notices.notices(for: ann, limit: 9)
      #expect(seen.map(\.kind) == ["crisis.ended", "crisis.changed", "crisis.opened", "crisis.opened"])
      let detail = try #require(JSONValue(json: seen[1].detail))
      #expect(
        detail["crisis"]?.text == first.id.description && detail["owner"]?.text == "ann"
          && detail["cause"]?.text == "surge")
      #expect(detail["answers_on"]?.list == [.text("checking")])
      // Neither free text nor the other role.
      #expect(seen.allSatisfy { !$0.detail.contains("what a lead knows") })
      #expect(try await kinds(desk, for: cara) == [])
      // What an erasure and retention change is no event.
      try await desk.run("UPDATE desk.crisis SET examples = '{}'")
      #expect(try await kinds(desk, for: ann).count == 4)
    }
  }

  @Test func resultsOfInspectionsReachTheAgentAndAppealsTheLeads() async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["one"])[0]
      try await desk.run(
        """
        INSERT INTO desk.inspection (id, ticket, agent, cause) VALUES ('\(ticket.id)', '\(ticket.id)', 'cara', 'share');
        UPDATE desk.inspection SET state = 'scored', inspector = 'eve', inspected_at = now(), criteria = '{a}', weights = '{1}',
          scales = '{4}', scores = '{1}', percent = 25, remark = 'free text', appeal_until = now();
        UPDATE desk.inspection SET remark = NULL;
        UPDATE desk.inspection SET state = 'appealed', appealed_at = now(), appeal_reason = 'free text';
        UPDATE desk.inspection SET state = 'changed', decided_at = now(), decided_by = 'ann', decided_scores = '{3}',
          decided_percent = 75, decision_reason = 'free text';
        """)
      let own = try await desk.store.notices.notices(for: cara, limit: 9)
      #expect(own.map(\.kind) == ["inspection.decided", "inspection.scored"])
      #expect(own.map { JSONValue(json: $0.detail)?["percent"]?.integer } == [75, 25])
      #expect(own.allSatisfy { $0.ticket == ticket.id && !$0.detail.contains("free text") })
      #expect(try await kinds(desk, for: ann) == ["inspection.appealed"])
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
