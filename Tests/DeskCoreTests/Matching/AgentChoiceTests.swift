import Testing

@testable import DeskCore

@Suite("Which ticket is offered to which agent")
struct AgentChoiceTests {
  private func agent(
    _ id: AgentID, teams: Set<TeamID> = ["orders"], skills: [SkillID: Int] = [:], languages: Set<String> = [],
    capacity: Int32 = 3, presence: Presence = .available, load: Int32 = 0, idle: Int64 = 0
  ) -> AgentStatus {
    AgentStatus(
      profile: AgentProfile(id: id, teams: teams, skills: skills, languages: languages, capacity: capacity),
      presence: presence, load: load, idleSince: .at(idle))
  }

  private func ticket(
    _ number: UInt64, priority: Priority = .normal, tier: CustomerTier = .standard, skills: [SkillRequirement] = [],
    weight: Int32 = 1, language: String = "und", waiting: Int64 = 0, due: Int64? = nil, refused: [AgentID] = [],
    last: AgentID? = nil
  ) -> WaitingTicket {
    WaitingTicket(
      id: .number(number), version: 2, priority: priority, tier: tier, skills: skills, weight: weight,
      language: language, waitingSince: .at(waiting), dueAt: due.map { .at($0) }, refusedBy: refused, lastAgent: last)
  }

  private func matcher(teams: Set<TeamID> = [], relaxation: [RelaxationStep] = []) -> MatchingRound {
    MatchingRound(
      queue: QueuePolicy(id: "q", teams: teams, skills: [], offerTime: .seconds(30), relaxation: relaxation))
  }

  private func pairs(_ matches: [MatchingEngine.Pick]) -> [String] {
    matches.map { "\($0.ticket.id.low)→\($0.agent)" }
  }

  @Test func onlyAgentsOfTheQueueTeamsAreMatched() {
    let agents = [agent("ann", teams: ["care"]), agent("bob", teams: ["orders", "care"], load: 2)]
    #expect(pairs(matcher(teams: ["orders"]).picks(for: [ticket(1)], among: agents, now: .at(1))) == ["1→bob"])
    #expect(pairs(matcher().picks(for: [ticket(1)], among: agents, now: .at(1))) == ["1→ann"])
  }

  @Test func skillsNeedSufficientProficiency() {
    let agents = [agent("ann", skills: ["shipping": 4]), agent("bob", skills: ["shipping": 5], load: 2)]
    let asked = [SkillRequirement("shipping", proficiency: 5)]
    #expect(pairs(matcher().picks(for: [ticket(1, skills: asked)], among: agents, now: .at(1))) == ["1→bob"])
    let noOne = [SkillRequirement("shipping", proficiency: 6)]
    #expect(matcher().picks(for: [ticket(1, skills: noOne)], among: agents, now: .at(1)).isEmpty)
  }

  @Test(arguments: [
    ("zh-Hans", ["zh"], true), ("zh-Hant", ["zh-Hans"], false), ("zh-Hant", ["zh-Hant"], true), ("en", ["zh"], false),
    ("en", ["zh", "en"], true), ("mixed", ["zh"], true), ("und", ["en"], true), ("other", ["en"], true),
    ("en", [], true),
  ])
  func theLanguageMustBeSpoken(_ language: String, _ spoken: [String], _ fits: Bool) {
    let matches = matcher().picks(
      for: [ticket(1, language: language)], among: [agent("ann", languages: Set(spoken))], now: .at(1))
    #expect(!matches.isEmpty == fits)
  }

  @Test func relaxationLowersRequirementsOverTime() {
    let steps = [
      RelaxationStep(after: .seconds(60), easing: .proficiency(by: 3)),
      RelaxationStep(after: .seconds(120), easing: .teams(["care"])),
      RelaxationStep(after: .seconds(180), easing: .anySkill),
    ]
    let served = matcher(teams: ["orders"], relaxation: steps)
    let asked = ticket(1, skills: [SkillRequirement("shipping", proficiency: 6)])
    let agents = [
      agent("ann", teams: ["orders"], skills: ["shipping": 3]), agent("bob", teams: ["care"], skills: ["shipping": 9]),
      agent("eve", teams: ["care"]),
    ]
    func able(at second: Int64) -> [String] {
      agents.flatMap { pairs(served.picks(for: [asked], among: [$0], now: .at(second))) }
    }
    #expect(able(at: 59) == [])
    #expect(able(at: 60) == ["1→ann"])
    #expect(able(at: 120) == ["1→ann", "1→bob"])
    #expect(able(at: 180) == ["1→ann", "1→bob", "1→eve"])
  }

  @Test func proficiencyIsNeverRelaxedBelowOne() {
    let served = matcher(relaxation: [RelaxationStep(after: .zero, easing: .proficiency(by: 9))])
    let asked = ticket(1, skills: [SkillRequirement("shipping", proficiency: 6)])
    #expect(served.picks(for: [asked], among: [agent("ann")], now: .at(1)).isEmpty)
    #expect(!served.picks(for: [asked], among: [agent("bob", skills: ["shipping": 1])], now: .at(1)).isEmpty)
  }

  @Test(arguments: Presence.allCases)
  func absentAgentsGetNothing(_ presence: Presence) {
    let matches = matcher().picks(
      for: [ticket(1, last: "ann")], among: [agent("ann", presence: presence)], now: .at(1))
    #expect(matches.isEmpty == (presence != .available))
  }

  @Test func agentsRankByFamiliarityThenLoadThenIdleTime() {
    let agents = [
      agent("ann", load: 2), agent("bob", load: 1, idle: 50), agent("eve", load: 1, idle: 20),
      agent("kim", load: 1, idle: 20),
    ]
    #expect(pairs(matcher().picks(for: [ticket(1, last: "ann")], among: agents, now: .at(99))) == ["1→ann"])
    #expect(pairs(matcher().picks(for: [ticket(1)], among: agents, now: .at(99))) == ["1→eve"])
    #expect(pairs(matcher().picks(for: [ticket(1)], among: [agents[1], agents[0]], now: .at(99))) == ["1→bob"])
  }

  @Test func occupancyIsAShareOfTheCapacity() {
    let agents = [agent("ann", capacity: 2, load: 1), agent("bob", capacity: 10, load: 2)]
    #expect(pairs(matcher().picks(for: [ticket(1)], among: agents, now: .at(1))) == ["1→bob"])
    #expect(agents[0].occupancy == 0.5)
  }

  @Test func aDecliningAgentIsSkippedUntilThePauseEnds() {
    func waiting(refused: [AgentID] = [], dedicated: AgentID? = nil, last: AgentID? = nil) -> WaitingTicket {
      WaitingTicket(
        id: .number(1), version: 2, priority: .normal, tier: .standard, skills: [], weight: 1, language: "und",
        waitingSince: .at(0), dueAt: nil, refusedBy: refused, lastAgent: last, dedicatedAgent: dedicated,
        pauses: [OfferPause(agent: "ann", times: 2, until: .at(20))])
    }
    let ann = agent("ann")
    for ticket in [
      waiting(), waiting(refused: ["ann"]), waiting(dedicated: "ann"), waiting(last: "ann"),
    ] {
      #expect(matcher().picks(for: [ticket], among: [ann], now: .at(19)).isEmpty)
      #expect(pairs(matcher().picks(for: [ticket], among: [ann], now: .at(20))) == ["1→ann"])
      let bob = agent("bob", load: 1)
      #expect(pairs(matcher().picks(for: [ticket], among: [ann, bob], now: .at(19))) == ["1→bob"])
    }
  }

  @Test func refusingAgentsAreAskedAgainOnlyWithoutAlternatives() {
    let refused = ticket(1, refused: ["ann"])
    let ann = agent("ann")
    #expect(pairs(matcher().picks(for: [refused], among: [ann], now: .at(1))) == ["1→ann"])
    #expect(pairs(matcher().picks(for: [refused], among: [ann, agent("bob", load: 2)], now: .at(1))) == ["1→bob"])
    // Bob is busy now and free soon: better than offering it to Ann again at once.
    #expect(matcher().picks(for: [refused], among: [ann, agent("bob", load: 3)], now: .at(1)).isEmpty)
    // Bob is absent, lacks the ability, or could never carry it.
    #expect(!matcher().picks(for: [refused], among: [ann, agent("bob", presence: .away)], now: .at(1)).isEmpty)
    let skilled = ticket(1, skills: [SkillRequirement("s", proficiency: 2)], weight: 3, refused: ["ann"])
    let able = agent("ann", skills: ["s": 2])
    #expect(!matcher().picks(for: [skilled], among: [able, agent("bob")], now: .at(1)).isEmpty)
    let small = agent("bob", skills: ["s": 2], capacity: 2)
    #expect(!matcher().picks(for: [skilled], among: [able, small], now: .at(1)).isEmpty)
  }

  @Test func anUnassignableTicketDoesNotBlockTheNext() {
    let asked = [SkillRequirement("rare", proficiency: 1)]
    let matches = matcher().picks(
      for: [ticket(1, priority: .urgent, skills: asked), ticket(2), ticket(3, priority: .urgent, weight: 4)],
      among: [agent("ann")], now: .at(1))
    #expect(pairs(matches) == ["2→ann"])
  }

  @Test func onTimeBeforeLateAndTheTopPriorityFirst() {
    let tickets = [
      ticket(1, waiting: 0, due: 50), ticket(2, waiting: 10, due: 200), ticket(3, waiting: 5, due: 300),
      ticket(4, priority: .high, waiting: 90), ticket(5, tier: .vip, waiting: 95, due: 96), ticket(6, waiting: 20),
      ticket(7, waiting: 10, due: 200), ticket(8, priority: .urgent, due: 40), ticket(9, priority: .urgent, due: 900),
    ]
    let order = tickets.inQueueOrder(headStarts: HeadStarts(), now: .at(100)).map(\.id.low)
    #expect(order == [9, 8, 2, 7, 3, 4, 5, 6, 1])
  }

  @Test func priorityAndTierAdvanceTheEffectiveDueTime() {
    let tickets = [
      ticket(1, due: 1_000), ticket(2, priority: .high, due: 1_599), ticket(3, tier: .keyAccount, due: 1_898),
      ticket(4, priority: .high, tier: .vip, due: 1_901),
    ]
    #expect(tickets.inQueueOrder(headStarts: HeadStarts(), now: .at(100)).map(\.id.low) == [3, 2, 1, 4])
  }

  @Test func headStartsOfThePolicyDecideTheOrder() {
    let tickets = [
      ticket(1, due: 1_000), ticket(2, priority: .high, due: 1_599), ticket(3, tier: .keyAccount, due: 1_898),
      ticket(4, priority: .high, tier: .vip, due: 1_901),
    ]
    func order(_ headStarts: HeadStarts) -> [UInt64] {
      tickets.inQueueOrder(headStarts: headStarts, now: .at(100)).map(\.id.low)
    }
    #expect(order(HeadStarts(high: .zero, vip: .zero, keyAccount: .zero)) == [1, 2, 3, 4])
    #expect(order(HeadStarts(high: .zero, vip: .zero)) == [3, 1, 2, 4])
    #expect(order(HeadStarts(vip: .seconds(1_200))) == [4, 3, 2, 1])
  }

  @Test func aHeadStartNeitherMakesATicketLateNorHelpsALateOne() {
    let starts = HeadStarts(high: .seconds(86_400), vip: .seconds(86_400), keyAccount: .seconds(86_400))
    let tickets = [
      ticket(1, due: 50), ticket(2, priority: .high, tier: .vip, due: 101), ticket(3, tier: .vip, due: 60),
      ticket(4, priority: .high, due: 99),
    ]
    #expect(tickets.inQueueOrder(headStarts: starts, now: .at(100)).map(\.id.low) == [2, 4, 3, 1])
    #expect(QueueRank(tickets[1], headStarts: starts, now: .at(100)).band == .inTime)
  }

  @Test func aTicketDueNowCountsAsLate() {
    let tickets = [ticket(1, due: 100), ticket(2, due: 101)]
    #expect(tickets.inQueueOrder(headStarts: HeadStarts(), now: .at(100)).map(\.id.low) == [2, 1])
    #expect(tickets.inQueueOrder(headStarts: HeadStarts(), now: .at(99)).map(\.id.low) == [1, 2])
  }

  @Test func theRecordCountsUnavailableAgents() throws {
    let agents = [
      agent("ann", teams: ["care"]), agent("bob", skills: ["s": 1]), agent("eve", skills: ["s": 5], languages: ["zh"]),
      agent("kim", skills: ["s": 5], load: 2), agent("lea", skills: ["s": 5], capacity: 9, load: 3),
      agent("max", skills: ["s": 9], presence: .away),
    ]
    let asked = ticket(1, skills: [SkillRequirement("s", proficiency: 3)], weight: 2, language: "en")
    let match = try #require(matcher(teams: ["orders"]).picks(for: [asked], among: agents, now: .at(9)).first)
    #expect(match.agent == "lea")
    let counts = ["able", "full", "asked", "unfit"].map { match.record.detail[$0]?.integer }
    #expect(counts == [1, 1, 0, 3])
  }

  // MARK: - Properties

  private func anyTickets(_ count: Int, using random: inout SeededGenerator) -> [WaitingTicket] {
    let staff: [AgentID] = (0..<12).map { AgentID("agent-\($0)") }
    var tickets: [WaitingTicket] = []
    for number in 0..<count {
      let proficiency = Int.random(in: 1...10, using: &random)
      let skills = Bool.random(using: &random) ? [] : [SkillRequirement("s", proficiency: proficiency)]
      let due: Int64? = Bool.random(using: &random) ? nil : Int64.random(in: 0...200, using: &random)
      let last: AgentID? = Bool.random(using: &random) ? nil : staff[Int.random(in: 0..<12, using: &random)]
      let refused = Array(staff.prefix(Int.random(in: 0...3, using: &random)))
      tickets.append(
        ticket(
          UInt64(number), priority: Priority.allCases[Int.random(in: 0..<4, using: &random)],
          tier: CustomerTier.allCases[Int.random(in: 0..<3, using: &random)], skills: skills,
          weight: Int32.random(in: 1...3, using: &random), language: ["en", "zh-Hans", "und"][number % 3],
          waiting: Int64.random(in: 0...50, using: &random), due: due, refused: refused, last: last))
    }
    return tickets
  }

  private func anyAgents(using random: inout SeededGenerator) -> [AgentStatus] {
    var agents: [AgentStatus] = []
    for number in 0..<12 {
      let team: TeamID = number % 2 == 0 ? "orders" : "care"
      let languages: Set<String> = number % 3 == 0 ? ["en"] : ["zh", "en"]
      let skills: [SkillID: Int] = ["s": Int.random(in: 1...10, using: &random)]
      let capacity = Int32.random(in: 1...6, using: &random)
      let presence: Presence = Int.random(in: 0..<4, using: &random) == 0 ? .away : .available
      agents.append(
        agent(
          AgentID("agent-\(number)"), teams: [team], skills: skills, languages: languages, capacity: capacity,
          presence: presence, idle: Int64(number % 4)))
    }
    return agents
  }

  @Test(arguments: UInt64(1)...20)
  func theOrderAndMatchesIgnoreTheInputOrder(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let tickets = anyTickets(40, using: &random)
    let agents = anyAgents(using: &random)
    let served = matcher(teams: ["orders"], relaxation: [RelaxationStep(after: .seconds(70), easing: .teams(["care"]))])
    let order = tickets.inQueueOrder(headStarts: HeadStarts(), now: .at(100))
    let matches = served.picks(for: tickets, among: agents, now: .at(100))
    #expect(!matches.isEmpty)
    for _ in 0..<10 {
      let shuffled = tickets.shuffled(using: &random)
      #expect(shuffled.inQueueOrder(headStarts: HeadStarts(), now: .at(100)) == order)
      #expect(
        served.picks(for: shuffled, among: agents.shuffled(using: &random), now: .at(100)) == matches)
    }
  }

  @Test(arguments: UInt64(1)...20)
  func agentsAreNeverOverloadedOrAskedWhileAbsent(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var agents = anyAgents(using: &random)
    var waiting = anyTickets(60, using: &random)
    let served = matcher(relaxation: [RelaxationStep(after: .seconds(500), easing: .anySkill)])
    for round in 0..<30 {
      let now = Instant.at(Int64(100 + round * 20))
      let matches = served.picks(for: waiting, among: agents, now: now)
      #expect(Set(matches.map(\.agent)).count == matches.count, "an agent gets one offer in a round")
      #expect(Set(matches.map(\.ticket.id)).count == matches.count)
      for match in matches {
        let position = agents.firstIndex { $0.profile.id == match.agent } ?? 0
        let asked = agents[position]
        #expect(asked.presence == .available)
        #expect(asked.profile.speaks(match.ticket.language))
        let load = asked.load + match.ticket.weight
        #expect(load <= asked.profile.capacity)
        agents[position] = AgentStatus(
          profile: asked.profile, presence: asked.presence, load: load, idleSince: now)
        waiting.removeAll { $0.id == match.ticket.id }
      }
      let absent = Int.random(in: 0..<agents.count, using: &random)
      let other = agents[absent]
      agents[absent] = AgentStatus(
        profile: other.profile, presence: other.presence == .away ? .available : .away,
        load: Int32.random(in: 0...other.load, using: &random), idleSince: other.idleSince)
    }
  }

  @Test(arguments: UInt64(1)...20)
  func noAgentGetsALowerRankedTicketFirst(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let tickets = anyTickets(40, using: &random)
    let agents = anyAgents(using: &random)
    let matches = matcher().picks(for: tickets, among: agents, now: .at(100))
    let order = tickets.inQueueOrder(headStarts: HeadStarts(), now: .at(100)).map(\.id)
    #expect(matches.map(\.ticket.id) == order.filter { id in matches.contains { $0.ticket.id == id } })
    // A ticket left waiting could not have taken the agent of any ticket behind it.
    let matched = Set(matches.map(\.ticket.id))
    for (place, id) in order.enumerated() where !matched.contains(id) {
      guard let left = tickets.first(where: { $0.id == id }) else { continue }
      for match in matches where (order.firstIndex(of: match.ticket.id) ?? 0) > place {
        guard let got = agents.first(where: { $0.profile.id == match.agent }) else { continue }
        let couldTake =
          got.profile.masters(left.skills) && got.profile.speaks(left.language)
          && got.load + left.weight <= got.profile.capacity && !left.refusedBy.contains(match.agent)
        #expect(!couldTake)
      }
    }
  }
}
