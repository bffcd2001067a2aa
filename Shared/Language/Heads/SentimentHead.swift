public import DeskCore

/// Scores a message's sentiment and reports the words that contributed.
///
/// The weights of known words are summed (`SentimentLexicon`). A negator shortly before a word, without punctuation between,
/// inverts and weakens it: "not happy" is negative, "not bad" mildly positive.
public struct SentimentHead: Sendable {
  private let matcher: PhraseMatcher
  private let entries: [SentimentLexicon.Entry]

  public init() {
    entries = SentimentLexicon.entries
    matcher = PhraseMatcher(entries.map(\.phrase))
  }

  /// Returns the polarity with its reasons.
  public func assess(_ text: NormalisedText) -> SentimentAssessment {
    var matches: [PhraseMatcher.Match] = []
    var reasons: [SentimentReason] = []
    let score = score(text, &matches) { phrase, weight, isNegated in
      reasons.append(SentimentReason(words: phrase, weight: weight, isNegated: isNegated))
    }
    reasons.sort { $0.weight.magnitude > $1.weight.magnitude }
    return SentimentAssessment(
      polarity: score.signum(), score: score, reasons: Array(reasons.prefix(LanguageLimits.reasons)))
  }

  public func assess(_ text: String) -> SentimentAssessment { assess(Normaliser().normalise(text)) }

  /// Returns -1, 0 or 1. `matches` is scratch memory.
  func polarity(of text: NormalisedText, scratch matches: inout [PhraseMatcher.Match]) -> Int {
    score(text, &matches) { _, _, _ in }.signum()
  }

  /// How far a negator reaches.
  private static let negatedHan = 2
  private static let negatedWords = 2

  private func score(
    _ text: NormalisedText, _ matches: inout [PhraseMatcher.Match],
    _ tell: (_ phrase: String, _ weight: Int, _ isNegated: Bool) -> Void
  ) -> Int {
    matcher.find(in: text, into: &matches)
    var total = 0
    var negator: Range<Int>?
    for match in matches {
      switch entries[match.phrase].role {
      case .negator:
        negator = match.range
      case .weight(0):
        break
      case .weight(let weight):
        let isNegated =
          negator.map {
            text.isClose($0, before: match.range, han: Self.negatedHan, words: Self.negatedWords)
          } ?? false
        // A negated strong word is a weak opposite.
        let effect = isNegated ? (weight > 0 ? -min(weight, 2) : 1) : weight
        total += effect
        tell(entries[match.phrase].phrase, effect, isNegated)
        negator = nil
      }
    }
    return total
  }
}

/// A sentiment with its reasons.
public struct SentimentAssessment: Sendable, Equatable {
  /// -1 negative, 0 neutral, 1 positive.
  public let polarity: Int
  /// The sum of the weights.
  public let score: Int
  /// Heaviest first, at most `LanguageLimits.reasons`.
  public let reasons: [SentimentReason]
}

/// A word that contributed. `words` is the list's phrase, never the customer's text, so it may be logged.
public struct SentimentReason: Sendable, Equatable {
  public let words: String
  /// Its contribution, after any negation.
  public let weight: Int
  public let isNegated: Bool
}
