import DeskCore
import Logging
import Observability
import ServiceHealth
import ServiceProcess
import Store
import SystemPrimitives

/// Periodically counts the outbox for `/metrics`, and exports the state of its hooks. The leading notifier does it, because a count reads
/// the whole outbox; the longer a count took, the longer the pause after it.
final class OutboxCounter: LeaderService {
  private struct Counted {
    var figures: [OutboxFigures] = []
    var states: [HookState] = []
    var at = Instant(microseconds: 0)
  }

  private let store: DeskStore
  private let clock: DatabaseClock
  let leadership: Leadership
  private let logger: Logger
  private let pause: Duration
  private let task = WatchedTask("count_outbox")
  private let counted = PthreadMutex(Counted())

  init(
    store: DeskStore, clock: DatabaseClock, leadership: Leadership,
    pause: Duration = NotifierBounds.countingPause, metrics: MetricsRegistry, logger: Logger
  ) {
    self.store = store
    self.clock = clock
    self.leadership = leadership
    self.pause = pause
    self.logger = logger
    metrics.collector { [weak self] scrape in self?.collect(into: &scrape) }
  }

  var periodic: PeriodicTask { PeriodicTask(task, every: pause, logger: logger) }

  /// Discards the figures, because another notifier counts: two never export figures at once.
  func standBy() {
    counted.withLock { $0 = Counted() }
  }

  func round(fencedBy _: Fence) async throws -> PeriodicTask.Pause {
    let began = ContinuousClock.now
    let figures = try await store.reports.outboxFigures()
    let states = try await store.hooks.hookStates()
    let at = clock.now()
    counted.withLock { $0 = Counted(figures: figures, states: states, at: at) }
    return .of(SweepPace.rest(after: .now - began, least: pause, most: NotifierBounds.longestCountingPause))
  }

  private func collect(into scrape: inout MetricsScrape) {
    let counted = counted.withLock { $0 }
    for figure in counted.figures {
      let labels = ["hook": figure.hook.rawValue]
      scrape.gauge(
        "frontdesk_outbox_waiting", help: "Deliveries waiting or in progress.", labels: labels,
        Double(figure.waiting))
      scrape.gauge(
        "frontdesk_outbox_oldest_age_seconds", help: "Age of the oldest pending delivery.", labels: labels,
        figure.oldest.map { max(0, (counted.at - $0).inSeconds) } ?? 0)
    }
    for state in counted.states {
      let labels = ["hook": state.hook.rawValue]
      scrape.gauge(
        "frontdesk_hook_paused", help: "Whether deliveries to the hook are paused.", labels: labels,
        state.pausedAt == nil ? 0 : 1)
      scrape.gauge(
        "frontdesk_hook_failing_seconds",
        help: "Time since deliveries to the hook began to fail, 0 after a successful one.",
        labels: labels, state.failingSince.map { max(0, (counted.at - $0).inSeconds) } ?? 0)
    }
  }
}
