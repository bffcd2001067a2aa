import DeskCore
import Logging
import Observability
import ServiceHealth
import ServiceProcess
import Store
import SystemPrimitives

/// Periodically counts the outbox and the replies on their way for `/metrics`, and exports the hooks' state. The leading notifier does
/// it, because a count reads the whole outbox; the longer a count took, the longer the pause after it.
final class OutboxCounter: LeaderService {
  private struct Counted {
    var figures: [OutboxFigures] = []
    var states: [HookState] = []
    var replies: [ReplyBacklog] = []
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

  var periodic: PeriodicTask {
    PeriodicTask(task, every: pause, limitedTo: NotifierBounds.countingShare, logger: logger)
  }

  /// Discards the figures, because another notifier counts: two never export figures at once.
  func standBy() {
    counted.withLock { $0 = Counted() }
  }

  func round(fencedBy _: Fence) async throws -> PeriodicTask.Pause {
    let figures = try await store.reports.outboxFigures()
    let states = try await store.hooks.hookStates()
    let replies = try await store.replies.backlogs()
    let at = clock.now()
    counted.withLock { $0 = Counted(figures: figures, states: states, replies: replies, at: at) }
    return .regular
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
    for backlog in counted.replies {
      let labels = ["channel": backlog.channel.rawValue]
      scrape.gauge(
        "frontdesk_replies_waiting",
        help: "Replies that no hook has delivered to the channel and that it has not fetched.",
        labels: labels, Double(backlog.waiting))
      scrape.gauge(
        "frontdesk_replies_waiting_oldest_age_seconds", help: "Age of the oldest of these replies.", labels: labels,
        max(0, (counted.at - backlog.oldest).inSeconds))
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
