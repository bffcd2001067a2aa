public import Foundation

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
  public init?(bytes: some ContiguousBytes) {
    let words = bytes.withUnsafeBytes { buffer -> (UInt64, UInt64)? in
      guard buffer.count == Self.byteCount else { return nil }
      return (
        UInt64(bigEndian: buffer.loadUnaligned(as: UInt64.self)),
        UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      )
    }
    guard let words else { return nil }
    (high, low) = words
  }

  /// The sixteen bytes, as a protobuf field holds them.
  public var data: Data {
    var data = Data(capacity: Self.byteCount)
    withUnsafeBytes(of: high.bigEndian) { data.append(contentsOf: $0) }
    withUnsafeBytes(of: low.bigEndian) { data.append(contentsOf: $0) }
    return data
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

extension WireWorkItem {
  /// The item's id on the link; nil when the field does not have 16 bytes.
  public var itemID: ItemID? { ItemID(bytes: messageID) }
}
