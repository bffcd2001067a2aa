import Logging
import ServiceKit
import ServiceLifecycle
import Store

/// Seals the timelines of closed tickets, so that `frontdesk audit verify` can detect later changes. The leader does it, outside the hot
/// path: deciding writes no digest.
struct TimelineSealer: WatchedService {
  let store: DeskStore
  let leadership: Leadership
  let logger: Logger
  let task = WatchedTask("timeline_seals")

  var tasks: [WatchedTask] { [task] }

  private var periodic: PeriodicTask { PeriodicTask(task, every: SLAWatcherBounds.sealingPause, logger: logger) }

  func run() async throws {
    await periodic.run(under: leadership) { _ in try await seal() }
  }

  /// Runs one turn of the loop.
  func runOnce() async -> PeriodicTask.Turn {
    await periodic.runOnce(under: leadership) { _ in try await seal() }
  }

  /// Seals one range. The next follows soon, until none is ready.
  private func seal() async throws -> PeriodicTask.Pause {
    _ = try await store.audit.openTimelineRanges()
    return try await store.audit.sealNextTimelineRange() ? .of(SLAWatcherBounds.sealingRangePause) : .regular
  }
}
