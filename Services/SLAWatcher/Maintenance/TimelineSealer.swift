import Logging
import ServiceHealth
import Store

/// Seals the timelines of closed tickets, so that `frontdesk audit verify` can detect later changes. The leader does it, outside the hot
/// path: deciding writes no digest.
struct TimelineSealer: LeaderService {
  let store: DeskStore
  let leadership: Leadership
  let backlog: UndecidedBacklog
  let logger: Logger
  let task = WatchedTask("timeline_seals")

  var periodic: PeriodicTask {
    PeriodicTask(
      task, every: SLAWatcherBounds.sealingPause, limitedTo: backlog.share(SLAWatcherBounds.sealingShare),
      logger: logger)
  }

  /// Seals one range. The next follows soon, until none is ready.
  func round(fencedBy _: Fence) async throws -> PeriodicTask.Pause {
    _ = try await store.audit.openTimelineRanges()
    return try await store.audit.sealNextTimelineRange() ? .of(SLAWatcherBounds.sealingRangePause) : .regular
  }
}
