public import DeskCore
import PostgreSQL

/// What a round of offers reads. Each is one round trip: a busy desk has many rounds, and a waiting ticket waits for all of one.
extension MatchingStore {
  /// Returns the queues with waiting tickets, and the agents who are available or in reserve, with or without capacity. Neither if no agent
  /// has capacity, and no agents if nothing waits: of many agents who are all busy, or all idle, none is read.
  public func situation() async throws -> (queues: [QueueID], agents: [AgentRow]) {
    var batch = PostgresBatch("matching_situation")
    let queues = batch.add(MatchingStore.offerableQueues)
    let agents = batch.add(MatchingStore.matchableAgents)
    let results = try await pool.transaction(batch)
    return try (
      results.rows(queues),
      readable(among: results.rows(agents)) { .other(table: "agent_state", key: $0) }
    )
  }

  /// Returns the first waiting tickets of some queues; see `waitingTickets(in:at:headStarts:limit:)` for one.
  public func waitingTickets(
    in queues: [QueueID], at now: Instant, headStarts: HeadStarts, limit: Int
  ) async throws -> [QueueID: [WaitingTicket]] {
    let kinds = Priority.allCases.flatMap { priority in CustomerTier.allCases.map { (priority: priority, tier: $0) } }
    let statement = MatchingStore.waiting.rowByRow(keyedBy: TicketID.self)
    var batch = PostgresBatch("waiting_tickets_of_queues")
    let positions = queues.map { queue in
      batch.add(
        statement,
        [
          queue, now, Int64(limit), kinds.map { Ticket.rank($0.priority, $0.tier) },
          kinds.map { headStarts.start(of: $0.priority, $0.tier).inSeconds }, kinds.map { $0.priority == .urgent },
          setAside.tickets,
        ])
    }
    guard !batch.isEmpty else { return [:] }
    let results = try await pool.transaction(batch)
    let rows = try positions.map { try readable(among: results.rows($0)) { .ticket($0) } }
    let agents = try await lastAgents(of: Set(rows.joined().flatMap(\.former)))
    var waiting: [QueueID: [WaitingTicket]] = [:]
    for (queue, rows) in zip(queues, rows) {
      // The most overdue ones may be among the first.
      var seen: Set<TicketID> = []
      waiting[queue] = rows.filter { seen.insert($0.ticket.id).inserted }.map { ticket, former in
        var ticket = ticket
        if let agent = former.lazy.compactMap({ agents[$0] }).first { ticket.lastAgent = agent }
        return ticket
      }.inQueueOrder(headStarts: headStarts, now: now)
    }
    return waiting
  }

  /// Returns who had these ended tickets last.
  private func lastAgents(of tickets: Set<TicketID>) async throws -> [TicketID: AgentID] {
    guard !tickets.isEmpty else { return [:] }
    var batch = PostgresBatch("last_agents")
    // Customers return after any time: a statement for each day of their tickets opens only these.
    let positions = IdentifierSpan.days(of: tickets).map { day in
      batch.add(MatchingStore.lastAgents, [day.ids, day.span.first, day.span.last])
    }
    let results = try await pool.transaction(batch)
    return Dictionary(
      try positions.flatMap { try results.rows($0) }, uniquingKeysWith: { first, _ in first })
  }

  private static let lastAgents = PostgresStatement(
    "last_agents",
    """
    SELECT c.id, c.ticket->>'last_agent' FROM desk.closed_ticket c
     WHERE c.id = ANY($1) AND c.id >= $2 AND c.id <= $3 AND c.ticket->>'last_agent' IS NOT NULL
    """, planning: .once
  ) { row in
    (try row.next(TicketID.self), try row.next(AgentID.self))
  }

  private static let anyAgentHasRoom = """
    (SELECT EXISTS (SELECT FROM desk.agent_state WHERE presence IN ('available', 'reserve') AND load < capacity))
    """

  /// While all agents are busy, a round looks at no queue: that is when most messages wait, and each of them causes rounds.
  private static let offerableQueues = PostgresStatement<QueueID>(
    "offerable_queues", queuesWithWaiting(where: "waiting_queue IS NOT NULL AND \(anyAgentHasRoom)"), planning: .once)

  private static let matchableAgents = PostgresStatement(
    "matchable_agents",
    """
    SELECT \(agentColumns) FROM desk.agent_state
     WHERE presence IN ('available', 'reserve')
       AND \(anyAgentHasRoom)
       AND (SELECT EXISTS (SELECT FROM desk.ticket WHERE waiting_queue IS NOT NULL))
     ORDER BY agent
    """, planning: .once, row: readAgent
  ).rowByRow(keyedBy: String.self)
}
