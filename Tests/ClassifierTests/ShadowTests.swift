import Foundation
import Language
import Observability
import PostgreSQL
import ServiceHealth
import Store
import TestKit
import TestService
import TestStore
import Testing

@testable import Classifier

/// A model in shadow mode labels live messages without effect.
@Suite struct ShadowTests {
  static func model(_ first: String, _ second: String) throws -> LinearModel {
    var options = TrainingOptions()
    options.costs = [1]
    options.validation = .folds(2)
    let texts = ["refund me", "my parcel is late", "please refund", "where is the parcel", "refund", "parcel"]
    return try Trainer(options: options).train(
      texts.enumerated().map { LabelledExample(text: $1, label: $0 % 2 == 0 ? first : second) }
    ).model
  }

  private static func labels(
    _ category: String, by model: String, confidence: Float, unfamiliar: Float = 0
  ) -> MessageLabels {
    MessageLabels(
      category: category, intent: category, confidence: confidence, guesses: [], urgency: 1, sentiment: 0,
      language: "en", modelVersion: model, unfamiliar: unfamiliar)
  }

  static func value(_ name: String, in registry: MetricsRegistry) -> Double? {
    registry.render().split(separator: "\n").last { $0.hasPrefix(name + " ") }
      .flatMap { Double($0.dropFirst(name.count + 1)) }
  }

  @Test func countsCategoryPairsAndConfidence() throws {
    var counts = ShadowCounts()
    let now = [
      Self.labels("refund", by: "a", confidence: 0.5),
      Self.labels("refund", by: "a", confidence: 0.25, unfamiliar: 0.5),
      Self.labels("parcel", by: "a", confidence: 0.75),
    ]
    let then = [
      Self.labels("refund", by: "b", confidence: 1), Self.labels("parcel", by: "b", confidence: 0.5),
      Self.labels("parcel", by: "b", confidence: 0, unfamiliar: 1),
    ]
    counts.add(champion: now, challenger: then, automaticAt: 0.5)
    counts.add(champion: [now[0]], challenger: [then[0]], automaticAt: 0.6)
    let taken = counts.take().sorted { $0.messages > $1.messages }
    #expect(counts.take().isEmpty)
    #expect(taken.count == 3)
    let refund = try #require(taken.first)
    #expect(
      refund.pair == .init(champion: "a", challenger: "b", championCategory: "refund", challengerCategory: "refund"))
    #expect(refund.messages == 2)
    #expect(refund.championAutomatic == 1 && refund.challengerAutomatic == 2)
    #expect(refund.championConfidence == 1 && refund.challengerConfidence == 2)
    let changed = try #require(taken.first { !$0.pair.agrees })
    #expect(changed.championUnfamiliar == 0.5 && changed.challengerUnfamiliar == 0)
    // Counts that could not be written are added to later ones.
    counts.add(champion: [now[0]], challenger: [then[0]], automaticAt: 0.5)
    counts.giveBack(taken)
    #expect(counts.take().first { $0.pair == refund.pair }?.messages == 3)
  }

  @Test func shadowLabelsDoNotChangeTheResult() throws {
    let registry = MetricsRegistry()
    let shadow = Shadow(share: 1, metrics: ShadowMetrics(registry)) { 0.01 }
    let live = LiveModel(try Self.model("refund", "parcel"))
    let labeller = Labeller(
      live, articles: LiveArticles(), secondLooks: SharedSecondStageBudget(share: 0), drift: DriftMetrics(registry),
      shadow: shadow, metrics: registry)
    let messages = ["refund", "where is the parcel", "refund me"].map { MessageText(text: $0) }
    let alone = labeller.labels(for: messages)
    #expect(shadow.takeCounts().isEmpty)
    shadow.replace(by: MessageClassifier(model: try Self.model("money", "parcel")))
    #expect(labeller.labels(for: messages) == alone)
    #expect(shadow.takeCounts().isEmpty, "the labels do not wait for the trial")
    #expect(shadow.runOnce(.init(messages: messages, labels: alone)) == 3)
    let tallies = shadow.takeCounts().sorted { $0.messages > $1.messages }
    #expect(
      tallies.map { [$0.pair.championCategory, $0.pair.challengerCategory] } == [
        ["refund", "money"], ["parcel", "parcel"],
      ])
    #expect(tallies.map(\.messages) == [2, 1])
    #expect(
      tallies.allSatisfy { $0.pair.champion == live.classifier.model.version && $0.pair.challenger == shadow.version })
    #expect(Self.value(#"frontdesk_classifier_shadow_messages_total{category="same"}"#, in: registry) == 1)
    #expect(Self.value(#"frontdesk_classifier_shadow_messages_total{category="other"}"#, in: registry) == 2)
    #expect(
      Self.value(#"frontdesk_classifier_shadow_differences_total{from="refund",to="money"}"#, in: registry) == 2)
    #expect(Self.value("frontdesk_classifier_shadow_running", in: registry) == 1)
    #expect(Self.value(#"frontdesk_classifier_shadow_automatic_total{model="candidate"}"#, in: registry) == 3)
  }

  @Test func skipsMessagesBeyondItsCapacity() throws {
    let registry = MetricsRegistry()
    let shadow = Shadow(share: 0, metrics: ShadowMetrics(registry)) { 0.5 }
    let old = try Self.model("refund", "parcel")
    shadow.replace(by: MessageClassifier(model: try Self.model("money", "parcel")))
    let message = [MessageText(text: "refund")]
    let labels = MessageClassifier(model: old).labels(for: message)
    for _ in 0..<ClassifierBounds.shadowBatchesWaiting + 3 { shadow.show(message, labels: labels) }
    #expect(Self.value("frontdesk_classifier_shadow_skipped_total", in: registry) == 3)
    #expect(shadow.runOnce(.init(messages: message, labels: labels)) == 0, "no share of the clock, no labels")
    #expect(Self.value("frontdesk_classifier_shadow_skipped_total", in: registry) == 4)
    #expect(shadow.takeCounts().isEmpty)
  }

  @Test func aPromotedModelIsNotComparedWithItself() throws {
    let registry = MetricsRegistry()
    let shadow = Shadow(share: 1, metrics: ShadowMetrics(registry)) { 0.5 }
    let classifier = MessageClassifier(model: try Self.model("refund", "parcel"))
    shadow.replace(by: classifier)
    let message = [MessageText(text: "refund")]
    #expect(shadow.runOnce(.init(messages: message, labels: classifier.labels(for: message))) == 0)
    #expect(shadow.takeCounts().isEmpty)
  }

  private static func trials(_ path: String, _ shadow: Shadow, _ store: DeskStore) -> ShadowTrials {
    ShadowTrials(
      path: path, shadow: shadow, encoder: nil, store: store,
      logger: .silent)
  }

  @Test func followsTheCandidateFileAndStoresCounts() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = ModelPlaces.candidate(of: folder.path("desk.model"))
    try await TestDatabase.with(connections: 2) { store in
      let shadow = Shadow(share: 1, metrics: ShadowMetrics(MetricsRegistry())) { 0.5 }
      let trials = Self.trials(path, shadow, store)
      #expect(trials.look() == .unchanged)
      let old = MessageClassifier(model: try Self.model("refund", "parcel"))
      let new = try Self.model("money", "parcel")
      try ModelFile.write(new, path: path)
      #expect(trials.look() == .begun)
      #expect(trials.look() == .unchanged)
      #expect(shadow.version == new.version)
      let messages = ["refund", "parcel"].map { MessageText(text: $0) }
      for _ in 0..<3 {
        shadow.runOnce(.init(messages: messages, labels: old.labels(for: messages)))
        try await trials.writeDown()
      }
      let found = try await store.learning.shadowTallies(champion: old.model.version, challenger: new.version)
      #expect(found.map(\.messages) == [3, 3])
      #expect(Set(found.map(\.pair.challengerCategory)) == ["money", "parcel"])
      try Data("not a model".utf8).write(to: URL(filePath: path))
      #expect(trials.look() == .refused)
      #expect(shadow.version == nil)
      try FileManager.default.removeItem(atPath: path)
      #expect(trials.look() == .ended)
      // An unreachable database loses none of the counts.
      try ModelFile.write(new, path: path)
      #expect(trials.look() == .begun)
      shadow.runOnce(.init(messages: messages, labels: old.labels(for: messages)))
      try await store.pool.executeScript("DROP SCHEMA desk CASCADE")
      await #expect(throws: PostgresError.self) { try await trials.writeDown() }
      #expect(shadow.takeCounts().map(\.messages) == [1, 1])
      // Old trials are due until they are deleted.
      for _ in 0..<2 { await trials.forgetOld() }
      #expect(trials.forgetting.failuresTotal == 2)
    }
  }
}
