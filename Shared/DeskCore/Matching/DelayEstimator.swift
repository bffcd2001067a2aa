import RealModule

/// What is known at a moment of a queue that a ticket joins, in tickets and seconds.
public struct QueueObservation: Hashable, Sendable {
  /// Tickets that wait before it.
  public let ahead: Int
  /// Tickets that go to agents per second; see `WaitEstimator.pace(now:)`.
  public let pace: Double
  /// Tickets that agents work on at once while others wait, and how long each takes.
  public let places: Int
  public let handlingSeconds: Double
  /// The customers' mean patience; nil where none gives up or nothing is known of it.
  public let patienceSeconds: Double?
  /// How long the first ticket of the queue has waited; nil while none waits.
  public let headWaited: Double?
  /// How long the ticket had waited that last went to an agent; nil before the first.
  public let lastWaited: Double?

  public init(
    ahead: Int, pace: Double, places: Int, handlingSeconds: Double, patienceSeconds: Double?, headWaited: Double?,
    lastWaited: Double?
  ) {
    self.ahead = ahead
    self.pace = pace
    self.places = places
    self.handlingSeconds = handlingSeconds
    self.patienceSeconds = patienceSeconds
    self.headWaited = headWaited
    self.lastWaited = lastWaited
  }
}

/// Ways to estimate how long a ticket that joins a queue will wait, to compare them with what the desk tells customers.
///
/// All but the first are those of R. Ibrahim and W. Whitt, "Real-time delay estimation based on delay history" (2009) and "Real-time delay
/// estimation in overloaded multiserver queues with abandonments" (2009). They assume that the first to come is the first to be served.
public enum DelayEstimator: String, CaseIterable, Hashable, Sendable {
  /// The desk's own: the queue position divided by the pace of the last minutes.
  case position
  /// QL: each ticket that waits before it, and one more, takes a departure from the agents.
  case queueLength = "queue_length"
  /// QLm: the same while those before it also give up, at the rate of their mean patience.
  case queueLengthWithAbandonment = "queue_length_with_abandonment"
  /// HOL: how long the first of the queue has waited so far.
  case headOfLine = "head_of_line"
  /// LES: how long the one that last went to an agent had waited.
  case lastToEnterService = "last_to_enter_service"

  /// The expected wait in seconds, given that all agents are busy; nil where the observation lacks what the estimate needs.
  public func seconds(_ queue: QueueObservation) -> Double? {
    let ahead = Double(max(0, queue.ahead))
    switch self {
    case .position:
      return queue.pace > 0 ? (ahead + 1) / queue.pace : nil
    case .queueLength:
      return queue.places > 0 && queue.handlingSeconds > 0
        ? (ahead + 1) * queue.handlingSeconds / Double(queue.places) : nil
    case .queueLengthWithAbandonment:
      guard let patience = queue.patienceSeconds, patience > 0, patience.isFinite else {
        return DelayEstimator.queueLength.seconds(queue)
      }
      guard queue.places > 0, queue.handlingSeconds > 0 else { return nil }
      // The sum of 1 / (nμ + kθ) for k = 0 … ahead.
      let departures = Double(queue.places) * patience / queue.handlingSeconds
      return patience * (.digamma(departures + ahead + 1) - .digamma(departures))
    case .headOfLine:
      return queue.headWaited ?? 0
    case .lastToEnterService:
      return queue.lastWaited
    }
  }
}
