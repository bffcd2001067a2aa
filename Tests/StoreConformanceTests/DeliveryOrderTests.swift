import DeskCore
import Testing

@testable import Store

/// The order of what a customer is sent, and the end of an outage.
@Suite struct DeliveryOrderTests {
  /// Deliveries of a new ticket, each from a separate step, as replies are.
  private func enqueueReplies(
    _ kinds: [NoticeKind], of customer: String, to hook: HookID = "chat", _ desk: some DeskFixture
  ) async throws -> [NoticeID] {
    var ticket = try await desk.queued([customer])[0]
    var ids: [NoticeID] = []
    for kind in kinds {
      let id: NoticeID = try await IdentifierSource.process.next(
        at: desk.narrow.now(), tail: desk.fresh(Notice.self).low)
      let notice = Notice(id: id, hook: hook, kind: kind, ticket: ticket.id, body: .object([]))
      let step = try await desk.step(&ticket, .customerWrote(try await desk.fresh(), .test), notices: [notice])
      #expect(try await desk.narrow.tickets.commit([step]) == [ticket.id])
      ids.append(notice.id)
    }
    return ids
  }

  private func claim(_ desk: some DeskFixture, hook: HookID = "chat", limit: Int = 9) async throws -> Set<NoticeID> {
    Set(
      try await desk.narrow.outbox.claimNotices(
        for: hook, by: desk.fresh(), limit: limit, claimTime: .seconds(60)
      ).map(\.id))
  }

  @Test(arguments: StoreKind.allCases) func aLaterReplyDoesNotOvertakeAnEarlierOne(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let ann = try await enqueueReplies([.messageReplied, .messageReplied, .confirmationAsked], of: "ann", desk)
      let bob = try await enqueueReplies([.messageReplied], of: "bob", desk)
      // One reply of each conversation is in progress; the claimed ones still block those after them.
      #expect(try await claim(desk) == [ann[0], bob[0]])
      #expect(try await claim(desk).isEmpty)
      // Waiting for a retry.
      try await desk.store.outbox.postpone(ann[0], by: .seconds(3_600), error: "status 500")
      #expect(try await claim(desk).isEmpty)
      try await desk.store.outbox.postpone(ann[0], by: .zero, error: "status 500")
      #expect(try await claim(desk) == [ann[0]])
      try await desk.store.outbox.delivered([ann[0]])
      #expect(try await claim(desk) == [ann[1]])
      // A dead letter blocks nothing.
      try await desk.store.outbox.deadLetter(ann[1], reason: "gave up")
      #expect(try await claim(desk) == [ann[2]])
    }
  }

  @Test(arguments: StoreKind.allCases) func aReplayedReplyGoesBeforeLaterOnes(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let ids = try await enqueueReplies([.messageReplied, .messageReplied], of: "ann", desk)
      try await desk.store.outbox.deadLetter(ids[0], reason: "gave up")
      #expect(try await desk.store.outbox.replay(ids[0].of(DeadLetter.self), freshTicket: desk.fresh()))
      #expect(try await claim(desk) == [ids[0]])
    }
  }

  @Test(arguments: StoreKind.allCases) func orderBindsOnlyRepliesOfOneTicketToOneHook(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let news = try await enqueueReplies([.messageReplied, .ticketAssigned, .ticketResolved], of: "ann", desk)
      try await desk.store.outbox.postpone(news[0], by: .seconds(3_600), error: "status 500")
      #expect(try await claim(desk) == [news[1], news[2]])
      _ = try await enqueueReplies([.messageReplied], of: "bob", desk)
      #expect(try await claim(desk).count == 1)
      let other = try await enqueueReplies([.messageReplied], of: "cyn", to: "crm", desk)
      #expect(try await claim(desk, hook: "crm") == Set(other))
    }
  }

  @Test(arguments: StoreKind.allCases) func deliveriesToBuryAreClaimedWithoutOrder(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let ids = try await enqueueReplies([.messageReplied, .messageReplied, .messageReplied], of: "ann", desk)
      let claimed = try await desk.store.outbox.claimNotices(
        for: "chat", by: desk.fresh(), limit: 9, claimTime: .seconds(60), overdue: .zero, keepingOrder: false)
      #expect(Set(claimed.map(\.id)) == Set(ids))
    }
  }

  @Test(arguments: StoreKind.allCases) func theEndOfAnOutageNamesItsFailures(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let ids = try await enqueueReplies([.ticketAssigned, .ticketAssigned, .ticketAssigned], of: "ann", desk)
      #expect(try await desk.store.outbox.delivered([ids[0]]) == 0)
      for _ in 0..<3 { try await desk.store.outbox.postpone(ids[1], by: .zero, error: "status 500") }
      #expect(try await desk.store.outbox.delivered([ids[1]]) == 3)
      #expect(try await desk.store.outbox.delivered([ids[2]]) == 0)
    }
  }

  @Test func waitingRetriesAreBroughtForwardInOrder() async throws {
    try await TestDesk.with { desk in
      var ids: [NoticeID] = []
      for customer in ["ann", "bob", "cyn", "dan", "eve"] {
        ids += try await enqueueReplies([.messageReplied], of: customer, desk)
      }
      for id in ids.prefix(3) {
        for _ in 0..<2 { try await desk.store.outbox.postpone(id, by: .seconds(7_200), error: "status 500") }
      }
      // Not a retry, and a retry that is nearer than its turn.
      try await desk.run("UPDATE desk.outbox SET next_attempt_at = now() + interval '1 hour' WHERE id = '\(ids[3])'")
      try await desk.store.outbox.postpone(ids[4], by: .seconds(30), error: "status 500")
      let woken = try await desk.store.outbox.wakeRetries(
        of: "chat", after: nil, startingIn: .seconds(60), perSecond: 1)
      #expect(woken?.count == 4 && woken?.last == ids.max())
      func count(_ condition: String) async throws -> Int64 {
        try await desk.number("SELECT count(*) FROM desk.outbox WHERE \(condition)")
      }
      // The attempt that is brought forward is not counted.
      #expect(try await count("id IN ('\(ids[0])', '\(ids[1])', '\(ids[2])') AND attempts = 1") == 3)
      #expect(try await count("next_attempt_at > now() + interval '50 minutes'") == 1)
      #expect(try await count("id = '\(ids[4])' AND next_attempt_at <= now() + interval '30 s'") == 1)
      // In order, each within its second.
      #expect(
        try await desk.number(
          """
          SELECT count(*) FROM (
            SELECT next_attempt_at > lag(next_attempt_at) OVER (ORDER BY id) AS is_later FROM desk.outbox
             WHERE id IN ('\(ids[0])', '\(ids[1])', '\(ids[2])')) t WHERE is_later
          """) == 2)
      let none = try await desk.store.outbox.wakeRetries(of: "other", after: nil, startingIn: .zero, perSecond: 1)
      #expect(none?.count == nil)
    }
  }

  /// Else two deliveries that always fail would wake each other at every success between them, and never use up their schedules.
  @Test func aRetryIsBroughtForwardAtMostThreeTimesInItsLife() async throws {
    try await TestDesk.with { desk in
      let id = try await enqueueReplies([.messageReplied], of: "ann", desk)[0]
      func attempts() async throws -> Int64 { try await desk.number("SELECT attempts FROM desk.outbox") }
      try await desk.store.outbox.postpone(id, by: .seconds(7_200), error: "status 500")
      for _ in 0..<StoreBounds.wakesPerDelivery {
        #expect(try await desk.store.outbox.wakeAllRetries(of: "chat", perSecond: 50) == 1)
        #expect(try await attempts() == 0)
        try await desk.store.outbox.postpone(id, by: .seconds(7_200), error: "status 500")
      }
      #expect(try await desk.store.outbox.wakeAllRetries(of: "chat", perSecond: 50) == 0)
      #expect(try await attempts() == 1)
      // A person who resumes the hook starts the schedule, and the count, again.
      #expect(try await desk.store.hooks.hastenAll("chat", perSecond: 50) == 1)
      try await desk.store.outbox.postpone(id, by: .seconds(7_200), error: "status 500")
      #expect(try await desk.store.outbox.wakeAllRetries(of: "chat", perSecond: 50) == 1)
    }
  }

  @Test func anAttemptIsGivenBackOnlyWhereItIsBroughtForward() async throws {
    try await TestDesk.with { desk in
      let id = try await enqueueReplies([.messageReplied], of: "ann", desk)[0]
      try await desk.store.outbox.postpone(id, by: .seconds(30), error: "status 500")
      let batch = try await desk.store.outbox.wakeRetries(
        of: "chat", after: nil, startingIn: .seconds(60), perSecond: 1)
      #expect(batch?.count == 1 && batch?.last == id)
      #expect(try await desk.number("SELECT attempts FROM desk.outbox") == 1)
    }
  }

  @Test func aClaimFindsEarlierRepliesByIndex() async throws {
    // One connection, so that its counters are all that is counted.
    try await TestDesk.with(connections: 1) { desk in
      try await desk.run(
        """
        INSERT INTO desk.outbox (id, hook, kind, ticket_id, body, created_at, next_attempt_at)
        SELECT gen_random_uuid(), 'chat', 'message.replied', gen_random_uuid(), '{}', now(), now() + interval '1 hour'
          FROM generate_series(1, 20000) n;
        UPDATE desk.outbox SET next_attempt_at = now() - interval '1 s'
         WHERE id IN (SELECT id FROM desk.outbox LIMIT 3);
        ANALYZE desk.outbox;
        """)
      func rowsRead() async throws -> Int64 {
        try await desk.run("SELECT pg_stat_force_next_flush()")
        return try await desk.number(
          "SELECT coalesce(idx_tup_fetch, 0) + seq_tup_read FROM pg_stat_user_tables WHERE relid = 'desk.outbox'::regclass"
        )
      }
      let before = try await rowsRead()
      #expect(try await claim(desk, limit: 64).count == 3)
      #expect(try await rowsRead() - before < 100)
    }
  }
}
