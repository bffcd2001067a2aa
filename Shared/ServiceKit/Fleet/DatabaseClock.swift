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
  }

  private let reading: PthreadMutex<Reading>

  /// Starts from a moment that was just read.
  public init(_ now: Instant) {
    reading = PthreadMutex(Reading(database: now, local: .now))
  }

  /// The database's time now. It does not run backwards except when the database's own clock was set back.
  public func now() -> Instant {
    reading.withLock { $0.database + (ContinuousClock.now - $0.local) }
  }

  /// Takes over a fresh look.
  ///
  /// - Parameters:
  ///   - instant: what the database said.
  ///   - asked: when the question left; the answer counts as given half-way.
  public func set(_ instant: Instant, askedAt asked: ContinuousClock.Instant) {
    let answered = ContinuousClock.now
    let halfWay = asked + (answered - asked) / 2
    reading.withLock { $0 = Reading(database: instant, local: halfWay) }
  }
}
