import DeskCore
import Logging
import ServiceKit
import ServiceLifecycle
import Store

/// Creates the day partitions that will be needed, drops those past their retention, and deletes instances that died long ago. The leader
/// does it. Each of these succeeds or fails on its own.
struct Housekeeper: WatchedService {
  let store: DeskStore
  let leadership: Leadership
  /// Whole days after which history is dropped; 0 keeps it.
  let retentionDays: Int
  let logger: Logger
  let partitions = WatchedTask("day_partitions")
  let instances = WatchedTask("dead_instances")
  let arrivals = WatchedTask("old_arrivals")
  let retention = WatchedTask("retention")

  var tasks: [WatchedTask] { [partitions, instances, arrivals, retention] }

  /// The outcome of one round.
  enum Round {
    /// Another watcher leads.
    case standBy
    case done
    /// Something failed and is to be retried soon.
    case failed
  }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        let pause =
          switch await runOnce() {
          // A standby checks often, so that a new leader does at once what the old one may have left undone.
          case .standBy: SLAWatcherBounds.longestPause
          case .done: SLAWatcherBounds.housekeepingPause
          case .failed: SLAWatcherBounds.housekeepingRetry
          }
        try? await Task.sleep(for: pause)
      }
    }
  }

  func runOnce() async -> Round {
    guard leadership.fence != nil else {
      for task in tasks { task.succeed(logger) }
      return .standBy
    }
    var isSound =
      await partitions.attempt(logger) {
        let made = try await store.ensurePartitions()
        if made > 0 { logger.info("partitions created", metadata: ["count": "\(made)"]) }
      } != nil
    isSound = await instances.attempt(logger) { try await store.forgetDeadInstances() } != nil && isSound
    isSound = await arrivals.attempt(logger) { try await store.forgetArrivals() } != nil && isSound
    isSound = await retention.attempt(logger) { try await dropHistory() } != nil && isSound
    return isSound ? .done : .failed
  }

  private func dropHistory() async throws {
    guard retentionDays > 0 else { return }
    let forgotten = try await store.forget(olderThan: retentionDays)
    guard forgotten != Forgotten() else { return }
    logger.info(
      "history dropped", metadata: ["partitions": "\(forgotten.partitions.count)", "rows": "\(forgotten.rows)"])
  }
}
