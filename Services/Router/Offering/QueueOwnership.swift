import DeskCore
import ServiceLifecycle
import ServiceProcess
import Store

/// Distributes the queues among the live routers: each queue is claimed by one of them, and a lease makes it the owner.
///
/// Rendezvous hashing needs no communication between routers: each computes the same winner from the register. When one starts or stops,
/// only its share of the queues moves. While two disagree briefly, the lease decides.
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
    let mine = QueueOwnership.share(of: fleet.me, among: routers, queues: policy.queues.keys)
    await leases.want(Set(mine.map(QueueOwnership.lease)).union([QueueOwnership.keeperLease]))
  }

  /// Returns the queues that one of the routers should own. Together the shares of all cover every queue once.
  static func share(
    of me: InstanceID, among routers: [InstanceID], queues: some Sequence<QueueID>
  ) -> [QueueID] {
    let contenders = routers.contains(me) ? routers : routers + [me]
    return queues.filter { queue in
      contenders.max { (weight($0, queue), $0) < (weight($1, queue), $1) } == me
    }
  }

  /// A hash of the pair (FNV-1a, finalised with the MurmurHash3 mixer), the same on every machine.
  private static func weight(_ router: InstanceID, _ queue: QueueID) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in router.bytes + Array(queue.rawValue.utf8) {
      hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }
    hash ^= hash >> 33
    hash &*= 0xFF51_AFD7_ED55_8CCD
    hash ^= hash >> 33
    return hash
  }
}
