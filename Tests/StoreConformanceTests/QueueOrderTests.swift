import PostgreSQL
import Testing

@testable import DeskCore
@testable import Store

/// The store's read order is the desk's service order.
@Suite struct QueueOrderTests {
  /// The defaults, none, and some larger than the targets.
  private static let someHeadStarts = [
    HeadStarts(), HeadStarts(high: .zero, vip: .zero, keyAccount: .zero),
    HeadStarts(high: .seconds(86_400), vip: .seconds(1_500), keyAccount: .milliseconds(1_500)),
  ]

  /// Inserts tickets of all classes, tiers and times directly into the table: some late, some without a target, some answered that
  /// wait for the next answer or to be settled, and some with stopped clocks.
  private func fill(_ desk: TestDesk, _ count: Int) async throws {
    try await desk.run(
      """
      SELECT setseed(0.25);
      INSERT INTO desk.ticket (id, channel, customer, opened_at, state, queue, waiting_queue, priority, tier, rank, waiting_since,
                               first_due_at, first_met_at, first_paused_at, resolution_due_at, resolution_met_at, resolution_notified,
                               service_level, clock_state)
      SELECT gen_random_uuid(), 'web', 'customer ' || n, since, 'queued', 'billing', 'billing', priority, tier,
             priority * 4 + array_position(ARRAY['key_account', 'vip', 'standard'], tier) - 1, since,
             CASE WHEN n % 4 > 0 THEN since + promise END, CASE WHEN n % 3 = 0 THEN since END,
             CASE WHEN n % 31 = 0 THEN since END, CASE WHEN n % 5 > 0 THEN since + 0.8 * promise + interval '0.123457 seconds' END,
             CASE WHEN n % 37 = 0 THEN since END, CASE WHEN n % 7 = 0 THEN 100 ELSE 0 END, 'standard',
             CASE WHEN n % 3 = 0 AND n % 11 > 4 THEN jsonb_strip_nulls(jsonb_build_object(
               'next_due_us', (extract(epoch FROM since + 0.6 * promise) * 1000000)::bigint,
               'next_since_us', (extract(epoch FROM since) * 1000000)::bigint,
               'next_met_us', CASE WHEN n % 11 = 5 THEN (extract(epoch FROM since) * 1000000)::bigint END,
               'next_paused_us', CASE WHEN n % 11 = 6 THEN (extract(epoch FROM since) * 1000000)::bigint END)) END
        FROM (SELECT n, 1 + n % 4 AS priority, (ARRAY['standard', 'vip', 'key_account'])[1 + n % 3] AS tier,
                     now() - make_interval(secs => floor(random() * 3000)) AS since,
                     make_interval(secs => floor(random() * 4000)) AS promise
                FROM generate_series(1, \(count)) n) AS made;
      INSERT INTO desk.customer (channel, external_id, dedicated_agent) VALUES ('web', 'customer 5', 'own');
      """)
  }

  /// Tickets of all classes and tiers, some without targets, read while some are in time and later when more are late.
  @Test(arguments: StoreKind.allCases) func everyStoreOrdersTheQueueAlike(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      var random = SeededGenerator(seed: 16)
      for (tier, customer) in zip(CustomerTier.allCases, ["standard", "vip", "key"]) {
        for number in 0..<40 { try await desk.setCustomer("\(customer) \(number)", tier: tier) }
      }
      let customers = (0..<120).map { "\(["standard", "vip", "key"][$0 % 3]) \($0 / 3)" }
      let accepted = try await desk.accept(from: customers)
      let found = try await desk.store.tickets.tickets(accepted.map(\.ticket))
      let now = try await desk.store.now()
      var steps: [TicketStep] = []
      for (number, acceptance) in accepted.enumerated() {
        var ticket = try #require(found[acceptance.ticket])
        var decision = RoutingDecision.test(acceptance.message)
        let targets: ServiceLevelTargets =
          number % 7 == 0 ? .none : .test(from: now + .seconds(Int.random(in: -900...900, using: &random)))
        decision = RoutingDecision(
          queue: "billing", priority: Priority.allCases[number % 4], skills: decision.skills, weight: 1, labels: .test,
          needsTriage: number % 11 == 0, targets: targets, rule: nil, policyVersion: 1, message: acceptance.message)
        steps.append(try await desk.step(&ticket, .routed(decision), at: now, decides: [acceptance.message]))
      }
      #expect(try await desk.store.tickets.commit(steps).count == 120)
      for moment in [now, now + .seconds(400), now + .seconds(5_000)] {
        for headStarts in Self.someHeadStarts {
          let all = try await desk.store.matching.waitingTickets(
            in: "billing", at: moment, headStarts: headStarts, limit: 1_000)
          #expect(all.count == 120 && all == all.inQueueOrder(headStarts: headStarts, now: moment))
          let overdue = all.filter { QueueRank($0, headStarts: headStarts, now: moment).band == .late }
            .sorted { ($0.dueAt ?? $0.waitingSince, $0.id) < ($1.dueAt ?? $1.waitingSince, $1.id) }
          for limit in [1, 7, 60] {
            let first = try await desk.store.matching.waitingTickets(
              in: "billing", at: moment, headStarts: headStarts, limit: limit)
            #expect(first.prefix(limit).map(\.id) == all.prefix(limit).map(\.id))
            #expect(
              Set(first.map(\.id))
                == Set((all.prefix(limit) + overdue.prefix(StoreBounds.overdueTicketsPerMatching)).map(\.id)))
          }
        }
      }
    }
  }

  @Test func storeAndDeskOrderTheQueueAlike() async throws {
    try await TestDesk.with { desk in
      try await fill(desk, 400)
      let now = try await desk.store.now()
      var orders: Set<[TicketID]> = []
      for headStarts in Self.someHeadStarts {
        let all = try await desk.store.matching.waitingTickets(
          in: "billing", at: now, headStarts: headStarts, limit: 1_000)
        orders.insert(all.map(\.id))
        #expect(all.count == 400)
        #expect(all.count { $0.dedicatedAgent == "own" } == 1)
        #expect(all == all.inQueueOrder(headStarts: headStarts, now: now))
        let tickets = try await desk.store.tickets.tickets(all.map(\.id))
        for waiting in all { #expect(waiting.dueAt == tickets[waiting.id]?.clocks.nearestDueAt) }
        #expect(Set(all.map { $0.dueAt == nil }).count == 2)
        let overdue = all.filter { QueueRank($0, headStarts: headStarts, now: now).band == .late }
          .sorted { ($0.dueAt ?? $0.waitingSince) < ($1.dueAt ?? $1.waitingSince) }
        for limit in [1, 7, 60, 250] {
          let first = try await desk.store.matching.waitingTickets(
            in: "billing", at: now, headStarts: headStarts, limit: limit)
          #expect(Array(first.prefix(limit)).map(\.id) == all.prefix(limit).map(\.id), "the first \(limit)")
          #expect(Set(overdue.prefix(8).map(\.id)).isSubset(of: first.map(\.id)), "the most overdue may get their turn")
          #expect(first.count <= limit + StoreBounds.overdueTicketsPerMatching)
        }
      }
      #expect(orders.count == Self.someHeadStarts.count, "each changes the order")
    }
  }

  /// On a weekend everything is due in Monday's first hour.
  @Test func equallyDueTicketsComeOldestFirst() async throws {
    try await TestDesk.with { desk in
      try await desk.run(
        """
        INSERT INTO desk.ticket (id, channel, customer, opened_at, state, queue, waiting_queue, priority, tier, rank, waiting_since,
                                 first_due_at)
        SELECT desk.uuid_floor(now() - n * interval '1 second'), 'web', 'customer ' || n, now() - n * interval '1 second', 'queued',
               'billing', 'billing', 2, 'standard', 10, now() - n * interval '1 second', date_trunc('hour', now()) + interval '2 days'
          FROM generate_series(1, 300) n;
        UPDATE desk.ticket SET version = version + 1 WHERE customer IN ('customer 300', 'customer 299', 'customer 150');
        UPDATE desk.ticket SET version = version + 1, language = 'en' WHERE customer = 'customer 300';
        """)
      let now = try await desk.store.now()
      let all = try await desk.store.matching.waitingTickets(
        in: "billing", at: now, headStarts: HeadStarts(), limit: 1_000
      ).map(
        \.id)
      #expect(all == all.sorted())
      for limit in [1, 10, 160] {
        let first = try await desk.store.matching.waitingTickets(
          in: "billing", at: now, headStarts: HeadStarts(), limit: limit)
        #expect(Array(first.prefix(limit).map(\.id)) == Array(all.prefix(limit)))
      }
    }
  }

  @Test func positionsMatchTheQueueOrder() async throws {
    try await TestDesk.with { desk in
      try await fill(desk, 200)
      let now = try await desk.store.now()
      let all = try await desk.store.matching.waitingTickets(
        in: "billing", at: now, headStarts: HeadStarts(), limit: 1_000)
      let tickets = try await desk.store.tickets.tickets(all.map(\.id))
      for headStarts in Self.someHeadStarts {
        let order = all.inQueueOrder(headStarts: headStarts, now: now)
        for (index, waiting) in order.enumerated() where index % 7 == 0 {
          let ticket = try #require(tickets[waiting.id])
          let place = try #require(
            try await desk.store.matching.placeInQueue(of: ticket, at: now, headStarts: headStarts))
          #expect(place.position == index + 1)
          #expect(place.expectedWait == nil)
        }
      }
      try await desk.store.matching.keepPaces(["billing": 0.5])
      let second = try #require(tickets[all[1].id])
      #expect(
        try await desk.store.matching.placeInQueue(of: second, at: now, headStarts: HeadStarts())?.expectedWait
          == .seconds(4))
      try await desk.run("UPDATE desk.queue_pace SET measured_at = now() - interval '1 hour'")
      #expect(
        try await desk.store.matching.placeInQueue(of: second, at: now, headStarts: HeadStarts())?.expectedWait == nil)
    }
  }

  @Test func aLongQueueIsReadByIndex() async throws {
    try await TestDesk.with(connections: 1) { desk in
      try await fill(desk, 30_000)
      try await desk.run("ANALYZE desk.ticket")
      _ = try await desk.store.matching.waitingTickets(
        in: "billing", at: try await desk.store.now(), headStarts: HeadStarts(), limit: 128)
      func rowsRead() async throws -> Int64 {
        try await desk.run("SELECT pg_stat_force_next_flush()")
        return try await desk.number(
          """
          SELECT sum(coalesce(idx_tup_fetch, 0) + seq_tup_read) FROM pg_stat_user_tables
           WHERE schemaname = 'desk' AND relname = 'ticket'
          """)
      }
      let before = try await rowsRead()
      _ = try await desk.store.matching.waitingTickets(
        in: "billing", at: try await desk.store.now(), headStarts: HeadStarts(), limit: 128)
      // Twelve kinds of tickets, in time and late, 128 of each at most.
      #expect(try await rowsRead() - before < 4_000)
    }
  }
}
