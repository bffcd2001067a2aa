import DeskCore
import EventThread
import Logging
import ServiceKit
import ServiceLifecycle
import Store

/// What the whole desk holds at one moment.
struct DeskFigures: Sendable {
  let at: Instant
  let inbox: InboxFigures
  let states: [StateFigures]
  let queues: [QueueFigures]
  let serviceLevels: [ServiceLevelFigures]
  let deadLetters: Int64

  /// Adds the figures to a scrape.
  func collect(into scrape: inout MetricsScrape) {
    scrape.gauge(
      "frontdesk_stage_backlog", help: "Messages that wait at a stage.", labels: ["stage": "undecided"],
      Double(inbox.waiting))
    scrape.gauge(
      "frontdesk_stage_oldest_age_seconds", help: "Age of the oldest message that waits at a stage.",
      labels: ["stage": "undecided"], inbox.oldest.map { max(0, (at - $0).inSeconds) } ?? 0)
    for figure in states {
      let labels = ["state": figure.state]
      scrape.gauge("frontdesk_tickets", help: "Tickets by state.", labels: labels, Double(figure.tickets))
    }
    for figure in queues {
      let labels = ["queue": figure.queue.rawValue]
      scrape.gauge(
        "frontdesk_queue_waiting", help: "Tickets that wait for an agent.", labels: labels, Double(figure.waiting))
      scrape.gauge(
        "frontdesk_queue_late", help: "Tickets with a promise overdue.", labels: labels, Double(figure.late))
      scrape.gauge(
        "frontdesk_queue_oldest_age_seconds", help: "How long the oldest ticket has waited for an agent.",
        labels: labels, figure.oldestWaiting.map { max(0, (at - $0).inSeconds) } ?? 0)
    }
    for figure in serviceLevels {
      for (standing, tickets) in [
        ("kept", figure.met), ("warned", figure.warned), ("broken", figure.breached), ("unanswered", figure.unanswered),
      ] {
        scrape.gauge(
          "desk_service_level_tickets", help: "Live tickets by queue, clock and how their promise stands.",
          labels: ["queue": figure.queue.rawValue, "clock": figure.clock, "standing": standing], Double(tickets))
      }
    }
    scrape.gauge("frontdesk_dead_letters", help: "Dead letters that wait for somebody.", Double(deadLetters))
  }
}

/// Counts the whole desk now and then for `/metrics`. Only the leader does: figures of a stand-by would double everything.
final class DeskCounter: Service {
  private let store: DeskStore
  private let clock: DatabaseClock
  private let leadership: Leadership
  private let pause: Duration
  private let logger: Logger
  private let figures = PthreadMutex<DeskFigures?>(nil)

  init(
    store: DeskStore, clock: DatabaseClock, leadership: Leadership, metrics: MetricsRegistry, pause: Duration,
    logger: Logger
  ) {
    self.store = store
    self.clock = clock
    self.leadership = leadership
    self.pause = pause
    self.logger = logger
    metrics.collector { [weak self] scrape in
      self?.figures.withLock { $0 }?.collect(into: &scrape)
    }
  }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        let began = ContinuousClock.now
        do {
          try await self.runOnce()
        } catch {
          self.logger.debug("counting the desk failed", metadata: ["error": "\(error)"])
          // Figures of before would look as if nothing had changed.
          self.figures.withLock { $0 = nil }
        }
        // Counting a million tickets takes the database seconds; it must not keep a core busy for it.
        let rest = max(self.pause, (ContinuousClock.now - began) * SLAWatcherBounds.countingRest)
        try? await Task.sleep(for: self.leadership.fence == nil ? SLAWatcherBounds.longestPause : rest)
      }
    }
    figures.withLock { $0 = nil }
  }

  /// Counts once, or forgets the figures while another watcher leads.
  func runOnce() async throws {
    guard leadership.fence != nil else {
      figures.withLock { $0 = nil }
      return
    }
    let counted = DeskFigures(
      at: clock.now(), inbox: try await store.inboxFigures(), states: try await store.stateFigures(),
      queues: try await store.queueFigures(), serviceLevels: try await store.serviceLevelFigures(),
      deadLetters: try await store.deadLetterCount())
    figures.withLock { $0 = counted }
  }
}
