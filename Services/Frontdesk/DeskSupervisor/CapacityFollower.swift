import CommandLineTool
import DeskCore
import Logging
import ServiceHealth
import Store

/// Starts and stops processes of `up` as `desk.capacity` wants them.
///
/// It acts when a number was decided anew, not at every look: what tests and tools set over the control socket meanwhile stays until the
/// next decision. While PostgreSQL does not answer, what runs goes on.
actor CapacityFollower {
  private let log: CombinedLog
  private let set: @Sendable (ServiceKind, Int) async -> Void
  private let task = WatchedTask("capacity")
  private var seen: [ServiceKind: CapacityStore.Wanted] = [:]

  /// - Parameters:
  ///   - wanted: the numbers that processes were started by.
  ///   - set: starts or stops processes of a service to reach a number.
  init(
    // exact-keys: names of services from the table's list.
    log: CombinedLog, startedWith wanted: [String: CapacityStore.Wanted],
    set: @escaping @Sendable (ServiceKind, Int) async -> Void
  ) {
    self.log = log
    self.set = set
    for kind in ServiceKind.allCases { seen[kind] = wanted[kind.rawValue] }
  }

  /// Follows until the task is cancelled.
  /// - Parameter postgres: the connection as the owner of the database.
  func run(_ postgres: String) async {
    let (task, logger) = (task, log.logger)
    do {
      try await DeskConnection.withStore(postgres, connections: 1, requestTimeout: UpBounds.capacityTimeout) { store in
        await PeriodicTask(
          task, every: UpBounds.capacityPause, longestBackOff: UpBounds.capacityPause, logger: logger
        ).run {
          await self.follow(try await store.capacity.wanted())
          return .regular
        }
      }
    } catch {
      // Failed looks are repeated; this is a connection that cannot be set up at all.
      logger.error("the wanted numbers of processes are not followed", metadata: ["error": "\(error)"])
    }
  }

  /// Adopts the numbers that were decided since the last call.
  // exact-keys: as above.
  func follow(_ wanted: [String: CapacityStore.Wanted]) async {
    for kind in ServiceKind.allCases where kind.reasonForBeingOne == nil {
      guard let number = wanted[kind.rawValue], seen[kind] != number else { continue }
      let before = seen.updateValue(number, forKey: kind)
      let count = min(number.count, UpBounds.instancesOfService.upperBound)
      if let before, before.count != number.count {
        await log.say("\(count) \(kind.rawValue) processes are wanted, \(before.count) were")
      }
      await set(kind, count)
    }
  }
}
