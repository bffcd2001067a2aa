import DeskCore
import Messaging
import PostgreSQL
import ServiceHealth
import ServiceProcess
import Store
import Testing
import ZeroMQ

@testable import Router

@Suite struct OfferMakerTests {
  /// A router's matching half, with the leases it needs actually held.
  private func withOfferMaker(
    _ desk: RouterDesk, holding leases: Set<String>, _ body: (OfferMaker, OfferExpirer) async throws -> Void
  ) async throws {
    let zeroMQ = ZeroMQThread(context: try ZeroMQContext())
    let hints = try HintPublisher(on: zeroMQ, security: .none)
    let keeper = LeaseKeeper(wanting: [], store: desk.store, me: desk.fresh(), logger: desk.logger)
    await keeper.want(leases)
    let maker = OfferMaker(
      store: desk.store, clock: desk.clock, policy: desk.policy, leases: keeper, hints: hints, metrics: desk.metrics,
      logger: desk.logger, wakeUp: WakeUpSignal())
    let deskKeeper = OfferExpirer(
      store: desk.store, clock: desk.clock, policy: desk.policy, leases: keeper, metrics: desk.metrics,
      logger: desk.logger, wake: { _ in })
    do {
      try await body(maker, deskKeeper)
    } catch {
      await keeper.want([])
      await hints.close()
      await zeroMQ.stop()
      throw error
    }
    // Released, so that the next router does not have to wait for the leases to expire.
    await keeper.want([])
    await hints.close()
    await zeroMQ.stop()
  }

  private func queue(_ count: Int, on desk: RouterDesk) async throws {
    for number in 0..<count {
      let acceptance = try #require(await desk.accept("m\(number)", from: "customer-\(number)"))
      _ = try await desk.decisions.decide([desk.item(acceptance, from: "customer-\(number)")])
    }
  }

  private static let all: Set<String> = ["queue:billing", "queue:general", "queue:triage", "desk-keeper"]

  /// Two present agents: the rota names the one who would not be chosen otherwise, and a deputy when that one is away.
  @Test func aKeyAccountGoesToTheAgentOnDutyOrTheDeputy() async throws {
    let policy =
      RouterDesk.policyText + """

        key_accounts:
          - name: acme
            customers: {web: [customer-0, customer-1]}
            time_zone: UTC
            rota: [{agent: bob, days: monday..sunday}]
            deputies: ann
        """
    try await RouterDesk.with(policy: policy) { desk in
      func offered(_ number: Int) async throws -> Ticket {
        let acceptance = try #require(await desk.accept("m\(number)", from: "customer-\(number)"))
        _ = try await desk.decisions.decide([
          desk.item(acceptance, from: "customer-\(number)", category: "other")
        ])
        try await withOfferMaker(desk, holding: OfferMakerTests.all) { maker, _ in
          let made = try await maker.runOnce()
          #expect(made == 1)
        }
        return try #require(await desk.store.tickets.tickets([acceptance.ticket])[acceptance.ticket])
      }
      for agent in ["ann", "bob"] as [AgentID] { _ = try await desk.store.matching.setPresence(.available, of: agent) }
      let first = try await offered(0)
      #expect(first.offer?.agent == "bob")
      _ = try await desk.store.matching.setPresence(.away, of: "bob")
      let second = try await offered(1)
      #expect(second.offer?.agent == "ann")
      for (ticket, basis) in [(first, RotaDuty.Basis.shift), (second, .deputy)] {
        let event = try #require(await desk.store.conversations.timeline(of: ticket.id).last)
        guard case .offered(let offer)? = event.content else {
          Issue.record("\(event.kind) is not an offer")
          return
        }
        let record = try #require(offer.choice)
        #expect(
          event.detail.contains(#""account": "acme""#) && event.detail.contains("\"basis\": \"\(basis.rawValue)\""))
        let policy = try #require(desk.policy.current)
        #expect(record.replay(under: policy).isEqual)
      }
    }
  }

  @Test func offersGoToSkilledAgentsWithinCapacity() async throws {
    try await RouterDesk.with { desk in
      try await queue(5, on: desk)
      for agent in ["ann", "bob"] { _ = try await desk.store.matching.setPresence(.available, of: AgentID(agent)) }
      try await withOfferMaker(desk, holding: OfferMakerTests.all) { maker, _ in
        var made = 0
        while case let round = try await maker.runOnce(), round > 0 { made += round }
        // Only ann knows billing, and carries two.
        #expect(made == 2)
        let held = try await desk.store.tickets.tickets(heldBy: "ann")
        #expect(held.count == 2)
        let idle = try await desk.store.tickets.tickets(heldBy: "bob")
        #expect(idle.isEmpty)
        let event = try #require(await desk.store.conversations.timeline(of: held[0].id).last)
        guard case .offered(let offered)? = event.content else {
          Issue.record("\(event.kind) is not an offer")
          return
        }
        let policy = try #require(desk.policy.current)
        let record = try #require(offered.choice)
        #expect(offered.policyVersion == policy.version)
        #expect(record.result.agent == "ann" && record.result.reason == .onlyOne)
        #expect(record.replay(under: policy).isEqual)
      }
    }
  }

  @Test func decliningPausesFurtherOffersOfTheTicket() async throws {
    try await RouterDesk.with { desk in
      try await queue(1, on: desk)
      _ = try await desk.store.matching.setPresence(.available, of: "ann")
      func decline() async throws -> Ticket {
        let offered = try #require(await desk.store.tickets.tickets(heldBy: "ann").first)
        var ticket = offered
        let policy = try #require(desk.policy.current)
        let now = desk.clock.now()
        let effects = try ticket.handle(
          .declined(#require(offered.offer).id, by: "ann"), now: now, under: policy)
        let step = TicketStep(
          expectedVersion: offered.version, ticket: ticket, at: now, effects: effects, traceparent: nil,
          reopenWindow: .seconds(60))
        #expect(try await desk.store.tickets.commit([step]) == [ticket.id])
        return ticket
      }
      try await withOfferMaker(desk, holding: OfferMakerTests.all) { maker, _ in
        #expect(try await maker.runOnce() == 1)
        let declined = try await decline()
        for _ in 0..<3 { #expect(try await maker.runOnce() == 0) }
        #expect(declined.pauses.map(\.times) == [1])
      }
      // Another router, without any memory.
      try await withOfferMaker(desk, holding: OfferMakerTests.all) { maker, _ in
        #expect(try await maker.runOnce() == 0)
        try await desk.store.pool.executeScript(
          "UPDATE desk.ticket SET offer_pauses = 'ann:1:' || (extract(epoch FROM now() - interval '1 second') * 1000000)::bigint"
        )
        #expect(try await maker.runOnce() == 1)
        #expect(try await decline().pauses.map(\.times) == [2])
        #expect(try await maker.runOnce() == 0)
        // Any other agent who can take it is offered it at once.
        try await desk.store.pool.executeScript("UPDATE desk.ticket SET skills = ''")
        var policy = RouterDesk.policyText
        policy.replace(
          "{id: bob, teams: [desk], capacity: 1}", with: "{id: bob, teams: [desk], skills: {billing: 3}, capacity: 1}")
        _ = try await desk.store.access.applyPolicy(document: policy, by: "test")
        try await desk.policy.look()
        _ = try await desk.store.matching.setPresence(.available, of: "bob")
        #expect(try await maker.runOnce() == 1)
        #expect(try await desk.store.tickets.tickets(heldBy: "bob").count == 1)
      }
    }
  }

  @Test func ticketsKeepTheirRemovedServiceLevel() async throws {
    let office = """

      calendars:
        office: { time_zone: UTC, week: { monday..friday: ["09:00-10:00"] } }
      """
    let text =
      RouterDesk.policyText.replacing("- {name: all,", with: "- {name: all, calendar: office,") + office
    try await RouterDesk.with(policy: text) { desk in
      try await queue(1, on: desk)
      let waiting = try await desk.store.matching.waitingTickets(
        in: "billing", at: desk.clock.now(), headStarts: HeadStarts(), limit: 1)
      let ticket = try #require(await desk.store.tickets.tickets(waiting.map(\.id)).values.first)
      let due = try #require(ticket.clocks.firstResponse.dueAt)
      for (number, name) in ["other", "third"].enumerated() {
        _ = try await desk.store.access.applyPolicy(
          document: text.replacing("name: all,", with: "name: \(name),"), by: "test")
        try await desk.policy.look()
        let policy = try #require(desk.policy.current)
        #expect(policy.version == Int32(number) + 2)
        #expect(policy.serviceLevels.map(\.name) == [name])
        var later = ticket
        _ = try later.handle(
          .priorityChanged(.urgent, by: .agent("eve"), reason: "r"), now: desk.clock.now(), under: policy)
        _ = try later.handle(
          .priorityChanged(.high, by: .agent("eve"), reason: "r"), now: desk.clock.now(), under: policy)
        #expect(later.clocks.firstResponse.dueAt == due, "its own hours apply, \(number + 1) versions later")
      }
    }
  }

  @Test func aRouterOffersOnlyFromQueuesItOwns() async throws {
    try await RouterDesk.with { desk in
      try await queue(1, on: desk)
      _ = try await desk.store.matching.setPresence(.available, of: "ann")
      try await withOfferMaker(desk, holding: ["queue:general"]) { maker, _ in
        let made = try await maker.runOnce()
        #expect(made == 0)
      }
    }
  }

  @Test func twoRoutersNeverGiveAnAgentMoreThanTheCapacity() async throws {
    try await RouterDesk.with { desk in
      for number in 0..<12 {
        let acceptance = try #require(await desk.accept("m\(number)", from: "customer-\(number)"))
        let category = number.isMultiple(of: 2) ? "billing" : "praise"
        _ = try await desk.decisions.decide([desk.item(acceptance, from: "customer-\(number)", category: category)])
      }
      // Ann serves both queues, and each router has one of them.
      #expect(
        try await desk.store.matching.waitingCounts(upTo: ["billing": 12, "general": 12]) == [
          "billing": 6, "general": 6,
        ])
      _ = try await desk.store.matching.setPresence(.available, of: "ann")
      try await withOfferMaker(desk, holding: ["queue:billing"]) { first, _ in
        try await withOfferMaker(desk, holding: ["queue:general"]) { second, _ in
          var made = try await withThrowingTaskGroup(of: Int.self) { group in
            for maker in [first, second] {
              for _ in 0..<3 { group.addTask { try await maker.runOnce() } }
            }
            return try await group.reduce(0, +)
          }
          #expect(made <= 2)
          // Racing rounds may leave room; another round fills it.
          for maker in [first, second] {
            while case let more = try await maker.runOnce(), more > 0 { made += more }
          }
          #expect(made == 2)
          let row = try #require(await desk.store.matching.agentRows().first { $0.agent == "ann" })
          #expect(row.load == 2 && row.capacity == 2)
          #expect(try await desk.store.tickets.tickets(heldBy: "ann").count == 2)
        }
      }
    }
  }

  @Test func absentAgentsTicketsAreRequeued() async throws {
    try await RouterDesk.with { desk in
      try await queue(2, on: desk)
      _ = try await desk.store.matching.setPresence(.available, of: "ann")
      try await withOfferMaker(desk, holding: OfferMakerTests.all) { maker, keeper in
        while try await maker.runOnce() > 0 {}
        _ = try await desk.store.matching.setPresence(.offline, of: "ann")
        let released = try await keeper.runOnce()
        #expect(released == 2)
        let waiting = try await desk.store.matching.waitingTickets(
          in: "billing", at: desk.clock.now(), headStarts: HeadStarts(), limit: 10)
        #expect(waiting.count == 2)
        let row = try #require(await desk.store.matching.agentRows().first { $0.agent == "ann" })
        #expect(row.load == 0)
      }
    }
  }

  @Test func removedAgentsTicketsAreRequeued() async throws {
    try await RouterDesk.with { desk in
      try await queue(2, on: desk)
      _ = try await desk.store.matching.setPresence(.available, of: "ann")
      try await withOfferMaker(desk, holding: OfferMakerTests.all) { maker, keeper in
        while try await maker.runOnce() > 0 {}
        var policy = try #require(desk.policy.current)
        policy.agents["ann"] = nil
        try await desk.store.matching.adoptAgents(of: policy)
        #expect(try await keeper.runOnce() == 2)
        #expect(try await desk.store.matching.waitingCounts(upTo: ["billing": 9]) == ["billing": 2])
      }
    }
  }

  @Test func ticketsOfARemovedQueueAreMoved() async throws {
    try await RouterDesk.with { desk in
      try await queue(2, on: desk)
      let text = RouterDesk.policyText
        .replacing("  billing: {teams: [desk], skills: {billing: 3}, offer_time: 30s}\n", with: "")
        .replacing("queue: billing, priority", with: "queue: general, priority")
      _ = try await desk.store.access.applyPolicy(document: text, by: "test")
      try await desk.policy.look()
      try await withOfferMaker(desk, holding: OfferMakerTests.all) { _, keeper in
        #expect(try await keeper.runOnce() == 2)
        #expect(try await keeper.runOnce() == 0)
        let moved = try await desk.store.matching.waitingTickets(
          in: "general", at: desk.clock.now(), headStarts: HeadStarts(), limit: 9)
        #expect(moved.count == 2 && moved.allSatisfy { $0.skills.isEmpty })
        let event = try #require(try await desk.store.conversations.timeline(of: moved[0].id).last)
        #expect(event.content == .queueMoved(.init(from: "billing", to: "general")))
      }
    }
  }

  @Test func unreadableTicketsDoNotBlockOffersOrReclaiming() async throws {
    try await RouterDesk.with { desk in
      try await queue(3, on: desk)
      _ = try await desk.store.matching.setPresence(.available, of: "ann")
      let waiting = try await desk.store.matching.waitingTickets(
        in: "billing", at: desk.clock.now(), headStarts: HeadStarts(), limit: 3
      ).map(\.id)
      try await desk.store.pool.executeScript("UPDATE desk.ticket SET skills = 'billing' WHERE id = '\(waiting[0])'")
      try await withOfferMaker(desk, holding: OfferMakerTests.all) { maker, keeper in
        while try await maker.runOnce() > 0 {}
        #expect(try await desk.store.tickets.tickets(heldBy: "ann").map(\.id).sorted() == waiting[1...].sorted())
        // One of the two offered tickets becomes unreadable, too; the other is still taken back.
        try await desk.store.pool.executeScript(
          """
          UPDATE desk.ticket SET offer_expires_at = now() - interval '1 minute' WHERE offer_id IS NOT NULL;
          UPDATE desk.ticket SET clock_state = '{"escalation_steps": "many"}' WHERE id = '\(waiting[1])';
          """)
        #expect(try await keeper.runOnce() == 1)
        #expect(try await desk.store.tickets.tickets([waiting[2]])[waiting[2]]?.state == .queued)
        #expect(Set(desk.store.setAside.held.map(\.row)) == [.ticket(waiting[0]), .ticket(waiting[1])])
      }
    }
  }

  @Test func databaseRefusedTicketsDoNotBlockOffers() async throws {
    try await RouterDesk.with { desk in
      try await queue(3, on: desk)
      for agent in ["ann", "bob"] { _ = try await desk.store.matching.setPresence(.available, of: AgentID(agent)) }
      try await desk.store.pool.executeScript(
        "ALTER TABLE desk.ticket ADD CONSTRAINT poison CHECK (customer <> 'customer-0' OR state <> 'offered') NOT VALID"
      )
      try await withOfferMaker(desk, holding: OfferMakerTests.all) { maker, _ in
        while try await maker.runOnce() > 0 {}
        // The refused one is set aside; the next round continues without it.
        while try await maker.runOnce() > 0 {}
        let held = try await desk.store.tickets.tickets(heldBy: "ann")
        #expect(held.map(\.customer).sorted() == ["customer-1", "customer-2"])
        #expect(desk.store.setAside.held.count == 1)
      }
    }
  }
}
