import DeskCore
import Logging
import Observability
import ServiceHealth
import ServiceLifecycle
import ServiceProcess
import Store
import SystemPrimitives

/// Periodically counts the whole system for `/metrics`. Only the leader does: figures of a standby would be counted twice.
final class DeskCounter: WatchedService {
  private let clock: DatabaseClock
  private let leadership: Leadership
  private let pause: Duration
  private let logger: Logger
  private let counts: [any AnyDeskCount]
  /// The duration of the last successful run of each count.
  // exact-keys: names of our own counts.
  private let times = PthreadMutex<[String: Duration]>([:])

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
      retrying: ExponentialBackOff(from: pause, upTo: max(pause, SLAWatcherBounds.countingRetry)), logger: logger)
  }

  private func take(_ count: any AnyDeskCount) async throws -> PeriodicTask.Pause {
    let began = ContinuousClock.now
    try await count.take(at: clock.now())
    let took = ContinuousClock.now - began
    // Counting a million tickets takes the database seconds; all counts together must not keep a core busy.
    let together = times.withLock { times in
      times[count.task.name] = took
      return times.values.reduce(.zero, +)
    }
    return .of(max(pause, together * SLAWatcherBounds.countingRest))
  }
}
