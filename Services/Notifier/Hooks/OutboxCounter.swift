import DeskCore
import EventThread
import Logging
import ServiceKit
import ServiceLifecycle
import Store

/// Counts the outbox now and then for `/metrics`.
final class OutboxCounter: Service {
  private struct Counted {
    var figures: [OutboxFigures] = []
    var at = Instant(microseconds: 0)
  }

  private let store: DeskStore
  private let clock: DatabaseClock
  private let logger: Logger
  private let counted = PthreadMutex(Counted())

  init(store: DeskStore, clock: DatabaseClock, metrics: MetricsRegistry, logger: Logger) {
    self.store = store
    self.clock = clock
    self.logger = logger
    metrics.collector { [weak self] scrape in self?.collect(into: &scrape) }
  }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        do {
          let figures = try await self.store.outboxFigures()
          self.counted.withLock { $0 = Counted(figures: figures, at: self.clock.now()) }
        } catch {
          self.logger.debug("counting the outbox failed", metadata: ["error": "\(error)"])
        }
        try? await Task.sleep(for: NotifierBounds.countingPause)
      }
    }
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
  }
}
