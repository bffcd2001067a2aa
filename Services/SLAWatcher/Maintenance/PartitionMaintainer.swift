import Logging
import ServiceHealth
import Store

/// Creates the day partitions that will be needed, days in advance. The leader does it.
struct PartitionMaintainer: LeaderService {
  let store: DeskStore
  let leadership: Leadership
  let logger: Logger
  let task = WatchedTask("day_partitions")

  var periodic: PeriodicTask {
    PeriodicTask(
      task, every: SLAWatcherBounds.maintenancePause, retrying: SLAWatcherBounds.maintenanceBackOff, logger: logger)
  }

  func round(fencedBy _: Fence) async throws -> PeriodicTask.Pause {
    let made = try await store.privacy.ensurePartitions()
    if made > 0 { logger.info("partitions created", metadata: ["count": "\(made)"]) }
    return .regular
  }
}
