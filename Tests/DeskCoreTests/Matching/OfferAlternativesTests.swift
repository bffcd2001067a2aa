import Testing

@testable import DeskCore

@Suite("What would have sent an offer elsewhere")
struct OfferAlternativesTests {
  private func status(
    _ id: AgentID, teams: Set<TeamID> = ["orders"], skills: [SkillID: Int] = ["s": 5], capacity: Int32 = 5,
    load: Int32 = 0, idle: Int64 = 0
  ) -> AgentStatus {
    AgentStatus(
      profile: AgentProfile(id: id, teams: teams, skills: skills, languages: ["en"], capacity: capacity),
      presence: .available, load: load, idleSince: .at(idle))
  }

  private func alternatives(
    _ agents: [AgentStatus], last: AgentID? = nil, dedicated: AgentID? = nil, waiting: Int64 = 0
  ) throws -> [String] {
    var desk = MatchingEngine(queues: [DeskTraffic.queue], headStarts: HeadStarts(), now: .at(10))
    for agent in agents { desk.upsert(agent) }
    desk.add(
      WaitingTicket(
        id: .number(1), version: 2, priority: .normal, tier: .standard, skills: [SkillRequirement("s", proficiency: 3)],
        weight: 1, language: "en", waitingSince: .at(waiting), dueAt: .at(900), refusedBy: [], lastAgent: last,
        dedicatedAgent: dedicated), to: "q")
    let pick = desk.next()
    let record = try #require(pick).record
    var policy = Policy.sample
    policy.agents = Dictionary(uniqueKeysWithValues: agents.map { ($0.profile.id, $0.profile) })
    policy.queues[DeskTraffic.queue.id] = DeskTraffic.queue
    let explanation = try #require(record.explain(under: policy))
    for alternative in explanation.alternatives {
      #expect(alternative.change.code.rawValue.hasPrefix("if.") && alternative.outcome.code.rawValue.hasPrefix("then."))
    }
    return explanation.alternatives.map(\.text)
  }

  private let oneMore =
    "with one more free agent (team orders, s at 3 and speaks en), that agent would have been chosen"

  @Test func theNextAgentFollowsWhereTheChosenOneIsAway() throws {
    #expect(
      try alternatives([status("ann", load: 1), status("bob", load: 2)]) == [
        "with ann away, bob would have been chosen", oneMore,
      ])
  }

  @Test func nobodyFollowsWhereOnlyOneCouldTakeIt() throws {
    #expect(
      try alternatives([status("ann", load: 1), status("bob", load: 5)]) == [
        "with ann away, nobody could have been offered it", oneMore,
      ])
  }

  @Test func aDedicatedAgentAndOneWhoKnowsTheCustomerAreTakenAway() throws {
    let agents = [status("ann", load: 3), status("bob", load: 1), status("cem", load: 2)]
    #expect(
      try alternatives(agents, dedicated: "ann") == [
        "with ann away, bob would have been chosen",
        "without ann as the customer's dedicated agent, bob would have been chosen",
      ], "one more agent changes nothing for a dedicated one")
    #expect(
      try alternatives(agents, last: "cem") == [
        "with cem away, bob would have been chosen", "for a customer whom no agent knows, bob would have been chosen",
      ])
  }

  @Test func oneMoreAgentIsNotNamedWhereTheChosenOneHasBeenIdleLonger() throws {
    #expect(
      try alternatives([status("ann", idle: 0), status("bob", idle: 2)], waiting: 9) == [
        "with ann away, bob would have been chosen"
      ])
  }

  @Test(arguments: UInt64(1)...8)
  func theAlternativesOfAnyChoiceAreFewAndNameAnother(_ seed: UInt64) throws {
    var traffic = DeskTraffic(seed: seed)
    let agents = traffic.agents()
    var desk = MatchingEngine(queues: [DeskTraffic.queue], headStarts: HeadStarts(), now: .at(130))
    for agent in agents { desk.upsert(agent) }
    for ticket in traffic.tickets(20) { desk.add(ticket, to: "q") }
    var policy = Policy.sample
    policy.agents = Dictionary(uniqueKeysWithValues: agents.map { ($0.profile.id, $0.profile) })
    policy.queues[DeskTraffic.queue.id] = DeskTraffic.queue
    while let pick = desk.next() {
      let explanation = try #require(pick.record.explain(under: policy))
      #expect(explanation.alternatives.count <= OfferTrial.circumstances)
      for alternative in explanation.alternatives {
        #expect(!alternative.outcome.text.hasPrefix("\(pick.agent) "))
      }
    }
  }
}
