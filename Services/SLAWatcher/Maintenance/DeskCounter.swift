import DeskCore
import Logging
import Observability
import ServiceHealth
import ServiceLifecycle
import ServiceProcess
import Store

/// Periodically counts the whole system for `/metrics`. Only the leader does: figures of a standby would be counted twice.
final class DeskCounter: WatchedService {
  private let clock: DatabaseClock
  private let leadership: Leadership
  private let pause: Duration
  private let logger: Logger
  private let counts: [any AnyDeskCount]

  init(
    store: DeskStore, clock: DatabaseClock, leadership: Leadership, metrics: MetricsRegistry, pause: Duration,
    logger: Logger
  ) {
    self.clock = clock
    self.leadership = leadership
    self.pause = pause
    self.logger = logger
    counts = DeskCounts.all(of: store)
    metrics.collector { [counts] scrape in
      for count in counts { count.collect(into: &scrape) }
    }
  }

  var tasks: [WatchedTask] { counts.map(\.task) }

  /// Every count has its own rhythm, so that one that fails or takes long does not delay the others.
  func run() async throws {
    await withDiscardingTaskGroup { group in
      for count in counts {
        group.addTask {
          await self.periodic(count).run(under: self.leadership, standBy: { count.discard() }) { _ in
            try await self.take(count)
          }
        }
      }
    }
  }

  /// Runs one turn of each count's loop.
  func runOnce() async {
    for count in counts {
      await periodic(count).runOnce(under: leadership, standBy: { count.discard() }) { _ in try await take(count) }
    }
  }

  private func periodic(_ count: any AnyDeskCount) -> PeriodicTask {
    PeriodicTask(
      count.task, every: pause,
      retrying: ExponentialBackOff(from: pause, upTo: max(pause, SLAWatcherBounds.countingRetry)),
      limitedTo: count.share, logger: logger)
  }

  private func take(_ count: any AnyDeskCount) async throws -> PeriodicTask.Pause {
    try await count.take(at: clock.now())
    return .regular
  }
}
