public import DeskCore
internal import EventThread

/// The database's clock, carried on between two looks at it by a monotonic one.
///
/// Every moment that the desk decides by comes from here, so that neither a machine's wrong clock nor a jump of it can make a
/// deadline pass. A look costs a round trip, which the heartbeat pays anyway; in between the monotonic clock counts on.
public final class DatabaseClock: Sendable {
  private struct Reading {
    var database: Instant
    var local: ContinuousClock.Instant
    /// How far off it may be: half of the time between question and answer.
    var error: Duration
  }

  /// How much of the time that has passed is added to the error, since two clocks differ in pace. Far more than real clocks
  /// differ, so that a clock that was set anew is believed within seconds even over a slow connection.
  private static let drift = 50
  private static let firstError: Duration = .seconds(1)

  private let reading: PthreadMutex<Reading>

  /// Starts from a moment that was just read.
  public init(_ now: Instant) {
    reading = PthreadMutex(Reading(database: now, local: .now, error: DatabaseClock.firstError))
  }

  /// The database's time now. It does not run backwards except when the database's own clock was set back.
  public func now() -> Instant {
    reading.withLock { $0.database + (ContinuousClock.now - $0.local) }
  }

  /// Takes over a fresh look, unless the one before tells the time better still: an answer that waited for seconds in a queue, or
  /// came while this process was stopped, could make every deadline of these seconds pass too early.
  ///
  /// - Parameters:
  ///   - instant: what the database said.
  ///   - asked: when the question left; the answer counts as given half-way.
  public func set(_ instant: Instant, askedAt asked: ContinuousClock.Instant) {
    let answered = ContinuousClock.now
    let error = (answered - asked) / 2
    reading.withLock { held in
      guard error <= held.error + (answered - held.local) / DatabaseClock.drift else { return }
      held = Reading(database: instant, local: asked + error, error: error)
    }
  }
}
