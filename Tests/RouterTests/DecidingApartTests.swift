import DeskCore
import Observability
import PostgreSQL
import Store
import Testing

@testable import Router

/// One bad message does not affect others, however messages are decided.
@Suite struct DecidingApartTests {
  /// Decided tickets, and a further message on each.
  private func followUps(_ customers: [String], in desk: RouterDesk) async throws -> [UndecidedItem] {
    var items: [UndecidedItem] = []
    for customer in customers {
      let first = try #require(await desk.accept("first of \(customer)", from: customer))
      #expect(try await desk.decisions.decide([desk.item(first, from: customer)]) == 1)
      let second = try #require(await desk.accept("second of \(customer)", from: customer))
      items.append(desk.item(second, from: customer))
    }
    return items
  }

  private static let holdTickets = PostgresStatement<Void>(
    "hold_tickets", "SELECT FROM desk.ticket WHERE id = ANY($1) FOR UPDATE")

  @Test func unreadableTicketsDoNotBlockOthers() async throws {
    try await RouterDesk.with { desk in
      let items = try await followUps((0..<9).map { "customer \($0)" }, in: desk)
      try await desk.store.pool.executeScript(
        "UPDATE desk.ticket SET skills = 'of a newer build' WHERE id = '\(items[4].ticket)'")
      let apart = try await desk.decisions.decideApart(items)
      #expect(apart.decided == 8 && apart.held == [items[4].id] && apart.refused.isEmpty)
      // A persistent case is counted each time, so that it shows.
      #expect(desk.metrics.isolations[.held]?.value == 1 && desk.metrics.isolations[.refused]?.value == 0)
      #expect(try await desk.decisions.decideApart([items[4]]).held == [items[4].id])
      #expect(desk.metrics.isolations[.held]?.value == 2)
      #expect(try await desk.store.inbox.undecided(among: items.map(\.id)) == [items[4].id])
    }
  }

  @Test func lockedTicketsDoNotDelayOthers() async throws {
    try await RouterDesk.with { desk in
      let items = try await followUps((0..<9).map { "customer \($0)" }, in: desk)
      try await desk.store.pool.withTransaction { holder in
        try await holder.execute(Self.holdTickets, [[items[2].ticket, items[7].ticket]])
        let apart = try await desk.decisions.decideApart(items)
        #expect(apart.decided == 7 && Set(apart.held) == [items[2].id, items[7].id] && apart.refused.isEmpty)
      }
      #expect(try await desk.decisions.decideApart(items).decided == 2)
    }
  }

  @Test func theSweepContinuesAfterAFailingMessage() async throws {
    try await RouterDesk.with { desk in
      let items = try await followUps(["ann", "bob", "cyd"], in: desk)
      try await desk.store.pool.executeScript(
        "UPDATE desk.ticket SET skills = 'of a newer build' WHERE id = '\(items[0].ticket)'")
      for _ in 0..<StoreBounds.attemptsBeforePoison { try await desk.store.inbox.countAttempts(of: items.map(\.id)) }
      #expect(try await sweeper(desk).runOnce() == 3)
      #expect(try await desk.store.inbox.undecided(among: items.map(\.id)) == [items[0].id])
      #expect(try await desk.store.outbox.deadLetterCount() == 0)
      // It is not lost, however often it fails.
      try await desk.store.pool.executeScript("UPDATE desk.inbox SET attempts = 100, claimed_until = NULL")
      #expect(try await sweeper(desk).runOnce() == 1)
      #expect(try await desk.store.inbox.undecided(among: items.map(\.id)) == [items[0].id])
    }
  }

  /// An inbox row whose message was deleted cannot be decided; it goes to the dead letters and hides no other.
  @Test func entriesWithoutAMessageDoNotBlockOthers() async throws {
    try await RouterDesk.with { desk in
      var items: [UndecidedItem] = []
      for customer in ["ann", "bob", "cyd"] {
        let accepted = try #require(await desk.accept("m of \(customer)", from: customer))
        items.append(desk.item(accepted, from: customer))
        try await desk.store.inbox.write(labels: [(accepted.message, desk.item(accepted, from: customer).labels)])
      }
      try await desk.store.pool.executeScript(
        """
        DELETE FROM desk.message WHERE id = '\(items[1].id)';
        UPDATE desk.inbox SET accepted_at = now() - interval '1 hour'
        """)
      #expect(try await sweeper(desk).runOnce() == 2)
      #expect(try await desk.store.inbox.undecided(among: items.map(\.id)) == [items[1].id])
      try await desk.store.pool.executeScript(
        "UPDATE desk.inbox SET claimed_until = NULL, attempts = \(StoreBounds.attemptsBeforePoison)")
      _ = try await sweeper(desk).runOnce()
      #expect(try await desk.store.inbox.undecided(among: items.map(\.id)).isEmpty)
      #expect(try await desk.store.outbox.deadLetterCount() == 1)
    }
  }

  /// Labels of a newer build, or damaged ones.
  @Test func unreadableEntriesDoNotBlockOthers() async throws {
    try await RouterDesk.with { desk in
      var items: [UndecidedItem] = []
      for customer in ["ann", "bob", "cyd"] {
        let accepted = try #require(await desk.accept("m of \(customer)", from: customer))
        items.append(desk.item(accepted, from: customer))
        try await desk.store.inbox.write(labels: [(accepted.message, desk.item(accepted, from: customer).labels)])
      }
      try await desk.store.pool.executeScript(
        """
        UPDATE desk.inbox SET accepted_at = now() - interval '1 hour';
        UPDATE desk.inbox SET urgency = 77 WHERE message_id = '\(items[1].id)'
        """)
      #expect(try await sweeper(desk).runOnce() == 2)
      #expect(try await desk.store.inbox.undecided(among: items.map(\.id)) == [items[1].id])
      #expect(desk.store.setAside.held.map(\.row) == [.other(table: "inbox", key: "\(items[1].id)")])
    }
  }

  /// However many routers sweep, a claim is one attempt.
  @Test func concurrentRoutersCountOneAttempt() async throws {
    try await RouterDesk.with { desk in
      let items = try await followUps(["ann", "bob"], in: desk)
      try await desk.store.pool.executeScript("UPDATE desk.ticket SET skills = 'of a newer build'")
      for _ in 0..<StoreBounds.attemptsBeforePoison { try await desk.store.inbox.countAttempts(of: items.map(\.id)) }
      try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<6 { group.addTask { try await self.sweeper(desk).runOnce() } }
        let swept = try await group.reduce(0, +)
        #expect(swept == 2)
      }
      let attempts = try await desk.store.pool.query(
        PostgresStatement<Int16>("attempts_of_all", "SELECT attempts FROM desk.inbox"))
      #expect(attempts == [StoreBounds.attemptsBeforePoison + 1, StoreBounds.attemptsBeforePoison + 1])
    }
  }

  // MARK: Erased in transit

  private func traces(of name: String, in desk: RouterDesk) async throws -> [String] {
    var found: [String] = []
    for table in ["message", "ticket", "open_ticket", "ticket_event", "outbox", "inbox", "customer", "dead_letter"] {
      let rows = try await desk.store.pool.query(
        PostgresStatement<Int64>("traces_in_\(table)", "SELECT count(*) FROM desk.\(table) t WHERE t::text LIKE $1"),
        ["%\(name)%"])
      if rows != [0] { found.append(table) }
    }
    return found
  }

  /// A subscriber, whose notices name the customer.
  private static let subscribed =
    RouterDesk.policyText + """

      hooks:
        crm:
          url: https://example.com/hook
          secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw]
          kinds: [ticket.queued, message.received]
      """

  @Test func erasedCustomersMessagesAreDecidedAnonymously() async throws {
    try await RouterDesk.with(policy: Self.subscribed) { desk in
      let name = "ann-7391"
      let first = try #require(await desk.accept("m1", from: name))
      let onTheWay = desk.item(first, from: name)
      _ = try await desk.store.privacy.erase(customer: name, of: "web", reason: "asked for it", receipt: "r1")
      #expect(try await desk.decisions.decide([onTheWay]) == 1)
      #expect(try await desk.store.inbox.undecided(among: [first.message]).isEmpty)
      let ticket = try #require(await desk.store.tickets.tickets([first.ticket])[first.ticket])
      #expect(ticket.state == .queued && ticket.customer == "erased:\(first.ticket)" && ticket.guest == nil)
      #expect(try await traces(of: name, in: desk) == [])
      #expect(try await desk.store.audit.balance()?.lost == 0)
    }
  }

  @Test func erasedCustomersFollowUpsAreDecidedAnonymously() async throws {
    try await RouterDesk.with(policy: Self.subscribed) { desk in
      let item = try await followUps(["bob-1846"], in: desk)[0]
      _ = try await desk.store.privacy.erase(customer: "bob-1846", of: "web", reason: "asked for it", receipt: "r2")
      #expect(try await desk.decisions.decide([item]) == 1)
      let ticket = try #require(await desk.store.tickets.tickets([item.ticket])[item.ticket])
      #expect(ticket.customer == "erased:\(item.ticket)" && ticket.guest == nil)
      #expect(try await traces(of: "bob-1846", in: desk) == [])
      #expect(try await desk.store.audit.balance()?.lost == 0)
    }
  }

  private func sweeper(_ desk: RouterDesk) -> StaleWorkSweeper {
    StaleWorkSweeper(
      store: desk.store, decisions: desk.decisions, clock: desk.clock, policy: desk.policy, metrics: desk.metrics,
      logger: desk.logger)
  }
}
