import DeskCore
import Observability
import PostgreSQL
import ServiceHealth
import Store
import SystemPrimitives
import TestService
import Testing

@testable import Notifier

@Suite struct OrphanedDeliverySweeperTests {
  /// It has no hook `gone`.
  private static let policy = """
    version: 1
    agents: [{ id: ann, capacity: 4 }]
    queues: { general: {} }
    rules: [{ name: rest, queue: general }]
    default_queue: general
    triage: { queue: general, below: 0.35 }
    channels: { web: { replies: fetch } }
    hooks:
      shop: { url: "https://shop.example/", secrets: [\(HookDesk.secret)], kinds: all }
    """
  private static let grace: Duration = .seconds(600)

  private struct State {
    var isLeading = true
    var now = ContinuousClock.now
  }

  private func sweeping(
    deliveriesPerRound: Int = NotifierBounds.burialsPerRound,
    _ body: (HookDesk, OrphanedDeliverySweeper, PthreadMutex<State>) async throws -> Void
  ) async throws {
    try await HookDesk.with { desk in
      let state = PthreadMutex(State())
      let sweeper = try await OrphanedDeliverySweeper(
        store: desk.store, me: desk.fresh(), policy: desk.follow(Self.policy),
        leadership: desk.leadership { state.withLock { $0.isLeading } }, grace: Self.grace,
        pendingRetention: .seconds(3600), deliveriesPerRound: deliveriesPerRound,
        logger: .silent, metrics: NotifierMetrics(desk.metrics),
        now: { state.withLock { $0.now } })
      try await body(desk, sweeper, state)
    }
  }

  private func dead(_ desk: HookDesk) async throws -> [DeadLetter] {
    try await desk.store.outbox.deadLetters(includingReplayed: false, limit: 20)
  }

  @Test func deliveriesOfAVanishedHookAreMovedOnceAfterItsGracePeriod() async throws {
    try await sweeping { desk, sweeper, state in
      let enqueued = try await desk.enqueueNotices(2, to: "gone")
      _ = try await desk.enqueueNotices(to: "shop", customer: "bob")
      #expect(await sweeper.runOnce() == .done(.regular))
      state.withLock { $0.now += Self.grace - .seconds(1) }
      #expect(await sweeper.runOnce() == .done(.regular))
      #expect(try await desk.waiting(for: "gone") == 2)
      state.withLock { $0.now += .seconds(1) }
      for _ in 1...2 {
        #expect(await sweeper.runOnce() == .done(.regular))
        #expect(try await desk.waiting(for: "gone") == 0)
        let letters = try await dead(desk)
        #expect(Set(letters.map(\.id.description)) == Set(enqueued.map(\.description)))
        #expect(letters.allSatisfy { $0.reason == "the policy no longer has this hook" })
        #expect(desk.metrics.render().contains(#"frontdesk_notifier_buried_total{hook="gone"} 2"#))
      }
      #expect(try await desk.waiting() == 1, "the other hook's delivery stays")
    }
  }

  @Test func deliveriesToAPausedHookAreKeptTemporarily() async throws {
    try await sweeping { desk, sweeper, _ in
      let enqueued = try await desk.enqueueNotices(2, to: "shop")
      try await desk.store.hooks.pauseHook("shop", reason: "the endpoint answered 410")
      #expect(await sweeper.runOnce() == .done(.regular))
      try await desk.run(
        "UPDATE desk.outbox SET next_attempt_at = now() - interval '2 hours' WHERE id = '\(enqueued[0])'")
      #expect(await sweeper.runOnce() == .done(.regular))
      #expect(try await desk.waiting() == 1)
      let letters = try await dead(desk)
      #expect(letters.map(\.id.description) == [enqueued[0].description])
      #expect(letters.allSatisfy { $0.reason.contains("paused") })
    }
  }

  @Test func onlyTheLeaderMovesDeliveriesAndItsSuccessorGrantsTheWholeGracePeriod() async throws {
    try await sweeping { desk, sweeper, state in
      _ = try await desk.enqueueNotices(to: "gone")
      #expect(await sweeper.runOnce() == .done(.regular))
      state.withLock { state in
        state.isLeading = false
        state.now += Self.grace
      }
      #expect(await sweeper.runOnce() == .standBy)
      #expect(try await desk.waiting(for: "gone") == 1)
      // The hook may have been there in the meantime.
      state.withLock { $0.isLeading = true }
      #expect(await sweeper.runOnce() == .done(.regular))
      #expect(try await desk.waiting(for: "gone") == 1)
      state.withLock { $0.now += Self.grace }
      #expect(await sweeper.runOnce() == .done(.regular))
      #expect(try await desk.waiting(for: "gone") == 0)
    }
  }

  @Test func aFullBatchAsksForTheNextAtOnce() async throws {
    try await sweeping(deliveriesPerRound: 2) { desk, sweeper, state in
      _ = try await desk.enqueueNotices(3, to: "gone")
      #expect(await sweeper.runOnce() == .done(.regular))
      state.withLock { $0.now += Self.grace }
      #expect(await sweeper.runOnce() == .done(.none))
      #expect(try await desk.waiting(for: "gone") == 1)
      #expect(await sweeper.runOnce() == .done(.regular))
      #expect(try await desk.waiting(for: "gone") == 0)
    }
  }

  @Test func aDeliveryThatCannotBeMovedBlocksNoOther() async throws {
    try await sweeping { desk, sweeper, state in
      let enqueued = try await desk.enqueueNotices(3, to: "gone")
      _ = try await desk.enqueueNotices(to: "lost", customer: "bob")
      #expect(await sweeper.runOnce() == .done(.regular))
      state.withLock { $0.now += Self.grace }
      try await desk.run(
        """
        UPDATE desk.outbox SET next_attempt_at = next_attempt_at - interval '1 minute' WHERE id = '\(enqueued[1])';
        ALTER TABLE desk.dead_letter ADD CONSTRAINT poison CHECK (id <> '\(enqueued[1])') NOT VALID;
        """)
      #expect(await sweeper.runOnce() == .failed)
      #expect(sweeper.tasks.map(\.failuresTotal) == [1])
      #expect(try await desk.waiting(for: "gone") == 1)
      #expect(try await desk.waiting(for: "lost") == 0)
      try await desk.run("ALTER TABLE desk.dead_letter DROP CONSTRAINT poison")
      try await desk.hurry()
      #expect(await sweeper.runOnce() == .done(.regular))
      #expect(try await desk.waiting(for: "gone") == 0)
      #expect(try await dead(desk).count == 4)
      #expect(sweeper.tasks.map(\.failuresTotal) == [1])
    }
  }
}
