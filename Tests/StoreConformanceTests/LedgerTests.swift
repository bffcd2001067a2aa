import Store
import Testing

@testable import DeskCore

/// The proof that nothing is lost, and that a loss would be detected.
@Suite struct LedgerTests {
  @Test func findsAcknowledgedMessagesInEveryPlace() async throws {
    try await TestDesk.with { desk in
      let accepted = try await desk.accept(from: ["waits", "queued", "rejected"])
      let tickets = try await desk.store.tickets.tickets(accepted.map(\.ticket))
      for (position, event) in [(1, TicketEvent.routed(.test(accepted[1].message))), (2, .rejected(reason: "r"))] {
        var ticket = try #require(tickets[accepted[position].ticket])
        let took = try await desk.take(&ticket, event, decides: [accepted[position].message])
        #expect(took)
      }
      var claims = zip(accepted, ["waits", "queued", "rejected"]).map { acceptance, name in
        LedgerClaim(channel: "web", externalID: "first of \(name)", message: acceptance.message)
      }
      claims.append(LedgerClaim(channel: "web", externalID: "never sent", message: try await desk.fresh()))
      claims.append(LedgerClaim(channel: "web", externalID: "first of waits", message: accepted[1].message))
      let findings = try await desk.store.audit.audit(claims)
      #expect(findings.map(\.position) == [0, 1, 2, 3, 4])
      #expect(findings.map(\.whereabouts) == ["undecided", "queued", "dead_letter", "nowhere", "queued"])
      #expect(findings.map(\.rows) == [1, 1, 1, 0, 1])
      #expect(findings.map(\.keyMatches) == [true, true, true, false, false])
      #expect(findings.map(\.decisions) == [0, 1, 0, 0, 1])
      let times = try await desk.store.audit.timesToQueue(since: Instant(seconds: 0), limit: 9)
      #expect(times.count == 1 && times[0] >= 0)
    }
  }

  @Test func aConsistentDeskBalances() async throws {
    try await TestDesk.with { desk in
      _ = try await desk.queued(["ann", "bob"])
      _ = try await desk.accept(from: ["cyn"])
      let balance = try #require(try await desk.store.audit.balance())
      #expect(balance.messages == 3 && balance.keys == 3)
      #expect(balance.doubled == 0 && balance.lost == 0 && balance.decidedTwice == 0 && balance.wrongLoads == 0)
    }
  }

  @Test func detectsALoss() async throws {
    try await TestDesk.with { desk in
      _ = try await desk.accept(from: ["ann", "bob"])
      try await desk.run("DELETE FROM desk.inbox WHERE message_id = (SELECT message_id FROM desk.inbox LIMIT 1)")
      #expect(try await desk.store.audit.balance()?.lost == 1)
    }
  }

  @Test func detectsAReplayedDeadLetterThatIsLostLater() async throws {
    try await TestDesk.with { desk in
      let message = try await desk.accept(from: ["ann"])[0].message
      try await desk.store.outbox.deadLetter(message, reason: "r")
      #expect(try await desk.store.audit.balance()?.lost == 0)
      let replayed = try await desk.store.outbox.replay(message.of(DeadLetter.self), freshTicket: desk.fresh())
      #expect(replayed)
      try await desk.run("DELETE FROM desk.inbox")
      #expect(try await desk.store.audit.balance()?.lost == 1)
    }
  }

  @Test func detectsADuplicateDecision() async throws {
    try await TestDesk.with { desk in
      _ = try await desk.queued(["ann", "bob"])
      try await desk.run(
        """
        INSERT INTO desk.ticket_event SELECT ticket_id, version + 1, position, kind, actor, at, detail, traceparent
          FROM desk.ticket_event LIMIT 1
        """)
      #expect(try await desk.store.audit.balance()?.decidedTwice == 1)
    }
  }

  @Test func detectsADuplicateMessage() async throws {
    try await TestDesk.with { desk in
      _ = try await desk.accept(from: ["ann"])
      let id = try await desk.fresh(Labels.self)
      try await desk.run(
        """
        INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at)
        SELECT '\(id)', ticket_id, 1, channel, author, body, received_at FROM desk.message
        """)
      #expect(try await desk.store.audit.balance()?.doubled == 1)
    }
  }

  @Test func detectsAWrongLoad() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ada", "ben"], capacity: 3)
      try await desk.run("UPDATE desk.agent_state SET load = 1 WHERE agent = 'ada'")
      #expect(try await desk.store.audit.balance()?.wrongLoads == 1)
    }
  }

  @Test func countsQueuesStatesAndServiceLevels() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ada"], capacity: 3)
      let start = try await desk.store.now()
      var tickets = try await desk.queued(["ann", "bob"], targets: .test(from: start))
      let late = try await desk.queued(["late"], targets: .test(from: start - .seconds(100)))[0]
      try await desk.take(&tickets[0], .offered(try await desk.offer(to: "ada")))
      try await desk.take(&tickets[0], .accepted(try #require(tickets[0].offer).id, by: "ada"))
      try await desk.take(&tickets[0], .replied(try await desk.fresh(), by: "ada", awaitsCustomer: false))
      let queue = try #require(try await desk.store.reports.queueFigures().first)
      #expect(queue.queue == "billing" && queue.waiting == 2 && queue.offered == 0 && queue.assigned == 1)
      #expect(queue.late == 1 && queue.oldestWaiting == min(tickets[1].openedAt, late.openedAt))
      let states = try await desk.store.reports.stateFigures()
      #expect(states.map(\.state) == ["assigned", "queued"] && states.map(\.tickets) == [1, 2])
      let levels = try await desk.store.reports.serviceLevelFigures()
      #expect(levels.map(\.clock) == ["first_response", "resolution"])
      #expect(levels.map(\.promised) == [3, 3] && levels.map(\.met) == [1, 0])
      #expect(levels.map(\.breached) == [1, 0] && levels.map(\.warned) == [0, 0])
      #expect(levels.map(\.unanswered) == [0, 0])
    }
  }

  @Test func aMissingResponseCountsNeitherAsMetNorMissed() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ada"], capacity: 3)
      let start = try await desk.store.now()
      var quiet = try await desk.queued(["ann"], targets: .test(from: start))[0]
      var late = try await desk.queued(["bob"], targets: .test(from: start - .seconds(100)))[0]
      for position in 0..<2 {
        var ticket = position == 0 ? quiet : late
        try await desk.take(&ticket, .offered(try await desk.offer(to: "ada")))
        try await desk.take(&ticket, .accepted(try #require(ticket.offer).id, by: "ada"))
        #expect(try await desk.take(&ticket, .resolved(by: "ada")))
        #expect(try await desk.store.tickets.tickets([ticket.id])[ticket.id] == ticket, "an ended clock is read back")
        if position == 0 { quiet = ticket } else { late = ticket }
      }
      let first = try #require(try await desk.store.reports.serviceLevelFigures().first)
      #expect(first.clock == "first_response" && first.promised == 2)
      #expect(first.met == 0 && first.unanswered == 1 && first.breached == 1, "a breached target stays breached")
      #expect(try await desk.store.reports.queueFigures().first?.late == 0, "no clock is running any more")
      // The customer returns: the response is still pending, and used time stays used.
      #expect(
        try await desk.take(
          &quiet, .feedbackReceived(.init(solved: false, rating: nil, comment: nil, followUpBelow: 3, lead: nil))))
      #expect(quiet.clocks.firstResponse.isRunning)
      #expect(try await desk.store.tickets.tickets([quiet.id])[quiet.id] == quiet)
      // An earlier build reads the time from its original column.
      #expect(
        try await desk.number(
          "SELECT count(*) FROM desk.ticket WHERE id = '\(late.id)' AND first_met_at IS NOT NULL AND clock_state->>'first_ended' = 'unanswered'"
        ) == 1)
    }
  }

  @Test func unreachableTargetsAreNotCounted() async throws {
    try await TestDesk.with { desk in
      let start = try await desk.store.now()
      let never = BusinessCalendar(zone: .utc, week: Array(repeating: [], count: 7), exceptions: [:])
      let targets = ServiceLevelTargets(
        policy: "p", firstResponse: ServiceLevelTarget(allowed: .seconds(60), from: start, in: .always),
        resolution: ServiceLevelTarget(allowed: .seconds(600), from: start, in: never), pausesWhilePending: true)
      let ticket = try await desk.queued(["ann"], targets: targets)[0]
      #expect(ticket.clocks.resolution.isUnreachable)
      #expect(try await desk.store.tickets.tickets([ticket.id])[ticket.id] == ticket)
      #expect(try await desk.store.reports.serviceLevelFigures().map(\.clock) == ["first_response"])
    }
  }
}
