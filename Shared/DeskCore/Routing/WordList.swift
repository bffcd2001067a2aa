/// Words that a rule looks for in a message.
///
/// Words and messages are folded in the same way (`FoldedText`), so that width, case, accents, traditional characters, invisible
/// characters and runs of white space do not matter. A word that begins or ends with an ASCII letter or digit must begin or end there in
/// the text as well (`sue` is not in `issue`); other scripts match anywhere.
public struct WordList: Hashable, Sendable, ExpressibleByArrayLiteral {
  /// The words as the policy writes them.
  public let words: [String]
  /// The same words, folded: computed once, searched in every message.
  let needles: [[UInt32]]
  /// FNV-1a of the folded words, 64 bits: finds the same list again in another version of the policy.
  let fingerprint: UInt64

  /// Creates a list. A word that folds to nothing is never found; see `canBeFound`.
  public init(_ words: [String]) {
    self.words = words
    needles = words.map { FoldedText($0).scalars }
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for scalar in needles.joined(separator: [0]) { hash = (hash ^ UInt64(scalar)) &* 0x0000_0100_0000_01B3 }
    fingerprint = hash
  }

  public init(arrayLiteral elements: String...) {
    self.init(elements)
  }

  public static func == (left: Self, right: Self) -> Bool { left.words == right.words }

  public func hash(into hasher: inout Hasher) { hasher.combine(fingerprint) }

  /// The first of the words that a text contains; nil when it contains none.
  public func found(in text: FoldedText) -> String? {
    for (position, needle) in needles.enumerated() where text.holds(needle) { return words[position] }
    return nil
  }

  /// Whether a word can match: one that consists only of white space and invisible characters cannot.
  public static func canBeFound(_ word: String) -> Bool { !FoldedText(word).isEmpty }
}
