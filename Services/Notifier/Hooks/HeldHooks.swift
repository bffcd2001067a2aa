import DeskCore
import Logging
import Observability
import ServiceHealth
import Store
import SystemPrimitives

/// Reports, for as long as it lasts, that this notifier holds deliveries of some hooks: as a warning, a gauge and a line in `frontdesk
/// status`.
final class HeldHooks: Sendable {
  private struct State {
    /// When the reason was last written; nil until that has succeeded.
    var reported: [HookID: (reason: String, at: ContinuousClock.Instant?)] = [:]
  }

  private let store: DeskStore
  private let logger: Logger
  private let now: @Sendable () -> ContinuousClock.Instant
  private let state = PthreadMutex(State())
  let task = WatchedTask("held_hooks")

  init(
    store: DeskStore, metrics: MetricsRegistry, logger: Logger,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    self.store = store
    self.logger = logger
    self.now = now
    metrics.collector { [weak self] scrape in
      for hook in self?.state.withLock({ $0.reported.keys.sorted() }) ?? [] {
        scrape.gauge(
          "frontdesk_notifier_held_hooks", help: "Hooks whose deliveries this notifier holds, 1 for each.",
          labels: ["hook": hook.rawValue], 1)
      }
    }
  }

  /// Updates the hooks that are held now, each with its reason.
  func update(_ held: [HookID: String]) async {
    let now = now()
    let due = state.withLock { state in
      state.reported = state.reported.filter { held[$0.key] == $0.value.reason }
      return held.filter { id, _ in
        state.reported[id]?.at.map { now - $0 >= NotifierBounds.holdingReport } ?? true
      }
    }
    if held.isEmpty { task.succeed(logger) }
    for (hook, reason) in due.sorted(by: { $0.key < $1.key }) {
      let isNew = state.withLock { state in state.reported.updateValue((reason, nil), forKey: hook) == nil }
      if isNew {
        logger.warning(
          "deliveries to a hook are held", metadata: ["hook": "\(hook)", "reason": "\(reason)"])
      }
      await task.attempt(logger) {
        try await store.hooks.noteHold(of: hook, reason: reason)
        state.withLock { $0.reported[hook] = (reason, now) }
      }
    }
  }
}
