import Testing

@testable import DeskCore

@Suite("Why an offer went to its agent")
struct OfferExplanationTests {
  private func policy(_ profiles: [AgentProfile], _ queue: QueuePolicy = DeskTraffic.queue) -> Policy {
    var policy = Policy.sample
    policy.agents = Dictionary(uniqueKeysWithValues: profiles.map { ($0.id, $0) })
    policy.queues[queue.id] = queue
    return policy
  }

  private func status(
    _ id: AgentID, teams: Set<TeamID> = ["orders"], skills: [SkillID: Int] = ["s": 5], languages: Set<String> = [],
    capacity: Int32 = 5, _ presence: Presence = .available, load: Int32 = 0, idle: Int64 = 0
  ) -> AgentStatus {
    AgentStatus(
      profile: AgentProfile(id: id, teams: teams, skills: skills, languages: languages, capacity: capacity),
      presence: presence, load: load, idleSince: .at(idle))
  }

  private func ticket(refused: [AgentID] = []) -> WaitingTicket {
    WaitingTicket(
      id: .number(1), version: 2, priority: .normal, tier: .standard,
      skills: [SkillRequirement("s", proficiency: 3)], weight: 1, language: "en", waitingSince: .at(0), dueAt: .at(900),
      refusedBy: refused, lastAgent: nil)
  }

  private func record(_ agents: [AgentStatus], _ ticket: WaitingTicket, at second: Int64 = 10) throws -> OfferRecord {
    var desk = MatchingEngine(queues: [DeskTraffic.queue], headStarts: HeadStarts(), now: .at(second))
    for agent in agents { desk.upsert(agent) }
    desk.add(ticket, to: "q")
    let pick = desk.next()
    return try #require(pick).record
  }

  @Test func everyAgentHasAReasonAndACounterfactual() throws {
    let agents = [
      status("ann", load: 1), status("bob", load: 2), status("cem", load: 5), status("dan", teams: ["care"]),
      status("eve", skills: [:]), status("fay", languages: ["zh"]), status("gil", .away),
      status("hao", load: 1, idle: 5),
      status("ida", .reserve), status("jan"),
    ]
    let record = try record(agents, ticket(refused: ["jan"]))
    let explanation = try #require(record.explain(under: policy(agents.map(\.profile))))
    let lines = explanation.verdicts.map { "\($0.agent) \($0.status.rawValue): \($0.reason)" }
    #expect(
      lines == [
        "ann asked: idle longest among those equally occupied, of 4 who could take it",
        "bob behind: load 2 of 5, rank 4 of 4", "hao behind: load 1 of 5, rank 3 of 4",
        "jan refused: refused this ticket earlier", "cem full: load 5 of 5",
        "ida in_reserve: in reserve, and the reserve was not activated yet",
        "fay language: speaks zh, and the ticket is in en",
        "eve skill: lacks s, required at 3", "dan team: not in any of the teams orders", "gil absent: not present",
      ])
    let nearest = Dictionary(uniqueKeysWithValues: explanation.verdicts.map { ($0.agent, $0.counterfactual) })
    #expect(nearest["bob"] == "with load 0 bob would have been chosen")
    #expect(nearest["hao"] == "with load 0 hao would have been chosen")
    #expect(nearest["jan"] == "with no earlier refusal jan would have been chosen")
    #expect(nearest["cem"] == "with load 0 cem would have been chosen")
    #expect(nearest["dan"] == "with membership of orders dan would have been chosen, if present and free")
    #expect(nearest["eve"] == "with s at 3 eve would have been chosen, if present and free")
    #expect(nearest["gil"] == "with presence gil would have been chosen")
    #expect(nearest["ann"] == .some(nil))
  }

  @Test func theTurnNamesTheHeadStartsOfThePolicyAndReplaysWithThem() throws {
    func turn(_ priority: Priority, _ tier: CustomerTier, _ headStarts: HeadStarts) throws -> String {
      var desk = MatchingEngine(queues: [DeskTraffic.queue], headStarts: headStarts, now: .at(10))
      desk.upsert(status("ann"))
      desk.add(
        WaitingTicket(
          id: .number(1), version: 2, priority: priority, tier: tier, skills: [], weight: 1, language: "en",
          waitingSince: .at(0), dueAt: .at(9_000), refusedBy: [], lastAgent: nil), to: "q")
      let pick = desk.next()
      let record = try #require(pick).record
      var policy = policy([status("ann").profile])
      policy.headStarts = headStarts
      #expect(record.replay(under: policy).isEqual)
      if headStarts.start(of: priority, tier) != .zero {
        policy.headStarts = HeadStarts(high: .seconds(1), vip: .seconds(1), keyAccount: .seconds(1))
        #expect(!record.replay(under: policy).isEqual, "another version of the policy gives another due time")
        policy.headStarts = headStarts
      }
      return try #require(record.explain(under: policy)).turn
    }
    let first = "first in the order: in time"
    #expect(try turn(.normal, .standard, HeadStarts()) == first)
    #expect(
      try turn(.high, .vip, HeadStarts())
        == first + ", counted as due earlier by a head start of 10 min for priority high and 5 min for tier vip")
    #expect(
      try turn(.high, .keyAccount, HeadStarts(high: .zero, keyAccount: .seconds(5_400)))
        == first + ", counted as due earlier by a head start of 90 min for tier key_account")
  }

  @Test func pauseEndsAreExplainedAndTheChoiceReplays() throws {
    let waiting = WaitingTicket(
      id: .number(1), version: 2, priority: .normal, tier: .standard, skills: [], weight: 1, language: "en",
      waitingSince: .at(0), dueAt: .at(900), refusedBy: ["ann"], lastAgent: nil,
      pauses: [
        OfferPause(agent: "ann", times: 3, until: .at(45)), OfferPause(agent: "bob", times: 1, until: .at(12)),
        OfferPause(agent: "cem", times: 1, until: .at(10)),
      ])
    let agents = [status("ann"), status("bob"), status("cem", load: 3)]
    let kept = try #require(OfferRecord(record(agents, waiting).detail))
    #expect(kept.ticket == waiting)
    #expect(kept.result.agent == "cem")
    let policy = policy(agents.map(\.profile))
    #expect(kept.replay(under: policy).isEqual)
    let verdicts = try #require(kept.explain(under: policy)).verdicts
    #expect(
      verdicts.map { "\($0.agent) \($0.status.rawValue): \($0.reason)" } == [
        "cem asked: the only one who could take it",
        "ann paused: released this ticket 3 times, and is not offered it again before 2026-03-02T09:00:45.000000Z",
        "bob paused: released this ticket once, and is not offered it again before 2026-03-02T09:00:12.000000Z",
      ])
    #expect(verdicts[1].counterfactual == "with no earlier refusal ann would have been chosen")
    #expect(verdicts[2].counterfactual == "with no pause after the last offer bob would have been chosen")
  }

  @Test func sufficientExtraCapacityIsSuggested() throws {
    let agents = [status("ann", capacity: 10, load: 9), status("cem", load: 5)]
    let record = try record(agents, ticket())
    let explanation = try #require(record.explain(under: policy(agents.map(\.profile))))
    #expect(explanation.verdicts[1].reason == "load 5 of 5")
    #expect(explanation.verdicts[1].counterfactual == "with capacity 6 cem would have been chosen")
  }

  @Test(arguments: UInt64(1)...25)
  func theStoredRecordReplaysTheSameChoice(_ seed: UInt64) throws {
    var traffic = DeskTraffic(seed: seed)
    let agents = traffic.agents()
    var desk = MatchingEngine(queues: [DeskTraffic.queue], headStarts: HeadStarts(), now: .at(130))
    for agent in agents { desk.upsert(agent) }
    for ticket in traffic.tickets(30) { desk.add(ticket, to: "q") }
    let policy = policy(agents.map(\.profile))
    while let pick = desk.next() {
      // As the store returns it: JSON whose members have another order.
      let kept = try #require(JSONValue(json: pick.record.detail.canonical.json))
      let read = try #require(OfferRecord(kept))
      #expect(read == pick.record)
      #expect(read.result.agent == pick.agent)
      #expect(read.replay(under: policy).isEqual)
    }
  }

  @Test(arguments: UInt64(1)...8)
  func everyCounterfactualIsSmallAndNamesItsAgent(_ seed: UInt64) throws {
    var traffic = DeskTraffic(seed: seed)
    let agents = traffic.agents()
    var desk = MatchingEngine(queues: [DeskTraffic.queue], headStarts: HeadStarts(), now: .at(130))
    for agent in agents { desk.upsert(agent) }
    for ticket in traffic.tickets(20) { desk.add(ticket, to: "q") }
    let policy = policy(agents.map(\.profile))
    while let pick = desk.next() {
      let explanation = try #require(pick.record.explain(under: policy))
      #expect(explanation.verdicts.count == agents.count)
      #expect(explanation.verdicts.first { $0.status == .asked }?.agent == pick.agent)
      for verdict in explanation.verdicts where verdict.counterfactual != nil {
        #expect((1...8).contains(verdict.changes))
      }
    }
  }

  @Test func theReplayDetectsAChangedPolicy() throws {
    let agents = [status("ann", load: 1), status("bob", load: 2)]
    let record = try record(agents, ticket())
    #expect(record.replay(under: policy(agents.map(\.profile))).isEqual)
    let changed = [status("ann", skills: [:]), status("bob")]
    #expect(!record.replay(under: policy(changed.map(\.profile))).isEqual)
  }

  @Test func aLargeDeskKeepsOnlyRelevantAgents() throws {
    let agents = (0..<300).map { status(AgentID("a-\($0)"), load: Int32($0 % 6), idle: Int64($0)) }
    let record = try record(agents, ticket())
    #expect(record.able == 250 && record.full == 50 && record.result.agent == "a-0")
    #expect(record.witnesses.count == OfferRecord.ableKept + OfferRecord.busyKept)
    #expect(record.detail.json.utf8.count < 4_000)
    let explanation = try #require(record.explain(under: policy(agents.map(\.profile))))
    #expect(explanation.verdicts.count { $0.status == .unrecorded } == 260)
  }
}
