import DeskCore
import Logging
import ServiceKit
import Store

/// Which queues have reached their limit.
///
/// Counted by the database now and then, and between two counts by what this router adds, so a limit is soft: it can be passed by what
/// other routers add within one pause. No ticket is lost to that; some wait where others would have been sent on. The same holds while the
/// count fails: what was known last goes on to count, and deciding does not wait for it.
actor QueueDepths {
  /// The counting, as operators see it.
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
      // Taken first: who asks meanwhile goes by the former counts.
      countedAt = now
      let counted = await task.attempt(logger) { [limits] in
        try await store.waitingCounts(upTo: limits, timeout: RouterBounds.depthTimeout)
      }
      if let counted { counts = counted }
    }
    return Set(limits.filter { counts[$0.key, default: 0] >= $0.value }.keys)
  }

  /// Counts the tickets that wait since these steps of this router. A message on a ticket that somebody has, or that waits already, makes
  /// no queue longer.
  func add(_ steps: some Sequence<TicketStep>) {
    for step in steps where step.waitsFromNow {
      if let queue = step.ticket.queue { counts[queue, default: 0] += 1 }
    }
  }
}

extension TicketStep {
  /// Whether the ticket waits for an agent since this step.
  fileprivate var waitsFromNow: Bool {
    ticket.state.waitsForAgent && effects.contains { if case .wakeQueue = $0 { true } else { false } }
  }
}
