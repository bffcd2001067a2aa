import Logging
import ServiceKit
import ServiceLifecycle
import Store

/// Creates the day partitions that will be needed, days in advance. The leader does it.
struct PartitionMaintainer: WatchedService {
  let store: DeskStore
  let leadership: Leadership
  let logger: Logger
  let task = WatchedTask("day_partitions")

  var tasks: [WatchedTask] { [task] }

  private var periodic: PeriodicTask {
    PeriodicTask(
      task, every: SLAWatcherBounds.maintenancePause, retrying: SLAWatcherBounds.maintenanceBackOff, logger: logger)
  }

  func run() async throws {
    await periodic.run(under: leadership) { _ in try await maintain() }
  }

  /// Runs one turn of the loop.
  func runOnce() async -> PeriodicTask.Turn {
    await periodic.runOnce(under: leadership) { _ in try await maintain() }
  }

  private func maintain() async throws -> PeriodicTask.Pause {
    let made = try await store.privacy.ensurePartitions()
    if made > 0 { logger.info("partitions created", metadata: ["count": "\(made)"]) }
    return .regular
  }
}
