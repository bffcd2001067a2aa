public import DeskCore
public import Store
internal import SystemPrimitives

/// The database's clock, extrapolated between two readings by a monotonic clock.
///
/// Every timestamp that the desk decides by comes from here, so that neither a machine's wrong clock nor a clock jump can make a
/// deadline expire. A reading costs a round trip, which the heartbeat makes anyway; the monotonic clock covers the time in between.
public final class DatabaseClock: Sendable {
  private let reading: PthreadMutex<ClockReading>

  /// Starts from a time that did not come from the database just now, such as one to be simulated.
  public init(_ now: Instant) {
    reading = PthreadMutex(ClockReading(now, at: .now))
  }

  /// Asks the database, and dates its answer half-way between question and answer.
  /// - Throws: what the query throws.
  public init(asking store: DeskStore) async throws {
    let asked = ContinuousClock.now
    let now = try await store.now()
    reading = PthreadMutex(ClockReading(now, askedAt: asked, answeredAt: .now))
  }

  /// The database's time now. It does not run backwards except when the database's own clock was set back.
  public func now() -> Instant {
    reading.withLock { $0.now(at: .now) }
  }

  /// Adopts a new reading, unless the previous one is still more accurate: an answer that waited for seconds in a queue, or
  /// arrived while this process was stopped, could expire every deadline of these seconds too early.
  ///
  /// - Parameters:
  ///   - instant: the database's time.
  ///   - asked: when the query was sent; the answer is dated half-way between.
  ///   - answered: when the answer arrived.
  public func set(
    _ instant: Instant, askedAt asked: ContinuousClock.Instant, answeredAt answered: ContinuousClock.Instant = .now
  ) {
    reading.withLock { $0.set(instant, askedAt: asked, answeredAt: answered) }
  }
}
