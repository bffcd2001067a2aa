import DeskCore
import Logging
import ServiceHealth
import Store

/// Which queues have reached their limit.
///
/// Counted by the database periodically, and between two counts by what this router adds, so a limit is soft: it can be exceeded by what
/// other routers add within one pause. No ticket is lost to that; some wait where others would have overflowed. The same holds while the
/// count fails: the last known count remains in use, and deciding does not wait for it.
actor QueueDepths {
  /// The counting task, as operators see it.
  nonisolated let task = WatchedTask("queue_depths")
  private var counts: [QueueID: Int] = [:]
  private var countedAt: ContinuousClock.Instant?

  /// The queues that are full now, as far as is known.
  func full(
    under policy: Policy, in store: DeskStore, _ logger: Logger, at now: ContinuousClock.Instant = .now
  ) async -> Set<QueueID> {
    var limits: [QueueID: Int] = [:]
    for queue in policy.queues.values { if let limit = queue.limit { limits[queue.id] = limit } }
    guard !limits.isEmpty else { return [] }
    if countedAt.map({ now - $0 >= RouterBounds.depthPause }) ?? true {
      // Set first: concurrent callers use the previous counts.
      countedAt = now
      let counted = await task.attempt(logger) { [limits] in
        try await store.matching.waitingCounts(upTo: limits, timeout: RouterBounds.depthTimeout)
      }
      if let counted { counts = counted }
    }
    return Set(limits.filter { counts[$0.key, default: 0] >= $0.value }.keys)
  }

  /// Adds the tickets that started waiting with these steps of this router. A message on a ticket that an agent has, or that waits already,
  /// makes no queue longer.
  func add(_ steps: some Sequence<TicketStep>) {
    for step in steps where step.waitsFromNow {
      if let queue = step.ticket.queue { counts[queue, default: 0] += 1 }
    }
  }
}

extension TicketStep {
  /// Whether this step makes the ticket wait for an agent.
  fileprivate var waitsFromNow: Bool {
    ticket.state.waitsForAgent && effects.contains { if case .wakeQueue = $0 { true } else { false } }
  }
}
