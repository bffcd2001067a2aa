/// Makes version 7 identifiers that sort in the order in which they were made, however many fall into one millisecond and whichever way the
/// clock moves (RFC 9562, section 6.2).
///
/// The 12 bits after the version are the fraction of the millisecond (method 3). An identifier that would not sort after the previous one
/// gets the next value of these bits instead, and of the milliseconds when they overflow: so up to 4096 are made before an identifier's
/// time is ahead of the clock, and when the clock is set back, the sequence continues where it was. The last 62 bits are random, so that
/// sequences of several processes do not collide.
public struct IdentifierSequence: Hashable, Sendable {
  /// Milliseconds and 12 bits of fraction of the last identifier; 0 before the first.
  public private(set) var last: UInt64

  /// Continues a sequence.
  /// - Parameter last: `last` of the sequence that is continued.
  public init(after last: UInt64 = 0) { self.last = last }

  /// Moves to the next place in the order.
  /// - Parameter instant: the time now; it may be earlier than at the last call.
  /// - Returns: the new `last`, greater than the one before.
  @discardableResult
  public mutating func advance(to instant: Instant) -> UInt64 {
    let microseconds = UInt64(max(0, instant.microseconds))
    let milliseconds = (microseconds / 1_000) & 0xFFFF_FFFF_FFFF
    last = max(milliseconds << 12 | ((microseconds % 1_000) << 12) / 1_000, last + 1)
    return last
  }

  /// Makes the next identifier.
  public mutating func next<Subject>(
    at instant: Instant, using random: inout some RandomNumberGenerator
  ) -> Identifier<Subject> {
    Identifier(place: advance(to: instant), tail: random.next())
  }
}

extension Identifier {
  /// Creates a version 7 identifier.
  /// - Parameters:
  ///   - place: milliseconds and 12 bits of fraction, as `IdentifierSequence.last`.
  ///   - tail: 62 of its bits are used.
  public init(place: UInt64, tail: UInt64) {
    self.init(
      high: (place >> 12) << 16 | 0x7000 | place & 0x0FFF, low: 0x8000_0000_0000_0000 | tail & 0x3FFF_FFFF_FFFF_FFFF)
  }
}
