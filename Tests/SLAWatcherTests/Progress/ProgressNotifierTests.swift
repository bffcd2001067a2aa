import DeskCore
import ServiceHealth
import ServiceProcess
import Store
import Testing

@testable import SLAWatcher

@Suite struct ProgressNotifierTests {
  private static let policy = """
    progress:
      channels: [web]
      default_language: zh
      received:
        after: 30s
        zh: "{queue} 已收到，第 {position} 位，等待时间{expected_wait}。"
        en: "{ticket} is number {position} in {queue}, expected wait: {expected_wait}."
      solved: { zh: "{agent} 已解决。", en: "Solved by {agent}." }

    """

  private func sent(to ticket: Ticket, _ desk: WatchedDesk) async throws -> [StoredMessage] {
    try await desk.store.conversations.messages(of: ticket.id, limit: 10).filter { $0.direction == 2 }
  }

  @Test func aNoticeIsWrittenOnceForTheCustomerAndAgents() async throws {
    try await WatchedDesk.with(adding: Self.policy) { desk in
      let ticket = try await desk.ticket()
      let watcher = try await desk.watcher()
      let fence = try #require(watcher.leadership.fence)
      let due = try #require(ticket.progress.pending).due
      desk.set(due - .seconds(1))
      #expect(try await watcher.notifier().notify(fencedBy: fence) == 0)
      desk.set(due)
      #expect(try await watcher.notifier().notify(fencedBy: fence) == 1)
      #expect(try await watcher.notifier().notify(fencedBy: fence) == 0)
      let messages = try await sent(to: ticket, desk)
      #expect(messages.map(\.author) == ["progress:received"])
      #expect(messages.map(\.body) == ["\(ticket.id) is number 1 in general, expected wait: not known yet."])
      let timeline = try await desk.store.conversations.timeline(of: ticket.id)
      #expect(timeline.map(\.kind) == ["queued", "progress_sent"])
      // No reply of an agent: the first response is still due, and the ticket waits.
      let after = try #require(try await desk.store.tickets.tickets([ticket.id])[ticket.id])
      #expect(after.state == .queued && after.clocks == ticket.clocks && after.progress.pending == nil)
    }
  }

  @Test func ofTwoWatchersThatBelieveToLeadTheHolderSends() async throws {
    try await WatchedDesk.with(adding: Self.policy) { desk in
      let tickets = [try await desk.ticket(from: "ann"), try await desk.ticket(from: "bob")]
      let former = try await desk.watcher()
      let past = try #require(former.leadership.fence)
      try await desk.store.fleet.releaseLeases([SLAWatcherService.lease], holder: past.holder)
      let leader = try await desk.watcher()
      let fence = try #require(leader.leadership.fence)
      desk.set(tickets[1].openedAt + .seconds(60))
      async let one = former.notifier().notify(fencedBy: past)
      async let other = leader.notifier().notify(fencedBy: fence)
      #expect(try await [one, other] == [0, 2])
      for ticket in tickets { #expect(try await sent(to: ticket, desk).count == 1) }
    }
  }

  /// Two rounds that read the same tickets, as after a kill between reading and writing: the ticket's version lets one write.
  @Test func ofTwoRoundsThatReadTheSameTicketsOneSends() async throws {
    try await WatchedDesk.with(adding: Self.policy) { desk in
      let ticket = try await desk.ticket()
      let watcher = try await desk.watcher()
      let fence = try #require(watcher.leadership.fence)
      desk.set(ticket.openedAt + .seconds(60))
      async let one = watcher.notifier().notify(fencedBy: fence)
      async let other = watcher.notifier().notify(fencedBy: fence)
      #expect(try await one + other == 1)
      #expect(try await sent(to: ticket, desk).count == 1)
    }
  }

  @Test func aRoundIsBounded() async throws {
    try await WatchedDesk.with(adding: Self.policy) { desk in
      var last: Ticket?
      for customer in ["ann", "bob", "cara"] { last = try await desk.ticket(from: customer) }
      let watcher = try await desk.watcher()
      let fence = try #require(watcher.leadership.fence)
      desk.set(try #require(last).openedAt + .seconds(60))
      let notifier = watcher.notifier(ticketsPerRound: 2)
      #expect(try await notifier.notify(fencedBy: fence) == 2)
      #expect(try await notifier.notify(fencedBy: fence) == 1)
    }
  }

  @Test func whatTheAgentSettledIsNotFollowedByReceived() async throws {
    try await WatchedDesk.with(adding: Self.policy) { desk in
      try await desk.store.matching.adoptAgents(of: #require(desk.policy.current))
      _ = try await desk.store.matching.setPresence(.available, of: "ann")
      let ticket = try await desk.ticket()
      let resolved = try await desk.resolve(ticket)
      let watcher = try await desk.watcher()
      let fence = try #require(watcher.leadership.fence)
      desk.set(try #require(resolved.resolvedAt) + .seconds(60))
      #expect(try await watcher.notifier().notify(fencedBy: fence) == 1)
      let messages = try await sent(to: ticket, desk)
      // The agent has no title, and the login is not shown.
      #expect(messages.map(\.body) == ["Solved by a colleague."])
    }
  }
}
