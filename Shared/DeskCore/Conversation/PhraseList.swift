/// Phrases that are looked for in a message to find out how much of it they cover. Phrases and messages are folded as those of a `WordList`
/// are.
public struct PhraseList: Hashable, Sendable, ExpressibleByArrayLiteral {
  /// The phrases as the policy writes them.
  public let phrases: [String]
  let needles: [[UInt32]]

  /// Creates a list. A phrase that folds to nothing is never found.
  public init(_ phrases: [String]) {
    self.phrases = phrases
    needles = phrases.map { FoldedText($0).scalars }.filter { !$0.isEmpty }
  }

  public init(arrayLiteral elements: String...) {
    self.init(elements)
  }

  public static func == (left: Self, right: Self) -> Bool { left.phrases == right.phrases }

  public func hash(into hasher: inout Hasher) { hasher.combine(phrases) }
}

/// Which scalars of a text belong to phrases.
struct PhraseCoverage {
  private let text: FoldedText
  private var covered: [Bool]

  /// Nothing is covered yet.
  init(of text: FoldedText) {
    self.text = text
    covered = [Bool](repeating: false, count: text.count)
  }

  /// Covers the scalars of a list's phrases. Of occurrences of one phrase that overlap, the next one that begins behind the last counts.
  /// - Parameter hits: what `search` found in the text.
  /// - Returns: whether there was one.
  @discardableResult
  mutating func cover(_ hits: [WordSearch.Hit], ofList list: Int, in search: WordSearch) -> Bool {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: search.wordCount) { ends in
      ends.initialize(repeating: 0)
      var isFound = false
      for hit in hits where hit.list == list && hit.range.lowerBound >= ends[hit.word] {
        ends[hit.word] = hit.range.upperBound
        for place in hit.range { covered[place] = true }
        isFound = true
      }
      return isFound
    }
  }

  /// Whether a phrase of a list occurs where not all of it is covered.
  func leavesOut(_ hits: [WordSearch.Hit], ofList list: Int) -> Bool {
    hits.contains { $0.list == list && covered[$0.range].contains(false) }
  }

  /// The covered share of the scalars that carry meaning: letters, digits and emoji, but not white space and punctuation; 0 to 1, and 0 for
  /// a text without such scalars.
  var share: Double {
    var all = 0
    var marked = 0
    for (place, isCovered) in covered.enumerated() where text.isMeaningful(at: place) {
      all += 1
      if isCovered { marked += 1 }
    }
    return all == 0 ? 0 : Double(marked) / Double(all)
  }
}

extension FoldedText {
  fileprivate func isMeaningful(at place: Int) -> Bool {
    let value = marked[place] & ~FoldedText.wordMark
    switch value {
    // Letters and digits; other ASCII; the Chinese characters of the basic block.
    case 0x30...0x39, 0x61...0x7A, 0x4E00...0x9FA5: return true
    case 0..<0x80: return false
    default: return Unicode.Scalar(value)?.isMeaningful == true
    }
  }
}

extension Unicode.Scalar {
  fileprivate var isMeaningful: Bool {
    if properties.isAlphabetic || properties.numericType != nil { return true }
    // Skin tones modify the emoji before them.
    return properties.isEmojiPresentation && !properties.isEmojiModifier
  }
}
