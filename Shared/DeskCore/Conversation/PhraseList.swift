/// Phrases that are looked for in a message to find out how much of it they cover. Phrases and messages are folded as those of a `WordList`
/// are.
public struct PhraseList: Hashable, Sendable, ExpressibleByArrayLiteral {
  /// The phrases as the policy writes them.
  public let phrases: [String]
  private let needles: [[UInt32]]

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

  /// Marks every scalar of the text that belongs to one of the phrases.
  /// - Returns: whether one was found.
  func cover(_ covered: inout [Bool], of text: FoldedText) -> Bool {
    var isFound = false
    for needle in needles {
      var start = 0
      while let place = text.firstPlace(of: needle, from: start) {
        isFound = true
        for position in place..<(place + needle.count) { covered[position] = true }
        start = place + needle.count
      }
    }
    return isFound
  }

  /// Whether one of the phrases occurs where not all of it is covered already.
  func isFound(in text: FoldedText, outside covered: [Bool]) -> Bool {
    needles.contains { needle in
      var start = 0
      while let place = text.firstPlace(of: needle, from: start) {
        if covered[place..<(place + needle.count)].contains(false) { return true }
        start = place + 1
      }
      return false
    }
  }
}

extension FoldedText {
  /// One mark for each scalar, none set.
  var coverage: [Bool] { [Bool](repeating: false, count: count) }

  /// The covered share of the scalars that carry meaning: letters, digits and emoji, but not white space and punctuation.
  /// - Returns: 0 to 1; 0 for a text without such scalars.
  func share(_ covered: [Bool]) -> Double {
    var all = 0
    var marked = 0
    for (position, value) in scalars.enumerated() {
      guard let scalar = Unicode.Scalar(value), scalar.isMeaningful else { continue }
      all += 1
      if covered[position] { marked += 1 }
    }
    return all == 0 ? 0 : Double(marked) / Double(all)
  }
}

extension Unicode.Scalar {
  fileprivate var isMeaningful: Bool {
    if properties.isAlphabetic || properties.numericType != nil { return true }
    // Skin tones modify the emoji before them.
    return properties.isEmojiPresentation && !properties.isEmojiModifier
  }
}
