import DeskCore
import Logging
import ServiceKit
import ServiceLifecycle
import Store

/// Makes the day partitions that will be needed, drops those that nobody is to keep any longer, and forgets instances that died long
/// ago. The leader does it.
struct Housekeeper: Service {
  let store: DeskStore
  let leadership: Leadership
  /// Whole days after which history is dropped; 0 keeps it.
  let retentionDays: Int
  let logger: Logger

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        var pause = SLAWatcherBounds.housekeepingPause
        do {
          // A stand-by looks often, so that a new leader does at once what the old one may have left undone.
          if try await !runOnce() { pause = SLAWatcherBounds.longestPause }
        } catch {
          logger.warning("housekeeping failed", metadata: ["error": "\(error)"])
          pause = SLAWatcherBounds.housekeepingRetry
        }
        try? await Task.sleep(for: pause)
      }
    }
  }

  /// - Returns: whether this watcher leads and did it.
  func runOnce() async throws -> Bool {
    guard leadership.fence != nil else { return false }
    let made = try await store.ensurePartitions()
    try await store.forgetDeadInstances()
    try await store.forgetArrivals()
    if made > 0 { logger.info("partitions made", metadata: ["count": "\(made)"]) }
    if retentionDays > 0 {
      let forgotten = try await store.forget(olderThan: retentionDays)
      if forgotten != Forgotten() {
        logger.info(
          "history dropped",
          metadata: ["partitions": "\(forgotten.partitions.count)", "rows": "\(forgotten.rows)"])
      }
    }
    return true
  }
}
