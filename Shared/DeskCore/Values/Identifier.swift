/// A 128-bit identifier of one `Subject`, ordered by creation time (UUID version 7, RFC 9562).
///
/// The phantom type `Subject` prevents passing a ticket's identifier where a message's is expected.
@frozen
public struct Identifier<Subject>: Hashable, Comparable, Sendable {
  /// The first eight bytes, big-endian: 48 bits of milliseconds, the version, 12 bits of fraction or random bits.
  public let high: UInt64
  /// The last eight bytes, big-endian: the variant and 62 random bits.
  public let low: UInt64

  /// Creates an identifier from sixteen bytes as two big-endian words; any value is accepted, so that foreign UUIDs can be read.
  @inlinable
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Creates a new version 7 identifier for the given time. Those of one millisecond have no order; `IdentifierSequence` gives them one.
  @inlinable
  public init(at instant: Instant, using random: inout some RandomNumberGenerator) {
    let time = UInt64(bitPattern: max(0, instant.milliseconds)) & 0xFFFF_FFFF_FFFF
    let noise: UInt64 = random.next()
    high = time << 16 | 0x7000 | (noise & 0x0FFF)
    let tail: UInt64 = random.next()
    low = 0x8000_0000_0000_0000 | (tail & 0x3FFF_FFFF_FFFF_FFFF)
  }

  /// The creation time of a version 7 identifier, to the millisecond.
  @inlinable public var instant: Instant {
    Instant(microseconds: Int64(high >> 16) * 1000)
  }

  @inlinable
  public static func < (left: Self, right: Self) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }

  /// The same sixteen bytes as an identifier of another subject, for the few places where one names the other.
  @inlinable
  public func of<Other>(_ other: Other.Type) -> Identifier<Other> {
    Identifier<Other>(high: high, low: low)
  }
}

// MARK: - Text

extension Identifier: LosslessStringConvertible {
  /// Parses the canonical 36-character form, in either case; nil for anything else.
  public init?(_ description: String) {
    var text = description
    let parsed: (UInt64, UInt64)? = text.withUTF8 { bytes in
      guard bytes.count == 36 else { return nil }
      var words: (UInt64, UInt64) = (0, 0)
      var digits = 0
      for (position, byte) in bytes.enumerated() {
        if position == 8 || position == 13 || position == 18 || position == 23 {
          guard byte == UInt8(ascii: "-") else { return nil }
          continue
        }
        guard let digit = hexadecimalValue(byte) else { return nil }
        if digits < 16 { words.0 = words.0 << 4 | digit } else { words.1 = words.1 << 4 | digit }
        digits += 1
      }
      return words
    }
    guard let parsed else { return nil }
    self.init(high: parsed.0, low: parsed.1)
  }

  /// The canonical 36-character lower-case form.
  public var description: String {
    String(unsafeUninitializedCapacity: 36) { buffer in
      var position = 0
      for digit in 0..<32 {
        if digit == 8 || digit == 12 || digit == 16 || digit == 20 {
          buffer[position] = UInt8(ascii: "-")
          position += 1
        }
        let word = digit < 16 ? high : low
        let nibble = UInt8(truncatingIfNeeded: word >> (60 - 4 * UInt64(digit % 16))) & 0xF
        buffer[position] = nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
        position += 1
      }
      return 36
    }
  }
}

// MARK: - Bytes

extension Identifier {
  /// Reads sixteen big-endian bytes; nil for any other count.
  @inlinable
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 16 else { return nil }
    var words: (UInt64, UInt64) = (0, 0)
    var position = 0
    for byte in bytes {
      if position < 8 { words.0 = words.0 << 8 | UInt64(byte) } else { words.1 = words.1 << 8 | UInt64(byte) }
      position += 1
    }
    self.init(high: words.0, low: words.1)
  }

  /// The sixteen bytes, big-endian.
  public var bytes: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
      for position in 0..<16 {
        let word = position < 8 ? high : low
        buffer[position] = UInt8(truncatingIfNeeded: word >> (56 - 8 * UInt64(position % 8)))
      }
      count = 16
    }
  }
}

private func hexadecimalValue(_ byte: UInt8) -> UInt64? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
  case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
  case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
  default: nil
  }
}
