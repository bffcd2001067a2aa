/// Finds any of many terms in a text, also when their letters are held apart to evade the search.
///
/// Text and terms are folded (`FoldedText`): width, case, accents, traditional and invisible characters do not matter. As in a `WordList`,
/// a term that begins or ends with an ASCII letter or digit must begin or end there in the text as well: `ass` is not in `class`.
///
/// In addition, up to `separators` spaces or signs may stand
/// - between two Chinese characters or letters of other scripts (`傻 逼`, `傻-逼`), but not a punctuation mark that ends a clause,
/// - between all letters of a word of at least three (`f u c k`, `f.u.c.k`), unless the letters before or after it are spelled out as
///   well (`c l a s s`),
/// - between some letters of a word of at least four, if they are signs that no ordinary word contains (`fu_ck`, `fu*ck`),
/// - in place of a space in the term.
///
/// The text is read once from each position: the time is bounded by the length of the text, times the terms with the same first letter,
/// times the length of a term.
struct TermSearch: Sendable {
  /// The longest run of separators between two letters.
  private static let separators = 3

  /// The terms as given.
  let terms: [String]
  /// The folded terms; empty for one that cannot be found.
  private let needles: [[UInt32]]
  /// The positions of the terms that begin with a scalar.
  private let byFirst: [UInt32: [Int]]

  init(_ terms: [String]) {
    self.terms = terms
    needles = terms.map { FoldedText($0).marked }
    var byFirst: [UInt32: [Int]] = [:]
    for (position, needle) in needles.enumerated() {
      if let first = needle.first { byFirst[first & ~FoldedText.wordMark, default: []].append(position) }
    }
    self.byFirst = byFirst
  }

  /// Returns the positions of the terms that a text contains.
  func found(in text: FoldedText) -> Set<Int> {
    var found: Set<Int> = []
    text.marked.withUnsafeBufferPointer { text in
      for start in text.indices {
        guard let candidates = byFirst[text[start] & ~FoldedText.wordMark] else { continue }
        for candidate in candidates where !found.contains(candidate) {
          if TermSearch.stands(needles[candidate], at: start, in: text) { found.insert(candidate) }
        }
      }
    }
    return found
  }

  /// Whether a term begins at a position of a text.
  private static func stands(_ needle: [UInt32], at start: Int, in text: UnsafeBufferPointer<UInt32>) -> Bool {
    let mark = FoldedText.wordMark
    var place = start + 1
    // Places between two letters of a word, those held apart, and whether by something that ordinary texts contain.
    var (joints, gaps, areOrdinary) = (0, 0, false)
    for next in 1..<max(1, needle.count) {
      let (wanted, isJoint) = (needle[next] & ~mark, needle[next - 1] & needle[next] & mark != 0)
      if isJoint { joints += 1 }
      if place < text.count, text[place] & ~mark == wanted {
        place += 1
        continue
      }
      let from = place
      while place < text.count, place - from < separators, let kind = SeparatorKind(text[place]) {
        guard isJoint || kind != .point else { break }
        if kind != .sign { areOrdinary = areOrdinary || isJoint }
        place += 1
      }
      guard place > from else { return false }
      if isJoint { gaps += 1 }
      // A sign in place of the term's space has been read; the letter after it is the next one wanted.
      if wanted == 0x20 { continue }
      guard place < text.count, text[place] & ~mark == wanted else { return false }
      place += 1
    }
    let beginsInside = start > 0 && text[start - 1] & text[start] & mark != 0
    let endsInside = place < text.count && text[place - 1] & text[place] & mark != 0
    guard !beginsInside, !endsInside else { return false }
    if gaps == 0 { return true }
    if gaps == joints, joints >= 2 { return !isPartOfSpelling(start..<place, in: text) }
    return joints >= 3 && !areOrdinary
  }

  /// Whether the letters before or after a word that is spelled out are spelled out as well. `a` and `i` may precede it as words.
  private static func isPartOfSpelling(_ range: Range<Int>, in text: UnsafeBufferPointer<UInt32>) -> Bool {
    let mark = FoldedText.wordMark
    func isLetterAlone(_ place: Int) -> Bool {
      guard text.indices.contains(place), text[place] & mark != 0 else { return false }
      let before = place > 0 && text[place - 1] & mark != 0
      let after = place + 1 < text.count && text[place + 1] & mark != 0
      return !before && !after
    }
    var before = range.lowerBound - 1
    while before >= 0, range.lowerBound - before <= separators, SeparatorKind(text[before]) != nil { before -= 1 }
    var after = range.upperBound
    while after < text.count, after - range.upperBound < separators, SeparatorKind(text[after]) != nil { after += 1 }
    if isLetterAlone(before), ![0x61, 0x69].contains(text[before] & ~mark) { return true }
    return isLetterAlone(after)
  }
}

/// What may hold letters apart.
private enum SeparatorKind {
  /// White space.
  case space
  /// A point, which ends a sentence as well: the Chinese full stop folds to it.
  case point
  /// A sign that ordinary texts do not have inside a word.
  case sign

  init?(_ scalar: UInt32) {
    switch scalar {
    case 0x20: self = .space
    case 0x2E: self = .point
    // # $ % & @ ` * + - / = \ ^ _ | ~, middle dots, bullet, pictures
    case 0x23...0x26, 0x40, 0x60, 0x2600...0x27BF, 0x1F300...0x1FAFF: self = .sign
    case 0x2A, 0x2B, 0x2D, 0x2F, 0x3D, 0x5C, 0x5E, 0x5F, 0x7C, 0x7E, 0xB7, 0x2022, 0x2027, 0x22C5, 0x30FB: self = .sign
    default: return nil
    }
  }
}
