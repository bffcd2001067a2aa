import Store
import Testing
import UseCases

@testable import DeskCore
@testable import DeskReporting

@Suite("Explanations for people")
struct ExplanationTextTests {
  private let policy: Policy = {
    func agent(_ id: AgentID, _ team: TeamID, capacity: Int32) -> (AgentID, AgentProfile) {
      (id, AgentProfile(id: id, teams: [team], skills: ["returns": 6], languages: ["zh"], capacity: capacity))
    }
    let queue = QueuePolicy(
      id: "returns", teams: ["orders"], skills: [SkillRequirement("returns", proficiency: 5)], offerTime: .seconds(30),
      relaxation: [])
    return Policy(
      version: 3, teams: [:],
      agents: Dictionary(
        uniqueKeysWithValues: [agent("ann", "orders", capacity: 10), agent("cem", "orders", capacity: 5)]
          + (1...4).map { agent(AgentID("far-\($0)"), "money", capacity: 5) }),
      queues: ["returns": queue],
      rules: [
        Rule(name: "threat", condition: .words(["律师"]), queue: "returns", priority: .urgent, skills: []),
        Rule(name: "refund", condition: .oneOf(.category, ["refund"]), queue: "returns", priority: nil, skills: []),
      ], defaultQueue: "returns", triageQueue: "returns", triageThreshold: 0.35, serviceLevels: [], calendars: [:],
      channels: [:], hooks: [:])
  }()

  private let labels = Labels(
    category: "refund", intent: "refund", confidence: 0.91, urgency: .normal, sentiment: .neutral, language: "zh-Hans",
    modelVersion: "m1")

  @Test func decisionsAndOffersAreExplainedInSentences() throws {
    let facts = RoutingFacts(
      channel: "web", tier: .standard, labels: labels, text: "退款", openedAt: Instant(seconds: 1_772_442_000))
    let decision = policy.decide(facts)
    var desk = MatchingEngine(
      queues: [try #require(policy.queues["returns"])], headStarts: HeadStarts(), now: Instant(seconds: 1_772_442_060))
    for (id, load) in [("ann", 9), ("cem", 5), ("far-1", 0)] as [(AgentID, Int32)] {
      desk.upsert(
        AgentStatus(
          profile: try #require(policy.agents[id]), presence: .available, load: load,
          idleSince: Instant(seconds: 1_772_442_000)))
    }
    desk.add(
      WaitingTicket(
        id: TicketID(high: 0, low: 1), version: 2, priority: .normal, tier: .standard, skills: decision.skills,
        weight: 1, language: "zh-Hans", waitingSince: Instant(seconds: 1_772_442_000), dueAt: nil, refusedBy: [],
        lastAgent: nil), to: "returns")
    let next = desk.next()
    let record = try #require(next).record
    let explanation = TicketExplanation(
      ticket: TicketID(high: 0, low: 1),
      decisions: [
        .init(
          kind: "queued", at: facts.openedAt, policyVersion: 3,
          subject: .routing(try #require(RoutingRecord(.init(decision))), policy.explain(facts)),
          replay: RoutingRecord(.init(decision))?.replay(under: policy)),
        .init(
          kind: "offered", at: record.now, policyVersion: 3,
          subject: .offer(record, try #require(record.explain(under: policy))), replay: record.replay(under: policy)),
      ])
    let text = ExplanationText(showsAll: false).lines(of: explanation).joined(separator: "\n")
    for line in [
      "to returns at priority normal: rule “refund”, number 2 of 2", "✗  threat  needs: text contains “律师”",
      "→  refund  matches",
      "with the word “律师”, rule “threat” would have decided: queue returns, priority urgent",
      "replayed under policy 3: identical, bit by bit",
      "offered to ann: the only one who could take it", "required: team orders, returns at 5, speaks zh-Hans",
      "cem    load 5 of 5  with capacity 6",
      "4 others, such as far-1: not in any of the teams orders",
    ] {
      #expect(text.contains(line), "\(line)\nis not in\n\(text)")
    }
    let all = ExplanationText(showsAll: true).lines(of: explanation).joined(separator: "\n")
    #expect(all.contains("far-4  not in any of the teams orders"))
    #expect(explanation.isReplayed == true)
    #expect(explanation.detail["decisions"]?.list?.count == 2)
  }

  @Test func missingExplanationsStateTheReason() {
    let decision = TicketExplanation.Decision(
      kind: "offered", at: Instant(seconds: 0), policyVersion: 0,
      subject: .unexplained("the inputs of the choice were not recorded"), replay: nil)
    let explanation = TicketExplanation(ticket: TicketID(high: 0, low: 1), decisions: [decision])
    #expect(
      ExplanationText(showsAll: false).lines(of: explanation).last?.hasSuffix(
        "offered: cannot be explained, because the inputs of the choice were not recorded") == true)
    #expect(explanation.isReplayed == nil)
  }
}
