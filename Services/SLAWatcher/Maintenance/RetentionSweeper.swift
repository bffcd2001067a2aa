import Logging
import ServiceHealth
import ServiceLifecycle
import Store

/// Deletes what is past its retention: history, the counts of arrivals that no prediction uses any more, and instances that died long ago.
/// The leader does it. Each of these is a separate periodic task: one that fails or takes long does not delay the others.
struct RetentionSweeper: WatchedService {
  let store: DeskStore
  let leadership: Leadership
  /// Whole days after which history is dropped; 0 keeps it.
  let retentionDays: Int
  let logger: Logger
  let history = WatchedTask("retention")
  let arrivals = WatchedTask("old_arrivals")
  let instances = WatchedTask("dead_instances")

  var tasks: [WatchedTask] { [history, arrivals, instances] }

  private typealias Sweep = @Sendable () async throws -> PeriodicTask.Pause

  private var sweeps: [(task: WatchedTask, sweep: Sweep)] {
    [
      (history, { try await dropHistory() }),
      (
        arrivals,
        {
          try await store.learning.forgetArrivals()
          return .regular
        }
      ),
      (
        instances,
        {
          try await store.fleet.forgetDeadInstances()
          return .regular
        }
      ),
    ]
  }

  private func periodic(_ task: WatchedTask) -> PeriodicTask {
    PeriodicTask(
      task, every: SLAWatcherBounds.maintenancePause, retrying: SLAWatcherBounds.maintenanceBackOff, logger: logger)
  }

  func run() async throws {
    await withDiscardingTaskGroup { group in
      for (task, sweep) in sweeps {
        group.addTask { await periodic(task).run(under: leadership) { _ in try await sweep() } }
      }
    }
  }

  /// Runs one turn of each loop.
  /// - Returns: the turns by the names of the tasks.
  // exact-keys: names of our own tasks.
  func runOnce() async -> [String: PeriodicTask.Turn] {
    // exact-keys: names of our own tasks.
    var turns: [String: PeriodicTask.Turn] = [:]
    for (task, sweep) in sweeps {
      turns[task.name] = await periodic(task).runOnce(under: leadership) { _ in try await sweep() }
    }
    return turns
  }

  private func dropHistory() async throws -> PeriodicTask.Pause {
    guard retentionDays > 0 else { return .regular }
    let forgotten = try await store.privacy.forget(olderThan: retentionDays)
    if forgotten != Forgotten() {
      logger.info(
        "history dropped", metadata: ["partitions": "\(forgotten.partitions.count)", "rows": "\(forgotten.rows)"])
    }
    return forgotten.partitions.count < StoreBounds.partitionsPerRetention ? .regular : .none
  }
}
