import DeskCore
import ServiceKit
import Store
import Testing

@testable import SLAWatcher

@Suite struct DeadlineWatcherTests {
  private typealias Round = DeadlineWatcher.Round

  @Test func noNotificationBeforeItsTime() async throws {
    try await WatchedDesk.with { desk in
      let ticket = try await desk.ticket()
      let (watcher, _) = try await desk.watcher()
      desk.set(ticket.openedAt + WatchedDesk.allowed * 74 / 100)
      #expect(try await watcher.runOnce() == Round())
      #expect(try await desk.notified(of: ticket) == [])
    }
  }

  @Test func eachThresholdIsNotifiedOnceAcrossRestarts() async throws {
    try await WatchedDesk.with { desk in
      let ticket = try await desk.ticket()
      var (watcher, leases) = try await desk.watcher()
      for (percent, notified) in [(75, 1), (90, 2), (100, 3)] {
        desk.set(ticket.openedAt + WatchedDesk.allowed * percent / 100)
        #expect(try await watcher.runOnce() == Round(notified: 1))
        #expect(try await watcher.runOnce() == Round())
        // A new process knows only what the database knows.
        await leases.want([])
        (watcher, leases) = try await desk.watcher()
        #expect(try await watcher.runOnce() == Round())
        #expect(try await desk.notified(of: ticket).count == notified)
      }
      #expect(try await desk.notified(of: ticket) == ["sla_warned", "sla_warned", "sla_breached"])
      #expect(try await desk.store.outboxFigures().map(\.waiting) == [3])
    }
  }

  @Test func onlyOneOfTwoWatchersActs() async throws {
    try await WatchedDesk.with { desk in
      let tickets = [try await desk.ticket(from: "ann"), try await desk.ticket(from: "bob")]
      let (first, _) = try await desk.watcher()
      let (second, _) = try await desk.watcher()
      desk.set(tickets[1].openedAt + WatchedDesk.allowed)
      async let one = first.runOnce()
      async let other = second.runOnce()
      let rounds = try await [one, other]
      #expect(rounds == [Round(notified: 2), nil])
      for ticket in tickets { #expect(try await desk.notified(of: ticket) == ["sla_breached"]) }
    }
  }

  @Test func aWatcherThatLostItsLeaseChangesNothing() async throws {
    try await WatchedDesk.with { desk in
      let ticket = try await desk.ticket()
      let (first, leases) = try await desk.watcher()
      let fence = try #require(first.leadership.fence)
      // Another watcher took over, and this one has not noticed.
      try await desk.store.releaseLeases([Leadership.lease], holder: fence.holder)
      let (second, _) = try await desk.watcher()
      #expect(first.leadership.fence != nil)
      desk.set(ticket.openedAt + WatchedDesk.allowed)
      #expect(try await first.runOnce() == Round())
      #expect(try await desk.notified(of: ticket) == [])
      #expect(try await second.runOnce() == Round(notified: 1))
      withExtendedLifetime(leases) {}
    }
  }

  @Test func theStandByTakesOverWhenTheLeaderLeaves() async throws {
    try await WatchedDesk.with { desk in
      let ticket = try await desk.ticket()
      let (first, leaving) = try await desk.watcher()
      let (second, waiting) = try await desk.watcher()
      desk.set(ticket.openedAt + WatchedDesk.allowed * 75 / 100)
      #expect(try await second.runOnce() == nil)
      await leaving.want([])
      await waiting.want([])
      await waiting.want([Leadership.lease])
      #expect(try await first.runOnce() == nil)
      #expect(try await second.runOnce() == Round(notified: 1))
    }
  }

  @Test func closesAndArchivesResolvedTickets() async throws {
    try await WatchedDesk.with { desk in
      try await desk.store.adoptAgents(of: #require(desk.policy.current))
      #expect(try await desk.store.setPresence(.available, of: "ann"))
      var ticket = try await desk.ticket()
      let now = try await desk.store.now()
      let offer = try await Offer(id: desk.fresh(), agent: "ann", offeredAt: now, expiresAt: now + .seconds(30))
      ticket = try await desk.take(ticket, .offered(offer))
      ticket = try await desk.take(ticket, .accepted(offer.id, by: "ann"))
      ticket = try await desk.take(ticket, .resolved(by: "ann"))
      let (watcher, _) = try await desk.watcher()
      let resolved = try #require(ticket.resolvedAt)
      desk.set(resolved + .seconds(3590))
      #expect(try await watcher.runOnce() == Round())
      desk.set(resolved + .seconds(3600))
      #expect(try await watcher.runOnce() == Round(closed: 1))
      #expect(try await desk.store.tickets([ticket.id]).isEmpty)
      #expect(try await desk.store.closedTicket(ticket.id)?.state == "closed")
      #expect(try await watcher.runOnce() == Round())
    }
  }

  @Test func clockJumpsDoNotBreachTargets() async throws {
    try await WatchedDesk.with { desk in
      let ticket = try await desk.ticket()
      let (watcher, leases) = try await desk.watcher()
      var memory = DeadlineWatcher.Memory()
      #expect(try await watcher.notify(&memory, counter: .zero) == 0)
      desk.set(ticket.openedAt + .seconds(3_700))
      #expect(try await watcher.notify(&memory, counter: .seconds(1)) == nil)
      #expect(try await watcher.notify(&memory, counter: .seconds(60)) == nil)
      // It was wrong, and is set back.
      desk.set(ticket.openedAt + .seconds(61))
      #expect(try await watcher.notify(&memory, counter: .seconds(61)) == 0)
      #expect(try await desk.notified(of: ticket) == [])
      // It stays where it jumped to: then it is accepted.
      desk.set(ticket.openedAt + .seconds(3_700))
      #expect(try await watcher.notify(&memory, counter: .seconds(62)) == nil)
      desk.set(ticket.openedAt + .seconds(3_820))
      #expect(try await watcher.notify(&memory, counter: .seconds(182)) == 1)
      #expect(try await desk.notified(of: ticket) == ["sla_breached"])
      withExtendedLifetime(leases) {}
    }
  }

  @Test func breachedTargetsEscalateEachStepOnce() async throws {
    try await WatchedDesk.with { desk in
      let ticket = try await desk.ticket(following: "laddered")
      let (watcher, leases) = try await desk.watcher()
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
      let kinds = try await desk.store.timeline(of: ticket.id).map(\.kind).filter { $0 != "queued" }
      #expect(kinds == ["sla_breached", "escalated", "escalated", "escalated"])
      let escalated = try #require(await desk.store.tickets([ticket.id])[ticket.id])
      #expect(escalated.priority == .urgent && escalated.queue == "escalations" && escalated.state == .queued)
      #expect(escalated.clocks.escalationSteps == 3)
      // One notice for the breach, one for each escalation step.
      #expect(try await desk.store.outboxFigures().map(\.waiting) == [4])
      withExtendedLifetime(leases) {}
    }
  }
}
