import DeskCore
import PostgreSQL
import ServiceHealth
import ServiceProcess
import Store
import Testing

@testable import Router

@Suite struct QueueDepthsTests {
  private static let limited = RouterDesk.policyText.replacing(
    "billing: {teams: [desk], skills: {billing: 3}, offer_time: 30s}",
    with: "billing: {teams: [desk], skills: {billing: 3}, offer_time: 30s, limit: 2, overflow: general}")

  private let start = ContinuousClock.now

  /// The time at which a count that began at `start` has been due so many times.
  private func later(_ counts: Int) -> ContinuousClock.Instant { start + RouterBounds.depthPause * counts }

  /// Tickets that another router queues.
  private func queue(_ count: Int, on desk: RouterDesk) async throws {
    for number in 0..<count {
      let acceptance = try #require(await desk.accept("m\(number)", from: "customer-\(number)"))
      #expect(try await desk.decisions.decide([desk.item(acceptance, from: "customer-\(number)")]) == 1)
    }
  }

  @Test func theCountIsRenewedWhenItIsDue() async throws {
    try await RouterDesk.with(policy: Self.limited) { desk in
      let (depths, policy) = (QueueDepths(), try #require(desk.policy.current))
      #expect(await depths.full(under: policy, in: desk.store, desk.logger, at: start).isEmpty)
      try await queue(2, on: desk)
      #expect(await depths.full(under: policy, in: desk.store, desk.logger, at: start).isEmpty, "not due yet")
      #expect(await depths.full(under: policy, in: desk.store, desk.logger, at: later(1)) == ["billing"])
      try await desk.store.pool.executeScript("DELETE FROM desk.ticket")
      #expect(await depths.full(under: policy, in: desk.store, desk.logger, at: later(2)).isEmpty)
      #expect(depths.task.failuresTotal == 0)
    }
  }

  @Test func theLastKnownCountIsUsedWhileCountingFails() async throws {
    try await RouterDesk.with(policy: Self.limited) { desk in
      let (depths, policy) = (QueueDepths(), try #require(desk.policy.current))
      try await queue(2, on: desk)
      #expect(await depths.full(under: policy, in: desk.store, desk.logger, at: start) == ["billing"])
      try await desk.store.pool.executeScript("ALTER TABLE desk.ticket RENAME TO hidden")
      for round in 1...TaskBounds.failuresBeforeWarning {
        // A failed count is not repeated before the next is due, however many ask.
        for _ in 0..<3 {
          #expect(await depths.full(under: policy, in: desk.store, desk.logger, at: later(round)) == ["billing"])
        }
        #expect(depths.task.failuresTotal == round)
      }
      #expect(depths.task.problem?.task == "queue_depths")
      try await desk.store.pool.executeScript("ALTER TABLE desk.hidden RENAME TO ticket; DELETE FROM desk.ticket")
      #expect(await depths.full(under: policy, in: desk.store, desk.logger, at: later(9)).isEmpty)
      #expect(depths.task.problem == nil)
    }
  }

  @Test func withoutLimitsNothingIsCounted() async throws {
    try await RouterDesk.with { desk in
      let (depths, policy) = (QueueDepths(), try #require(desk.policy.current))
      try await desk.store.pool.executeScript("ALTER TABLE desk.ticket RENAME TO hidden")
      #expect(await depths.full(under: policy, in: desk.store, desk.logger, at: start).isEmpty)
      #expect(depths.task.failuresTotal == 0)
    }
  }

  /// The counts of a policy's earlier limits do not hide a new one.
  @Test func aNewLimitIsCountedWhenItIsDue() async throws {
    try await RouterDesk.with(policy: Self.limited) { desk in
      let (depths, policy) = (QueueDepths(), try #require(desk.policy.current))
      try await queue(1, on: desk)
      #expect(await depths.full(under: policy, in: desk.store, desk.logger, at: start).isEmpty)
      _ = try await desk.store.access.applyPolicy(
        document: Self.limited.replacing("limit: 2", with: "limit: 1"), by: "test")
      try await desk.policy.look()
      let stricter = try #require(desk.policy.current)
      #expect(await depths.full(under: stricter, in: desk.store, desk.logger, at: later(1)) == ["billing"])
    }
  }
}
