import Testing

@testable import DeskCore

@Suite("Why a message was routed to its queue")
struct RoutingExplanationTests {
  /// Rules over all kinds of conditions.
  private var policy: Policy {
    var policy = Policy.sample
    policy.rules = [
      Rule(
        name: "lawyer", condition: .all([.words(["lawyer", "sue"]), .oneOf(.sentiment, ["negative"])]),
        queue: "general",
        priority: .urgent, skills: []),
      Rule(
        name: "night", condition: .all([.oneOf(.channel, ["web"]), .not(.during("office"))]), queue: "general",
        priority: .low, skills: []),
      Rule(
        name: "important", condition: .any([.tier(atLeast: .vip), .urgency(atLeast: .high)]), queue: "shipping",
        priority: .high, skills: []),
      Rule(name: "refund", condition: .oneOf(.category, ["refund"]), queue: "shipping", priority: nil, skills: []),
    ]
    let week = Array(repeating: [9 * 60..<17 * 60], count: 7)
    policy.calendars["office"] = BusinessCalendar(zone: .utc, week: week, exceptions: [:])
    return policy
  }

  private func facts(
    category: String = "other", confidence: Double = 0.9, tier: CustomerTier = .standard, text: String = "hello",
    at opened: Instant = .morning
  ) -> RoutingFacts {
    RoutingFacts(
      channel: "web", tier: tier, labels: .sample(category: category, confidence: confidence), text: text,
      openedAt: opened)
  }

  @Test func eachRuleReportsItsFailedPart() {
    let explanation = policy.explain(facts(text: "I will SUE you"))
    #expect(explanation.decision.rule == nil)
    #expect(explanation.rules.map(\.outcome) == [.failed, .failed, .failed, .failed])
    let failures = explanation.rules.map { $0.trace.failures.map { "\($0.asked), seen \($0.seen ?? "-")" } }
    #expect(failures[0] == ["sentiment is negative, seen neutral"])
    #expect(failures[1] == ["not (within the hours of office), seen -"])
    #expect(failures[2] == ["tier is vip or more, seen standard", "urgency is high or more, seen normal"])
    #expect(failures[3] == ["category is refund, seen other"])
  }

  @Test func theNearestAlternativesAreNamed() {
    let explanation = policy.explain(facts(category: "refund", confidence: 0.31))
    #expect(explanation.decision.needsTriage && explanation.rules[3].outcome == .uncertain)
    #expect(
      explanation.alternatives.first?.text
        == "with confidence 0.35, rule “refund” would have decided: queue shipping, priority normal")
    let other = policy.explain(facts())
    #expect(
      other.alternatives.map(\.text) == [
        "with a time outside the hours of office, rule “night” would have decided: queue general, priority low",
        "with tier vip, rule “important” would have decided: queue shipping, priority high",
        "with category refund, rule “refund” would have decided: queue shipping, priority normal",
        "with confidence 0.34, a person would have labelled it: queue triage, priority normal",
        "with the word “lawyer” or “sue” and sentiment negative, rule “lawyer” would have decided: queue general, priority urgent",
      ])
  }

  @Test func rulesAndAlternativesAreCodesWithValues() throws {
    let explanation = policy.explain(facts(text: "I will SUE you"))
    #expect(explanation.summary.map(\.code) == [.routedByDefault])
    let failure = try #require(explanation.rules[0].trace.failures.first)
    #expect(
      failure.requirement.coded.json
        == #"{"code":"condition.one_of","values":{"field":"sentiment","values":["negative"]}}"#)
    #expect(failure.found?.coded.json == #"{"code":"found.value","values":{"field":"sentiment","value":"neutral"}}"#)
    let alternative = try #require(explanation.alternatives.first)
    #expect(
      alternative.outcome.code == .otherRule && alternative.outcome.values.map(\.name) == ["rule", "queue", "priority"])
    #expect(
      alternative.text
        == "with \(alternative.changes.map(\.phrase.text).listed(with: "and")), \(alternative.outcome.text)")
    let decided = policy.explain(facts(category: "refund"))
    #expect(
      decided.summary.first?.coded.json
        == #"{"code":"routed.rule","values":{"queue":"shipping","priority":"normal","rule":"refund","number":4,"rules":4}}"#
    )
    #expect(policy.explain(facts(confidence: 0.1)).summary.first?.code == .routedToTriage)
  }

  @Test func calendarConditionsUseTheOpeningTime() {
    #expect(policy.decide(facts(at: .at(-1))).rule == "night", "one second before nine")
    #expect(policy.decide(facts(at: .morning)).rule == nil)
    #expect(policy.decide(facts(at: .at(8 * 3_600 - 1))).rule == nil)
    #expect(policy.decide(facts(at: .at(8 * 3_600))).rule == "night")
  }

  @Test func fullQueuesOverflowAndTheLastOffersACallback() {
    var policy = policy
    func queue(_ id: QueueID, _ overflow: QueueID?) -> QueuePolicy {
      QueuePolicy(
        id: id, teams: [], skills: [SkillRequirement(SkillID(id.rawValue), proficiency: 2)], offerTime: .seconds(30),
        relaxation: [], limit: 1, overflow: overflow)
    }
    policy.queues = [
      "shipping": queue("shipping", "helpers"), "helpers": queue("helpers", "last"), "last": queue("last", nil),
    ]
    func decide(_ full: Set<QueueID>) -> RoutingDecision {
      var facts = facts(category: "refund")
      facts.fullQueues = full
      return policy.decide(facts)
    }
    #expect(decide([]).queue == "shipping" && decide([]).overflowedFrom == nil)
    let onward = decide(["shipping", "helpers"])
    #expect(onward.queue == "last" && onward.overflowedFrom == "shipping" && !onward.promisesCallback)
    #expect(onward.skills == [SkillRequirement("last", proficiency: 2)], "an overflow queue requires its own skills")
    let callback = decide(["shipping", "helpers", "last"])
    #expect(callback.queue == "shipping" && callback.promisesCallback)
    var full = facts(category: "refund")
    full.fullQueues = ["shipping"]
    #expect(policy.explain(full).alternatives.first?.text.hasPrefix("with room in the queue shipping,") ?? false)
  }

  // MARK: - Properties

  private func anyFacts(_ random: inout SeededGenerator) -> RoutingFacts {
    func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: 0..<values.count, using: &random)] }
    var labels = Labels.sample(
      category: pick(["refund", "other"]), confidence: Double(Int.random(in: 0...100, using: &random)) / 100)
    labels.urgency = pick(Urgency.allCases)
    labels.sentiment = pick(Sentiment.allCases)
    return RoutingFacts(
      channel: pick(["web", "call"]), tier: pick(CustomerTier.allCases), labels: labels,
      text: pick(["hello", "my lawyer", "an issue"]), openedAt: .at(Int64.random(in: -90_000...90_000, using: &random)))
  }

  @Test func alternativesAreVerifiedAndDecisionsReplay() throws {
    var random = SeededGenerator(seed: 5)
    var verified = 0
    for _ in 0..<400 {
      let facts = anyFacts(&random)
      var decision = policy.decide(facts)
      decision.message = .number(7)
      let explanation = policy.explain(facts)
      for alternative in explanation.alternatives {
        let again = policy.decide(facts.changed(by: alternative.changes, under: policy))
        #expect(again.rule == alternative.rule && again.queue == alternative.decision.queue)
        #expect(
          again.rule != decision.rule || again.needsTriage != decision.needsTriage || again.queue != decision.queue)
        verified += 1
      }
      // Read back from the store, without the text.
      let kept = try #require(JSONValue(json: decision.detail.canonical.json))
      let record = try #require(RoutingRecord(.init(reading: kept)))
      #expect(record.replay(under: policy).isEqual)
      #expect(policy.explain(record.facts(under: policy)).rules == explanation.rules)
    }
    #expect(verified > 0, "no decision has an alternative")
  }

  @Test func aDifferingDecisionIsDetected() throws {
    let record = try #require(RoutingRecord(.init(policy.decide(facts(category: "refund")))))
    var changed = policy
    changed.rules.removeLast()
    #expect(!record.replay(under: changed).isEqual)
  }
}
