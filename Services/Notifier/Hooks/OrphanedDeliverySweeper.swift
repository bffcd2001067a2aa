import DeskCore
import Logging
import ServiceHealth
import ServiceProcess
import Store

/// Moves deliveries that no notifier delivers to the dead letters, with the reason: those of hooks that were removed from the policy, after
/// a grace period in which they may come back, and those long due to hooks that are paused or held. The leading notifier does it.
actor OrphanedDeliverySweeper: LeaderService {
  private let store: DeskStore
  private let me: InstanceID
  private let policy: PolicyFollower
  let leadership: Leadership
  private let grace: Duration
  private let pendingRetention: Duration
  private let logger: Logger
  private let metrics: NotifierMetrics
  private let now: @Sendable () -> ContinuousClock.Instant
  private let pause: Duration
  private let deliveriesPerRound: Int
  private var missingSince: [HookID: ContinuousClock.Instant] = [:]
  private let task = WatchedTask("undeliverable_notices")

  init(
    store: DeskStore, me: InstanceID, policy: PolicyFollower, leadership: Leadership, grace: Duration,
    pendingRetention: Duration, pause: Duration = NotifierBounds.orphanSweepPause,
    deliveriesPerRound: Int = NotifierBounds.burialsPerRound, logger: Logger,
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
    self.deliveriesPerRound = deliveriesPerRound
    self.metrics = metrics
    self.logger = logger
    self.now = now
  }

  nonisolated var periodic: PeriodicTask { PeriodicTask(task, every: pause, logger: logger) }

  /// While another notifier leads, a hook may be added and removed again without this process seeing it: the grace period starts over.
  func standBy() {
    missingSince = [:]
  }

  /// Runs one bounded round. Each delivery is moved on its own.
  /// - Throws: the first failure, after every hook was swept.
  func round(fencedBy _: Fence) async throws -> PeriodicTask.Pause {
    guard let policy = policy.current else { return .regular }
    let owed = try await store.outbox.hooksWithPendingDeliveries()
    let missing = owed.filter { policy.hooks[$0] == nil }
    missingSince = Dictionary(missing.map { ($0, missingSince[$0] ?? now()) }, uniquingKeysWith: { first, _ in first })
    var hasMore = false
    var failures = FirstFailure()
    for hook in owed {
      await failures.attempt {
        let claimed: Int
        if let since = missingSince[hook], now() - since >= grace {
          claimed = try await deadLetter(owedTo: hook, reason: "the policy no longer has this hook")
        } else {
          // Deliveries that are attempted are never due for that long: each claim sets a new due time.
          claimed = try await deadLetter(
            owedTo: hook, overdue: pendingRetention,
            reason: "not attempted in \(Int(pendingRetention.inSeconds)) s, because the hook was paused or held")
        }
        if claimed == deliveriesPerRound { hasMore = true }
      }
    }
    try failures.rethrow()
    return hasMore ? .none : .regular
  }

  /// - Returns: how many deliveries were claimed, all of which were moved.
  /// - Throws: the first failure, after every claimed delivery was tried: what is claimed is not claimed again for a while.
  private func deadLetter(owedTo hook: HookID, overdue: Duration = .zero, reason: String) async throws -> Int {
    let claimed = try await store.outbox.claimNotices(
      for: hook, by: me, limit: deliveriesPerRound, claimTime: NotifierBounds.claimTime, overdue: overdue,
      keepingOrder: false)
    var moved = 0
    var failures = FirstFailure()
    for notice in claimed {
      await failures.attempt {
        try await store.outbox.deadLetter(notice.id, reason: reason)
        metrics.deadLettered(hook)
        moved += 1
      }
    }
    if moved > 0 {
      logger.warning(
        "undeliverable notices were moved to the dead letters",
        metadata: ["hook": "\(hook)", "deliveries": "\(moved)", "reason": "\(reason)"])
    }
    try failures.rethrow()
    return claimed.count
  }
}
