import DeskCore
import Messaging
import Observability
import PostgreSQL
import ServiceHealth
import ServiceLifecycle
import ServiceProcess
import Store
import TestService
import Testing
import ZeroMQ

@testable import Notifier

/// The notifier's periodic tasks, when each of them keeps failing.
@Suite(.timeLimit(.minutes(3))) struct LastingFailureTests {
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
      unsigned: { url: "https://ops.example/", secret_env: [A_SECRET_THAT_IS_NOT_SET], kinds: all }
    """

  @Test func everyFailingLoopIsReported() async throws {
    let expected: Set = [
      "count_outbox", "failing_hooks", "held_hooks", "hook_claims_shop", "paused_hooks", "undeliverable_notices",
    ]
    try await HookDesk.with { desk in
      let log = LogRecorder()
      let logger = log.logger
      _ = try await desk.store.access.applyPolicy(document: Self.policy, by: "test")
      let policy = PolicyFollower(store: desk.store, logger: logger)
      try await policy.look()
      let (made, make) = AsyncStream.makeStream(of: Void.self)
      let worker = try await desk.worker(#require(policy.current?.hooks["shop"]), logger: logger)
      let clock = try await DatabaseClock(asking: desk.store)
      let leadership = try await desk.leadership { true }
      let thread = ZeroMQThread(context: try ZeroMQContext())
      let parts: [any Service] = [
        OutboxCounter(
          store: desk.store, clock: clock, leadership: leadership, pause: .milliseconds(50), metrics: desk.metrics,
          logger: logger),
        OrphanedDeliverySweeper(
          store: desk.store, me: try await desk.fresh(), policy: policy, leadership: leadership, grace: .seconds(600),
          pendingRetention: .seconds(600), pause: .milliseconds(50), logger: logger,
          metrics: NotifierMetrics(desk.metrics)),
        FailingHookWatcher(
          store: desk.store, clock: clock, policy: policy, leadership: leadership, pause: .milliseconds(50),
          logger: logger),
        HookDispatcher(
          store: desk.store, policy: policy, hintSubscriber: HintSubscriber(on: thread, topics: [], keys: nil),
          held: HeldHooks(store: desk.store, metrics: desk.metrics, logger: logger), logger: logger
        ) { _ in
          make.yield()
          return worker
        },
      ]
      let board = TaskBoard(metrics: desk.metrics)
      board.watch(parts)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for part in parts { group.addTask { try await part.run() } }
        _ = await made.first { _ in true }
        try await desk.store.pool.executeScript("DROP SCHEMA desk CASCADE")
        try await log.waitForWarnings(of: expected)
        #expect(Set(board.problems.map(\.task)).isSuperset(of: expected))
        #expect(desk.metrics.render().contains(#"frontdesk_background_failures_total{task="hook_claims_shop"}"#))
        group.cancelAll()
      }
      await thread.stop()
    }
  }
}
