import DeskCore
import PostgreSQL
import Store
import Testing

/// Crisis cases in PostgreSQL (migration 103).
@Suite struct CrisisTests {
  private static let rules = CrisisPolicy(
    checklist: ["Inform legal", .init(texts: ["zh": "通知法务", "en": "Inform the press"]) ?? "none"],
    answers: [.init(name: "checking", texts: ["en": "Wait"])])

  private static let lead = TimelineEntry.Actor.agent("eve")

  private func crisis(
    _ cause: CrisisCause, kinds: [String] = [], examples: [TicketID] = [], on desk: TestDesk
  ) async throws -> CrisisCase {
    let now = try await desk.store.now()
    return CrisisCase(
      id: try await desk.fresh(CrisisCase.self), cause: cause,
      evidence: CrisisEvidence(
        tickets: 3, angry: 1, expected: 0.5, kinds: kinds, firstSeen: now - .seconds(60), examples: examples,
        reason: "a \"quoted\" 原因"), by: .service("sla-watcher"), owner: "ann", under: Self.rules, now: now)
  }

  @Test func aCaseIsReadBackAsItWasWritten() async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["cara"])[0]
      var policy = Policy.test
      policy.life.crisis = Self.rules
      var kept = try await crisis(.words("recall"), kinds: ["safety"], examples: [ticket.id], on: desk)
      #expect(try await desk.store.crises.open(kept, notifying: []))
      #expect(try await desk.store.crises.crisis(kept.id) == kept)
      let now = try await desk.store.now()
      let figures = CrisisFigures(
        tickets: 4, angry: 1, answered: 2, queues: ["general": 4], peak: .init(at: now, tickets: 3))
      for event in [
        .checked(0, isDone: true, by: Self.lead), .answerSwitched("checking", on: true, by: Self.lead),
        .ended(reason: "over", by: .operator("k"), figures),
      ] as [CrisisEvent] {
        let version = kept.version
        if case .ended = event {
          #expect(try await desk.store.crises.answering(limit: 5).map(\.answers) == [["checking"]])
        }
        _ = try kept.handle(event, now: now, under: policy)
        #expect(try await desk.store.crises.update(kept, from: version, notifying: []))
        #expect(try await desk.store.crises.crisis(kept.id) == kept)
      }
      #expect(try await desk.store.crises.answering(limit: 5).isEmpty)
      #expect(try await desk.store.crises.cases(before: nil, limit: 5) == [kept])
      #expect(try await desk.store.crises.cases(before: kept.id, limit: 5).isEmpty)
    }
  }

  @Test func aCauseHasOneOpenCase() async throws {
    try await TestDesk.with { desk in
      let first = try await crisis(.surge, on: desk)
      #expect(try await desk.store.crises.open(first, notifying: []))
      #expect(try await !desk.store.crises.open(crisis(.surge, on: desk), notifying: []))
      #expect(try await desk.store.crises.open(crisis(.anger, on: desk), notifying: []))
      #expect(try await desk.store.crises.openCase(of: .surge) == first)
      #expect(try await desk.store.crises.restingCauses(rest: .seconds(60)) == [.surge, .anger])
      try await desk.run("UPDATE desk.crisis SET ended_at = now() - interval '2 minutes'")
      #expect(try await desk.store.crises.restingCauses(rest: .seconds(60)) == [])
      #expect(try await desk.store.crises.restingCauses(rest: .seconds(600)) == [.surge, .anger])
      #expect(try await desk.store.crises.open(crisis(.surge, on: desk), notifying: []))
    }
  }

  @Test func ofTwoChangesOfOneVersionOneTakesEffect() async throws {
    try await TestDesk.with { desk in
      let opened = try await crisis(.surge, on: desk)
      #expect(try await desk.store.crises.open(opened, notifying: []))
      var policy = Policy.test
      policy.life.crisis = Self.rules
      var (mine, theirs) = (opened, opened)
      let now = try await desk.store.now()
      _ = try mine.handle(.checked(0, isDone: true, by: Self.lead), now: now, under: policy)
      _ = try theirs.handle(.answerSwitched("checking", on: true, by: Self.lead), now: now, under: policy)
      #expect(try await desk.store.crises.update(mine, from: 1, notifying: []))
      #expect(try await !desk.store.crises.update(theirs, from: 1, notifying: []))
      #expect(try await desk.store.crises.crisis(opened.id) == mine)
    }
  }

  @Test func anErasureRemovesExamplesAndMentions() async throws {
    try await TestDesk.with { desk in
      let tickets = try await desk.queued(["cara", "bob"])
      let opened = try await crisis(.surge, examples: tickets.map(\.id), on: desk)
      #expect(try await desk.store.crises.open(opened, notifying: []))
      for ticket in tickets {
        try await desk.run(
          """
          INSERT INTO desk.topic_mention (topic, ticket, angry, at) VALUES ('recall', '\(ticket.id)', false, now());
          INSERT INTO desk.question_group (id, category, signature, first_message, first_ticket, opened_at, last_at)
            VALUES (gen_random_uuid(), 'c', decode(repeat('00', 256), 'hex'), gen_random_uuid(), '\(ticket.id)', now(), now());
          INSERT INTO desk.question_member (ticket, group_id, category, angry, at)
            SELECT first_ticket, id, 'c', false, now() FROM desk.question_group WHERE first_ticket = '\(ticket.id)';
          """)
      }
      _ = try #require(
        try await desk.store.privacy.erase(customer: "cara", of: "web", reason: "asked for it", receipt: "r1"))
      #expect(try await desk.store.crises.crisis(opened.id)?.evidence.examples == [tickets[1].id])
      for table in ["topic_mention", "question_group", "question_member"] {
        #expect(try await desk.number("SELECT count(*) FROM desk.\(table)") == 1, "\(table)")
      }
    }
  }

  /// A process that dies leaves no change of a case without its audit entry: both are one statement.
  @Test func aStepOfAPersonAndItsAuditEntryAreOneTransaction() async throws {
    try await TestDesk.with { desk in
      func noted(_ kind: String) async throws -> [String] {
        try await desk.store.audit.newestAuditEntries(ofKind: kind, limit: 9).map(\.subject)
      }
      let note = CrisisStore.AuditNote("crisis.opened", .object([.init("cause", .text("surge"))]))
      var kept = try await crisis(.surge, on: desk)
      #expect(try await desk.store.crises.open(kept, notifying: [], noting: note))
      #expect(try await !desk.store.crises.open(crisis(.surge, on: desk), notifying: [], noting: note))
      #expect(try await noted("crisis.opened") == [kept.id.description])
      var policy = Policy.test
      policy.life.crisis = Self.rules
      _ = try await kept.handle(.checked(0, isDone: true, by: Self.lead), now: desk.store.now(), under: policy)
      let change = CrisisStore.AuditNote("crisis.changed", .object([]))
      #expect(try await desk.store.crises.update(kept, from: 1, notifying: [], noting: change))
      #expect(try await !desk.store.crises.update(kept, from: 1, notifying: [], noting: change))
      #expect(try await noted("crisis.changed") == [kept.id.description])
      // An entry that is refused takes the change with it.
      let refused = CrisisStore.AuditNote("crisis.changed", .text("no object"))
      let version = kept.version
      _ = try await kept.handle(.checked(0, isDone: false, by: Self.lead), now: desk.store.now(), under: policy)
      await #expect(throws: PostgresError.self) {
        try await desk.store.crises.update(kept, from: version, notifying: [], noting: refused)
      }
      #expect(try await desk.store.crises.crisis(kept.id)?.version == version)
    }
  }

  /// While a case is open its mentions stay, since each ticket counts once; forgetting does not read them.
  @Test func forgettingLeavesTheMentionsOfAnOpenCaseUnread() async throws {
    try await TestDesk.with(connections: 1) { desk in
      #expect(try await desk.store.crises.open(crisis(.words("recall"), on: desk), notifying: []))
      try await desk.run(
        """
        INSERT INTO desk.topic_mention (topic, ticket, angry, at)
        SELECT 'recall', gen_random_uuid(), false, now() - interval '2 hours' FROM generate_series(1, 20000);
        INSERT INTO desk.topic_mention (topic, ticket, angry, at)
        SELECT topic, gen_random_uuid(), false, at
          FROM (VALUES ('fire', now() - interval '2 hours'), ('fire', now()), ('a', now() - interval '2 hours')) AS m(topic, at);
        ANALYZE desk.topic_mention;
        """)
      func read() async throws -> Int64 {
        try await desk.run("SELECT pg_stat_force_next_flush()")
        return try await desk.number(
          """
          SELECT coalesce(idx_tup_fetch, 0) + seq_tup_read FROM pg_stat_user_tables
           WHERE schemaname = 'desk' AND relname = 'topic_mention'
          """)
      }
      let before = try await read()
      try await desk.store.learning.forgetQuestions(groupsAfter: .seconds(28 * 86_400))
      #expect(try await read() - before < 1000)
      #expect(try await desk.number("SELECT count(*) FROM desk.topic_mention WHERE topic <> 'recall'") == 1)
      #expect(try await desk.number("SELECT count(*) FROM desk.topic_mention") == 20_001)
      // The case over, they go in several calls.
      try await desk.run("UPDATE desk.crisis SET ended_at = now()")
      try await desk.store.learning.forgetQuestions(groupsAfter: .seconds(28 * 86_400))
      #expect(
        try await desk.number("SELECT count(*) FROM desk.topic_mention")
          == Int64(20_001 - StoreBounds.questionsForgottenAtOnce))
    }
  }

  @Test func groupsAreForgottenByTheirSizeAndTheirLastMessage() async throws {
    try await TestDesk.with { desk in
      try await desk.run(
        """
        INSERT INTO desk.question_group (id, category, signature, first_message, first_ticket, opened_at, last_at, tickets)
        SELECT gen_random_uuid(), c, decode(repeat('00', 256), 'hex'), gen_random_uuid(), gen_random_uuid(), at, at, tickets
          FROM (VALUES ('young', now(), 1), ('single', now() - interval '2 days', 1), ('large', now() - interval '2 days', 3),
                       ('old', now() - interval '29 days', 3), ('hot', now() - interval '29 days', 3)) AS g(c, at, tickets);
        INSERT INTO desk.hot_issue (category, tickets, expected, examples, group_id)
        SELECT category, 1, 0, '{}', id FROM desk.question_group WHERE category = 'hot';
        """)
      try await desk.store.learning.forgetQuestions(groupsAfter: .seconds(28 * 86_400))
      let kept = try await desk.store.learning.questionGroups(limit: 9).map(\.category)
      #expect(Set(kept) == ["young", "large", "hot"] && kept.count == 3)
    }
  }
}
