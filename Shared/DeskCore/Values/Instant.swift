/// A moment on the desk's one timeline: microseconds since the Unix epoch (1970-01-01T00:00:00Z), leap seconds smeared.
///
/// DeskCore never reads a clock. Every decision takes the moment it happens at as an argument, so that the simulator's
/// virtual clock and the database's clock drive the same code.
///
/// Arithmetic saturates: a result before `earliest` or after `latest` is that end. So no moment and no duration that arrives from
/// outside can stop the process, and comparisons keep their meaning. What may be stored or written as a timestamp is narrower;
/// readers of input hold it to the years of `RFC3339`.
public struct Instant: Hashable, Comparable, Sendable {
  /// The first moment there is, in the year -290308.
  public static let earliest = Instant(microseconds: .min)
  /// The last moment there is, in the year 294247.
  public static let latest = Instant(microseconds: .max)

  /// Microseconds since the Unix epoch; the resolution of PostgreSQL's `timestamptz`.
  public var microseconds: Int64

  /// Makes the instant that lies `microseconds` after the Unix epoch.
  public init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// Makes the instant that lies `seconds` after the Unix epoch, or the nearest one there is.
  public init(seconds: Int64) {
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
    microseconds = overflow ? (seconds < 0 ? .min : .max) : product
  }

  /// Whole milliseconds since the Unix epoch, rounded down.
  public var milliseconds: Int64 {
    let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1000)
    return remainder < 0 ? quotient - 1 : quotient
  }

  public static func < (left: Instant, right: Instant) -> Bool {
    left.microseconds < right.microseconds
  }

  /// The instant `duration` later, to the microsecond; saturates.
  public static func + (instant: Instant, duration: Duration) -> Instant {
    instant.advanced(byMicroseconds: duration.wholeMicroseconds)
  }

  /// The instant `duration` earlier, to the microsecond; saturates.
  public static func - (instant: Instant, duration: Duration) -> Instant {
    let change = duration.wholeMicroseconds
    let (difference, overflow) = instant.microseconds.subtractingReportingOverflow(change)
    return Instant(microseconds: overflow ? (change < 0 ? .max : .min) : difference)
  }

  /// The time from `earlier` to `later`; negative when they are the other way round. Saturates at what 64 bits of microseconds hold.
  public static func - (later: Instant, earlier: Instant) -> Duration {
    let (difference, overflow) = later.microseconds.subtractingReportingOverflow(earlier.microseconds)
    return .microseconds(overflow ? (earlier.microseconds < 0 ? .max : .min) : difference)
  }

  /// The instant so many microseconds later, earlier for a negative number; saturates.
  func advanced(byMicroseconds change: Int64) -> Instant {
    let (sum, overflow) = microseconds.addingReportingOverflow(change)
    return Instant(microseconds: overflow ? (change < 0 ? .min : .max) : sum)
  }
}

extension Duration {
  /// The duration in microseconds, fractions cut off; the nearest number of 64 bits for durations beyond 292,000 years.
  public var wholeMicroseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, isTooLarge) = seconds.multipliedReportingOverflow(by: 1_000_000)
    let (sum, overflow) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000)
    return isTooLarge || overflow ? (seconds < 0 ? .min : .max) : sum
  }

  /// The duration in seconds as a floating-point number.
  public var inSeconds: Double {
    Double(wholeMicroseconds) / 1_000_000
  }
}
