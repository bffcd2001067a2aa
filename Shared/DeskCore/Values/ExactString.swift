/// External text used as a key: equal to another only when their UTF-8 bytes are equal, as PostgreSQL compares them.
///
/// `String` compares by canonical equivalence: "é" equals "e" followed by U+0301, although they are different bytes and different rows in
/// the database. Text from outside that is looked up, deduplicated or compared with stored text is therefore wrapped in this type, or
/// compared with `String.hasSameBytes(as:)`. `deploy/checks/exact-keys` finds new uses that are not.
public struct ExactString: Hashable, Comparable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
  /// The text itself, unchanged.
  public let string: String

  /// Wraps a text.
  public init(_ string: String) {
    self.string = string
  }

  public init(stringLiteral value: String) {
    string = value
  }

  public static func == (left: Self, right: Self) -> Bool { left.string.hasSameBytes(as: right.string) }

  /// The order of the bytes, which is PostgreSQL's `COLLATE "C"` and also the order of the scalars.
  public static func < (left: Self, right: Self) -> Bool { left.string.precedesByBytes(right.string) }

  public func hash(into hasher: inout Hasher) { string.hashBytes(into: &hasher) }

  public var description: String { string }
}

extension String {
  /// Whether both texts consist of the same UTF-8 bytes.
  public func hasSameBytes(as other: String) -> Bool {
    // Native strings expose their bytes without a copy; bridged ones do not exist on this platform, but the fallback is correct.
    let same = utf8.withContiguousStorageIfAvailable { left in
      other.utf8.withContiguousStorageIfAvailable { right in
        left.count == right.count && left.elementsEqual(right)
      }
    }
    return (same ?? nil) ?? utf8.elementsEqual(other.utf8)
  }

  /// Whether this text comes before another in the order of their UTF-8 bytes.
  public func precedesByBytes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }

  /// Feeds the UTF-8 bytes and their number to a hasher.
  public func hashBytes(into hasher: inout Hasher) {
    let hashed: Void? = utf8.withContiguousStorageIfAvailable { bytes in
      hasher.combine(bytes.count)
      hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
    }
    guard hashed == nil else { return }
    hasher.combine(utf8.count)
    for byte in utf8 { hasher.combine(byte) }
  }
}
