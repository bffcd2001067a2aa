import Logging
import ServiceKit
import ServiceLifecycle
import Store

/// Seals the timelines of tickets that are over, so that `frontdesk audit verify` can tell later whether one was changed. The leader
/// does it, beside the hot way: deciding writes no digest.
struct TimelineSealer: Service {
  let store: DeskStore
  let leadership: Leadership
  let logger: Logger

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        var pause = SLAWatcherBounds.sealingPause
        do {
          if try await runOnce() { pause = SLAWatcherBounds.sealingBreath }
        } catch {
          logger.warning("sealing timelines failed", metadata: ["error": "\(error)"])
        }
        try? await Task.sleep(for: pause)
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
