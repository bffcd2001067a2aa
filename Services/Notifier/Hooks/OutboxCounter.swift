import DeskCore
import EventThread
import Logging
import ServiceKit
import ServiceLifecycle
import Store

/// Counts the outbox now and then for `/metrics`, and tells how its hooks are doing. The notifier that leads does it, because a count
/// reads the outbox whole; it rests the longer the longer a count took.
final class OutboxCounter: WatchedService {
  private struct Counted {
    var figures: [OutboxFigures] = []
    var states: [HookState] = []
    var at = Instant(microseconds: 0)
  }

  private let store: DeskStore
  private let clock: DatabaseClock
  private let leadership: NotifierLeadership
  private let logger: Logger
  private let pause: Duration
  private let task = WatchedTask("count_outbox")
  private let counted = PthreadMutex(Counted())

  init(
    store: DeskStore, clock: DatabaseClock, leadership: NotifierLeadership,
    pause: Duration = NotifierBounds.countingPause, metrics: MetricsRegistry, logger: Logger
  ) {
    self.store = store
    self.clock = clock
    self.leadership = leadership
    self.pause = pause
    self.logger = logger
    metrics.collector { [weak self] scrape in self?.collect(into: &scrape) }
  }

  var tasks: [WatchedTask] { [task] }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        let began = ContinuousClock.now
        await self.task.attempt(self.logger) { try await self.runOnce() }
        let rest = SweepPace.rest(
          after: .now - began, least: self.pause, most: NotifierBounds.longestCountingPause)
        try? await Task.sleep(for: rest)
      }
    }
  }

  /// One count, if this notifier leads; two notifiers never show figures at once.
  /// - Returns: whether it counted.
  @discardableResult
  func runOnce() async throws -> Bool {
    guard leadership.leads else {
      counted.withLock { $0 = Counted() }
      return false
    }
    let figures = try await store.outboxFigures()
    let states = try await store.hookStates()
    let at = clock.now()
    counted.withLock { $0 = Counted(figures: figures, states: states, at: at) }
    return true
  }

  private func collect(into scrape: inout MetricsScrape) {
    let counted = counted.withLock { $0 }
    for figure in counted.figures {
      let labels = ["hook": figure.hook.rawValue]
      scrape.gauge(
        "frontdesk_outbox_waiting", help: "Deliveries that wait or are under way.", labels: labels,
        Double(figure.waiting))
      scrape.gauge(
        "frontdesk_outbox_oldest_age_seconds", help: "Age of the oldest delivery that has not arrived.", labels: labels,
        figure.oldest.map { max(0, (counted.at - $0).inSeconds) } ?? 0)
    }
    for state in counted.states {
      let labels = ["hook": state.hook.rawValue]
      scrape.gauge(
        "frontdesk_hook_paused", help: "Whether deliveries to the hook are paused.", labels: labels,
        state.pausedAt == nil ? 0 : 1)
      scrape.gauge(
        "frontdesk_hook_failing_seconds",
        help: "For how long no delivery to the hook has arrived, 0 after one that did.",
        labels: labels, state.failingSince.map { max(0, (counted.at - $0).inSeconds) } ?? 0)
    }
  }
}
