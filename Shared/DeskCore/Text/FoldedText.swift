/// A text folded for word lists: folded once, searched by every word list of the policy.
///
/// It uses the classifier's table (`ScalarTable`: width, compatibility forms, case, accents, traditional characters, invisible
/// characters, runs of white space), and `WordForms` for what must not change for a trained model: full case folding (`STRASSE`,
/// `straße`) and canonical equivalence in every script. A text is folded whole, however long it is.
public struct FoldedText: Hashable, Sendable {
  /// Folded scalars, each marked with `wordMark` if it belongs to a word of ASCII letters and digits.
  private let marked: [UInt32]

  /// Folds a text.
  public init(_ text: String) {
    var folding = WordFolding(capacity: text.utf8.count)
    for scalar in text.unicodeScalars { folding.append(scalar) }
    marked = folding.finished
  }

  /// Whether nothing is left: the text was empty, or contained only white space and invisible characters.
  public var isEmpty: Bool { marked.isEmpty }

  /// The folded scalars.
  public var scalars: [UInt32] { marked.map { $0 & ~WordFolding.wordMark } }

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
        for start in start...(text.count - needle.count) where text[start] & ~WordFolding.wordMark == first {
          let end = start + needle.count
          var place = 1
          while place < needle.count, text[start + place] & ~WordFolding.wordMark == needle[place] { place += 1 }
          guard place == needle.count else { continue }
          let beginsInside = start > 0 && text[start - 1] & text[start] & WordFolding.wordMark != 0
          let endsInside = end < text.count && text[end - 1] & text[end] & WordFolding.wordMark != 0
          if !beginsInside, !endsInside { return start }
        }
        return nil
      }
    }
  }
}

/// Collects a folded text, scalar by scalar.
private struct WordFolding {
  /// Set on a scalar that belongs to a word of ASCII letters and digits. No scalar needs the bit.
  static let wordMark: UInt32 = 1 << 31

  private let table = ScalarTable.shared
  private let forms = WordForms.shared
  private var marked: [UInt32] = []
  /// Whether white space follows the last scalar; it counts only when more text follows.
  private var endsWithSpace = false

  init(capacity: Int) { marked.reserveCapacity(capacity) }

  var finished: [UInt32] { marked }

  mutating func append(_ scalar: Unicode.Scalar) {
    let (table, forms) = (table, forms)
    table.fold(scalar) { folded, kind in
      if kind == .space {
        endsWithSpace = !marked.isEmpty
      } else if kind == .word, folded >= 0x80, let form = forms.form(of: folded) {
        for part in form { add(part, of: scalar) }
      } else {
        add(folded, of: scalar)
      }
    }
  }

  private mutating func add(_ scalar: UInt32, of source: Unicode.Scalar) {
    if endsWithSpace {
      marked.append(0x20)
      endsWithSpace = false
    }
    marked.append(WordFolding.isWordPart(scalar, of: source) ? scalar | WordFolding.wordMark : scalar)
  }

  /// Letters and digits in any form, but not signs composed of them: ①, ™, ², ㎏.
  private static func isWordPart(_ scalar: UInt32, of source: Unicode.Scalar) -> Bool {
    switch scalar {
    case 0x61...0x7A, 0x30...0x39: break
    default: return false
    }
    if source.value < 0x80 { return true }
    switch source.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber:
      return true
    default: return false
    }
  }
}
