import DeskCore
import Observability
import ServiceHealth
import SystemPrimitives

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
  let share: WorkShare
  private let count: @Sendable () async throws -> Figures
  private let show: @Sendable (Figures, _ at: Instant, inout MetricsScrape) -> Void
  private let state = PthreadMutex(State())

  /// - Parameters:
  ///   - name: names the count in `frontdesk_gauge_age_seconds`, and with the prefix `count_` as a task.
  ///   - share: how much of the time counting may take.
  ///   - count: computes the figures.
  ///   - show: adds the figures to a scrape.
  init(
    _ name: String, share: Double, _ count: @escaping @Sendable () async throws -> Figures,
    show: @escaping @Sendable (Figures, Instant, inout MetricsScrape) -> Void
  ) {
    self.name = name
    task = WatchedTask("count_\(name)")
    self.share = WorkShare(share, longestRest: SLAWatcherBounds.longestCountingRest)
    self.count = count
    self.show = show
  }

  func take(at now: Instant) async throws {
    state.withLock { $0.since = $0.since ?? .now }
    let figures = try await count()
    state.withLock { $0 = State(figures: (figures, now), since: .now) }
  }

  func discard() {
    state.withLock { $0 = State() }
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
  /// How much of the time it may take.
  var share: WorkShare { get }
  /// Counts once. The previous figures are kept on failure.
  func take(at now: Instant) async throws
  /// Discards the figures, because another watcher counts.
  func discard()
  /// Adds the figures and their age to a scrape.
  func collect(into scrape: inout MetricsScrape)
}
