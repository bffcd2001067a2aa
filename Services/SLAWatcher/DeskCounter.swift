import DeskCore
import EventThread
import Logging
import ServiceKit
import ServiceLifecycle
import Store

/// One count behind the system-wide gauges. It is independent: when it fails, it keeps its last figures and their age grows, and the other
/// counts continue.
final class DeskCount<Figures: Sendable>: AnyDeskCount {
  private struct State {
    var figures: (value: Figures, at: Instant)?
    /// When the figures were counted, or when counting first began.
    var since: ContinuousClock.Instant?
  }

  let name: String
  let task: WatchedTask
  private let count: @Sendable () async throws -> Figures
  private let show: @Sendable (Figures, _ at: Instant, inout MetricsScrape) -> Void
  private let state = PthreadMutex(State())

  /// - Parameters:
  ///   - name: names the count in `frontdesk_gauge_age_seconds`, and with the prefix `count_` as a task.
  ///   - count: computes the figures.
  ///   - show: adds the figures to a scrape.
  init(
    _ name: String, _ count: @escaping @Sendable () async throws -> Figures,
    show: @escaping @Sendable (Figures, Instant, inout MetricsScrape) -> Void
  ) {
    self.name = name
    task = WatchedTask("count_\(name)")
    self.count = count
    self.show = show
  }

  func take(at now: Instant, _ logger: Logger) async -> Bool {
    state.withLock { $0.since = $0.since ?? .now }
    guard let figures = await task.attempt(logger, count) else { return false }
    state.withLock { $0 = State(figures: (figures, now), since: .now) }
    return true
  }

  func standBy(_ logger: Logger) {
    state.withLock { $0 = State() }
    task.succeed(logger)
  }

  func collect(into scrape: inout MetricsScrape) {
    let state = state.withLock { $0 }
    guard let since = state.since else { return }
    scrape.gauge(
      "frontdesk_gauge_age_seconds",
      help: "Age of the last figures of a count, and so of its gauges.", labels: ["gauge": name],
      (ContinuousClock.now - since).seconds)
    if let (figures, at) = state.figures { show(figures, at, &scrape) }
  }
}

/// A `DeskCount` with type-erased figures.
protocol AnyDeskCount: Sendable {
  var task: WatchedTask { get }
  /// Counts once.
  /// - Returns: false on failure; the previous figures are kept then.
  func take(at now: Instant, _ logger: Logger) async -> Bool
  /// Discards the figures, because another watcher counts.
  func standBy(_ logger: Logger)
  /// Adds the figures and their age to a scrape.
  func collect(into scrape: inout MetricsScrape)
}

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
    await cancelWhenGracefulShutdown {
      await withTaskGroup(of: Void.self) { group in
        for count in self.counts {
          group.addTask {
            while !Task.isCancelled {
              try? await Task.sleep(for: await self.turn(of: count))
            }
          }
        }
        await group.waitForAll()
      }
    }
    for count in counts { count.standBy(logger) }
  }

  /// Runs every count once, or discards the figures while another watcher leads.
  func runOnce() async {
    for count in counts { _ = await turn(of: count) }
  }

  /// - Returns: how long to wait for the next run.
  private func turn(of count: any AnyDeskCount) async -> Duration {
    guard leadership.fence != nil else {
      count.standBy(logger)
      return SLAWatcherBounds.longestPause
    }
    let began = ContinuousClock.now
    let isDone = await count.take(at: clock.now(), logger)
    let took = ContinuousClock.now - began
    guard isDone else { return min(max(pause, took * SLAWatcherBounds.countingRest), SLAWatcherBounds.countingRetry) }
    // Counting a million tickets takes the database seconds; all counts together must not keep a core busy.
    let together = times.withLock { times in
      times[count.task.name] = took
      return times.values.reduce(.zero, +)
    }
    return max(pause, together * SLAWatcherBounds.countingRest)
  }
}
