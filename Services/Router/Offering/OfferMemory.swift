import DeskCore

/// What a router remembers from one round of offers to the next. Another owner of a queue begins afresh: a turn of the most overdue
/// then comes late by one round of turns, and waits are told once something has gone again.
actor OfferMemory {
  /// Offers of each queue since the last that went to its most overdue ticket.
  private(set) var turns: [QueueID: Int] = [:]
  private var estimators: [QueueID: WaitEstimator] = [:]
  private var pacesKeptAt: Instant?

  func remember(_ turns: [QueueID: Int]) {
    self.turns.merge(turns) { $1 }
  }

  /// Notes the first tickets of a queue, in order.
  func saw(_ waiting: [TicketID], in queue: QueueID, now: Instant) {
    estimators[queue, default: WaitEstimator(now: now)].saw(waiting, now: now)
  }

  /// Notes tickets that were offered.
  /// - Returns: for some of them, by how much longer than told they waited.
  func served(_ tickets: Set<TicketID>, from queue: QueueID, now: Instant) -> [Duration] {
    estimators[queue, default: WaitEstimator(now: now)].served(tickets, now: now)
  }

  /// The paces of the queues, when it is time to keep them.
  func pacesToKeep(now: Instant) -> [QueueID: Double] {
    if let last = pacesKeptAt, now - last < RouterBounds.pacePause { return [:] }
    pacesKeptAt = now
    for queue in estimators.keys { estimators[queue]?.forget(madeBefore: now - RouterBounds.predictionLifetime) }
    return estimators.mapValues { $0.pace(now: now) }
  }
}
