import Testing

@testable import DeskCore

/// An engine that is kept from round to round decides what a new one decides that is filled with the same tickets and agents.
@Suite("A matching engine that is kept")
struct KeptEngineTests {
  private struct Desk {
    var traffic: DeskTraffic
    var tickets: [TicketID: WaitingTicket] = [:]
    var agents: [AgentID: AgentStatus] = [:]
    var turns: [QueueID: Int] = [:]
    var arrived: UInt64 = 0
  }

  @Test(
    "It makes the picks of a new engine, over random arrivals, departures, changes of agents and passing time",
    arguments: 1...12)
  func equalsFresh(seed: Int) {
    let queue = DeskTraffic.queue
    var desk = Desk(traffic: DeskTraffic(seed: UInt64(seed)))
    var kept = MatchingEngine(queues: [queue], headStarts: HeadStarts(), now: .at(0), isKept: true)
    var picked = 0
    for round in 0..<60 {
      let now = Instant.at(Int64(round) * 7)
      kept.advance(to: now)
      for _ in 0..<Int.random(in: 0...4, using: &desk.traffic.random) {
        desk.arrived += 1
        let ticket = desk.traffic.ticket(desk.arrived)
        desk.tickets[ticket.id] = ticket
        kept.add(ticket, to: queue.id)
      }
      if desk.traffic.chance(20), let gone = desk.tickets.keys.min() {
        desk.tickets[gone] = nil
        kept.remove(gone)
      }
      for agent in desk.traffic.agents() where desk.traffic.chance(30) || round == 0 {
        desk.agents[agent.profile.id] = agent
        kept.upsert(agent)
      }
      var fresh = MatchingEngine(queues: [queue], headStarts: HeadStarts(), turns: desk.turns, now: now)
      for agent in desk.agents.values { fresh.upsert(agent) }
      for ticket in desk.tickets.values { fresh.add(ticket, to: queue.id) }
      #expect(kept.waiting(in: queue.id) == desk.tickets.count)
      if let some = desk.tickets.keys.max() { #expect(kept.position(of: some) == fresh.position(of: some)) }
      let expected = fresh.picks(limit: .max)
      var found: [MatchingEngine.Match] = []
      while let match = kept.nextMatch() { found.append(match) }
      #expect(found.map(\.ticket.id) == expected.map(\.ticket.id))
      #expect(found.map(\.agent) == expected.map(\.agent))
      #expect(found.map(\.isOverdueTurn) == expected.map(\.isOverdueTurn))
      #expect(found.map(\.place) == expected.map(\.place))
      #expect(!kept.mayMatch)
      desk.turns = fresh.turns
      picked += found.count
      for match in found {
        desk.tickets[match.ticket.id] = nil
        guard let agent = desk.agents[match.agent] else { continue }
        let busier = AgentStatus(
          profile: agent.profile, presence: agent.presence, load: agent.load + match.ticket.weight, idleSince: now)
        desk.agents[match.agent] = busier
        kept.upsert(busier)
      }
    }
    #expect(picked > 20)
  }
}
