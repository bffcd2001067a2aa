import DeskCore
import Logging
import PostgreSQL
import ServiceHealth
import ServiceProcess
import Store
import TestService
import Testing

@testable import Notifier

/// Hooks that accept nothing for long, and what becomes of their pending deliveries.
@Suite struct FailingHookTests {
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
      ops: { url: "https://ops.example/", secrets: [\(HookDesk.secret)], kinds: [hook.failing] }
    """

  private let logger = Logger.silent
  private let start = Instant(seconds: 1_000_000)

  @Test func theLimitsAreConsistent() {
    #expect(NotifierBounds.connectTimeout * NotifierBounds.addressesPerAttempt <= NotifierBounds.deliveryTimeout)
    #expect(NotifierBounds.resolveTimeout + NotifierBounds.deliveryTimeout < NotifierBounds.claimTime)
    #expect(NotifierBounds.failingBeforeNotice < NotifierBounds.failingBeforePause)
    // Paused before its pending deliveries have used up their schedule.
    for schedule: RetrySchedule in [.standardWebhooks, .chat, .mail] {
      #expect(NotifierBounds.failingBeforePause < schedule.delays.reduce(Duration.zero, +))
    }
    #expect(NotifierBounds.holdingReport * 2 < StoreBounds.holdReportHolds)
    #expect(NotifierBounds.countingPause < NotifierBounds.longestCountingPause)
  }

  @Test func patienceDependsOnTimeAndAttempts() {
    let patience = HookPatience()
    func verdict(failingFor time: Duration, _ failures: Int32, noticed: Bool = false) -> HookPatience.Verdict {
      patience.verdict(
        on: HookState(
          hook: "shop", failingSince: start, failures: failures, notifiedAt: noticed ? start : nil), now: start + time)
    }
    #expect(patience.verdict(on: HookState(hook: "shop"), now: start) == .nothing)
    #expect(verdict(failingFor: NotifierBounds.failingBeforeNotice - .seconds(1), 99) == .nothing)
    #expect(verdict(failingFor: NotifierBounds.failingBeforeNotice, 1) == .notify)
    #expect(verdict(failingFor: NotifierBounds.failingBeforeNotice, 1, noticed: true) == .nothing)
    #expect(verdict(failingFor: NotifierBounds.failingBeforePause, 19, noticed: true) == .nothing)
    #expect(verdict(failingFor: NotifierBounds.failingBeforePause, 20, noticed: true) == .pause)
    let paused = HookState(hook: "shop", pausedAt: start)
    #expect(patience.verdict(on: paused, now: start) == .notify)
    #expect(patience.verdict(on: HookState(hook: "shop", pausedAt: start, notifiedAt: start), now: start) == .nothing)
  }

  @Test func operatorsAreNotifiedOncePerHookState() async throws {
    try await HookDesk.with { desk in
      let policy = try await desk.follow(Self.policy)
      let endpoint = try LocalEndpoint { _ in "500 Internal Server Error" }
      _ = try await desk.enqueueNotices(to: "shop")
      _ = try await desk.worker(desk.hook(at: endpoint.url)).runOnce()
      var patience = HookPatience()
      func look(leads: Bool = true) async throws -> Int64 {
        let turn = try await FailingHookWatcher(
          store: desk.store, clock: DatabaseClock(asking: desk.store), policy: policy,
          leadership: desk.leadership { leads }, patience: patience, logger: logger
        ).runOnce()
        #expect(turn == (leads ? .done(.regular) : .standBy))
        return try await desk.waiting(for: "ops")
      }
      #expect(try await look() == 0)
      patience.beforeNotice = .zero
      #expect(try await look(leads: false) == 0)
      #expect(try await look() == 1)
      #expect(try await look() == 1)
      (patience.beforePause, patience.failuresBeforePause) = (.zero, 1)
      #expect(try await look() == 1)
      #expect(try await desk.store.hooks.pausedHooks() == ["shop"])
      #expect(try await look() == 2)
      #expect(try await look() == 2)
      let notices = try await desk.store.outbox.claimNotices(for: "ops", by: desk.fresh(), limit: 9, claimTime: .zero)
      #expect(notices.allSatisfy { $0.kind == "hook.failing" && $0.body.contains(#""hook":"shop""#) })
      #expect(
        notices.contains {
          $0.body.contains(#""paused":true"#) && $0.body.contains("no delivery has succeeded since")
        })
      // Its pending deliveries are kept.
      #expect(try await desk.waiting() == 1)
      #expect(try await desk.store.outbox.deadLetterCount() == 0)
    }
  }

  @Test func aHookThatCannotBeReportedHidesNoOther() async throws {
    try await HookDesk.with { desk in
      let policy = try await desk.follow(
        Self.policy + "\n  crm: { url: \"https://crm.example/\", secrets: [\(HookDesk.secret)], kinds: all }\n")
      // A notice refers to the ticket of a pending delivery.
      for hook: HookID in ["crm", "shop"] { _ = try await desk.enqueueNotices(to: hook, customer: "of \(hook)") }
      try await desk.run(
        """
        INSERT INTO desk.hook_state (hook, failing_since, failures) VALUES
          ('crm', now() - interval '1 hour', 5), ('shop', now() - interval '1 hour', 5);
        ALTER TABLE desk.hook_state ADD CONSTRAINT poison CHECK (hook <> 'crm' OR notified_at IS NULL) NOT VALID;
        """)
      let watcher = try await FailingHookWatcher(
        store: desk.store, clock: DatabaseClock(asking: desk.store), policy: policy,
        leadership: desk.leadership { true },
        logger: logger)
      #expect(await watcher.runOnce() == .failed)
      #expect(watcher.task.failuresTotal == 1)
      #expect(try await desk.waiting(for: "ops") == 1)
      try await desk.run("ALTER TABLE desk.hook_state DROP CONSTRAINT poison")
      for _ in 1...2 {
        #expect(await watcher.runOnce() == .done(.regular))
        #expect(try await desk.waiting(for: "ops") == 2)
      }
    }
  }
}
