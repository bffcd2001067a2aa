import Store
import Testing

@testable import DeskCore

/// The outbox and the dead letters.
@Suite struct DeliveryTests {
  /// A ticket and as many deliveries to `hook`.
  private func enqueueNotices(_ count: Int, to hook: HookID, _ desk: some DeskFixture) async throws -> (
    Ticket, [NoticeID]
  ) {
    var ticket = try await desk.queued(["ann"])[0]
    var notices: [Notice] = []
    for number in 0..<count {
      notices.append(
        Notice(
          id: try await desk.fresh(), hook: hook, kind: .customerWrote, ticket: ticket.id,
          body: .object([.init("number", .integer(Int64(number)))])))
    }
    let step = try await desk.step(&ticket, .customerWrote(try await desk.fresh(), .test), notices: notices)
    #expect(try await desk.narrow.tickets.commit([step]) == [ticket.id])
    return (ticket, notices.map(\.id))
  }

  @Test(arguments: StoreKind.allCases) func claimedDeliveriesBecomeAvailableAfterTheClaimExpires(on kind: StoreKind)
    async throws
  {
    try await StoreUnderTest.with(kind) { desk in
      let (ticket, ids) = try await enqueueNotices(3, to: "crm", desk)
      let one = try await desk.fresh(ServiceInstance.self)
      #expect(
        try await desk.store.outbox.claimNotices(for: "other", by: one, limit: 9, claimTime: .seconds(60)).count == 0)
      let first = try await desk.store.outbox.claimNotices(for: "crm", by: one, limit: 2, claimTime: .seconds(60))
      let second = try await desk.store.outbox.claimNotices(for: "crm", by: one, limit: 9, claimTime: .seconds(60))
      #expect(first.count == 2 && Set((first + second).map(\.id)) == Set(ids))
      #expect(first[0].ticket == ticket.id && first[0].attempts == 0 && first[0].hook == "crm")
      #expect(
        try await desk.store.outbox.claimNotices(for: "crm", by: one, limit: 9, claimTime: .seconds(60)).count == 0)
      try await desk.store.outbox.delivered([ids[0]])
      try await desk.pass(.seconds(60))
      let again = try await desk.store.outbox.claimNotices(for: "crm", by: one, limit: 9, claimTime: .seconds(60))
      #expect(Set(again.map(\.id)) == Set(ids[1...]))
      try await desk.store.outbox.delivered([ids[1]])
      #expect(try await desk.count(of: .outbox) == 1)
      #expect(try await desk.store.outbox.hooksWithPendingDeliveries() == ["crm"])
    }
  }

  @Test(arguments: StoreKind.allCases) func aFailedDeliveryIsPostponed(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let (_, ids) = try await enqueueNotices(1, to: "crm", desk)
      let one = try await desk.fresh(ServiceInstance.self)
      try await desk.store.outbox.postpone(ids[0], by: .seconds(3600), error: "status 500")
      #expect(
        try await desk.store.outbox.claimNotices(for: "crm", by: one, limit: 9, claimTime: .seconds(60)).count == 0)
      try await desk.store.outbox.postpone(ids[0], by: .zero, error: "status 500")
      let claimed = try await desk.store.outbox.claimNotices(for: "crm", by: one, limit: 9, claimTime: .seconds(60))
      #expect(claimed.map(\.attempts) == [2])
    }
  }

  @Test(arguments: StoreKind.allCases) func aDeadDeliveryCanBeReplayedUnderItsId(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let (_, ids) = try await enqueueNotices(1, to: "crm", desk)
      let one = try await desk.fresh(ServiceInstance.self)
      let before = try await desk.store.outbox.claimNotices(for: "crm", by: one, limit: 9, claimTime: .zero)
      try await desk.store.outbox.deadLetter(ids[0], reason: "gave up")
      #expect(try await desk.count(of: .outbox) == 0)
      let letter = try #require(try await desk.store.outbox.deadLetters(includingReplayed: false, limit: 9).first)
      #expect(letter.kind == "notice" && letter.hook == "crm" && letter.reason == "gave up" && letter.replayedAt == nil)
      #expect(try await desk.store.outbox.deadLetterCount() == 1)
      let fresh = try await desk.fresh(Ticket.self)
      let replayed = try await desk.store.outbox.replay(letter.id, freshTicket: fresh)
      let again = try await desk.store.outbox.replay(letter.id, freshTicket: fresh)
      #expect(replayed && !again)
      let after = try await desk.store.outbox.claimNotices(for: "crm", by: one, limit: 9, claimTime: .zero)
      #expect(after.map(\.id) == before.map(\.id) && after.map(\.body) == before.map(\.body))
      #expect(after.map(\.kind) == before.map(\.kind) && after.map(\.createdAt) == before.map(\.createdAt))
      #expect(try await desk.store.outbox.deadLetterCount() == 0)
      #expect(try await desk.store.outbox.deadLetters(includingReplayed: true, limit: 9).count == 1)
      // As a dead letter for the second time it waits again.
      try await desk.store.outbox.deadLetter(ids[0], reason: "gave up again")
      #expect(try await desk.store.outbox.deadLetterCount() == 1)
    }
  }

  @Test func hooksCanBePausedAndResumed() async throws {
    try await TestDesk.with { desk in
      #expect(try await desk.store.hooks.pauseHook("crm", reason: "410"))
      let again = try await desk.store.hooks.pauseHook("crm", reason: "another")
      #expect(!again)
      try await desk.store.hooks.pauseHook("erp", reason: nil)
      #expect(try await desk.store.hooks.resumeHook("erp", reason: nil))
      let twice = try await desk.store.hooks.resumeHook("erp", reason: nil)
      #expect(!twice)
      #expect(try await desk.store.hooks.pausedHooks() == ["crm"])
      let paused = try #require(await desk.store.hooks.hookStates().first { $0.pausedAt != nil })
      #expect(paused.hook == "crm" && paused.pauseReason == "410")
      let now = try await desk.store.now()
      #expect(try #require(paused.pausedAt) <= now)
      // The audit records pauses and their ends, but not failures or holds of a hook.
      try await desk.store.hooks.noteHold(of: "crm", reason: "r")
      try await desk.store.hooks.noteHold(of: "shop", reason: "r")
      #expect(try await desk.store.audit.newestAuditEntries(ofKind: "hook.disabled", limit: 9).count == 2)
      #expect(try await desk.store.audit.newestAuditEntries(ofKind: "hook.enabled", limit: 9).count == 1)
    }
  }

  @Test func aHookIsFailingUntilItsNextDelivery() async throws {
    try await TestDesk.with { desk in
      let (_, ids) = try await enqueueNotices(3, to: "crm", desk)
      for id in ids { try await desk.store.outbox.postpone(id, by: .zero, error: "status \(id == ids[2] ? 503 : 500)") }
      let failing = try #require(await desk.store.hooks.hookStates().first)
      #expect(failing.failures == 3 && failing.lastError == "status 503" && failing.failingSince != nil)
      #expect(try await desk.store.hooks.noteNoticed("crm", sending: [], body: .object([])))
      try await desk.store.outbox.delivered([ids[0]])
      #expect(try await desk.store.hooks.hookStates() == [HookState(hook: "crm")])
    }
  }

  @Test func aHookFailureNoticeIsSentOnce() async throws {
    try await TestDesk.with { desk in
      let (ticket, ids) = try await enqueueNotices(1, to: "crm", desk)
      try await desk.store.outbox.postpone(ids[0], by: .seconds(60), error: "status 500")
      for attempt in 1...2 {
        let notices = [(id: try await desk.fresh(Notice.self), hook: HookID("ops"))]
        let noted = try await desk.store.hooks.noteNoticed(
          "crm", sending: notices, body: .object([.init("n", .integer(1))]))
        #expect(noted == (attempt == 1))
      }
      let sent = try await desk.store.outbox.claimNotices(for: "ops", by: desk.fresh(), limit: 9, claimTime: .zero)
      #expect(sent.map(\.ticket) == [ticket.id] && sent.map(\.kind) == ["hook.failing"])
    }
  }

  @Test func pendingDeliveriesResumeRateLimitedWithAFreshSchedule() async throws {
    try await TestDesk.with { desk in
      let (_, ids) = try await enqueueNotices(6, to: "crm", desk)
      for id in ids.dropLast() { try await desk.store.outbox.postpone(id, by: .seconds(86_400), error: "status 500") }
      let claimer = try await desk.fresh(ServiceInstance.self)
      #expect(
        try await desk.store.outbox.claimNotices(for: "crm", by: claimer, limit: 9, claimTime: .seconds(60)).count == 1)
      #expect(try await desk.store.hooks.hastenAll("crm", perSecond: 1) == 5)
      #expect(
        try await desk.number(
          "SELECT count(*) FROM desk.outbox WHERE attempts = 0 AND claimed_by IS NULL AND next_attempt_at < now() + interval '6 s'"
        ) == 5)
      #expect(
        try await desk.number(
          "SELECT round(extract(epoch FROM max(next_attempt_at) - min(next_attempt_at)))::bigint FROM desk.outbox WHERE claimed_by IS NULL"
        ) == 4)
    }
  }

  @Test func aClaimReadsOnlyDueDeliveries() async throws {
    // One connection, so that its counters are all that is counted.
    try await TestDesk.with(connections: 1) { desk in
      try await desk.run(
        """
        INSERT INTO desk.outbox (id, hook, kind, ticket_id, body, created_at, next_attempt_at)
        SELECT gen_random_uuid(), CASE WHEN n % 2 = 0 THEN 'crm' ELSE 'erp' END, 'k', gen_random_uuid(), '{}', now(),
               now() + interval '1 hour' FROM generate_series(1, 20000) n;
        UPDATE desk.outbox SET next_attempt_at = now() - interval '1 s'
         WHERE id IN (SELECT id FROM desk.outbox WHERE hook = 'crm' LIMIT 3);
        ANALYZE desk.outbox;
        """)
      let claimer = try await desk.fresh(ServiceInstance.self)
      let before = try await rowsRead(desk)
      #expect(
        try await desk.store.outbox.claimNotices(for: "crm", by: claimer, limit: 64, claimTime: .seconds(60)).count == 3
      )
      #expect(
        try await desk.store.outbox.claimNotices(for: "crm", by: claimer, limit: 64, claimTime: .seconds(60)).isEmpty)
      #expect(try await desk.store.outbox.hooksWithPendingDeliveries() == ["crm", "erp"])
      // The due ones are read a few times each: found, locked, changed.
      #expect(try await rowsRead(desk) - before < 100)
    }
  }

  @Test(arguments: StoreKind.allCases) func onlyLongDueDeliveriesAreClaimedAsOverdue(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let (_, ids) = try await enqueueNotices(2, to: "crm", desk)
      try await desk.store.outbox.release(ids[1])
      try await desk.pass(.seconds(3600))
      try await desk.store.outbox.release(ids[0])
      let claimer = try await desk.fresh(ServiceInstance.self)
      let overdue = try await desk.store.outbox.claimNotices(
        for: "crm", by: claimer, limit: 9, claimTime: .seconds(60), overdue: .seconds(3600))
      #expect(overdue.map(\.id) == [ids[1]])
      try await desk.store.outbox.release(ids[1])
      let due = try await desk.store.outbox.claimNotices(for: "crm", by: claimer, limit: 9, claimTime: .seconds(60))
      #expect(Set(due.map(\.id)) == Set(ids) && due.allSatisfy { $0.attempts == 0 })
    }
  }

  @Test func deadDeliveriesAreReplayedRateLimitedAndOnce() async throws {
    try await TestDesk.with { desk in
      let (ticket, ids) = try await enqueueNotices(4, to: "crm", desk)
      for id in ids { try await desk.store.outbox.deadLetter(id, reason: "gave up") }
      try await desk.run(
        """
        UPDATE desk.dead_letter SET failed_at = now() - interval '3 hours' WHERE id = '\(ids[0])';
        UPDATE desk.dead_letter SET hook = 'erp' WHERE id = '\(ids[1])';
        """)
      func waiting(_ change: (inout DeadLetterFilter) -> Void) async throws -> Int64 {
        var filter = DeadLetterFilter()
        change(&filter)
        return try await desk.store.outbox.deadLetterCount(filter)
      }
      let now = try await desk.store.now()
      #expect(try await waiting { $0.hook = "crm" } == 3)
      #expect(try await waiting { $0.kind = "notice" } == 4)
      #expect(try await waiting { $0.kind = "message.received" } == 4)
      #expect(try await waiting { $0.kind = "message" } == 0)
      #expect(try await waiting { $0.ticket = ticket.id } == 4)
      #expect(try await waiting { $0.since = now - .seconds(3600) } == 3)
      #expect(try await waiting { $0.until = now - .seconds(3600) } == 1)
      var filter = DeadLetterFilter()
      filter.hook = "crm"
      filter.since = now - .seconds(3600)
      // Two concurrent replays replay each once.
      let chosen = filter
      async let one = desk.store.outbox.replayDeliveries(chosen, startingIn: .zero, perSecond: 1)
      async let other = desk.store.outbox.replayDeliveries(chosen, startingIn: .zero, perSecond: 1)
      let counts = try await (one, other)
      #expect(counts.0 + counts.1 == 2)
      #expect(try await desk.number("SELECT count(*) FROM desk.outbox") == 2)
      #expect(
        try await desk.number(
          "SELECT count(*) FROM desk.outbox WHERE id IN ('\(ids[2])', '\(ids[3])') AND attempts = 0") == 2)
      #expect(try await desk.store.outbox.replayDeliveries(filter, startingIn: .zero, perSecond: 1) == 0)
      #expect(try await desk.store.outbox.deadLetterCount() == 2)
      filter = DeadLetterFilter()
      #expect(try await desk.store.outbox.replayDeliveries(filter, startingIn: .seconds(100), perSecond: 1) == 2)
      #expect(
        try await desk.number(
          "SELECT round(extract(epoch FROM max(next_attempt_at) - now()))::bigint FROM desk.outbox") > 98)
    }
  }

  /// Rows of the outbox that this session's statements have read so far.
  private func rowsRead(_ desk: TestDesk) async throws -> Int64 {
    try await desk.run("SELECT pg_stat_force_next_flush()")
    return try await desk.number(
      "SELECT coalesce(idx_tup_fetch, 0) + seq_tup_read FROM pg_stat_user_tables WHERE relid = 'desk.outbox'::regclass")
  }

  @Test(arguments: StoreKind.allCases) func aDeadLetterReturnsToItsOpenTicket(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let ticket = try await desk.queued(["ann"])[0]
      let message = try #require(try await desk.store.inbox.accept([desk.message("2")], owner: nil)[0].acceptance)
        .message
      try await desk.store.outbox.deadLetter(message, reason: "poison")
      #expect(try await desk.balance()?.lost == 0)
      #expect(try await desk.store.tickets.tickets([ticket.id])[ticket.id]?.version == 3)
      let replayed = try await desk.store.outbox.replay(message.of(DeadLetter.self), freshTicket: desk.fresh())
      #expect(replayed)
      let back = try await desk.store.inbox.claimUnlabelled(olderThan: .zero, limit: 9)
      #expect(back.map(\.id) == [message] && back[0].ticket == ticket.id && !back[0].opensTicket)
    }
  }

  @Test(arguments: StoreKind.allCases) func aRejectedMessageReturnsOnANewTicket(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let accepted = try await desk.accept(from: ["ann"])[0]
      var ticket = try #require(try await desk.store.tickets.tickets([accepted.ticket])[accepted.ticket])
      try await desk.take(&ticket, .rejected(reason: "poison"), decides: [accepted.message])
      let fresh = try await desk.fresh(Ticket.self)
      let replayed = try await desk.store.outbox.replay(accepted.message.of(DeadLetter.self), freshTicket: fresh)
      #expect(replayed)
      let back = try await desk.store.inbox.claimUnlabelled(olderThan: .zero, limit: 9)
      #expect(back.map(\.ticket) == [fresh] && back[0].opensTicket && back[0].body == "words of first of ann")
      #expect(try await desk.store.conversations.message(accepted.message)?.ticket == fresh)
      var next = try #require(try await desk.store.tickets.tickets([fresh])[fresh])
      let routed = try await desk.take(&next, .routed(.test(accepted.message)), decides: [accepted.message])
      #expect(routed)
      let balance = try #require(try await desk.balance())
      #expect(balance.lost == 0 && balance.decidedTwice == 0)
    }
  }
}
