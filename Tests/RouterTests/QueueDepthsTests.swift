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

  /// The counts, and what renews them.
  private struct Parts {
    let depths = QueueDepths()
    let desk: RouterDesk

    func full() async throws -> Set<QueueID> {
      try await depths.full(under: #require(desk.policy.current), in: desk.store, desk.logger)
    }

    /// One turn of the counter's loop.
    @discardableResult
    func count() async -> PeriodicTask.Turn {
      let counter = QueueDepthCounter(store: desk.store, depths: depths, policy: desk.policy, logger: desk.logger)
      return await counter.periodic.runOnce { try await counter.round() }
    }
  }

  /// Tickets that another router queues.
  private func queue(_ count: Int, after others: Int = 0, on desk: RouterDesk) async throws {
    for number in others..<others + count {
      let acceptance = try #require(await desk.accept("m\(number)", from: "customer-\(number)"))
      #expect(try await desk.decisions.decide([desk.item(acceptance, from: "customer-\(number)")]) == 1)
    }
  }

  @Test func theFirstCountIsWaitedForAndOthersAreNot() async throws {
    try await RouterDesk.with(policy: Self.limited) { desk in
      let parts = Parts(desk: desk)
      try await queue(2, on: desk)
      #expect(try await parts.full() == ["billing"], "nothing was known")
      try await desk.store.pool.executeScript("DELETE FROM desk.ticket")
      #expect(try await parts.full() == ["billing"], "what is known is used")
      #expect(await parts.count() == .done(.regular))
      #expect(try await parts.full().isEmpty)
      try await queue(2, after: 2, on: desk)
      #expect(try await parts.full().isEmpty)
      await parts.count()
      #expect(try await parts.full() == ["billing"])
      #expect(parts.depths.task.failuresTotal == 0)
    }
  }

  @Test func nothingIsCountedWhileNothingIsDecided() async throws {
    try await RouterDesk.with(policy: Self.limited) { desk in
      let parts = Parts(desk: desk)
      #expect(try await parts.full().isEmpty)
      try await desk.store.pool.executeScript("ALTER TABLE desk.ticket RENAME TO hidden")
      #expect(await parts.count() == .done(.regular), "no decision since the last count")
      #expect(try await parts.full().isEmpty)
      #expect(await parts.count() == .failed)
      try await desk.store.pool.executeScript("ALTER TABLE desk.hidden RENAME TO ticket")
    }
  }

  @Test func theLastKnownCountIsUsedWhileCountingFails() async throws {
    try await RouterDesk.with(policy: Self.limited) { desk in
      let parts = Parts(desk: desk)
      try await queue(2, on: desk)
      #expect(try await parts.full() == ["billing"])
      try await desk.store.pool.executeScript("ALTER TABLE desk.ticket RENAME TO hidden")
      for round in 1...TaskBounds.failuresBeforeWarning {
        // A failed count is not repeated by those who ask, however many do.
        for _ in 0..<3 { #expect(try await parts.full() == ["billing"]) }
        #expect(await parts.count() == .failed)
        #expect(parts.depths.task.failuresTotal == round)
      }
      #expect(parts.depths.task.problem?.task == "queue_depths")
      try await desk.store.pool.executeScript("ALTER TABLE desk.hidden RENAME TO ticket; DELETE FROM desk.ticket")
      #expect(try await parts.full() == ["billing"])
      await parts.count()
      #expect(try await parts.full().isEmpty)
      #expect(parts.depths.task.problem == nil)
    }
  }

  @Test func withoutLimitsNothingIsCounted() async throws {
    try await RouterDesk.with { desk in
      let parts = Parts(desk: desk)
      try await desk.store.pool.executeScript("ALTER TABLE desk.ticket RENAME TO hidden")
      #expect(try await parts.full().isEmpty)
      #expect(await parts.count() == .done(.regular))
      #expect(parts.depths.task.failuresTotal == 0)
    }
  }

  /// The counts of a policy's earlier limits do not hide a new one.
  @Test func aNewLimitIsCountedWhenItIsDue() async throws {
    try await RouterDesk.with(policy: Self.limited) { desk in
      let parts = Parts(desk: desk)
      try await queue(1, on: desk)
      #expect(try await parts.full().isEmpty)
      _ = try await desk.store.access.applyPolicy(
        document: Self.limited.replacing("limit: 2", with: "limit: 1"), by: "test")
      try await desk.policy.look()
      _ = try await parts.full()
      #expect(await parts.count() == .done(.regular))
      #expect(try await parts.full() == ["billing"])
    }
  }
}
