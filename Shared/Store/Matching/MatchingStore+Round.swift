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
    var waiting: [QueueID: [WaitingTicket]] = [:]
    for (queue, position) in zip(queues, positions) {
      // The most overdue ones may be among the first.
      var seen: Set<TicketID> = []
      waiting[queue] = try readable(among: results.rows(position)) { .ticket($0) }
        .filter { seen.insert($0.id).inserted }.inQueueOrder(headStarts: headStarts, now: now)
    }
    return waiting
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
