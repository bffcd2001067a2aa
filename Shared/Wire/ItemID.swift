/// The 16 bytes that identify an item on a link: the id of its message.
public struct ItemID: Hashable, Sendable, CustomStringConvertible {
  /// The number of bytes in the frames.
  public static let byteCount = 16

  /// The first eight bytes, big-endian.
  public let high: UInt64

  /// The last eight bytes, big-endian.
  public let low: UInt64

  /// Creates an id from sixteen bytes as two big-endian words.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Accepts exactly 16 bytes.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    let middle = bytes.index(bytes.startIndex, offsetBy: 8)
    high = bytes[..<middle].reduce(0) { $0 << 8 | UInt64($1) }
    low = bytes[middle...].reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The form of a UUID, in lower case.
  public var description: String {
    let digits = [high, low].map { word in
      let text = String(word, radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }.joined()
    var groups: [Substring] = []
    var rest = digits[...]
    for length in [8, 4, 4, 4, 12] {
      groups.append(rest.prefix(length))
      rest = rest.dropFirst(length)
    }
    return groups.joined(separator: "-")
  }
}
