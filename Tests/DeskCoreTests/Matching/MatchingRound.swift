@testable import DeskCore

/// One round of matching for one queue, as a router makes it: an engine is filled, and decides until nothing more is possible.
struct MatchingRound {
  let queue: QueuePolicy

  func picks(for tickets: [WaitingTicket], among agents: [AgentStatus], now: Instant) -> [MatchingEngine.Pick] {
    var desk = MatchingEngine(queues: [queue], headStarts: HeadStarts(), now: now)
    for agent in agents { desk.upsert(agent) }
    for ticket in tickets { desk.add(ticket, to: queue.id) }
    return desk.picks(limit: .max)
  }
}
