/// A ticket and the agent to ask for it, and why.
public struct Match: Hashable, Sendable {
  /// The ticket.
  public let ticket: WaitingTicket
  /// The agent.
  public let agent: AgentID
  /// What was known and what decided, as the timeline keeps it.
  public let detail: Detail
}

/// Puts the tickets of one queue before agents: the most pressing ticket first, each to the agent who fits best.
///
/// Nobody is given more than the capacity, an agent is asked for at most one ticket in a round, and a ticket that nobody can take
/// now does not hold up those behind it.
public struct OfferMatcher: Sendable {
  /// The queue that is served.
  public let queue: QueuePolicy

  /// Serves a queue.
  public init(queue: QueuePolicy) {
    self.queue = queue
  }

  /// The tickets in the order in which they are served; see `QueuePlace`.
  public static func ordered(_ tickets: [WaitingTicket], now: Instant) -> [WaitingTicket] {
    tickets.map { (place: QueuePlace($0, now: now), ticket: $0) }.sorted { $0.place < $1.place }.map(\.ticket)
  }

  /// One round of matching.
  ///
  /// - Parameters:
  ///   - tickets: what waits in the queue, in any order.
  ///   - agents: everybody who serves the desk.
  ///   - now: the moment of the decision.
  /// - Returns: the matches, most pressing ticket first.
  public func matches(for tickets: [WaitingTicket], among agents: [AgentStatus], now: Instant) -> [Match] {
    var desk = MatchingDesk(queues: [queue], now: now)
    for agent in agents { desk.seat(agent) }
    for ticket in tickets { desk.add(ticket, to: queue.id) }
    var matches: [Match] = []
    while let pick = desk.next() {
      matches.append(Match(ticket: pick.ticket, agent: pick.agent, detail: pick.record.detail))
    }
    return matches
  }
}
