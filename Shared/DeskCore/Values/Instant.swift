/// A moment on the desk's one timeline: microseconds since the Unix epoch (1970-01-01T00:00:00Z), leap seconds smeared.
///
/// DeskCore never reads a clock. Every decision takes the moment it happens at as an argument, so that the simulator's
/// virtual clock and the database's clock drive the same code.
public struct Instant: Hashable, Comparable, Sendable {
  /// Microseconds since the Unix epoch; the resolution of PostgreSQL's `timestamptz`.
  public var microseconds: Int64

  /// Makes the instant that lies `microseconds` after the Unix epoch.
  public init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// Makes the instant that lies `seconds` after the Unix epoch.
  public init(seconds: Int64) {
    self.microseconds = seconds * 1_000_000
  }

  /// Whole milliseconds since the Unix epoch, rounded down.
  public var milliseconds: Int64 {
    let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1000)
    return remainder < 0 ? quotient - 1 : quotient
  }

  public static func < (left: Instant, right: Instant) -> Bool {
    left.microseconds < right.microseconds
  }

  /// The instant `duration` later, to the microsecond.
  public static func + (instant: Instant, duration: Duration) -> Instant {
    Instant(microseconds: instant.microseconds + duration.wholeMicroseconds)
  }

  /// The instant `duration` earlier, to the microsecond.
  public static func - (instant: Instant, duration: Duration) -> Instant {
    Instant(microseconds: instant.microseconds - duration.wholeMicroseconds)
  }

  /// The time from `earlier` to `later`; negative when they are the other way round.
  public static func - (later: Instant, earlier: Instant) -> Duration {
    .microseconds(later.microseconds - earlier.microseconds)
  }
}

extension Duration {
  /// The duration in microseconds, fractions cut off.
  public var wholeMicroseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
  }

  /// The duration in seconds as a floating-point number.
  public var inSeconds: Double {
    Double(wholeMicroseconds) / 1_000_000
  }
}
