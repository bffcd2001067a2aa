import ServiceHealth
import ServiceProcess
import Store
import SystemPrimitives
import TestStore
import Testing

@testable import DeskCore
@testable import SLAWatcher

/// Agents in reserve are called, come, work and are sent back.
@Suite struct ReserveCallerTests {
  private static let more = """
    reserve_calls: { oldest: 10m, quiet: 60s, apart: 30s }

    """

  /// - Parameter counter: the machine's monotonic clock, where a test moves the database's.
  private func caller(of watcher: Watcher, counter: (@Sendable () -> Duration)? = nil) -> ReserveCaller {
    ReserveCaller(
      store: watcher.desk.store, clock: watcher.clock(counter: counter), policy: watcher.desk.policy,
      leadership: watcher.leadership,
      metrics: watcher.metrics, logger: watcher.logger, wakeOutbox: {})
  }

  private func notices(to agent: AgentID, _ role: Role, on desk: WatchedDesk) async throws -> [String] {
    try await desk.store.notices.notices(for: NoticeReader(agent: agent, role: role), limit: 9).map(\.kind)
  }

  private func presence(of agent: AgentID, on desk: WatchedDesk) async throws -> Presence? {
    try await desk.store.matching.agentRows().first { $0.agent == agent }?.presence
  }

  @Test func theReserveComesToAnUnstaffedQueueAndIsSentBackWhenItIsCalm() async throws {
    try await WatchedDesk.with(adding: Self.more) { desk in
      try await desk.store.matching.adoptAgents(of: try #require(desk.policy.current))
      #expect(try await desk.store.matching.setPresence(.reserve, of: "ann"))
      let watcher = try await desk.watcher()
      let elapsed = PthreadMutex(Duration.zero)
      let caller = caller(of: watcher) { elapsed.withLock { $0 } }
      #expect(try await caller.round() == [], "nothing waits")
      let ticket = try await desk.ticket()
      desk.set(try await desk.store.now())
      #expect(try await caller.round().count == 1)
      #expect(try await caller.round() == [], "once")
      // Another process that takes the lead knows it too.
      #expect(try await self.caller(of: desk.watcher()).round() == [])
      #expect(try await notices(to: "ann", .lead, on: desk) == ["reserve.called"])
      #expect(try await presence(of: "ann", on: desk) == .reserve, "only the agent becomes available")

      #expect(try await desk.store.matching.setPresence(.available, of: "ann"))
      let resolved = try await desk.resolve(ticket)
      #expect(resolved.waitingSince == nil)
      let now = try await desk.store.now()
      desk.set(now)
      guard case .accepted(let call)? = try await caller.round().first else {
        Issue.record("the agent has come")
        return
      }
      #expect(call.agent == "ann")
      elapsed.withLock { $0 = .seconds(59) }
      desk.set(now + .seconds(59))
      #expect(try await caller.round() == [], "calm for less than a minute")
      elapsed.withLock { $0 = .seconds(61) }
      desk.set(now + .seconds(61))
      #expect(try await caller.round().count == 1)
      #expect(try await presence(of: "ann", on: desk) == .reserve)
      #expect(try await notices(to: "ann", .lead, on: desk) == ["reserve.released", "reserve.called"])
      #expect(try await caller.round() == [])
    }
  }

  @Test func agentsWithWorkStayAndAQueueWithoutNeedCallsNobody() async throws {
    try await WatchedDesk.with(adding: Self.more) { desk in
      try await desk.store.matching.adoptAgents(of: try #require(desk.policy.current))
      #expect(try await desk.store.matching.setPresence(.available, of: "ann"))
      _ = try await desk.ticket()
      desk.set(try await desk.store.now() + .seconds(9_000))
      #expect(try await caller(of: desk.watcher()).round() == [], "someone available has room")
    }
  }
}
