/// Estimates how long tickets of one queue wait, from how many went to agents recently, and how accurate the estimates were.
///
/// The pace is counted in slots of half a minute over five minutes; the queue position divided by the pace is the expected wait. Some
/// tickets are remembered with the estimate they would have been given, which is compared when they leave the queue.
public struct WaitEstimator: Hashable, Sendable {
  private struct Prediction: Hashable {
    let madeAt: Instant
    let expected: Duration
  }

  /// The length of a slot, and how many are counted.
  private static let slotSeconds: Int64 = 30
  private static let slots: Int64 = 10
  /// Tickets remembered at once.
  static let predictionsKept = 256

  private let begun: Instant
  private var servedInSlot: [Int64: Int] = [:]
  private var predictions: [TicketID: Prediction] = [:]

  /// Starts without any data.
  public init(now: Instant) {
    begun = now
  }

  private static func slot(of moment: Instant) -> Int64 { moment.microseconds / (slotSeconds * 1_000_000) }

  /// Tickets that go to agents per second; 0 while none has gone.
  public func pace(now: Instant) -> Double {
    let newest = WaitEstimator.slot(of: now)
    let served = servedInSlot.reduce(0) { $1.key > newest - WaitEstimator.slots ? $0 + $1.value : $0 }
    let window = Duration.seconds(WaitEstimator.slotSeconds * (WaitEstimator.slots - 1))
    // A short history counts as one slot, so that the first ticket does not look like a stream.
    return Double(served) / max(min(now - begun, window), .seconds(WaitEstimator.slotSeconds)).inSeconds
  }

  /// The expected wait at a queue position, from 1; nil when no ticket has gone to an agent recently.
  public static func expectedWait(atPosition position: Int, pace: Double) -> Duration? {
    pace > 0 ? .milliseconds(Int64(Double(position) / pace * 1_000)) : nil
  }

  /// Remembers the estimates for tickets that were not seen before.
  /// - Parameter waiting: the first tickets of the queue, in order.
  public mutating func saw(_ waiting: some Sequence<TicketID>, now: Instant) {
    let pace = pace(now: now)
    for (index, ticket) in waiting.enumerated() where predictions[ticket] == nil {
      guard predictions.count < WaitEstimator.predictionsKept,
        let expected = WaitEstimator.expectedWait(atPosition: index + 1, pace: pace)
      else { return }
      predictions[ticket] = Prediction(madeAt: now, expected: expected)
    }
  }

  /// Counts tickets that went to agents.
  /// - Returns: for those that were remembered, how much longer than estimated they waited.
  public mutating func served(_ tickets: some Sequence<TicketID>, now: Instant) -> [Duration] {
    let slot = WaitEstimator.slot(of: now)
    var errors: [Duration] = []
    for ticket in tickets {
      servedInSlot[slot, default: 0] += 1
      guard let prediction = predictions.removeValue(forKey: ticket) else { continue }
      errors.append(now - prediction.madeAt - prediction.expected)
    }
    servedInSlot = servedInSlot.filter { $0.key > slot - WaitEstimator.slots }
    return errors
  }

  /// Forgets old estimates: those tickets left the queue in another way.
  public mutating func forget(madeBefore moment: Instant) {
    predictions = predictions.filter { $0.value.madeAt >= moment }
  }
}
