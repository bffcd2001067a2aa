public import DeskCore

/// Scores how soon a message needs an answer, and reports why.
///
/// Points are summed from a list of signs in both languages (`UrgencySigns`): deadlines, threats to leave or to complain
/// publicly, safety, money lost, repeated contact, being locked out. Capitals and exclamation marks add a single point each, so
/// that shouting alone never makes a message urgent. Of each kind only the strongest sign counts.
public struct UrgencyHead: Sendable {
  /// Minimum score of high urgency.
  static let highFrom = 6
  /// Maximum score of low urgency.
  static let lowTo = -2

  private let matcher: PhraseMatcher
  private let signs: [UrgencySigns.Entry]

  public init() {
    signs = UrgencySigns.entries
    matcher = PhraseMatcher(signs.map(\.phrase))
  }

  /// Returns the level with its reasons.
  public func assess(_ text: NormalisedText) -> UrgencyAssessment {
    var matches: [PhraseMatcher.Match] = []
    let score = score(text, &matches)
    var reasons: [UrgencyReason] = []
    for match in matches {
      let sign = signs[match.phrase]
      let reason = UrgencyReason(kind: sign.kind, words: sign.phrase, points: sign.points)
      if sign.points != 0 && !reasons.contains(reason) {
        reasons.append(reason)
      }
    }
    if Self.isShouting(text) {
      reasons.append(UrgencyReason(kind: .emphasis, words: "CAPITALS", points: 1))
    }
    if text.exclamations >= Self.manyExclamations {
      reasons.append(UrgencyReason(kind: .emphasis, words: "!", points: 1))
    }
    reasons.sort { $0.points.magnitude > $1.points.magnitude }
    return UrgencyAssessment(
      level: Self.level(score), score: score, reasons: Array(reasons.prefix(LanguageLimits.reasons)))
  }

  public func assess(_ text: String) -> UrgencyAssessment { assess(Normaliser().normalise(text)) }

  /// Returns the level alone: 0 low, 1 normal, 2 high. `matches` is scratch memory.
  func level(of text: NormalisedText, scratch matches: inout [PhraseMatcher.Match]) -> Int {
    Self.level(score(text, &matches))
  }

  private static let manyExclamations = 3
  private static let shoutingLetters = 10

  private func score(_ text: NormalisedText, _ matches: inout [PhraseMatcher.Match]) -> Int {
    matcher.find(in: text, into: &matches)
    var strongest = SIMD8<Int>(repeating: 0)
    for match in matches {
      let sign = signs[match.phrase]
      let place = sign.kind.place
      if sign.points.magnitude > strongest[place].magnitude {
        strongest[place] = sign.points
      }
    }
    let emphasis = (Self.isShouting(text) ? 1 : 0) + (text.exclamations >= Self.manyExclamations ? 1 : 0)
    return strongest.wrappedSum() + emphasis
  }

  private static func level(_ score: Int) -> Int {
    score >= highFrom ? 2 : score <= lowTo ? 0 : 1
  }

  /// Whether two thirds of at least ten Latin letters are capitals.
  private static func isShouting(_ text: NormalisedText) -> Bool {
    let letters = text.signs[Int(ScriptSign.latin.rawValue)]
    return letters >= shoutingLetters && text.capitals * 3 >= letters * 2
  }
}

/// An urgency with its reasons.
public struct UrgencyAssessment: Sendable, Equatable {
  /// 0 low, 1 normal, 2 high.
  public let level: Int
  /// The sum of the strongest sign of each kind.
  public let score: Int
  /// Heaviest first, at most `LanguageLimits.reasons`.
  public let reasons: [UrgencyReason]
}

/// A sign of urgency that was found. `words` is the list's phrase, never the customer's text, so it may be logged.
public struct UrgencyReason: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    case safety
    case threat
    case deadline
    case moneyLost = "money lost"
    case repeatedContact = "repeated contact"
    case shutOut = "shut out"
    case emphasis
    /// Counts against urgency.
    case calm

    /// The kind's index among all kinds.
    var place: Int {
      switch self {
      case .safety: 0
      case .threat: 1
      case .deadline: 2
      case .moneyLost: 3
      case .repeatedContact: 4
      case .shutOut: 5
      case .emphasis: 6
      case .calm: 7
      }
    }
  }

  public let kind: Kind
  public let words: String
  /// Positive for urgency, negative against it.
  public let points: Int
}
