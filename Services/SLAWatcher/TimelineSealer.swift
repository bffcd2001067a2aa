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

  func run() async throws {
    await PeriodicTask(task, every: SLAWatcherBounds.sealingPause, logger: logger).run {
      try await runOnce() ? .of(SLAWatcherBounds.sealingRangePause) : .regular
    }
  }

  /// - Returns: whether this watcher leads and sealed a range.
  func runOnce() async throws -> Bool {
    guard leadership.fence != nil else { return false }
    _ = try await store.openTimelineRanges()
    return try await store.sealNextTimelineRange()
  }
}
