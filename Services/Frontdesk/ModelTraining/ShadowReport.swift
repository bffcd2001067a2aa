import CommandLineTool
import Foundation
import Store

/// A comparison of a shadow model with the one in force on the same live messages.
struct ShadowReport: Encodable, Equatable {
  /// The results of one model.
  struct Side: Encodable, Equatable {
    let version: String
    /// The share of messages that need no triage, between 0 and 1.
    var automatic = 0.0
    /// The mean confidence.
    var confidence = 0.0
    /// The mean share of a message's n-grams that did not occur in training.
    var unfamiliar = 0.0
  }

  /// Messages whose category would change.
  struct Change: Encodable, Equatable {
    let from: String
    let to: String
    let messages: Int64
  }

  let champion: Side
  let challenger: Side
  /// The times of the first and the last message by the desk's clock.
  let firstAt: Moment
  let lastAt: Moment
  let messages: Int64
  /// The share of messages to which both give the same category.
  let agreement: Double
  /// The distance between the category distributions: the share of messages that would have to change to make them equal, 0 to 1.
  let drift: Double
  /// Most frequent first.
  let changes: [Change]

  /// The largest share of messages by which a candidate may be confident less often than the model in force.
  static let automaticLossAtMost = 0.02

  private enum CodingKeys: String, CodingKey {
    case champion, challenger, messages, agreement, drift, changes
    case firstAt = "first_at"
    case lastAt = "last_at"
  }

  init(_ trial: ShadowTrial, _ tallies: [ShadowTally]) {
    let messages = tallies.reduce(0) { $0 + $1.messages }
    let count = Double(max(1, messages))
    var champion = Side(version: trial.champion)
    var challenger = Side(version: trial.challenger)
    var balance: [String: Int64] = [:]
    for tally in tallies {
      champion.automatic += Double(tally.championAutomatic) / count
      challenger.automatic += Double(tally.challengerAutomatic) / count
      champion.confidence += tally.championConfidence / count
      challenger.confidence += tally.challengerConfidence / count
      champion.unfamiliar += tally.championUnfamiliar / count
      challenger.unfamiliar += tally.challengerUnfamiliar / count
      balance[tally.pair.championCategory, default: 0] -= tally.messages
      balance[tally.pair.challengerCategory, default: 0] += tally.messages
    }
    self.champion = champion
    self.challenger = challenger
    self.messages = messages
    firstAt = Moment(trial.firstAt)
    lastAt = Moment(trial.lastAt)
    agreement = Double(tallies.filter(\.pair.agrees).reduce(0) { $0 + $1.messages }) / count
    drift = Double(balance.values.reduce(0) { $0 + abs($1) }) / 2 / count
    changes = tallies.filter { !$0.pair.agrees }
      .map { Change(from: $0.pair.championCategory, to: $0.pair.challengerCategory, messages: $0.messages) }
      .sorted { (-$0.messages, $0.from, $0.to) < (-$1.messages, $1.from, $1.to) }
  }

  /// Reads the counts of the newest trial of these models, where nil means any; nil where there was none.
  static func read(_ store: DeskStore, champion: String?, challenger: String?) async throws -> ShadowReport? {
    let trials = try await store.learning.shadowTrials(limit: trialsRead)
    let wanted = trials.first {
      $0.champion == champion ?? $0.champion && $0.challenger == challenger ?? $0.challenger
    }
    guard let trial = wanted else { return nil }
    return ShadowReport(
      trial, try await store.learning.shadowTallies(champion: trial.champion, challenger: trial.challenger))
  }

  /// The number of trials searched.
  static let trialsRead = 1_000

  /// Returns whether at least `least` messages were seen and the candidate is confident about as often as the model in force.
  func isSound(after least: Int) -> Bool {
    messages >= Int64(least) && challenger.automatic >= champion.automatic - Self.automaticLossAtMost
  }

  /// A one-line summary.
  var sentence: String {
    "\(messages) messages, \(Self.percent(agreement)) with the same category; without triage "
      + "\(Self.percent(champion.automatic)) now, \(Self.percent(challenger.automatic)) then"
  }

  /// The report as lines for a terminal.
  func table(changes limit: Int = 20) -> String {
    var sides = TextTable([
      ("model", .left), ("version", .left), ("needs no triage", .right), ("confidence", .right),
      ("unfamiliar", .right),
    ])
    for (name, side) in [("in force", champion), ("candidate", challenger)] {
      sides.add([
        name, side.version, Self.percent(side.automatic), Self.percent(side.confidence), Self.percent(side.unfamiliar),
      ])
    }
    var lines = [
      "\(messages) messages from \(firstAt) to \(lastAt); \(Self.percent(agreement)) got the same category, "
        + "and the category distributions differ by \(Self.percent(drift))",
      sides.text,
    ]
    guard !changes.isEmpty else { return lines.joined(separator: "\n") }
    var pairs = TextTable([("messages", .right), ("would go from", .left), ("to", .left)])
    for change in changes.prefix(limit) { pairs.add(["\(change.messages)", change.from, change.to]) }
    lines.append(pairs.text)
    if changes.count > limit { lines.append("  and \(changes.count - limit) rarer ones (--json lists all)") }
    return lines.joined(separator: "\n")
  }

  private static func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }
}
