import DeskCore
import Store

/// Which queues have reached their limit.
///
/// Counted by the database now and then, and between two counts by what this router adds, so a limit is soft: it can be passed by what
/// other routers add within one pause. No ticket is lost to that; some wait where others would have been sent on.
actor QueueDepths {
  private var counts: [QueueID: Int] = [:]
  private var countedAt: ContinuousClock.Instant?

  /// The queues that are full now.
  /// - Throws: what the store throws.
  func full(under policy: Policy, in store: DeskStore) async throws -> Set<QueueID> {
    var limits: [QueueID: Int] = [:]
    for queue in policy.queues.values { if let limit = queue.limit { limits[queue.id] = limit } }
    guard !limits.isEmpty else { return [] }
    let now = ContinuousClock.now
    if countedAt.map({ now - $0 >= RouterBounds.depthPause }) ?? true {
      // Taken first: who asks meanwhile goes by the former counts.
      countedAt = now
      do {
        counts = try await store.waitingCounts(upTo: limits)
      } catch {
        countedAt = nil
        throw error
      }
    }
    return Set(limits.filter { counts[$0.key, default: 0] >= $0.value }.keys)
  }

  /// Counts tickets that this router put into queues.
  func add(_ queues: some Sequence<QueueID>) {
    for queue in queues { counts[queue, default: 0] += 1 }
  }
}
