/// A text folded for word lists: folded once, searched by every word list of the policy.
///
/// It uses the classifier's table (`ScalarTable`: width, compatibility forms, case, accents, traditional characters, invisible
/// characters, runs of white space), and `WordForms` for what must not change for a trained model: full case folding (`STRASSE`,
/// `straße`) and canonical equivalence in every script. A text is folded whole, however long it is.
public struct FoldedText: Hashable, Sendable {
  /// Set on a scalar that belongs to a word of ASCII letters and digits. No scalar needs the bit.
  static let wordMark: UInt32 = 1 << 31

  /// Folded scalars, each marked with `wordMark` if it belongs to a word of ASCII letters and digits.
  let marked: [UInt32]

  /// Folds a text.
  public init(_ text: String) {
    var text = text
    var folding = WordFolding(capacity: text.utf8.count)
    text.withUTF8 { folding.append($0) }
    marked = folding.marked
  }

  /// Whether nothing is left: the text was empty, or contained only white space and invisible characters.
  public var isEmpty: Bool { marked.isEmpty }

  /// The folded scalars.
  public var scalars: [UInt32] { marked.map { $0 & ~FoldedText.wordMark } }

  /// How many folded scalars there are.
  var count: Int { marked.count }

  /// Whether the text contains the scalars of another folded text, as whole words where they begin or end with an ASCII letter or digit.
  func holds(_ needle: [UInt32]) -> Bool { firstPlace(of: needle, from: 0) != nil }

  /// Returns where the text first contains the scalars of another folded text, at `start` or later, as whole words where they begin or end
  /// with an ASCII letter or digit.
  ///
  /// The text's own marks decide about the ends: a circled 1 or a trademark sign folds to ASCII but does not continue a word.
  func firstPlace(of needle: [UInt32], from start: Int) -> Int? {
    guard let first = needle.first, start + needle.count <= marked.count else { return nil }
    return marked.withUnsafeBufferPointer { text in
      needle.withUnsafeBufferPointer { needle in
        for start in start...(text.count - needle.count) where text[start] & ~FoldedText.wordMark == first {
          let end = start + needle.count
          var place = 1
          while place < needle.count, text[start + place] & ~FoldedText.wordMark == needle[place] { place += 1 }
          guard place == needle.count else { continue }
          let beginsInside = start > 0 && text[start - 1] & text[start] & FoldedText.wordMark != 0
          let endsInside = end < text.count && text[end - 1] & text[end] & FoldedText.wordMark != 0
          if !beginsInside, !endsInside { return start }
        }
        return nil
      }
    }
  }
}

/// Collects a folded text, scalar by scalar.
private struct WordFolding {
  private let table = ScalarTable.shared
  private let forms = WordForms.shared
  private(set) var marked: [UInt32] = []
  /// Whether white space follows the last scalar; it counts only when more text follows.
  private var endsWithSpace = false

  init(capacity: Int) { marked.reserveCapacity(capacity) }

  /// Reads a text. A Swift string's UTF-8 is always well-formed.
  mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    let entries = table.entries
    entries.withUnsafeBufferPointer { entries in
      var index = 0
      while index < bytes.count {
        let first = UInt32(bytes[index])
        let scalar: UInt32
        switch first {
        case 0..<0x80:
          scalar = first
          index += 1
        case 0x80..<0xE0:
          scalar = (first & 0x1F) << 6 | UInt32(bytes[index + 1] & 0x3F)
          index += 2
        case 0xE0..<0xF0:
          scalar =
            (first & 0x0F) << 12 | UInt32(bytes[index + 1] & 0x3F) << 6 | UInt32(bytes[index + 2] & 0x3F)
          index += 3
        default:
          scalar =
            (first & 0x07) << 18 | UInt32(bytes[index + 1] & 0x3F) << 12 | UInt32(bytes[index + 2] & 0x3F) << 6
            | UInt32(bytes[index + 3] & 0x3F)
          index += 4
        }
        let entry = scalar < 0x10000 ? entries[Int(scalar)] : ScalarTable.entry(supplementary: scalar)
        if entry & ScalarTable.expansionFlag == 0 {
          append(entry, of: scalar)
        } else {
          expand(entry & ~ScalarTable.expansionFlag, of: scalar)
        }
      }
    }
  }

  private mutating func expand(_ start: UInt32, of source: UInt32) {
    for offset in 1...Int(table.expansions[Int(start)]) { append(table.expansions[Int(start) + offset], of: source) }
  }

  @inline(__always)
  private mutating func append(_ entry: UInt32, of source: UInt32) {
    let kind = UInt8(truncatingIfNeeded: entry >> 21 & 0x7)
    let folded = entry & 0x1FFFFF
    switch kind {
    case ScalarKind.dropped.rawValue: break
    case ScalarKind.space.rawValue: endsWithSpace = !marked.isEmpty
    case ScalarKind.word.rawValue where folded >= 0x80: appendForm(folded, of: source)
    default: add(folded, of: source)
    }
  }

  private mutating func appendForm(_ folded: UInt32, of source: UInt32) {
    guard let form = forms.form(of: folded) else { return add(folded, of: source) }
    for part in form { add(part, of: source) }
  }

  private mutating func add(_ scalar: UInt32, of source: UInt32) {
    if endsWithSpace {
      marked.append(0x20)
      endsWithSpace = false
    }
    marked.append(WordFolding.isWordPart(scalar, of: source) ? scalar | FoldedText.wordMark : scalar)
  }

  /// Letters and digits in any form, but not signs composed of them: ①, ™, ², ㎏.
  private static func isWordPart(_ scalar: UInt32, of source: UInt32) -> Bool {
    switch scalar {
    case 0x61...0x7A, 0x30...0x39: break
    default: return false
    }
    if source < 0x80 { return true }
    switch Unicode.Scalar(source)?.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber:
      return true
    default: return false
    }
  }
}
