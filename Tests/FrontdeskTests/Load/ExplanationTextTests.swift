import CommandLineTool
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
    let chinese = PhrasedExplanation(catalogue: PhraseCatalogue(.chinese), showsAll: false)
      .lines(of: explanation).joined(separator: "\n")
    for line in [
      "由规则“refund”（共 2 条中的第 2 条）决定：队列 returns，优先级“普通”。", "threat · 未匹配", "内容含有 “律师”",
      "如果内容含有 “律师” → 会由规则“threat”决定：队列 returns，优先级“紧急”。", "按策略第 3 版重算：结果一致。",
      "派给 ann：唯一能接的客服。", "要求：属于团队 orders、技能 returns 达到 5、会说 zh-Hans。",
      "cem · 负载 5/5 · 满足以下条件就会派给：容量为 6", "另有 4 位（如 far-1）：不在团队 orders 中",
      "如果 ann 不在 → 没有可派的客服。",
    ] {
      #expect(chinese.contains(line), "\(line)\nis not in\n\(chinese)")
    }
    let english = PhrasedExplanation(catalogue: PhraseCatalogue(.english), showsAll: false)
      .lines(of: explanation).joined(separator: "\n")
    #expect(english.contains("if the text contained “律师” → The rule “threat” would have decided"))
    #expect(english.contains("if ann had been away → Nobody could have been offered it."))
    // What the console returns: codes beside the English text.
    let decisions = try #require(explanation.detail["decisions"]?.list)
    #expect(decisions[0]["summary"]?.list?.first?["code"]?.text == "routed.rule")
    #expect(decisions[0]["alternatives"]?.list?.first?["changed"]?.list?.first?["code"]?.text == "fact.words")
    #expect(decisions[1]["chosen"]?["because"]?["code"]?.text == "chosen.only_one")
    #expect(decisions[1]["alternatives"]?.list?.first?["outcome"]?["code"]?.text == "then.nobody")
    let cem = decisions[1]["candidates"]?.list?.first { $0["agent"]?.text == "cem" }
    #expect(
      cem?["because"]?["code"]?.text == "lost.full" && cem?["wants"]?.list?.first?["code"]?.text == "want.capacity")
  }

  @Test func theFrameOfAnExplanationIsInTheReadersLanguage() {
    var explanation = Explanation(
      ticket: "t", state: "queued", channel: "web", queue: "returns", priority: "high", agent: nil,
      opened: Moment(Instant(seconds: 0)), closed: nil)
    let declined = TimelineText(kind: "declined", detail: #"{"reason":"忙"}"#)
    explanation.timeline = [
      .init(
        at: Moment(Instant(seconds: 0)), kind: "declined", actor: "agent:ann", text: declined.sentence,
        chinese: declined.chinese, labels: nil, detail: "{}")
    ]
    let chinese = explanation.text(allAgents: false, in: .chinese)
    #expect(chinese.hasPrefix("工单 t：排队中，队列 returns") && chinese.contains("拒绝：忙") && !chinese.contains("timeline"))
    #expect(explanation.text(allAgents: false).hasPrefix("ticket t: queued in returns"))
  }

  @Test func missingExplanationsStateTheReason() {
    let decision = TicketExplanation.Decision(
      kind: "offered", at: Instant(seconds: 0), policyVersion: 0,
      subject: .unexplained(.inputs), replay: nil)
    let explanation = TicketExplanation(ticket: TicketID(high: 0, low: 1), decisions: [decision])
    #expect(
      ExplanationText(showsAll: false).lines(of: explanation).last?.hasSuffix(
        "offered: cannot be explained, because the inputs of the choice were not recorded") == true)
    #expect(explanation.isReplayed == nil)
  }
}
