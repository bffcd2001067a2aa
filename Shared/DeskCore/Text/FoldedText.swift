/// A text as word lists search it: folded once, searched by every word list of the policy.
///
/// It goes by the table that the classifier reads with (`ScalarTable`: width, compatibility forms, case, accents, traditional characters,
/// invisible characters, runs of white space), and by `WordForms` for what a trained model must not see changed: full case folding
/// (`STRASSE`, `straße`) and canonical equivalence in every script. A text is folded whole, however long it is.
public struct FoldedText: Hashable, Sendable {
  /// Folded scalars, each with `wordMark` where it belongs to a word of ASCII letters and digits.
  private let marked: [UInt32]

  /// Folds a text.
  public init(_ text: String) {
    var folding = WordFolding(capacity: text.utf8.count)
    for scalar in text.unicodeScalars { folding.append(scalar) }
    marked = folding.finished
  }

  /// Whether nothing is left: the text was empty, or held only white space and invisible characters.
  public var isEmpty: Bool { marked.isEmpty }

  /// The folded scalars.
  public var scalars: [UInt32] { marked.map { $0 & ~WordFolding.wordMark } }

  /// Whether the text holds the scalars of another folded text, as whole words where they begin or end with an ASCII letter or digit.
  ///
  /// The text's own marks decide about the ends: a circled 1 or a trademark sign folds to ASCII and yet continues no word.
  func holds(_ needle: [UInt32]) -> Bool {
    guard let first = needle.first, needle.count <= marked.count else { return false }
    return marked.withUnsafeBufferPointer { text in
      needle.withUnsafeBufferPointer { needle in
        for start in 0...(text.count - needle.count) where text[start] & ~WordFolding.wordMark == first {
          let end = start + needle.count
          var place = 1
          while place < needle.count, text[start + place] & ~WordFolding.wordMark == needle[place] { place += 1 }
          guard place == needle.count else { continue }
          let beginsInside = start > 0 && text[start - 1] & text[start] & WordFolding.wordMark != 0
          let endsInside = end < text.count && text[end - 1] & text[end] & WordFolding.wordMark != 0
          if !beginsInside, !endsInside { return true }
        }
        return false
      }
    }
  }
}

/// Collects a folded text, scalar by scalar.
private struct WordFolding {
  /// Set on a scalar that joins its neighbours to a word of ASCII letters and digits. No scalar needs the bit.
  static let wordMark: UInt32 = 1 << 31

  private let table = ScalarTable.shared
  private let forms = WordForms.shared
  private var marked: [UInt32] = []
  /// White space came behind the last scalar; it counts only when more follows.
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

  /// Letters and digits in any form of writing, but not signs that are made of them: ①, ™, ², ㎏.
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
