/// Checks of UTF-8 (RFC 3629).
public enum UTF8Check {
  /// U+FEFF at the beginning of a text, which has no meaning in UTF-8.
  public static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// Finds where a buffer stops being valid UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF).
  ///
  /// - Returns: the offset of the first invalid byte; nil when all are valid.
  public static func firstInvalid(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    var position = 0
    let end = bytes.count
    let raw = UnsafeRawBufferPointer(bytes)
    while position < end {
      // Eight ASCII bytes at a time: the bulk of most bodies.
      while position + 8 <= end,
        raw.loadUnaligned(fromByteOffset: position, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
      {
        position += 8
      }
      guard position < end else { return nil }
      let lead = bytes[position]
      if lead < 0x80 {
        position += 1
        continue
      }
      let length: Int
      var second: ClosedRange<UInt8> = 0x80...0xBF
      switch lead {
      case 0xC2...0xDF: length = 2
      case 0xE0: (length, second) = (3, 0xA0...0xBF)
      case 0xED: (length, second) = (3, 0x80...0x9F)
      case 0xE1...0xEF: length = 3
      case 0xF0: (length, second) = (4, 0x90...0xBF)
      case 0xF4: (length, second) = (4, 0x80...0x8F)
      case 0xF1...0xF3: length = 4
      default: return position
      }
      guard position + length <= end, second.contains(bytes[position + 1]) else { return position }
      for offset in 2..<max(2, length) where bytes[position + offset] & 0xC0 != 0x80 { return position }
      position += length
    }
    return nil
  }
}
