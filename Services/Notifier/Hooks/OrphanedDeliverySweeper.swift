import DeskCore
import Logging
import ServiceKit
import ServiceLifecycle
import Store

/// Moves to the dead letters, with its reason, what is not delivered by any notifier: what is owed to hooks that are gone from the policy, after a grace in
/// which they may come back, and what has been due for long to hooks that are paused or held. The notifier that leads does it.
actor Undertaker: WatchedService {
  private let store: DeskStore
  private let me: InstanceID
  private let policy: PolicyFollower
  private let leadership: NotifierLeadership
  private let grace: Duration
  private let keepsOwed: Duration
  private let logger: Logger
  private let metrics: NotifierMetrics
  private let now: @Sendable () -> ContinuousClock.Instant
  private let pause: Duration
  private var missingSince: [HookID: ContinuousClock.Instant] = [:]
  private let task = WatchedTask("undeliverable_notices")

  init(
    store: DeskStore, me: InstanceID, policy: PolicyFollower, leadership: NotifierLeadership, grace: Duration,
    keepsOwed: Duration, pause: Duration = NotifierBounds.buryingPause, logger: Logger, metrics: NotifierMetrics,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    self.store = store
    self.me = me
    self.policy = policy
    self.leadership = leadership
    self.grace = grace
    self.keepsOwed = keepsOwed
    self.pause = pause
    self.metrics = metrics
    self.logger = logger
    self.now = now
  }

  nonisolated var tasks: [WatchedTask] { [task] }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        await self.task.attempt(self.logger) { _ = try await self.runOnce() }
        try? await Task.sleep(for: self.pause)
      }
    }
  }

  /// One bounded round.
  /// - Returns: how many deliveries went to the dead letters.
  func runOnce() async throws -> Int {
    guard leadership.leads, let policy = policy.current else { return 0 }
    let owed = try await store.hooksOwed()
    let missing = owed.filter { policy.hooks[$0] == nil }
    missingSince = Dictionary(missing.map { ($0, missingSince[$0] ?? now()) }, uniquingKeysWith: { first, _ in first })
    var buried = 0
    for hook in owed {
      if let since = missingSince[hook], now() - since >= grace {
        buried += try await bury(owedTo: hook, reason: "the policy has no such hook any more")
      } else {
        // Deliveries that are attempted are never due for so long: each claim sets a new due time.
        buried += try await bury(
          owedTo: hook, overdue: keepsOwed,
          reason: "not attempted in \(Int(keepsOwed.inSeconds)) s, because the hook was paused or held")
      }
    }
    return buried
  }

  private func bury(owedTo hook: HookID, overdue: Duration = .zero, reason: String) async throws -> Int {
    let claimed = try await store.claimNotices(
      for: hook, by: me, limit: NotifierBounds.burialsPerRound, claimTime: NotifierBounds.claimTime, overdue: overdue)
    for notice in claimed {
      try await store.bury(notice.id, reason: reason)
      metrics.buried(hook)
    }
    if !claimed.isEmpty {
      logger.warning(
        "undeliverable notices went to the dead letters",
        metadata: ["hook": "\(hook)", "deliveries": "\(claimed.count)", "reason": "\(reason)"])
    }
    return claimed.count
  }
}
