import DeskCore
import Logging
import ServiceKit
import ServiceLifecycle
import Store

/// Moves deliveries that no notifier delivers to the dead letters, with the reason: those of hooks that were removed from the policy, after
/// a grace period in which they may come back, and those long due to hooks that are paused or held. The leading notifier does it.
actor OrphanedDeliverySweeper: WatchedService {
  private let store: DeskStore
  private let me: InstanceID
  private let policy: PolicyFollower
  private let leadership: NotifierLeadership
  private let grace: Duration
  private let pendingRetention: Duration
  private let logger: Logger
  private let metrics: NotifierMetrics
  private let now: @Sendable () -> ContinuousClock.Instant
  private let pause: Duration
  private var missingSince: [HookID: ContinuousClock.Instant] = [:]
  private let task = WatchedTask("undeliverable_notices")

  init(
    store: DeskStore, me: InstanceID, policy: PolicyFollower, leadership: NotifierLeadership, grace: Duration,
    pendingRetention: Duration, pause: Duration = NotifierBounds.orphanSweepPause, logger: Logger,
    metrics: NotifierMetrics,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    self.store = store
    self.me = me
    self.policy = policy
    self.leadership = leadership
    self.grace = grace
    self.pendingRetention = pendingRetention
    self.pause = pause
    self.metrics = metrics
    self.logger = logger
    self.now = now
  }

  nonisolated var tasks: [WatchedTask] { [task] }

  func run() async throws {
    await PeriodicTask(task, every: pause, logger: logger).run {
      _ = try await self.runOnce()
      return .regular
    }
  }

  /// Runs one bounded round.
  /// - Returns: how many deliveries were moved to the dead letters.
  func runOnce() async throws -> Int {
    guard leadership.leads, let policy = policy.current else { return 0 }
    let owed = try await store.hooksWithPendingDeliveries()
    let missing = owed.filter { policy.hooks[$0] == nil }
    missingSince = Dictionary(missing.map { ($0, missingSince[$0] ?? now()) }, uniquingKeysWith: { first, _ in first })
    var deadLettered = 0
    for hook in owed {
      if let since = missingSince[hook], now() - since >= grace {
        deadLettered += try await deadLetter(owedTo: hook, reason: "the policy no longer has this hook")
      } else {
        // Deliveries that are attempted are never due for that long: each claim sets a new due time.
        deadLettered += try await deadLetter(
          owedTo: hook, overdue: pendingRetention,
          reason: "not attempted in \(Int(pendingRetention.inSeconds)) s, because the hook was paused or held")
      }
    }
    return deadLettered
  }

  private func deadLetter(owedTo hook: HookID, overdue: Duration = .zero, reason: String) async throws -> Int {
    let claimed = try await store.claimNotices(
      for: hook, by: me, limit: NotifierBounds.burialsPerRound, claimTime: NotifierBounds.claimTime, overdue: overdue)
    for notice in claimed {
      try await store.deadLetter(notice.id, reason: reason)
      metrics.deadLettered(hook)
    }
    if !claimed.isEmpty {
      logger.warning(
        "undeliverable notices were moved to the dead letters",
        metadata: ["hook": "\(hook)", "deliveries": "\(claimed.count)", "reason": "\(reason)"])
    }
    return claimed.count
  }
}
