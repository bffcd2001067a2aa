import DeskCore
import Store
import Testing

@testable import Router

@Suite struct QueueOwnershipTests {
  private let queues = (0..<40).map { QueueID("queue-\($0)") }
  private let routers = (1...5).map { InstanceID(high: UInt64($0) &* 0x9E37_79B9_7F4A_7C15, low: UInt64($0)) }

  @Test func everyQueueHasExactlyOneOwner() {
    let shares = routers.flatMap { QueueShare.queues(of: $0, among: routers, queues: queues) }
    #expect(shares.sorted() == queues.sorted())
  }

  @Test func aSingleRouterOwnsAllQueues() {
    #expect(QueueShare.queues(of: routers[0], among: [], queues: queues) == queues)
  }

  @Test func onlyALeavingRoutersQueuesMove() {
    let rest = Array(routers.dropLast())
    for router in rest {
      let before = Set(QueueShare.queues(of: router, among: routers, queues: queues))
      let after = Set(QueueShare.queues(of: router, among: rest, queues: queues))
      #expect(after.isSuperset(of: before))
    }
  }
}
