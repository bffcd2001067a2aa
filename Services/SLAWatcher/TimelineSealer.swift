import Logging
import ServiceKit
import ServiceLifecycle
import Store

/// Seals the timelines of tickets that are over, so that `frontdesk audit verify` can tell later whether one was changed. The leader
/// does it, beside the hot way: deciding writes no digest.
struct TimelineSealer: WatchedService {
  let store: DeskStore
  let leadership: Leadership
  let logger: Logger
  let task = WatchedTask("timeline_seals")

  var tasks: [WatchedTask] { [task] }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        let sealed = await task.attempt(logger) { try await runOnce() } ?? false
        try? await Task.sleep(for: sealed ? SLAWatcherBounds.sealingBreath : SLAWatcherBounds.sealingPause)
      }
    }
  }

  /// - Returns: whether this watcher leads and sealed a range.
  func runOnce() async throws -> Bool {
    guard leadership.fence != nil else { return false }
    _ = try await store.openTimelineRanges()
    return try await store.sealNextTimelineRange()
  }
}
