/// Percent-encoded text in a request target (RFC 3986, section 2.1).
public enum PercentEncoding {
  /// Problem and remedy of text that cannot be decoded.
  package static let problem = "It is not percent-encoded UTF-8, or contains U+0000."
  package static let remedy = "Encode it with a URL library (RFC 3986), without U+0000."

  /// Returns the text; nil for a `%` without two hexadecimal digits, for bytes that are not UTF-8, and for U+0000.
  public static func decode(_ text: some StringProtocol) -> String? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var rest = text.utf8.makeIterator()
    while let byte = rest.next() {
      if byte == UInt8(ascii: "%") {
        guard let high = rest.next().flatMap(digit), let low = rest.next().flatMap(digit) else { return nil }
        bytes.append(high << 4 | low)
      } else {
        bytes.append(byte)
      }
    }
    return bytes.contains(0) ? nil : String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
