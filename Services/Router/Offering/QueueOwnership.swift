import DeskCore
import ServiceLifecycle
import ServiceProcess
import Store

/// Distributes the queues among the live routers: each queue is claimed by one of them, and a lease makes it the owner.
///
/// `QueueShare` needs no communication between routers. While two disagree briefly, the lease decides.
struct QueueOwnership: Service {
  let fleet: Fleet
  let policy: PolicyFollower
  let leases: LeaseKeeper

  /// The lease of a queue.
  static func lease(of queue: QueueID) -> String { "queue:\(queue.rawValue)" }

  /// The lease of the one router that handles expired offers and absent agents.
  static let keeperLease = "desk-keeper"

  func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for await _ in await fleet.changes().cancelOnGracefulShutdown() { await settle() }
      }
      group.addTask {
        for await _ in await policy.changes().cancelOnGracefulShutdown() { await settle() }
      }
      try await group.waitForAll()
    }
  }

  private func settle() async {
    guard let policy = policy.current else { return }
    let routers = fleet.members(of: RouterService.name).map(\.id)
    let mine = QueueShare.queues(of: fleet.me, among: routers, queues: policy.queues.keys)
    await leases.want(Set(mine.map(QueueOwnership.lease)).union([QueueOwnership.keeperLease]))
  }
}
