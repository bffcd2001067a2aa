import DeskCore

/// State that a router keeps from one round of offers to the next. A new owner of a queue starts over: a turn of the most overdue ticket is
/// then late by one round of turns, and waits are predicted only once tickets have been offered again.
actor OfferMemory {
  /// Offers of each queue since the last one for its most overdue ticket.
  private(set) var turns: [QueueID: Int] = [:]
  private var estimators: [QueueID: WaitEstimator] = [:]
  private var pacesKeptAt: Instant?

  func remember(_ turns: [QueueID: Int]) {
    self.turns.merge(turns) { $1 }
  }

  /// Records the first tickets of a queue, in order.
  func saw(_ waiting: [TicketID], in queue: QueueID, now: Instant) {
    estimators[queue, default: WaitEstimator(now: now)].saw(waiting, now: now)
  }

  /// Records tickets that were offered.
  /// - Returns: for some of them, how much longer than predicted they waited.
  func served(_ tickets: Set<TicketID>, from queue: QueueID, now: Instant) -> [Duration] {
    estimators[queue, default: WaitEstimator(now: now)].served(tickets, now: now)
  }

  /// Returns the paces of the queues when they are due to be written.
  func pacesToKeep(now: Instant) -> [QueueID: Double] {
    if let last = pacesKeptAt, now - last < RouterBounds.pacePause { return [:] }
    pacesKeptAt = now
    for queue in estimators.keys { estimators[queue]?.forget(madeBefore: now - RouterBounds.predictionLifetime) }
    return estimators.mapValues { $0.pace(now: now) }
  }
}
