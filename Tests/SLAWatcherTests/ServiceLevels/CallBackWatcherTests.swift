import ServiceHealth
import ServiceProcess
import Store
import TestStore
import Testing

@testable import DeskCore
@testable import SLAWatcher

/// Call-backs that come due, and queues in which nothing moves.
@Suite struct CallBackWatcherTests {
  private let lead = ActingAgent("ann", leads: true)

  private func callBacks(of watcher: Watcher) -> CallBackWatcher {
    CallBackWatcher(
      store: watcher.desk.store, clock: watcher.clock(), policy: watcher.desk.policy, leadership: watcher.leadership,
      stepper: watcher.stepper, metrics: watcher.metrics, logger: watcher.logger, ticketsPerRound: 16)
  }

  private func queues(of watcher: Watcher) -> StuckQueueWatcher {
    StuckQueueWatcher(
      store: watcher.desk.store, clock: watcher.clock(), policy: watcher.desk.policy, leadership: watcher.leadership,
      metrics: watcher.metrics, logger: watcher.logger, wakeOutbox: {})
  }

  private func entries(of ticket: Ticket, on desk: WatchedDesk) async throws -> [String] {
    try await desk.store.conversations.timeline(of: ticket.id).map(\.kind).filter { $0.hasPrefix("call_back") }
  }

  private func notices(to agent: AgentID, _ role: Role, on desk: WatchedDesk) async throws -> [String] {
    try await desk.store.notices.notices(for: NoticeReader(agent: agent, role: role), limit: 9).map(\.kind)
  }

  @Test func aCallBackIsWarnedOfAndBrokenOnceWhateverRestarts() async throws {
    try await WatchedDesk.with { desk in
      let now = try await desk.store.now()
      let ticket = try await desk.ticket()
      let due = now + .seconds(7_200)
      try await desk.take(ticket, .callBackChanged(.promise(dueAt: due, owner: "bob"), by: lead, reason: nil))
      let (one, other) = try await (desk.watcher(), desk.watcher())
      let fence = try #require(one.leadership.fence)
      #expect(try await callBacks(of: one).check(fencedBy: fence) == 0)
      desk.set(due - .seconds(60))
      #expect(try await callBacks(of: one).check(fencedBy: fence) == 1)
      #expect(try await callBacks(of: one).check(fencedBy: fence) == 0, "a restart repeats nothing")
      #expect(try await notices(to: "bob", .agent, on: desk) == ["callback.warned", "callback.assigned"])
      desk.set(due + .seconds(1))
      // A watcher without the lease writes nothing.
      let stranger = Fence(lease: fence.lease, holder: try await desk.fresh(), term: fence.term)
      #expect(try await callBacks(of: other).check(fencedBy: stranger) == 0)
      #expect(try await callBacks(of: one).check(fencedBy: fence) == 1)
      #expect(try await callBacks(of: one).check(fencedBy: fence) == 0)
      #expect(
        try await entries(of: ticket, on: desk) == ["call_back_promised", "call_back_warned", "call_back_broken"])
      #expect(try await notices(to: "bob", .agent, on: desk).first == "callback.broken")
      #expect(try await notices(to: "ann", .agent, on: desk) == ["callback.broken"], "the lead of the queue's team")
      let page = try await desk.store.callBacks.list(CallBackFilter(), limit: 9)
      #expect(page.callBacks.map(\.state) == [.broken] && page.callBacks.first?.endedAt == nil)
    }
  }

  @Test func aCallBackThatIsKeptIsNotWarnedOf() async throws {
    try await WatchedDesk.with { desk in
      let due = try await desk.store.now() + .seconds(7_200)
      let ticket = try await desk.ticket()
      let promised = try await desk.take(
        ticket, .callBackChanged(.promise(dueAt: due, owner: "ann"), by: lead, reason: nil))
      try await desk.take(promised, .callBackChanged(.finish(isDone: true), by: lead, reason: nil))
      let watcher = try await desk.watcher()
      desk.set(due + .seconds(9_000))
      #expect(try await callBacks(of: watcher).check(fencedBy: try #require(watcher.leadership.fence)) == 0)
      #expect(try await entries(of: ticket, on: desk) == ["call_back_promised", "call_back_ended"])
    }
  }

  @Test func aStuckQueueIsNoticedOnceAndItsEndAsWell() async throws {
    try await WatchedDesk.with { desk in
      let ticket = try await desk.ticket()
      let watcher = try await desk.watcher()
      let since = try #require(ticket.waitingSince)
      desk.set(since + .seconds(60))
      #expect(try await queues(of: watcher).round() == [])
      desk.set(since + .seconds(900))
      let begun = try await queues(of: watcher).round()
      #expect(begun.map(\.queue) == ["general"] && begun.first?.reason == .unstaffed)
      #expect(try await queues(of: watcher).round() == [], "once for each episode")
      #expect(try await notices(to: "ann", .agent, on: desk) == ["queue.stuck"])
      // An agent comes, but gets nothing: it goes on.
      _ = try await desk.store.matching.adoptAgents(of: try #require(desk.policy.current))
      #expect(try await desk.store.matching.setPresence(.available, of: "ann"))
      #expect(try await queues(of: watcher).round() == [])
      #expect(try await notices(to: "ann", .agent, on: desk) == ["queue.stuck"])
      let now = since + .seconds(900)
      let offer = try await Offer(id: desk.fresh(), agent: "ann", offeredAt: now, expiresAt: now + .seconds(30))
      try await desk.take(ticket, .offered(offer))
      #expect(try await queues(of: watcher).round() == [])
      #expect(try await notices(to: "ann", .agent, on: desk) == ["queue.moves", "queue.stuck"])
    }
  }
}
