package import DeskCore

/// Distributes queues among routers by rendezvous hashing: each computes the same winner from the register, without communication. When one
/// starts or stops, only its share of the queues moves.
package enum QueueShare {
  /// Returns the queues that one of the routers should own. Together the shares of all cover every queue once.
  package static func queues(
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
