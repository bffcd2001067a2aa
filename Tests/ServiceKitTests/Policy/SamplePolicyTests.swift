import DeskCore
import Foundation
import Testing

@testable import ServiceKit

@Suite("The sample policy that ships")
struct SamplePolicyTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private let policy: Policy

  init() throws {
    let bytes = try Data(contentsOf: SamplePolicyTests.root.appending(path: "deploy/desk.yaml"))
    policy = try PolicyDocument(bytes: bytes, version: 1, environment: [:]).policy
  }

  private func decide(
    _ category: String, channel: ChannelID = "web", urgency: Urgency = .normal, sentiment: Sentiment = .neutral,
    confidence: Double = 0.9, text: String = "", at opened: Instant = Instant(seconds: 1_772_442_000)
  ) -> RoutingDecision {
    policy.decide(
      RoutingFacts(
        channel: channel, tier: .standard,
        labels: Labels(
          category: category, intent: category, confidence: confidence, urgency: urgency, sentiment: sentiment,
          language: "zh-Hans", modelVersion: "m"),
        text: text, openedAt: opened))
  }

  @Test func itHasTheStaffAndTheChannelsItSpeaksOf() {
    #expect(policy.agents.count == 60)
    #expect(policy.agents["agent-060"]?.capacity == 5)
    #expect(policy.channels.keys.sorted() == ["app", "email", "partner", "social", "web", "wechat"])
    #expect(policy.queues.count == 11)
    #expect(policy.hooks.isEmpty, "a sample calls nobody")
  }

  @Test(
    arguments: [
      ("account", "accounts"), ("logistics", "shipping"), ("refund", "returns"), ("exchange_return", "returns"),
      ("delivery_damage", "returns"), ("product_fault", "technical"), ("technical_app", "technical"),
      ("billing", "billing"), ("payment", "billing"), ("invoice", "billing"), ("promotion", "billing"),
      ("complaint", "complaints"), ("safety", "complaints"), ("suggestion", "feedback"), ("praise", "feedback"),
      ("consulting", "general"), ("order_change", "orders"), ("cancellation", "orders"), ("never-heard-of", "general"),
    ] as [(String, QueueID)])
  func eachKindOfConcernHasItsQueue(_ category: String, _ queue: QueueID) {
    #expect(decide(category).queue == queue)
  }

  @Test func everyCategoryOfTheShippedSamplesIsKnownToTheTableAbove() throws {
    let samples = SamplePolicyTests.root.appending(path: "Services/Classifier/Samples/concerns.csv")
    let lines = try String(contentsOf: samples, encoding: .utf8).split(separator: "\n")
    let known = policy.rules.flatMap { rule in categories(of: rule.condition) } + ["consulting"]
    for category in Set(known) {
      #expect(lines.contains { $0.contains(",\(category),") }, "no sample is labelled \(category)")
    }
  }

  private func categories(of condition: Condition) -> [String] {
    switch condition {
    case .oneOf(.category, let values): Array(values)
    case .all(let parts), .any(let parts): parts.flatMap { categories(of: $0) }
    case .not(let part): categories(of: part)
    default: []
    }
  }

  @Test func uncertainLabelsGoToAPerson() {
    #expect(decide("complaint", confidence: 0.34).queue == "triage")
    #expect(decide("complaint", confidence: 0.35).queue == "complaints")
  }

  @Test func aThreatOfTheLawIsUrgent() {
    let threat = decide("refund", sentiment: .negative, text: "不退款我就打12315")
    #expect(threat.queue == "complaints")
    #expect(threat.priority == .urgent)
    #expect(decide("refund", text: "an issue with my refund").queue == "returns")
  }

  @Test func complaintsAreAnsweredWithinHalfAnHour() {
    let complaint = decide("complaint")
    #expect(complaint.targets.policy == "complaints")
    #expect(complaint.targets.firstResponse?.allowed == .seconds(1_800))
    #expect(decide("logistics").targets.firstResponse?.allowed == .seconds(7_200))
  }

  @Test func partnersAreServedInOfficeHoursThroughTheSpringFestival() {
    // Saturday 2026-02-14, a make-up day, 17:00 in Shanghai: one hour is left, the next work day is Tuesday the 24th.
    let decision = decide("consulting", channel: "partner", at: Instant(seconds: 1_771_059_600))
    #expect(decision.queue == "partners")
    #expect(decision.weight == 2)
    // Tuesday 2026-02-24 10:00 in Shanghai.
    #expect(decision.targets.firstResponse?.schedule[.breach] == Instant(seconds: 1_771_898_400))
  }

  @Test func everyQueueCanBeServedInChineseAndEnglish() {
    for queue in policy.queues.values {
      for language in ["zh-Hans", "en"] {
        let isServed = policy.agents.values.contains {
          (queue.teams.isEmpty || !queue.teams.isDisjoint(with: $0.teams)) && $0.masters(queue.skills)
            && $0.speaks(language)
        }
        #expect(isServed, "\(queue.id) in \(language)")
      }
    }
  }
}
