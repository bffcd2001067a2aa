#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A comparison of the active model (champion) with a possible replacement (challenger) on messages that a person categorised
/// and neither model has seen.
///
/// Only messages on which exactly one is right distinguish them. If both were equally good, each such message would be a fair coin
/// toss: the challenger wins if a result at least this good has a probability of at most one in twenty (a sign test).
public struct ModelContest: Sendable, Equatable, Codable {
  /// Messages.
  public var examples = 0
  public var championRight = 0
  public var challengerRight = 0
  /// Messages that only the challenger classifies correctly, and those that only the champion does.
  public var won = 0
  public var lost = 0
  /// The probability of at least this many wins if both were equally good; between 0 and 1.
  public var chance = 1.0

  /// Minimum number of messages for a decision.
  public static let examplesAtLeast = 20
  /// The highest probability at which the challenger has won.
  public static let chanceAtMost = 0.05

  enum CodingKeys: String, CodingKey {
    case examples
    case championRight = "champion_right"
    case challengerRight = "challenger_right"
    case won, lost, chance
  }

  /// - Parameter examples: `label` is the category; of a label with an intent only the category counts.
  public init(_ examples: [LabelledExample], champion: MessageClassifier, challenger: MessageClassifier) {
    let texts = examples.map { MessageText(text: $0.text) }
    let first = champion.labels(for: texts)
    let second = challenger.labels(for: texts)
    for (place, example) in examples.enumerated() {
      let truth = example.isOutOfScope ? MessageLabels.outOfScope : example.category
      add(championIsRight: first[place].category == truth, challengerIsRight: second[place].category == truth)
    }
    chance = Self.chance(won: won, of: won + lost)
  }

  init(won: Int, lost: Int, bothRight: Int = 0) {
    for _ in 0..<won { add(championIsRight: false, challengerIsRight: true) }
    for _ in 0..<lost { add(championIsRight: true, challengerIsRight: false) }
    for _ in 0..<bothRight { add(championIsRight: true, challengerIsRight: true) }
    chance = Self.chance(won: won, of: won + lost)
  }

  private mutating func add(championIsRight: Bool, challengerIsRight: Bool) {
    examples += 1
    championRight += championIsRight ? 1 : 0
    challengerRight += challengerIsRight ? 1 : 0
    won += challengerIsRight && !championIsRight ? 1 : 0
    lost += championIsRight && !challengerIsRight ? 1 : 0
  }

  /// Whether the challenger is significantly better.
  public var isWon: Bool { examples >= Self.examplesAtLeast && chance <= Self.chanceAtMost }

  /// Whether the champion is significantly better.
  public var isLost: Bool { Self.chance(won: lost, of: won + lost) <= Self.chanceAtMost }

  /// Returns the probability of at least `won` heads in `throwCount` tosses of a fair coin.
  static func chance(won: Int, of throwCount: Int) -> Double {
    guard throwCount > 0 else { return 1 }
    let sum = (won...throwCount).reduce(0.0) { sum, heads in
      let ways = lgamma(Double(throwCount) + 1) - lgamma(Double(heads) + 1) - lgamma(Double(throwCount - heads) + 1)
      return sum + exp(ways - Double(throwCount) * log(2))
    }
    return min(1, sum)
  }
}

/// How two models differ on messages without a known category: what would change if the challenger labelled them.
public struct ModelComparison: Sendable, Equatable, Codable {
  /// Messages whose category differs between the models, most frequent first.
  public struct Change: Sendable, Equatable, Codable {
    public var from: String
    public var to: String
    public var count: Int
  }

  public var messages: Int
  /// The share of messages to which both give the same category; between 0 and 1.
  public var agreement: Double
  /// The mean confidence of each model.
  public var championConfidence: Double
  public var challengerConfidence: Double
  public var changes: [Change]

  enum CodingKeys: String, CodingKey {
    case messages, agreement
    case championConfidence = "champion_confidence"
    case challengerConfidence = "challenger_confidence"
    case changes
  }

  public init(_ messages: [MessageText], champion: MessageClassifier, challenger: MessageClassifier) {
    let first = champion.labels(for: messages)
    let second = challenger.labels(for: messages)
    var counts: [[String]: Int] = [:]
    for (old, new) in zip(first, second) where old.category != new.category {
      counts[[old.category, new.category], default: 0] += 1
    }
    let count = Double(max(1, messages.count))
    self.messages = messages.count
    agreement = 1 - Double(counts.values.reduce(0, +)) / count
    championConfidence = first.reduce(0) { $0 + Double($1.confidence) } / count
    challengerConfidence = second.reduce(0) { $0 + Double($1.confidence) } / count
    changes = counts.map { Change(from: $0[0], to: $0[1], count: $1) }
      .sorted { (-$0.count, $0.from, $0.to) < (-$1.count, $1.from, $1.to) }
  }
}
