/// The tickets expected in one queue in one period of time.
public struct ForecastPeriod: Hashable, Sendable {
  /// The queue in which they will wait.
  public let queue: QueueID
  /// When the period begins.
  public let start: Instant
  /// How long it lasts; half an hour in plans.
  public let length: Duration
  /// The expected number of tickets.
  public let expected: Double
  /// The prediction interval in which the number lies with the forecast's stated probability.
  public let interval: ClosedRange<Double>

  public init(queue: QueueID, start: Instant, length: Duration, expected: Double, interval: ClosedRange<Double>) {
    self.queue = queue
    self.start = start
    self.length = length
    self.expected = expected
    self.interval = interval
  }
}
