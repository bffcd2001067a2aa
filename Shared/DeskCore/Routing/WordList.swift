/// Words that a rule looks for in a message.
///
/// A word that begins or ends with an ASCII letter or digit must begin or end there in the text as well (`sue` is not in `issue`);
/// other scripts are looked for anywhere. Case does not matter.
public struct WordList: Hashable, Sendable, ExpressibleByArrayLiteral {
  /// The words as the policy writes them.
  public let words: [String]
  /// The same in lower case, as bytes: made once, looked for in every message.
  private let needles: [[UInt8]]

  /// Collects words.
  public init(_ words: [String]) {
    self.words = words
    needles = words.map { Array($0.lowercased().utf8) }
  }

  public init(arrayLiteral elements: String...) {
    self.init(elements)
  }

  public static func == (left: Self, right: Self) -> Bool { left.words == right.words }

  public func hash(into hasher: inout Hasher) { hasher.combine(words) }

  /// The first of the words that a text holds; nil when it holds none.
  public func found(in text: FoldedText) -> String? {
    for (position, needle) in needles.enumerated() where text.holds(needle) { return words[position] }
    return nil
  }
}

/// A text in lower case, as bytes: folded once, searched by every word list of the policy.
public struct FoldedText: Hashable, Sendable {
  private let bytes: [UInt8]

  /// Folds a text.
  public init(_ text: String) {
    bytes = text.utf8.allSatisfy { $0 < 0x80 } ? text.utf8.map(FoldedText.lower) : Array(text.lowercased().utf8)
  }

  private static func lower(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }

  fileprivate func holds(_ needle: [UInt8]) -> Bool {
    guard let first = needle.first, needle.count <= bytes.count else { return false }
    return bytes.withUnsafeBufferPointer { text in
      needle.withUnsafeBufferPointer { needle in
        for start in 0...(text.count - needle.count) where text[start] == first {
          let end = start + needle.count
          var place = 1
          while place < needle.count, text[start + place] == needle[place] { place += 1 }
          guard place == needle.count else { continue }
          let beginsInside = start > 0 && joins(text[start - 1], first)
          let endsInside = end < text.count && joins(needle[needle.count - 1], text[end])
          if !beginsInside, !endsInside { return true }
        }
        return false
      }
    }
  }
}

/// Whether two neighbouring bytes of lower-case text belong to one word of ASCII letters and digits.
private func joins(_ left: UInt8, _ right: UInt8) -> Bool {
  func isWordPart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: false
    }
  }
  return isWordPart(left) && isWordPart(right)
}
