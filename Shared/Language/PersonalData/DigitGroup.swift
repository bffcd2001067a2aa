/// A run of adjacent digits with its context in the text.
struct DigitGroup {
  /// The separator between two groups of one number.
  enum Gap: Equatable {
    case space, dash, dot, slash, bracket
    /// Any other single separator character.
    case sign(UInt32)
  }

  /// The range of the digits in the plain text.
  let range: Range<Int>
  /// Whether a following `x` may be the check character of an identity number.
  let hasCheckX: Bool
  /// Whether no word touches the digits on the left: a number must begin at a word boundary.
  let beginsClean: Bool
  /// What touches the digits on the right.
  let ending: Ending
  let hasPlus: Bool
  /// Whether an opening bracket precedes the digits or their plus sign.
  let hasBracket: Bool
  /// The surrounding text that may say what it is, from one mail address to the next.
  let words: Range<Int>
  /// The separator before the next group of the same number; nil if no group follows.
  let gap: Gap?

  /// The start, including the plus sign.
  var start: Int { hasPlus ? range.lowerBound - 1 : range.lowerBound }

  enum Ending {
    case clean
    /// A word that begins right there: "13800138000thanks".
    case word
    /// A letter or a code, as in parcel numbers: "13800138000X9".
    case code
  }
}

/// Reads the groups of digits in a text.
struct DigitReader {
  private let scalars: [UInt32]
  /// Mail addresses, which are already matched.
  private let mails: [Range<Int>]

  init(_ plain: PlainText, mails: [Range<Int>]) {
    scalars = plain.scalars
    self.mails = mails
  }

  /// Returns all groups, by chain.
  func chains() -> [[DigitGroup]] {
    var chains: [[DigitGroup]] = []
    var isOpen = false
    var rest = mails[...]
    var wordsFrom = 0
    var index = 0
    while index < scalars.count {
      if let mail = rest.first, mail.lowerBound <= index {
        (index, wordsFrom) = (mail.upperBound, mail.upperBound)
        rest.removeFirst()
        continue
      }
      guard PlainText.isDigit(scalars[index]) else {
        index += 1
        continue
      }
      let group = group(at: index, wordsFrom: wordsFrom, until: rest.first?.lowerBound ?? scalars.count)
      if isOpen { chains[chains.count - 1].append(group) } else { chains.append([group]) }
      isOpen = group.gap != nil
      index = group.range.upperBound
    }
    return chains
  }

  private func group(at first: Int, wordsFrom: Int, until limit: Int) -> DigitGroup {
    var end = first
    while end < limit && PlainText.isDigit(scalars[end]) { end += 1 }
    let isX = end < limit && scalars[end] == Self.x && !continuesWord(end + 1, limit)
    let hasPlus = first > wordsFrom && scalars[first - 1] == Self.plus
    let start = hasPlus ? first - 1 : first
    return DigitGroup(
      range: first..<end, hasCheckX: isX, beginsClean: beginsClean(first, wordsFrom),
      ending: isX ? .clean : ending(end, limit),
      hasPlus: hasPlus, hasBracket: start > wordsFrom && scalars[start - 1] == Self.openBracket,
      words: wordsFrom..<limit,
      gap: gap(isX ? end + 1 : end, limit))
  }

  // MARK: Text next to digits

  private func continuesWord(_ index: Int, _ limit: Int) -> Bool {
    index < limit && (PlainText.isDigit(scalars[index]) || PlainText.isLatin(scalars[index]))
  }

  private func beginsClean(_ first: Int, _ limit: Int) -> Bool {
    var start = first
    while start > limit, first - start < Self.wordLength, PlainText.isLatin(scalars[start - 1]) { start -= 1 }
    if start == first { return true }
    // A word that announces a number may touch it, as in "tel13800138000".
    guard start == limit || !PlainText.isDigit(scalars[start - 1]) && !PlainText.isLatin(scalars[start - 1]) else {
      return false
    }
    return PhoneContext.announces(scalars[start..<first])
  }

  private func ending(_ end: Int, _ limit: Int) -> DigitGroup.Ending {
    var index = end
    while index < limit, index - end < Self.wordLength, PlainText.isLatin(scalars[index]) { index += 1 }
    switch index - end {
    case 0: return .clean
    case _ where index < limit && PlainText.isDigit(scalars[index]):
      let word = scalars[end..<index]
      return word.elementsEqual([Self.x]) || word.elementsEqual(Self.extension) ? .clean : .code
    case 1: return .code
    default: return .word
    }
  }

  // MARK: Between groups

  /// Reads up to three separators followed by a digit.
  private func gap(_ start: Int, _ limit: Int) -> DigitGroup.Gap? {
    var signs: [UInt32] = []
    var spaces = 0
    var index = start
    while index < limit, index < start + Self.gapLength, !PlainText.isDigit(scalars[index]) {
      if scalars[index] == 0x20 { spaces += 1 } else { signs.append(scalars[index]) }
      index += 1
    }
    guard index > start, index < limit, PlainText.isDigit(scalars[index]) else { return nil }
    switch signs {
    case []: return .space
    case [Self.dash]: return .dash
    case [Self.dot] where spaces == 0: return .dot
    case [Self.slash] where spaces == 0: return .slash
    case [Self.openBracket], [Self.closeBracket], [Self.closeBracket, Self.dash], [Self.dash, Self.openBracket]:
      return .bracket
    case _ where signs.count == 1 && spaces == 0 && Self.signs.contains(signs[0]): return .sign(signs[0])
    default: return nil
    }
  }

  private static let x: UInt32 = 0x78
  private static let plus: UInt32 = 0x2B
  private static let openBracket: UInt32 = 0x28
  private static let closeBracket: UInt32 = 0x29
  private static let dash: UInt32 = 0x2D
  private static let dot: UInt32 = 0x2E
  private static let slash: UInt32 = 0x2F
  private static let `extension` = Array("ext".unicodeScalars.map(\.value))
  /// `,` `_` `*` `~` `|` `·` `•` `・` `\`
  private static let signs: Set<UInt32> = [0x2C, 0x5F, 0x2A, 0x7E, 0x7C, 0xB7, 0x2022, 0x30FB, 0x5C]
  private static let gapLength = 3
  private static let wordLength = 12
}
