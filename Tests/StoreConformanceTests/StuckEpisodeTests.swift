import PostgreSQL
import Store
import Testing

@testable import DeskCore

/// Episodes in which nothing moves in a queue.
@Suite struct StuckEpisodeTests {
  private func seen(_ queue: QueueID, on desk: TestDesk) async throws -> QueueMovement? {
    try await desk.store.matching.movement(of: ["billing", "parcels"], at: try await desk.store.now())
      .first { $0.queue == queue }
  }

  @Test func whatWaitsAndWhatMovesIsSeen() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ann"], capacity: 4)
      let first = try await desk.queued(["1"])[0]
      var second = try await desk.queued(["2"])[0]
      let waiting = try #require(try await seen("billing", on: desk))
      #expect(waiting.waiting == 2 && waiting.oldest == first.id && waiting.oldestSince == first.waitingSince)
      #expect(!waiting.moves && !waiting.isStuck && waiting.lastEndedAt == nil)
      let empty = try #require(try await seen("parcels", on: desk))
      #expect(empty.waiting == 0 && empty.oldest == nil && empty.oldestSince == nil)
      try await desk.take(&second, .offered(try await desk.offer(to: "ann")))
      #expect(try await seen("billing", on: desk)?.moves == true)
      try await desk.store.matching.keepPaces(["parcels": 0.1])
      #expect(try await seen("parcels", on: desk)?.moves == true)
      try await desk.run("UPDATE desk.queue_pace SET measured_at = now() - interval '1 hour'")
      #expect(try await seen("parcels", on: desk)?.moves == false)
    }
  }

  @Test func anEpisodeBeginsAndEndsOnceWithNotices() async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["1"])[0]
      let waiting = try #require(try await seen("billing", on: desk))
      let notice = Notice(
        id: try await desk.fresh(), hook: "h", kind: .queueStuck, ticket: ticket.id, body: .object([]))
      let begun = try #require(
        try await desk.store.matching.beginStuck(waiting, because: .unstaffed, leads: ["eve"], notifying: [notice]))
      #expect(begun.example == ticket.id && begun.waiting == 1 && begun.reason == .unstaffed)
      let other = Notice(
        id: try await desk.fresh(), hook: "h", kind: .queueStuck, ticket: ticket.id, body: .object([]))
      #expect(
        try await desk.store.matching.beginStuck(waiting, because: .standstill, leads: [], notifying: [other]) == nil)
      #expect(try await desk.number("SELECT count(*) FROM desk.outbox") == 1)
      let eve = NoticeReader(agent: "eve", role: .agent)
      #expect(try await desk.store.notices.notices(for: eve, limit: 9).map(\.kind) == ["queue.stuck"])
      #expect(try await seen("billing", on: desk)?.isStuck == true)
      // Also of a queue that is not asked for: it may have left the policy.
      #expect(
        try await desk.store.matching.movement(of: [], at: try await desk.store.now()).map(\.queue) == ["billing"])
      #expect(try await desk.store.matching.endStuck("billing") { _ in [] } != nil)
      #expect(try await desk.store.matching.endStuck("billing") { _ in [] } == nil)
      let ended = try #require(try await seen("billing", on: desk))
      #expect(!ended.isStuck && ended.lastEndedAt != nil)
      #expect(try await desk.store.notices.notices(for: eve, limit: 9).map(\.kind) == ["queue.moves", "queue.stuck"])
    }
  }

  @Test func aFailedDeliveryToTheCustomerReachesTheAgentElseTheLeads() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ann"], capacity: 4)
      let waiting = try await desk.queued(["1"])[0]
      var taken = try await desk.queued(["2"])[0]
      let offer = try await desk.offer(to: "ann")
      try await desk.take(&taken, .offered(offer))
      try await desk.take(&taken, .accepted(offer.id, by: "ann"))
      for (ticket, kind) in [(waiting, "message.replied"), (taken, "callback.promised"), (taken, "ticket.queued")] {
        let notice: NoticeID = try await desk.fresh()
        try await desk.store.outbox.enqueueNotices([
          Notice(
            id: notice, hook: "h", kind: try #require(NoticeKind(rawValue: kind)), ticket: ticket.id, body: .object([]))
        ])
        try await desk.store.outbox.deadLetter(notice, reason: "410")
      }
      let ann = try await desk.store.notices.notices(for: NoticeReader(agent: "ann", role: .agent), limit: 9)
      #expect(ann.map(\.kind) == ["delivery.failed"] && ann.first?.ticket == taken.id)
      let leads = try await desk.store.notices.notices(for: NoticeReader(agent: "eve", role: .lead), limit: 9)
      #expect(leads.map(\.kind) == ["delivery.failed"] && leads.first?.ticket == waiting.id)
    }
  }

  @Test func ticketsOnOfferAreReadOnceForAllQueues() async throws {
    try await TestDesk.with(connections: 1) { desk in
      try await desk.run(
        """
        INSERT INTO desk.ticket (id, state, channel, customer, opened_at, queue, offer_id, offer_agent, offer_expires_at)
        SELECT gen_random_uuid(), 'offered', 'web', 'c' || n, now(), 'busy', gen_random_uuid(), 'a' || n, now() + interval '1 hour'
          FROM generate_series(1, 3000) n;
        ANALYZE desk.ticket;
        """)
      func read() async throws -> Int64 {
        try await desk.run("SELECT pg_stat_force_next_flush()")
        return try await desk.number(
          """
          SELECT coalesce(idx_tup_fetch, 0) + seq_tup_read FROM pg_stat_user_tables WHERE schemaname = 'desk' AND relname = 'ticket'
          """)
      }
      let before = try await read()
      let queues = (0..<20).map { QueueID("idle-\($0)") } + ["busy"]
      let seen = try await desk.store.matching.movement(of: queues, at: desk.store.now())
      #expect(seen.filter(\.moves).map(\.queue) == ["busy"] && seen.count == 21)
      #expect(try await read() - before < 15_000)
    }
  }
}
