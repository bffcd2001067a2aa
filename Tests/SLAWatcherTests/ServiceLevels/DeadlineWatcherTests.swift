import DeskCore
import ServiceHealth
import ServiceProcess
import Store
import SystemPrimitives
import Testing

@testable import SLAWatcher

@Suite struct DeadlineWatcherTests {
  private typealias Round = Watcher.Round

  @Test func noNotificationBeforeItsTime() async throws {
    try await WatchedDesk.with { desk in
      let ticket = try await desk.ticket()
      let watcher = try await desk.watcher()
      desk.set(ticket.openedAt + WatchedDesk.allowed * 74 / 100)
      #expect(try await watcher.runOnce() == Round())
      #expect(try await desk.notified(of: ticket) == [])
    }
  }

  @Test func eachThresholdIsNotifiedOnceAcrossRestarts() async throws {
    try await WatchedDesk.with { desk in
      let ticket = try await desk.ticket()
      var watcher = try await desk.watcher()
      for (percent, notified) in [(75, 1), (90, 2), (100, 3)] {
        desk.set(ticket.openedAt + WatchedDesk.allowed * percent / 100)
        #expect(try await watcher.runOnce() == Round(notified: 1))
        #expect(try await watcher.runOnce() == Round())
        // A new process knows only what the database knows.
        await watcher.leases.want([])
        watcher = try await desk.watcher()
        #expect(try await watcher.runOnce() == Round())
        #expect(try await desk.notified(of: ticket).count == notified)
      }
      #expect(try await desk.notified(of: ticket) == ["sla_warned", "sla_warned", "sla_breached"])
      #expect(try await desk.store.reports.outboxFigures().map(\.waiting) == [3])
    }
  }

  // MARK: Two watchers

  /// Whether exactly one of two concurrent turns was the leader's.
  private func isOneLeading(_ turns: [PeriodicTask.Turn]) -> Bool {
    turns.filter { $0 == .standBy }.count == 1
      && turns.contains { if case .done = $0 { true } else { false } }
  }

  @Test func ofTwoCompetingWatchersOneActsAndTheOtherTakesOverWhenItsLeaseEnds() async throws {
    try await WatchedDesk.with { desk in
      let tickets = [try await desk.ticket(from: "ann"), try await desk.ticket(from: "bob")]
      // They compete for the lease: the database decides which of them gets it.
      async let one = desk.watcher()
      async let other = desk.watcher()
      let watchers = try await [one, other]
      for (percent, expected) in [(75, ["sla_warned"]), (100, ["sla_warned", "sla_breached"])] {
        let leaders = watchers.filter { $0.leadership.fence != nil }
        #expect(leaders.count == 1)
        desk.set(tickets[1].openedAt + WatchedDesk.allowed * percent / 100)
        async let first = watchers[0].deadlines().runOnce()
        async let second = watchers[1].deadlines().runOnce()
        let turns = await [first, second]
        #expect(isOneLeading(turns), "\(turns)")
        for ticket in tickets { #expect(try await desk.notified(of: ticket) == expected) }
        // The leader's lease ends, as if its process had ended, and the other one takes it.
        let leader = try #require(leaders.first)
        let successor = try #require(watchers.first { $0.leadership.fence == nil })
        try await desk.store.fleet.releaseLeases(
          [SLAWatcherService.lease], holder: #require(leader.leadership.fence).holder)
        await successor.renew()
        await leader.renew()
        #expect(leader.leadership.fence == nil && successor.leadership.fence != nil)
      }
      #expect(try await desk.store.reports.outboxFigures().map(\.waiting) == [4])
    }
  }

  /// The first watcher's lease ended, another took over, and the first has not noticed.
  private func usurped(_ desk: WatchedDesk) async throws -> (former: Watcher, leader: Watcher) {
    let former = try await desk.watcher()
    let fence = try #require(former.leadership.fence)
    try await desk.store.fleet.releaseLeases([SLAWatcherService.lease], holder: fence.holder)
    let leader = try await desk.watcher()
    #expect(former.leadership.fence == fence)
    #expect(try #require(leader.leadership.fence).term > fence.term)
    return (former, leader)
  }

  @Test func ofTwoWatchersThatBelieveToLeadTheHolderActs() async throws {
    try await WatchedDesk.with { desk in
      let tickets = [try await desk.ticket(from: "ann"), try await desk.ticket(from: "bob")]
      let (former, leader) = try await usurped(desk)
      desk.set(tickets[1].openedAt + WatchedDesk.allowed)
      async let one = former.runOnce()
      async let other = leader.runOnce()
      let rounds = try await [one, other]
      #expect(rounds == [Round(), Round(notified: 2)])
      for ticket in tickets { #expect(try await desk.notified(of: ticket) == ["sla_breached"]) }
    }
  }

  @Test func aWatcherThatLostItsLeaseChangesNothing() async throws {
    try await WatchedDesk.with { desk in
      let ticket = try await desk.ticket()
      let (former, leader) = try await usurped(desk)
      desk.set(ticket.openedAt + WatchedDesk.allowed)
      #expect(try await former.runOnce() == Round())
      #expect(try await desk.notified(of: ticket) == [])
      #expect(try await leader.runOnce() == Round(notified: 1))
    }
  }

  // MARK: Closing

  @Test func closesAndArchivesResolvedTickets() async throws {
    try await WatchedDesk.with { desk in
      try await desk.store.matching.adoptAgents(of: #require(desk.policy.current))
      #expect(try await desk.store.matching.setPresence(.available, of: "ann"))
      let ticket = try await desk.resolve(desk.ticket())
      let watcher = try await desk.watcher()
      let resolved = try #require(ticket.resolvedAt)
      desk.set(resolved + .seconds(3590))
      #expect(try await watcher.runOnce() == Round())
      desk.set(resolved + .seconds(3600))
      #expect(try await watcher.runOnce() == Round(closed: 1))
      #expect(try await desk.store.tickets.tickets([ticket.id]).isEmpty)
      #expect(try await desk.store.conversations.closedTicket(ticket.id)?.state == "closed")
      #expect(try await watcher.runOnce() == Round())
    }
  }

  @Test func aFullBatchOfClosedTicketsAsksForTheNextAtOnce() async throws {
    try await WatchedDesk.with { desk in
      var tickets: [Ticket] = []
      for customer in ["ann", "bob", "cara"] { tickets.append(try await desk.ticket(from: customer)) }
      try await desk.store.matching.adoptAgents(of: #require(desk.policy.current))
      #expect(try await desk.store.matching.setPresence(.available, of: "ann"))
      for ticket in tickets { try await desk.resolve(ticket) }
      let closer = try await desk.watcher().closer(ticketsPerRound: 2)
      desk.set(try await desk.store.now() + .seconds(3600))
      #expect(await closer.runOnce() == .done(.none))
      #expect(await closer.runOnce() == .done(.regular))
      #expect(try await desk.store.tickets.tickets(tickets.map(\.id)).isEmpty)
    }
  }

  // MARK: The clock

  @Test func clockJumpsDoNotBreachTargets() async throws {
    try await WatchedDesk.with { desk in
      let ticket = try await desk.ticket()
      let watcher = try await desk.watcher()
      let fence = try #require(watcher.leadership.fence)
      let counter = PthreadMutex(Duration.zero)
      let clock = watcher.clock(counter: { counter.withLock { $0 } })
      let deadlines = watcher.deadlines(by: clock)
      func notify(at moment: Instant? = nil, counter time: Duration) async throws -> Int? {
        if let moment { desk.set(moment) }
        counter.withLock { $0 = time }
        return try await deadlines.notify(fencedBy: fence)
      }
      #expect(try await notify(counter: .zero) == 0)
      #expect(try await notify(at: ticket.openedAt + .seconds(3_700), counter: .seconds(1)) == nil)
      #expect(try await notify(counter: .seconds(60)) == nil)
      // It was wrong, and is set back.
      #expect(try await notify(at: ticket.openedAt + .seconds(61), counter: .seconds(61)) == 0)
      #expect(try await desk.notified(of: ticket) == [])
      // It stays where it jumped to: then it is accepted.
      #expect(try await notify(at: ticket.openedAt + .seconds(3_700), counter: .seconds(62)) == nil)
      #expect(try await notify(at: ticket.openedAt + .seconds(3_820), counter: .seconds(182)) == 1)
      #expect(try await desk.notified(of: ticket) == ["sla_breached"])
    }
  }

  /// Such a jump ends every lease.
  @Test func aStandbyThatTakesOverAfterAClockJumpBreachesNothing() async throws {
    try await WatchedDesk.with { desk in
      let ticket = try await desk.ticket()
      let leader = try await desk.watcher()
      let standby = try await desk.watcher()
      let counter = PthreadMutex(Duration.zero)
      let deadlines = standby.deadlines(by: standby.clock(counter: { counter.withLock { $0 } }))
      #expect(await deadlines.runOnce() == .standBy)
      await leader.leases.want([])
      await standby.renew()
      desk.set(ticket.openedAt + .seconds(3_700))
      counter.withLock { $0 = .seconds(1) }
      #expect(await deadlines.runOnce() == .done(.of(SLAWatcherBounds.suspensionPause)))
      #expect(try await desk.notified(of: ticket) == [])
    }
  }

  @Test func breachedTargetsEscalateEachStepOnce() async throws {
    try await WatchedDesk.with { desk in
      let ticket = try await desk.ticket(following: "laddered")
      let watcher = try await desk.watcher()
      let due = ticket.openedAt + WatchedDesk.allowed
      desk.set(due + .seconds(1))
      #expect(try await watcher.runOnce() == Round(notified: 1))
      #expect(try await watcher.runOnce() == Round())
      desk.set(due + .seconds(600))
      async let one = watcher.runOnce()
      async let other = watcher.runOnce()
      let rounds = try await [one, other].map { $0?.notified ?? 0 }
      #expect(rounds.reduce(0, +) == 1, "of two concurrent escalations one takes effect")
      desk.set(due + .seconds(1_200))
      #expect(try await watcher.runOnce() == Round(notified: 1))
      #expect(try await watcher.runOnce() == Round())
      let kinds = try await desk.store.conversations.timeline(of: ticket.id).map(\.kind).filter { $0 != "queued" }
      #expect(kinds == ["sla_breached", "escalated", "escalated", "escalated"])
      let escalated = try #require(await desk.store.tickets.tickets([ticket.id])[ticket.id])
      #expect(escalated.priority == .urgent && escalated.queue == "escalations" && escalated.state == .queued)
      #expect(escalated.clocks.escalationSteps == 3)
      // One notice for the breach, one for each escalation step.
      #expect(try await desk.store.reports.outboxFigures().map(\.waiting) == [4])
    }
  }
}
