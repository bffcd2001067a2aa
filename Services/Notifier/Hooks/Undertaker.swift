import DeskCore
import Logging
import ServiceKit
import ServiceLifecycle
import Store

/// Moves to the dead letters, with its reason, what is owed to hooks that nobody delivers to any more: those that were switched off,
/// at once, and those that are gone from the policy, after a grace in which they may come back.
actor Undertaker: Service {
  private let store: DeskStore
  private let me: InstanceID
  private let policy: PolicyFollower
  private let grace: Duration
  private let logger: Logger
  private let now: @Sendable () -> ContinuousClock.Instant
  private var missingSince: [HookID: ContinuousClock.Instant] = [:]

  init(
    store: DeskStore, me: InstanceID, policy: PolicyFollower, grace: Duration, logger: Logger,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    self.store = store
    self.me = me
    self.policy = policy
    self.grace = grace
    self.logger = logger
    self.now = now
  }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        do {
          _ = try await self.runOnce()
        } catch {
          self.logger.debug("a look for deliveries without a hook failed", metadata: ["error": "\(error)"])
        }
        try? await Task.sleep(for: NotifierBounds.buryingPause)
      }
    }
  }

  /// One bounded round.
  /// - Returns: how many deliveries went to the dead letters.
  func runOnce() async throws -> Int {
    guard let policy = policy.current else { return 0 }
    let owed = try await store.outboxFigures().map(\.hook)
    let disabled = try await store.disabledHooks()
    let missing = owed.filter { policy.hooks[$0] == nil }
    missingSince = Dictionary(missing.map { ($0, missingSince[$0] ?? now()) }, uniquingKeysWith: { first, _ in first })
    var buried = 0
    for hook in owed {
      if disabled.contains(hook) {
        buried += try await bury(everythingOf: hook, reason: "the hook is switched off")
      } else if let since = missingSince[hook], now() - since >= grace {
        buried += try await bury(everythingOf: hook, reason: "the policy has no such hook any more")
      }
    }
    return buried
  }

  private func bury(everythingOf hook: HookID, reason: String) async throws -> Int {
    let claimed = try await store.claimNotices(
      for: hook, by: me, limit: NotifierBounds.burialsPerRound, claimTime: NotifierBounds.claimTime)
    for notice in claimed { try await store.bury(notice.id, reason: reason) }
    if !claimed.isEmpty {
      logger.warning(
        "deliveries without a hook went to the dead letters",
        metadata: ["hook": "\(hook)", "deliveries": "\(claimed.count)", "reason": "\(reason)"])
    }
    return claimed.count
  }
}
