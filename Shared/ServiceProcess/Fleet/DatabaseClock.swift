public import DeskCore
internal import SystemPrimitives

/// The database's clock, extrapolated between two readings by a monotonic clock.
///
/// Every timestamp that the desk decides by comes from here, so that neither a machine's wrong clock nor a clock jump can make a
/// deadline expire. A reading costs a round trip, which the heartbeat makes anyway; the monotonic clock covers the time in between.
public final class DatabaseClock: Sendable {
  private struct Reading {
    var database: Instant
    var local: ContinuousClock.Instant
    /// The maximum error: half of the time between query and answer.
    var error: Duration
  }

  /// The fraction of elapsed time that is added to the error, since two clocks drift apart. Far more than real clocks
  /// drift, so that a clock that was reset is trusted within seconds even over a slow connection.
  private static let drift = 50
  private static let firstError: Duration = .seconds(1)

  private let reading: PthreadMutex<Reading>

  /// Starts from a time that was just read.
  public init(_ now: Instant) {
    reading = PthreadMutex(Reading(database: now, local: .now, error: DatabaseClock.firstError))
  }

  /// The database's time now. It does not run backwards except when the database's own clock was set back.
  public func now() -> Instant {
    reading.withLock { $0.database + (ContinuousClock.now - $0.local) }
  }

  /// Adopts a new reading, unless the previous one is still more accurate: an answer that waited for seconds in a queue, or
  /// arrived while this process was stopped, could expire every deadline of these seconds too early.
  ///
  /// - Parameters:
  ///   - instant: the database's time.
  ///   - asked: when the query was sent; the answer is dated half-way between.
  public func set(_ instant: Instant, askedAt asked: ContinuousClock.Instant) {
    let answered = ContinuousClock.now
    let error = (answered - asked) / 2
    reading.withLock { held in
      guard error <= held.error + (answered - held.local) / DatabaseClock.drift else { return }
      held = Reading(database: instant, local: asked + error, error: error)
    }
  }
}
