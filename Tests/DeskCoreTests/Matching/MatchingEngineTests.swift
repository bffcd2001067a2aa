import Testing

@testable import DeskCore

@Suite("Decisions on a changing desk")
struct MatchingEngineTests {
  private func plainMatches(
    _ tickets: [WaitingTicket], _ agents: [AgentStatus], _ queue: QueuePolicy, now: Instant
  ) -> [String] {
    var asked: Set<AgentID> = []
    var matches: [String] = []
    var waiting = tickets.inQueueOrder(headStarts: HeadStarts(), now: now)
    var turn = 0
    while true {
      func choice(_ ticket: WaitingTicket) -> AgentID? {
        PlainMatching.choice(for: ticket, among: agents, asked: asked, queue, now)
      }
      guard let first = waiting.first(where: { choice($0) != nil }) else { return matches }
      var taken = first
      let place = QueueRank(first, headStarts: HeadStarts(), now: now)
      if place.band == .inTime || place.band == .late {
        turn += 1
        if turn >= queue.overdueTurn {
          let late = waiting.filter { QueueRank($0, headStarts: HeadStarts(), now: now).band == .late }
          func since(_ ticket: WaitingTicket) -> Instant {
            QueueRank(ticket, headStarts: HeadStarts(), now: now).countsAsDueAt
          }
          let overdue = late.sorted { (since($0), $0.id) < (since($1), $1.id) }.first { choice($0) != nil }
          taken = overdue ?? first
          turn = 0
        }
      }
      guard let agent = choice(taken) else { return matches }
      matches.append("\(taken.id.low)→\(agent)")
      asked.insert(agent)
      waiting.removeAll { $0.id == taken.id }
    }
  }

  @Test(arguments: UInt64(1)...60)
  func theEngineMatchesTheReferenceImplementation(_ seed: UInt64) {
    var traffic = DeskTraffic(seed: seed)
    let agents = traffic.agents()
    let tickets = traffic.tickets(40)
    let now = Instant.at(Int64.random(in: 0...300, using: &traffic.random))
    let matches = MatchingRound(queue: DeskTraffic.queue).picks(for: tickets, among: agents, now: now)
    #expect(
      matches.map { "\($0.ticket.id.low)→\($0.agent)" } == plainMatches(tickets, agents, DeskTraffic.queue, now: now))
  }

  @Test(arguments: UInt64(1)...60)
  func freedCapacityFollowsTheQueueOrder(_ seed: UInt64) {
    var traffic = DeskTraffic(seed: seed)
    let agents = traffic.agents()
    let tickets = traffic.tickets(40)
    let now = Instant.at(220)
    var desk = MatchingEngine(queues: [DeskTraffic.queue], headStarts: HeadStarts(), now: now)
    for agent in agents { desk.upsert(agent) }
    for ticket in tickets { desk.add(ticket, to: "q") }
    var left = tickets
    var asked: Set<AgentID> = []
    while let pick = desk.next() {
      let got = agents.first { $0.profile.id == pick.agent }
      #expect(got?.presence == .available || got?.presence == .reserve, "never an absent agent")
      #expect(
        got.map { PlainMatching.mayTake(pick.ticket, $0.profile, load: $0.load) } == true,
        "never more than the capacity")
      if !pick.isOverdueTurn {
        for other in left where QueueRank(other, headStarts: HeadStarts(), now: now) < pick.place {
          #expect(
            PlainMatching.choice(for: other, among: agents, asked: asked, DeskTraffic.queue, now) == nil,
            "\(other.id.low) was overtaken by \(pick.ticket.id.low)")
        }
      }
      asked.insert(pick.agent)
      left.removeAll { $0.id == pick.ticket.id }
    }
  }

  @Test func aRoundStopsAtItsLimit() {
    func picks(limit: Int) -> [UInt64] {
      var desk = MatchingEngine(queues: [DeskTraffic.queue], headStarts: HeadStarts(), now: .at(1))
      for number in 0..<5 {
        let profile = AgentProfile(
          id: AgentID("a-\(number)"), teams: ["orders"], skills: [:], languages: [], capacity: 1)
        desk.upsert(AgentStatus(profile: profile, presence: .available, load: 0, idleSince: .at(0)))
      }
      for number in 0..<9 {
        desk.add(
          WaitingTicket(
            id: .number(UInt64(number)), version: 2, priority: .normal, tier: .standard, skills: [], weight: 1,
            language: "und", waitingSince: .at(0), dueAt: .at(Int64(900 + number)), refusedBy: [], lastAgent: nil),
          to: "q")
      }
      return desk.picks(limit: limit).map(\.ticket.id.low)
    }
    #expect(picks(limit: .max) == [0, 1, 2, 3, 4], "one offer for each agent")
    #expect(picks(limit: 5) == [0, 1, 2, 3, 4])
    #expect(picks(limit: 2) == [0, 1])
    #expect(picks(limit: 0) == [])
    #expect(picks(limit: -1) == [])
  }

  @Test func everyThirdTurnGoesToTheMostOverdue() throws {
    let queue = QueuePolicy(
      id: "q", teams: [], skills: [], offerTime: .seconds(30), relaxation: [], overdueTurn: 3)
    func ticket(_ number: UInt64, due: Int64) -> WaitingTicket {
      WaitingTicket(
        id: .number(number), version: 2, priority: .normal, tier: .standard, skills: [], weight: 1, language: "und",
        waitingSince: .at(0), dueAt: .at(due), refusedBy: [], lastAgent: nil)
    }
    var turns: [QueueID: Int] = [:]
    var order: [UInt64] = []
    var waiting = [ticket(1, due: 50), ticket(2, due: 40)] + (3...9).map { ticket($0, due: 900 + Int64($0)) }
    while !waiting.isEmpty {
      var desk = MatchingEngine(queues: [queue], headStarts: HeadStarts(), turns: turns, now: .at(100))
      let profile = AgentProfile(id: "ann", teams: [], skills: [:], languages: [], capacity: 1)
      desk.upsert(AgentStatus(profile: profile, presence: .available, load: 0, idleSince: .at(0)))
      for ticket in waiting { desk.add(ticket, to: "q") }
      let next = desk.next()
      let pick = try #require(next)
      turns = desk.turns
      order.append(pick.ticket.id.low)
      waiting.removeAll { $0.id == pick.ticket.id }
    }
    #expect(order == [3, 4, 2, 5, 6, 1, 7, 8, 9])
  }

  @Test(arguments: UInt64(1)...20)
  func callsAreExclusiveAndCapacityIsNeverExceeded(_ seed: UInt64) {
    var traffic = DeskTraffic(seed: seed)
    var desk = MatchingEngine(queues: [DeskTraffic.queue], headStarts: HeadStarts(), now: .at(200))
    var hands: [AgentID: [WaitingTicket]] = [:]
    var profiles: [AgentID: AgentProfile] = [:]
    for agent in traffic.agents() {
      profiles[agent.profile.id] = agent.profile
      desk.upsert(AgentStatus(profile: agent.profile, presence: agent.presence, load: 0, idleSince: agent.idleSince))
    }
    for ticket in traffic.tickets(60) { desk.add(ticket, to: "q") }
    var calls = 0
    while let pick = desk.next(), let profile = profiles[pick.agent] {
      // Some of an agent's tickets end before another is given.
      if traffic.chance(30), !hands[pick.agent, default: []].isEmpty { hands[pick.agent]?.removeLast() }
      hands[pick.agent, default: []].append(pick.ticket)
      let held = hands[pick.agent, default: []]
      let isWhole = held.contains { $0.weight == TicketWeight.whole }
      calls += isWhole ? 1 : 0
      #expect(isWhole ? held.count == 1 : held.map(\.weight).reduce(0, +) <= profile.capacity, "\(pick.agent): \(held)")
      desk.upsert(
        AgentStatus(
          profile: profile, presence: .available, load: held.map(\.weight).reduce(0, +), idleSince: .at(200)))
    }
    #expect(calls > 0)
  }

  @Test func callsGoOnlyToIdleAgents() {
    func asked(for weight: Int32, load: Int32, capacity: Int32) -> Bool {
      var desk = MatchingEngine(queues: [DeskTraffic.queue], headStarts: HeadStarts(), now: .at(1))
      let profile = AgentProfile(id: "ann", teams: ["orders"], skills: [:], languages: [], capacity: capacity)
      desk.upsert(AgentStatus(profile: profile, presence: .available, load: load, idleSince: .at(0)))
      desk.add(
        WaitingTicket(
          id: .number(1), version: 2, priority: .normal, tier: .standard, skills: [], weight: weight, language: "und",
          waitingSince: .at(0), dueAt: nil, refusedBy: [], lastAgent: nil), to: "q")
      return desk.next() != nil
    }
    for capacity in [1, 5, 1_000] as [Int32] {
      #expect(asked(for: TicketWeight.whole, load: 0, capacity: capacity))
      #expect(!asked(for: TicketWeight.whole, load: 1, capacity: capacity))
      #expect(!asked(for: 1, load: TicketWeight.whole, capacity: capacity))
    }
  }

  @Test func aTicketWaitsBrieflyForItsDedicatedAgent() {
    let ticket = WaitingTicket(
      id: .number(1), version: 2, priority: .normal, tier: .standard, skills: [], weight: 1, language: "und",
      waitingSince: .at(0), dueAt: nil, refusedBy: [], lastAgent: nil, dedicatedAgent: "own")
    func asked(own: Presence, load: Int32, at second: Int64) -> AgentID? {
      var desk = MatchingEngine(queues: [DeskTraffic.queue], headStarts: HeadStarts(), now: .at(second))
      let away = AgentProfile(id: "own", teams: ["care"], skills: [:], languages: [], capacity: 1)
      let other = AgentProfile(id: "other", teams: ["orders"], skills: [:], languages: [], capacity: 1)
      desk.upsert(AgentStatus(profile: away, presence: own, load: load, idleSince: .at(0)))
      desk.upsert(AgentStatus(profile: other, presence: .available, load: 0, idleSince: .at(0)))
      desk.add(ticket, to: "q")
      return desk.next()?.agent
    }
    #expect(asked(own: .available, load: 0, at: 1) == "own", "whatever the teams of the queue are")
    #expect(asked(own: .available, load: 1, at: 79) == nil)
    #expect(asked(own: .available, load: 1, at: 80) == "other")
    #expect(asked(own: .away, load: 0, at: 1) == "other")
  }

  @Test func workGrowsWithKindsNotWithTicketsOrAgents() {
    func steps(agents: Int, tickets: Int) -> Int {
      var traffic = DeskTraffic(seed: 9)
      var desk = MatchingEngine(queues: [DeskTraffic.queue], headStarts: HeadStarts(), now: .at(100))
      for number in 0..<agents {
        let profile = AgentProfile(
          id: AgentID("a-\(number)"), teams: ["orders"], skills: ["s": number % 10 + 1], languages: [], capacity: 5)
        desk.upsert(AgentStatus(profile: profile, presence: .available, load: 0, idleSince: .at(0)))
      }
      for number in 0..<tickets {
        let any = traffic.ticket(UInt64(number))
        desk.add(
          WaitingTicket(
            id: any.id, version: 2, priority: any.priority, tier: any.tier, skills: any.skills, weight: 1,
            language: any.language, waitingSince: any.waitingSince, dueAt: any.dueAt, refusedBy: [], lastAgent: nil),
          to: "q")
      }
      _ = desk.next()
      let before = desk.steps
      for _ in 0..<10 { _ = desk.next() }
      return (desk.steps - before) / 10
    }
    let few = steps(agents: 100, tickets: 2_000)
    let many = steps(agents: 3_000, tickets: 20_000)
    #expect(many <= few + 20, "\(few) steps became \(many)")
  }
}
