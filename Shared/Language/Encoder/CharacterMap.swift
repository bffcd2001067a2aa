/// The normalisation of a SentencePiece vocabulary: a trie of byte strings, each with its replacement.
///
/// The trie is a double array in the format of Darts-clone (Yata, 2008): a unit's index is the exclusive or of its parent's
/// offset and a byte; its low byte and top bit say which byte it belongs to, and bit 8 that a string ends here, whose
/// value is at its own offset. Values are offsets into `replacements`, where each string ends with a zero byte.
struct CharacterMap: Sendable, Equatable {
  let units: [UInt32]
  let replacements: [UInt8]

  /// Returns the text's characters as the vocabulary expects them: runs of spaces collapsed, ends trimmed.
  func normalise(_ text: String) -> [UInt32] {
    var bytes: [UInt8] = []
    var text = text
    text.withUTF8 { source in
      let source = UnsafeBufferPointer(rebasing: source.prefix(LanguageLimits.inputBytes))
      bytes.reserveCapacity(source.count)
      var place = 0
      // Drops leading spaces at the start of the text and after a space.
      var isAfterSpace = true
      while place < source.count {
        let (replacement, length) = longest(source, place)
        if let replacement {
          append(replacements[replacement...].prefix { $0 != 0 }, to: &bytes, &isAfterSpace)
        } else {
          append(source[place..<place + length], to: &bytes, &isAfterSpace)
        }
        place += length
      }
    }
    while bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self).unicodeScalars.map(\.value)
  }

  private func append(_ part: some Sequence<UInt8>, to bytes: inout [UInt8], _ isAfterSpace: inout Bool) {
    var isLeading = isAfterSpace
    for byte in part {
      if isLeading && byte == UInt8(ascii: " ") { continue }
      isLeading = false
      bytes.append(byte)
      isAfterSpace = byte == UInt8(ascii: " ")
    }
  }

  /// Finds the longest string of the trie at this position.
  ///
  /// - Returns: the start of its replacement, or nil for a character that is unchanged, and the number of bytes it takes.
  private func longest(_ source: UnsafeBufferPointer<UInt8>, _ start: Int) -> (replacement: Int?, length: Int) {
    var found: (Int, Int)?
    guard let root = units.first else { return (nil, Self.length(source, start)) }
    var node = Self.offset(root)
    var place = start
    while place < source.count {
      node ^= Int(source[place])
      guard node < units.count, units[node] & 0x8000_00FF == UInt32(source[place]) else { break }
      let unit = units[node]
      node ^= Self.offset(unit)
      place += 1
      if unit & 0x100 != 0, node < units.count {
        found = (Int(units[node] & 0x7FFF_FFFF), place - start)
      }
    }
    guard let (value, length) = found, value < replacements.count else { return (nil, Self.length(source, start)) }
    return (value, length)
  }

  private static func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 0x200) >> 6) }

  /// Returns the length in bytes of the character that begins here, limited by the end of the text.
  private static func length(_ source: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    let length =
      switch source[start] {
      case 0xC0..<0xE0: 2
      case 0xE0..<0xF0: 3
      case 0xF0...: 4
      default: 1
      }
    return min(length, source.count - start)
  }
}
