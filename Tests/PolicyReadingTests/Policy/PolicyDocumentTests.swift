import DeskCore
import Foundation
import Testing

@testable import PolicyReading

@Suite("Valid policy files")
struct PolicyDocumentTests {
  private let policy: Policy
  private let document: PolicyDocument

  init() throws {
    let key = Data(repeating: 7, count: 32).base64EncodedString()
    document = try PolicyDocument(
      yaml: PolicySamples.sound, version: 12, environment: ["REPLY_SECRET": "whsec_\(key)"])
    policy = document.policy
  }

  @Test func agentsAreReadSinglyAndInRanges() {
    #expect(policy.version == 12)
    #expect(policy.agents.keys.sorted() == ["ann", "bob-1", "bob-2", "bob-3"])
    #expect(
      policy.agents["ann"]
        == AgentProfile(id: "ann", teams: ["orders"], skills: ["shipping": 8], languages: ["zh", "en"], capacity: 4))
    #expect(policy.agents["bob-2"]?.capacity == Int32(PolicyDefaults.capacity))
    #expect(policy.agents["bob-2"]?.languages == [])
    #expect(policy.teams["orders"]?.lead == "ann")
  }

  @Test func theReserveIsRead() throws {
    #expect(policy.life.reserveCalls == ReserveCallRule())
    let yaml = PolicySamples.sound + "reserve_calls: { on: false, oldest: 5m, quiet: 2m, apart: 30s }\n"
    #expect(
      try PolicyDocument.load(yaml: yaml, version: 1).life.reserveCalls
        == ReserveCallRule(isOn: false, oldest: .seconds(300), quiet: .seconds(120), apart: .seconds(30)))
    let mistakes = PolicySamples.mistakes(
      in: PolicySamples.sound + "reserve_calls: { on: maybe, oldest: 0s, quiet: never, after: 1m }\n",
      environment: ["REPLY_SECRET": "whsec_\(Data(repeating: 7, count: 32).base64EncodedString())"])
    #expect(mistakes.count == 4, "\(mistakes)")
  }

  @Test func callBacksAndStuckQueuesAreRead() throws {
    #expect(policy.life.callBacks == CallBackPolicy() && policy.life.stuckQueues == StuckQueueRule())
    let yaml =
      PolicySamples.sound + """
        call_backs: { within: 2h, warn_before: 5m, calendar: office, text: { en: "We call by {due}." } }
        stuck_queues: { after: 3m }

        """
    let life = try PolicyDocument.load(yaml: yaml, version: 1).life
    #expect(
      life.callBacks
        == CallBackPolicy(
          within: .seconds(7_200), warnBefore: .seconds(300), calendar: "office", texts: ["en": "We call by {due}."]))
    #expect(life.stuckQueues == StuckQueueRule(after: .seconds(180)))
    let mistakes = PolicySamples.mistakes(
      in: PolicySamples.sound + """
        call_backs: { within: 0s, calendar: none, text: { en: "We call." } }
        stuck_queues: { after: never }

        """, environment: ["REPLY_SECRET": "whsec_\(Data(repeating: 7, count: 32).base64EncodedString())"])
    #expect(mistakes.count == 4, "\(mistakes)")
  }

  @Test func interfacePeopleOfProductLinesAreRead() throws {
    #expect(policy.life.interfaces == [:])
    let yaml = PolicySamples.sound + "product_lines: { pay: { title: Payments, agents: [ann], teams: [orders] } }\n"
    let life = try PolicyDocument.load(yaml: yaml, version: 1).life
    #expect(life.interfaces == ["pay": InterfacePeople(agents: ["ann"], teams: ["orders"])])
    let spoiled =
      PolicySamples.sound + "product_lines: { pay: {}, tea: { agents: [zoe, ann] }, Oil: { agents: [ann] } }\n"
    let mistakes = PolicySamples.mistakes(
      in: spoiled, environment: ["REPLY_SECRET": "whsec_\(Data(repeating: 7, count: 32).base64EncodedString())"])
    #expect(mistakes.count == 3, "\(mistakes)")
  }

  @Test func aTeamsHookGetsWhatItsLeadIsNotifiedOf() throws {
    let yaml = try PolicySamples.spoiled("en: Orders }, lead: ann }", by: "en: Orders }, lead: ann, hook: replies }")
    let policy = try PolicyDocument.load(yaml: yaml, version: 1)
    #expect(policy.teams["orders"]?.hook == "replies")
    #expect(policy.leadHooks(for: .slaBreached, of: "parcels") == ["replies"])
    #expect(policy.leadHooks(for: .replyFailed, of: "parcels") == ["replies"])
    #expect(policy.leadHooks(for: .messageReplied, of: "parcels") == [])
    #expect(policy.leadHooks(for: .slaBreached, of: "general") == [])
  }

  @Test func rotationsAreAssignedInTurn() throws {
    let yaml = try PolicySamples.spoiled(
      "{ ids: bob-1..bob-3, teams: [care], skills: { rare: 2 } }",
      by: "{ ids: bob-09..bob-11, teams: [care], skills: { rare: 2 }, "
        + "rotate: [{ teams: [orders], languages: [en] }, { skills: { rare: 5, shipping: 1 } }] }")
    let agents = try PolicyDocument.load(yaml: yaml, version: 1).agents
    #expect(agents.keys.sorted() == ["ann", "bob-09", "bob-10", "bob-11"])
    #expect(agents["bob-09"]?.teams == ["care", "orders"])
    #expect(agents["bob-09"]?.skills == ["rare": 2])
    #expect(agents["bob-10"]?.skills == ["rare": 5, "shipping": 1])
    #expect(agents["bob-10"]?.languages == [])
    #expect(agents["bob-11"]?.languages == ["en"])
  }

  @Test func queuesAndRulesAreRead() {
    #expect(
      policy.queues["parcels"]
        == QueuePolicy(
          id: "parcels", teams: ["orders"], skills: [SkillRequirement("shipping", proficiency: 5)],
          offerTime: .seconds(45),
          relaxation: [
            RelaxationStep(after: .seconds(120), easing: .proficiency(by: 2)),
            RelaxationStep(after: .seconds(300), easing: .teams(["care"])),
            RelaxationStep(after: .seconds(480), easing: .anySkill),
          ]))
    #expect(policy.queues["general"]?.offerTime == PolicyDefaults.offerTime)
    #expect(
      policy.rules == [
        Rule(
          name: "parcels", condition: .oneOf(.category, ["logistics"]), queue: "parcels", priority: .high, skills: []),
        Rule(name: "rest", condition: .always, queue: "general", priority: nil, skills: []),
      ])
    #expect(policy.defaultQueue == "general")
    #expect(policy.triageQueue == "general")
    #expect(policy.triageThreshold == 0.35)
  }

  @Test func targetsAreReadByPriorityOrForAll() {
    let level = policy.serviceLevels.first
    #expect(level?.firstResponse == [.high: .seconds(1_800), .normal: .seconds(7_200)])
    #expect(
      level?.resolution == [
        .urgent: .seconds(86_400), .high: .seconds(86_400), .normal: .seconds(86_400), .low: .seconds(86_400),
      ])
    #expect(level?.calendar == "office")
    #expect(level?.pausesWhilePending == true)
    #expect(level?.nextResponse[.low] == .seconds(3_600))
    #expect(level?.warningPercents == [50, 80])
    #expect(
      level?.escalation == [
        EscalationStep(after: .zero, actions: [.tellLead]),
        EscalationStep(after: .seconds(600), actions: [.raisePriority(to: .urgent), .hand(to: "parcels")]),
      ])
  }

  @Test func channelsAndHooksAreRead() {
    #expect(
      policy.channels["web"]
        == ChannelPolicy(
          id: "web", weight: 2, replyHook: "replies", reopenWindow: .seconds(5_400), masksPersonalData: true))
    #expect(policy.channels["app"]?.masksPersonalData == false)
    #expect(policy.channels["app"]?.weight == 1)
    let hook = policy.hooks["replies"]
    #expect(hook?.url == "https://example.com/hook")
    #expect(hook?.kinds == [.messageReplied])
    #expect(hook?.secrets.count == 1)
    #expect(hook?.allowsPrivateAddress == false)
  }

  @Test func titlesAreKeptByLanguage() {
    #expect(document.titles["teams.orders"]?.text(in: "zh") == "订单组")
    #expect(document.titles["teams.orders"]?.text(in: "en") == "Orders")
    #expect(document.titles["skills.shipping"]?.text(in: "en") == "物流")
    #expect(document.titles["teams.care"] == nil)
  }

  @Test func calendarsFollowTheZonesClockChanges() throws {
    let office = try #require(policy.calendars["office"])
    #expect(office.zone.name == "Europe/Berlin")
    #expect(office.zone.transitions.count == 2 * 21)
    // Friday 2026-03-27 16:30 in Berlin (+1); one hour later is Monday 09:30 (+2).
    let friday = Instant(seconds: 1_774_625_400)
    #expect(office.instant(after: .seconds(3_600), from: friday) == friday + .seconds(3 * 86_400 - 7 * 3_600 - 3_600))
    #expect(policy.calendars["always"]?.isAlways == true)
  }

  @Test func zonesWithoutClockChangesHaveNoTransitions() throws {
    let shanghai = try #require(SystemZone("Asia/Shanghai")).offsets(in: PolicyLimits.years)
    #expect(shanghai.initialOffsetSeconds == 28_800)
    #expect(shanghai.transitions.isEmpty)
    #expect(SystemZone.utc.offsets(in: PolicyLimits.years).transitions.isEmpty)
  }

  @Test func nestedConditionsAreRead() throws {
    let yaml = try PolicySamples.spoiled(
      "when: { category: logistics }",
      by: """
        when: { any: [{ tier: [vip, key_account], urgency_at_least: high }, { not: { words: [退款, refund] } }],
                language: zh, confidence_at_least: 0.5, channel: web, sentiment: [negative, neutral] }
        """)
    let rule = try #require(try PolicyDocument.load(yaml: yaml, version: 1).rules.first)
    #expect(
      rule.condition
        == .all([
          .any([
            .all([.oneOf(.tier, ["vip", "key_account"]), .urgency(atLeast: .high)]), .not(.words(["退款", "refund"])),
          ]),
          .oneOf(.channel, ["web"]), .oneOf(.language, ["zh-Hans", "zh-Hant"]),
          .oneOf(.sentiment, ["negative", "neutral"]),
          .confidence(atLeast: 0.5),
        ]))
  }

  @Test func keyOrderInAConditionIsIrrelevant() throws {
    let yaml = try PolicySamples.spoiled(
      "- { name: rest, queue: general }",
      by: """
        - { name: a, when: { tier: vip, category: x }, queue: general }
          - { name: b, when: { category: x, tier: vip }, queue: general }
        """)
    #expect(PolicySamples.mistakes(in: yaml).map(\.problem) == ["the rule is never reached: 'a' matches before it"])
  }

  @Test func aSecretMissingFromTheEnvironmentIsOmitted() throws {
    let unset = try PolicyDocument(yaml: PolicySamples.sound, version: 1, environment: [:])
    #expect(unset.policy.hooks["replies"]?.secrets == [])
  }

  @Test func bytesAreReadAsUTF8() throws {
    let read = try PolicyDocument(bytes: Array(PolicySamples.sound.utf8), version: 12, environment: [:])
    #expect(read.policy.queues == policy.queues)
  }
}
