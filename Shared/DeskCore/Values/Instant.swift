/// A point in time: microseconds since the Unix epoch (1970-01-01T00:00:00Z), leap seconds smeared.
///
/// DeskCore never reads a clock. Every decision takes its time as an argument, so that the simulator's virtual clock and the database's
/// clock drive the same code.
///
/// Arithmetic saturates: a result before `earliest` or after `latest` becomes that limit. So no instant and no duration from outside can
/// crash the process, and comparisons stay meaningful. The range that may be stored or written as a timestamp is narrower; input parsers
/// enforce the years of `RFC3339`.
public struct Instant: Hashable, Comparable, Sendable {
  /// The earliest instant, in the year -290308.
  public static let earliest = Instant(microseconds: .min)
  /// The latest instant, in the year 294247.
  public static let latest = Instant(microseconds: .max)

  /// Microseconds since the Unix epoch; the resolution of PostgreSQL's `timestamptz`.
  public var microseconds: Int64

  /// Creates the instant `microseconds` after the Unix epoch.
  public init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// Creates the instant `seconds` after the Unix epoch; saturates.
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

  /// The time from `earlier` to `later`; negative when they are in reverse order. Saturates at 64 bits of microseconds.
  public static func - (later: Instant, earlier: Instant) -> Duration {
    let (difference, overflow) = later.microseconds.subtractingReportingOverflow(earlier.microseconds)
    return .microseconds(overflow ? (earlier.microseconds < 0 ? .max : .min) : difference)
  }

  /// The instant the given number of microseconds later, earlier for a negative number; saturates.
  func advanced(byMicroseconds change: Int64) -> Instant {
    let (sum, overflow) = microseconds.addingReportingOverflow(change)
    return Instant(microseconds: overflow ? (change < 0 ? .min : .max) : sum)
  }
}

extension Duration {
  /// The duration in microseconds, fractions truncated; saturates at 64 bits for durations beyond 292,000 years.
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
