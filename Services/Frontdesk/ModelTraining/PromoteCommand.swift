package import ArgumentParser
import CommandLineTool
import Foundation
import Language
import Store

/// Replaces the current model with a new one if that is better.
package struct PromoteCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "promote",
    abstract: "Compare a new model with the current one, and replace that if the new one is better.",
    discussion: """
      Both label the corrections that every training leaves out (one in five). The new one takes over only if it gets \
      significantly more of them right; if --also names a labelled file, it must not be worse there, because corrections are \
      mostly the old model's mistakes and say little about what it does well. Both also label customers' latest messages, \
      and the report shows what would change.

      With --shadowed the new one must also have labelled that many live messages in shadow mode (`frontdesk models try`), and \
      be confident about as often as the old one.

      The model file is replaced atomically, and the old one kept next to it for `frontdesk models back`; running classifiers load \
      the new one between two batches. Exits with 1 when the old model stays.
      """)

  @Argument(help: "The new model file, written by `frontdesk train`.", completion: .file())
  var challenger: String

  @Option(help: "The classifiers' model file.", completion: .file())
  var over: String

  @Option(help: "A labelled file that neither model was trained on, and on which the new one must not be worse.")
  var also: String?

  @Option(help: "The encoder pack that second stages were trained with.")
  var encoder: String?

  @Option(help: "The number of latest customer messages to compare on.")
  var recent = 2_000

  @Option(help: "The number of live messages that the new model must have labelled in shadow mode; 0 requires none.")
  var shadowed = 0

  @Flag(help: "Only compare; never replace the current model.")
  var dryRun = false

  @Flag(help: "Print the report as JSON.")
  var json = false

  package init() {}

  @OptionGroup var desk: DeskOptions

  /// The maximum number of messages read for the comparison.
  static let recentAtMost = 100_000

  package func validate() throws {
    guard (0...PromoteCommand.recentAtMost).contains(recent) else {
      throw ValidationError("--recent must be from 0 to \(PromoteCommand.recentAtMost)")
    }
    guard shadowed >= 0 else { throw ValidationError("--shadowed must be 0 or more") }
  }

  package func run() async throws {
    let promotion = try Promotion(over: over, challenger: challenger, also: also, encoder: encoder)
    let report = try await desk.withStore { store in
      try await promotion.compare(in: store, recent: recent, shadowed: shadowed)
    }
    if report.isEarned, !dryRun { try promotion.takeOver() }
    if json { try ReportWriter.print(report) } else { Terminal.say(report.table(dryRun: dryRun)) }
    if !report.isEarned { throw ExitCode.failure }
  }
}

/// The result of comparing two models.
package struct PromotionReport: Encodable {
  package let champion: String
  package let challenger: String
  /// On corrections that no training has seen.
  let corrections: ModelContest
  /// On an additional labelled file.
  let also: ModelContest?
  /// On customers' latest messages.
  let recent: ModelComparison
  /// On live messages that both labelled; nil where the new one had no trial.
  let shadow: ShadowReport?
  /// Whether the trial counts against the new one, or was required and is missing.
  let isShadowInTheWay: Bool
  package let isEarned: Bool

  private enum CodingKeys: String, CodingKey {
    case champion, challenger, corrections, also, recent, shadow
    case isShadowInTheWay = "shadow_in_the_way"
    case isEarned = "promoted"
  }

  init(
    champion: MessageClassifier, challenger: MessageClassifier, corrections: [LabelledExample],
    also: [LabelledExample]?, recent: [MessageText], shadow: ShadowReport? = nil, shadowedAtLeast: Int = 0
  ) {
    self.champion = champion.model.version
    self.challenger = challenger.model.version
    self.corrections = ModelContest(corrections, champion: champion, challenger: challenger)
    self.also = also.map { ModelContest($0, champion: champion, challenger: challenger) }
    self.recent = ModelComparison(recent, champion: champion, challenger: challenger)
    self.shadow = shadow
    isShadowInTheWay = shadowedAtLeast > 0 && shadow?.isSound(after: shadowedAtLeast) != true
    isEarned = self.corrections.isWon && self.also?.isLost != true && !isShadowInTheWay
  }

  /// The report as lines for a terminal.
  func table(dryRun: Bool) -> String {
    var lines = [
      "current model                \(champion)",
      "new model                    \(challenger)",
      "corrections held out         \(PromotionReport.line(corrections))",
    ]
    if let also { lines.append("labelled file                \(PromotionReport.line(also))") }
    lines.append(
      "latest messages              \(recent.messages), of which \(PromotionReport.percent(recent.agreement)) would keep "
        + "their category; mean confidence \(PromotionReport.percent(recent.championConfidence)) now, "
        + "\(PromotionReport.percent(recent.challengerConfidence)) then")
    lines += recent.changes.prefix(10).map { "  \($0.count) from \($0.from) to \($0.to)" }
    if let shadow { lines.append("live messages, shadow mode   \(shadow.sentence)") }
    lines.append(verdict(dryRun: dryRun))
    return lines.joined(separator: "\n")
  }

  package func verdict(dryRun: Bool) -> String {
    if isEarned {
      return dryRun
        ? "The new model would take over." : "The new model takes over; running classifiers load it within seconds."
    }
    if corrections.examples < ModelContest.examplesAtLeast {
      return "The current model stays: \(corrections.examples) held-out corrections are too few, "
        + "\(ModelContest.examplesAtLeast) are needed."
    }
    if also?.isLost == true { return "The current model stays: the new one is worse on the labelled file." }
    if corrections.isWon, isShadowInTheWay {
      return
        "The current model stays: the new one labelled too few live messages in shadow mode, or was confident less often."
    }
    return "The current model stays: the new one is not significantly better."
  }

  private static func line(_ contest: ModelContest) -> String {
    "\(contest.examples), right now \(contest.championRight), then \(contest.challengerRight): "
      + "\(contest.won) won, \(contest.lost) lost, chance \(percent(contest.chance))"
  }

  private static func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }
}
