import DeskCore
import Foundation
import Language
import TestKit
import Testing

@testable import CommandLineTool
@testable import ModelTraining
@testable import Store

@Suite("Training from corrections")
struct PromoteTests {
  private static func correction(_ number: UInt64, _ category: String, second: Int64) -> CorrectedMessage {
    CorrectedMessage(
      id: MessageID(high: 1, low: number &* 0xD134_2543_DE82_EF95), category: category, modelVersion: "m",
      correctedAt: Instant(microseconds: second * 1_000_000), subject: number % 2 == 0 ? "about" : nil,
      body: "words \(number)")
  }

  @Test("One in five corrections is held out, always the same ones")
  func splits() {
    let all = (1...1_000).map { Self.correction($0, "refund", second: Int64($0)) }
    let first = CorrectedExamples(Array(all.prefix(500)))
    let second = CorrectedExamples(all)
    #expect(second.learned.count + second.heldOut.count == 1_000)
    #expect((140...260).contains(second.heldOut.count))
    #expect(Array(second.heldOut.prefix(first.heldOut.count)) == first.heldOut)
    #expect(Array(second.learned.prefix(first.learned.count)) == first.learned)
  }

  @Test("The last correction of a message wins, and its subject is included")
  func lastCounts() {
    let examples = CorrectedExamples([
      Self.correction(2, "refund", second: 1), Self.correction(2, "invoice", second: 2),
    ])
    let all = examples.learned + examples.heldOut
    #expect(all == [LabelledExample(text: "about\nwords 2", label: "invoice")])
  }

  @Test("A corrected category maps to the file's only label of it, and is left out when there are several intents")
  func adopts() {
    let file = ["refund", "parcel/late", "account/locked", "account/new"].map { LabelledExample(text: "t", label: $0) }
    let corrections = ["refund", "parcel", "account", "praise", "out_of_scope"].map {
      LabelledExample(text: "c", label: $0)
    }
    let (examples, leftOut) = CorrectedExamples.adopting(corrections, labelsOf: file)
    #expect(examples.map(\.label) == ["refund", "parcel/late", "praise", "out_of_scope"])
    #expect(leftOut == 1)
  }

  private static func classifier(_ first: String, _ second: String) throws -> MessageClassifier {
    var options = TrainingOptions()
    options.costs = [1]
    options.validation = .folds(2)
    let texts = ["refund me", "my parcel is late", "please refund", "where is the parcel", "refund", "parcel"]
    return MessageClassifier(
      model: try Trainer(options: options).train(
        texts.enumerated().map { LabelledExample(text: $1, label: $0 % 2 == 0 ? first : second) }
      ).model)
  }

  @Test("A new model takes over only if it is better on held-out corrections, and not worse elsewhere")
  func isEarned() throws {
    let good = try Self.classifier("refund", "parcel")
    let bad = try Self.classifier("parcel", "refund")
    let corrections = (0..<30).map { LabelledExample(text: "refund \($0)", label: "refund") }
    let recent = [MessageText(text: "where is my parcel")]
    func report(_ champion: MessageClassifier, _ challenger: MessageClassifier, also: [LabelledExample]? = nil)
      -> PromotionReport
    {
      PromotionReport(
        champion: champion, challenger: challenger, corrections: corrections, also: also, recent: recent)
    }
    let better = report(bad, good)
    #expect(better.isEarned)
    #expect(better.corrections.won == 30)
    #expect(better.recent.agreement == 0)
    #expect(better.table(dryRun: false).contains("takes over"))
    #expect(better.table(dryRun: true).contains("would take over"))
    #expect(!report(good, bad).isEarned)
    #expect(!report(good, good).isEarned)
    let worseElsewhere = report(
      bad, good, also: (0..<30).map { LabelledExample(text: "parcel \($0)", label: "refund") })
    #expect(!worseElsewhere.isEarned)
    #expect(worseElsewhere.table(dryRun: false).contains("worse on the labelled file"))
    let few = PromotionReport(
      champion: bad, challenger: good, corrections: Array(corrections.prefix(5)), also: nil, recent: [])
    #expect(!few.isEarned)
    #expect(few.table(dryRun: false).contains("20 are needed"))
    let text = try ReportWriter.json(of: better)
    #expect(text.contains(#""promoted" : true"#) && !text.contains("refund 1"))
  }

  private static func shadow(now: Int64, then: Int64, of messages: Int64) -> ShadowReport {
    let pairs = [("refund", "refund", messages - 10), ("refund", "parcel", 7), ("praise", "parcel", 3)]
    let tallies = pairs.enumerated().map { place, pair in
      var tally = ShadowTally(
        .init(champion: "a", challenger: "b", championCategory: pair.0, challengerCategory: pair.1))
      tally.messages = pair.2
      tally.championAutomatic = place == 0 ? now : 0
      tally.challengerAutomatic = place == 0 ? then : 0
      tally.championConfidence = Double(pair.2) * 0.5
      tally.challengerConfidence = Double(pair.2) * 0.75
      return tally
    }
    let moment = Instant(microseconds: 0)
    return ShadowReport(ShadowTrial(champion: "a", challenger: "b", firstAt: moment, lastAt: moment), tallies)
  }

  @Test("A trial's report has agreement, confidence, drift and changes")
  func shadowReport() {
    let report = Self.shadow(now: 80, then: 70, of: 100)
    #expect(report.messages == 100)
    #expect(abs(report.agreement - 0.9) < 1e-9)
    #expect(abs(report.champion.automatic - 0.8) < 1e-9 && abs(report.challenger.automatic - 0.7) < 1e-9)
    #expect(abs(report.challenger.confidence - 0.75) < 1e-9)
    // Ten messages change to parcel, from refund and from praise.
    #expect(abs(report.drift - 0.1) < 1e-9)
    #expect(report.changes.map(\.messages) == [7, 3])
    #expect(report.table(changes: 1).contains("and 1 rarer ones"))
  }

  @Test("A required trial that is too short, or shows a less confident model, prevents promotion")
  func shadowDecides() throws {
    let good = try Self.classifier("refund", "parcel")
    let bad = try Self.classifier("parcel", "refund")
    let corrections = (0..<30).map { LabelledExample(text: "refund \($0)", label: "refund") }
    func report(_ shadow: ShadowReport?, atLeast: Int) -> PromotionReport {
      PromotionReport(
        champion: bad, challenger: good, corrections: corrections, also: nil, recent: [], shadow: shadow,
        shadowedAtLeast: atLeast)
    }
    #expect(report(nil, atLeast: 0).isEarned)
    #expect(!report(nil, atLeast: 1).isEarned)
    #expect(report(Self.shadow(now: 80, then: 79, of: 100), atLeast: 100).isEarned)
    #expect(!report(Self.shadow(now: 80, then: 79, of: 100), atLeast: 101).isEarned)
    let less = report(Self.shadow(now: 80, then: 70, of: 100), atLeast: 100)
    #expect(!less.isEarned)
    #expect(less.table(dryRun: false).contains("in shadow mode"))
  }

  @Test("The previous model is kept, and reverting twice restores the current one")
  func goesBack() throws {
    let place = try TemporaryFolder()
    defer { place.remove() }
    let folder = ModelFolder(live: place.path("desk.model"))
    let old = try Self.classifier("refund", "parcel").model
    let new = try Self.classifier("money", "parcel").model
    try ModelFile.write(old, path: folder.live)
    #expect(throws: CommandFailure.self) { try folder.goBack() }
    try ModelFile.write(new, path: folder.candidate)
    try folder.takeOver(new)
    #expect(try folder.version(folder.live) == new.version)
    #expect(try folder.version(folder.previous) == old.version)
    #expect(try folder.version(folder.candidate) == nil, "the model in force is not a candidate")
    // The same model again must not replace the previous one.
    try folder.takeOver(new)
    #expect(try folder.version(folder.previous) == old.version)
    let back = try folder.goBack()
    #expect(back.from == new.version && back.to == old.version)
    #expect(try folder.version(folder.live) == old.version)
    _ = try folder.goBack()
    #expect(try folder.version(folder.live) == new.version)
    #expect(try !folder.remove(folder.candidate))
  }
}
