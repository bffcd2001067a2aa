/// A ticket, the agent to offer it to, and why.
public struct Match: Hashable, Sendable {
  /// The ticket.
  public let ticket: WaitingTicket
  /// The agent.
  public let agent: AgentID
  /// The inputs and the reason, as the timeline keeps them.
  public let detail: JSONValue
}

/// Offers the tickets of one queue to agents: the most pressing ticket first, each to the best matching agent.
///
/// No agent is given more than their capacity, an agent is offered at most one ticket in a round, and a ticket that no agent can take now
/// does not hold up those behind it.
public struct OfferMatcher: Sendable {
  /// The queue that is served.
  public let queue: QueuePolicy

  /// Creates a matcher for a queue.
  public init(queue: QueuePolicy) {
    self.queue = queue
  }

  /// The tickets in the order in which they are served; see `QueueRank`.
  public static func ordered(_ tickets: [WaitingTicket], now: Instant) -> [WaitingTicket] {
    tickets.map { (place: QueueRank($0, now: now), ticket: $0) }.sorted { $0.place < $1.place }.map(\.ticket)
  }

  /// One round of matching.
  ///
  /// - Parameters:
  ///   - tickets: the waiting tickets of the queue, in any order.
  ///   - agents: all agents.
  ///   - now: the time of the decision.
  /// - Returns: the matches, most pressing ticket first.
  public func matches(for tickets: [WaitingTicket], among agents: [AgentStatus], now: Instant) -> [Match] {
    var desk = MatchingEngine(queues: [queue], now: now)
    for agent in agents { desk.upsert(agent) }
    for ticket in tickets { desk.add(ticket, to: queue.id) }
    var matches: [Match] = []
    while let pick = desk.next() {
      matches.append(Match(ticket: pick.ticket, agent: pick.agent, detail: pick.record.detail))
    }
    return matches
  }
}
