/// The database's time as last read, extrapolated by a monotonic clock. Pure: the monotonic clock's reading is handed in.
package struct ClockReading: Sendable {
  private var database: Instant
  private var local: ContinuousClock.Instant
  /// The maximum error: half of the time between query and answer.
  private var error: Duration

  /// The fraction of elapsed time that is added to the error, since two clocks drift apart. Far more than real clocks
  /// drift, so that a clock that was reset is trusted within seconds even over a slow connection.
  private static let drift = 50
  private static let firstError: Duration = .seconds(1)

  /// Starts from a time that was just read.
  package init(_ database: Instant, at local: ContinuousClock.Instant) {
    self.database = database
    self.local = local
    error = Self.firstError
  }

  /// Starts from an answer of the database, dated half-way between question and answer.
  package init(
    _ instant: Instant, askedAt asked: ContinuousClock.Instant, answeredAt answered: ContinuousClock.Instant
  ) {
    error = (answered - asked) / 2
    database = instant
    local = asked + error
  }

  /// The database's time at a later reading of the monotonic clock.
  package func now(at local: ContinuousClock.Instant) -> Instant { database + (local - self.local) }

  /// Adopts a new reading, unless the previous one is still more accurate: an answer that waited for seconds in a queue, or
  /// arrived while this process was stopped, could expire every deadline of these seconds too early.
  ///
  /// - Parameters:
  ///   - instant: the database's time.
  ///   - asked: when the query was sent; the answer is dated half-way between.
  ///   - answered: when the answer arrived.
  package mutating func set(
    _ instant: Instant, askedAt asked: ContinuousClock.Instant, answeredAt answered: ContinuousClock.Instant
  ) {
    let error = (answered - asked) / 2
    guard error <= self.error + (answered - local) / Self.drift else { return }
    self = ClockReading(instant, askedAt: asked, answeredAt: answered)
  }
}
