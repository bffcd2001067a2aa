import PostgreSQL
import Store
import Testing

@testable import DeskCore

/// What the wallboard counts.
@Suite struct WallboardFigureTests {
  @Test func messagesAndRepliesAreCountedByQueueAndInterval() async throws {
    try await TestDesk.with { desk in
      let tickets = try await desk.queued(["cara", "dora"])
      let second = try await desk.queued(["emil"], queue: "orders")
      try await desk.run(
        """
        DELETE FROM desk.message;
        INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at)
        SELECT desk.uuid_floor(timestamptz '2026-03-02 10:00Z' + minutes * interval '1 minute'), ticket::uuid, direction, 'web', author, 'x', now()
          FROM (VALUES (-1, '\(tickets[0].id)', 1, 'cara'), (0, '\(tickets[0].id)', 1, 'cara'), (9, '\(tickets[1].id)', 1, 'dora'),
                       (8, '\(tickets[1].id)', 2, 'ann'), (7, '\(tickets[1].id)', 2, 'article:parcels'), (6, '\(tickets[1].id)', 3, 'ann'),
                       (12, '\(second[0].id)', 1, 'emil'), (13, '\(second[0].id)', 2, 'bob'), (20, '\(second[0].id)', 2, 'bob'),
                       (5, '00000000-0000-7000-8000-000000000000', 1, 'not decided')) AS m(minutes, ticket, direction, author)
        """)
      let start = Instant(seconds: 1_772_445_600)  // 2026-03-02 10:00 UTC
      let found = try await desk.store.reports.flow(
        from: [start, start + .seconds(600)], to: start + .seconds(1200))
      func line(_ queue: QueueID, _ interval: Int) -> [Int64]? {
        found.first { $0.queue == queue && $0.interval == interval }.map { [$0.arrivals, $0.answers] }
      }
      #expect(found.count == 2)
      #expect(line("billing", 0) == [2, 1], "what the desk sends by itself, notes and earlier messages do not count")
      #expect(line("orders", 1) == [1, 1], "the end is not included")
    }
  }

  @Test func keptAndBreachedTargetsAreCountedForTheDaysTickets() async throws {
    try await TestDesk.with { desk in
      let now = try await desk.store.now()
      _ = try await desk.queued(["late"], targets: .test(from: now - .seconds(120)))
      _ = try await desk.queued(["in time"], targets: .test(from: now))
      _ = try await desk.queued(["without"], queue: "orders")
      let kept = try await desk.store.reports.keptPromises(from: now - .seconds(3600), to: now + .seconds(60))
      #expect(kept.map(\.queue) == ["billing", "orders"])
      // The first response is breached, the resolution is not due; nothing was met yet.
      #expect(
        kept.first.map { [$0.met, $0.breached] } == [0, 1] && kept.last.map { [$0.met, $0.breached] } == [0, 0])
      #expect(try await desk.store.reports.keptPromises(from: now + .seconds(3600), to: now + .seconds(7200)).isEmpty)
    }
  }

  @Test func holdingsPacesAndStuckQueuesAreListed() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ann"], capacity: 4)
      var ticket = try await desk.queued(["cara"])[0]
      _ = try await desk.queued(["dora"])
      let offer = try await desk.offer(to: "ann")
      #expect(try await desk.take(&ticket, .offered(offer)))
      #expect(try await desk.store.reports.holdings() == [], "an offer is not a holding")
      #expect(try await desk.take(&ticket, .accepted(offer.id, by: "ann")))
      #expect(
        try await desk.store.reports.holdings().map { [$0.ticket.description, $0.agent.rawValue, $0.queue?.rawValue] }
          == [[ticket.id.description, "ann", "billing"]])
      try await desk.store.matching.keepPaces(["billing": 0.5, "old": 1])
      try await desk.run("UPDATE desk.queue_pace SET measured_at = now() - interval '1 hour' WHERE queue = 'old'")
      #expect(try await desk.store.matching.paces() == ["billing": 0.5])
      #expect(try await desk.store.matching.stuckQueues() == [])
    }
  }
}
