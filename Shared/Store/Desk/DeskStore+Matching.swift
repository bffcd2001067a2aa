public import DeskCore
import PostgreSQL

/// A ticket whose offer has run out.
public struct ExpiredOffer: Sendable, Hashable {
  /// The ticket.
  public let ticket: TicketID
  /// The offer.
  public let offer: OfferID
}

/// An agent's row: what changes from minute to minute.
public struct AgentRow: Sendable, Hashable {
  /// The agent.
  public let agent: AgentID
  /// Whether the agent is at the desk.
  public let presence: Presence
  /// The weight of what the agent has and is asked for.
  public let load: Int32
  /// How much the agent may carry.
  public let capacity: Int32
  /// Since when the agent has not been given anything.
  public let idleSince: Instant
  /// When the agent's client was last heard of.
  public let seenAt: Instant
}

extension DeskStore {
  /// The tickets that wait in a queue, in the order that the index keeps: priority, tier, age.
  public func waitingTickets(in queue: QueueID, limit: Int) async throws -> [WaitingTicket] {
    try await pool.query(DeskStore.waiting, [queue, Int64(limit)])
  }

  /// Queues in which something waits.
  public func queuesWithWaiting() async throws -> [QueueID] {
    try await pool.query(DeskStore.waitingQueues)
  }

  /// Everybody who ever had a presence.
  public func agentRows() async throws -> [AgentRow] {
    try await pool.query(DeskStore.agents)
  }

  /// Agents who are available and have room.
  public func freeAgents() async throws -> [AgentRow] {
    try await pool.query(DeskStore.freeAgents)
  }

  /// Makes a row for each agent of a policy, takes over capacities, and sends home those that the policy no longer knows.
  public func adoptAgents(of policy: Policy) async throws {
    let agents = policy.agents.values.sorted { $0.id < $1.id }
    try await pool.execute(DeskStore.adoptAgentRows, [agents.map(\.id), agents.map(\.capacity)])
  }

  /// Sets whether an agent is at the desk. Becoming available counts as idle from now.
  /// - Returns: false when the agent is unknown.
  public func setPresence(_ presence: Presence, of agent: AgentID) async throws -> Bool {
    try await !pool.query(DeskStore.setPresence, [agent, presence]).isEmpty
  }

  /// Notes that an agent's client was heard of.
  public func touch(_ agents: [AgentID]) async throws {
    guard !agents.isEmpty else { return }
    try await pool.execute(DeskStore.touchAgents, [agents])
  }

  /// Sends agents away whose client has not been heard of for `silence`, and says who they are.
  public func agentsGone(after silence: Duration) async throws -> [AgentID] {
    try await pool.query(DeskStore.agentsGone, [silence.inSeconds])
  }

  /// Agents who are offline and still hold something.
  public func absentHolders(limit: Int) async throws -> [AgentID] {
    try await pool.query(DeskStore.absentHolders, [Int64(limit)])
  }

  /// The tickets that an agent has or is asked for.
  public func tickets(heldBy agent: AgentID) async throws -> [Ticket] {
    try await pool.query(DeskStore.held, [agent])
  }

  /// The tickets that are offered to any of these agents.
  public func ticketsOffered(to agents: [AgentID]) async throws -> [Ticket] {
    guard !agents.isEmpty else { return [] }
    return try await pool.query(DeskStore.offeredTo, [agents])
  }

  /// The ticket under which an offer is open.
  public func ticket(offeredAs offer: OfferID, to agent: AgentID) async throws -> Ticket? {
    try await pool.query(DeskStore.offeredAs, [agent, offer]).first
  }

  /// Offers that have run out by the database's clock, longest ago first.
  public func expiredOffers(limit: Int) async throws -> [ExpiredOffer] {
    try await pool.query(DeskStore.expired, [Int64(limit)])
  }
}

extension DeskStore {
  private static let waiting = PostgresStatement(
    "waiting_tickets",
    """
    SELECT t.id, t.version, t.priority, t.tier, t.skills, t.weight, coalesce(t.language, 'und'),
           coalesce(t.waiting_since, t.opened_at), CASE WHEN t.first_met_at IS NULL THEN t.first_due_at END,
           t.refused_by, t.last_agent
      FROM desk.ticket t WHERE t.waiting_queue = $1 ORDER BY t.rank, t.waiting_since LIMIT $2
    """, planning: .once
  ) { row in
    let id = try row.next(TicketID.self)
    let version = try row.next(Int32.self)
    guard let priority = try Priority(rawValue: Int(row.next(Int16.self))) else {
      throw StoreError.unreadable("priority")
    }
    let tier = try row.next(CustomerTier.self)
    let skills = try TicketCodec.skills(from: row.next(String.self))
    let weight = try row.next(Int32.self)
    let language = try row.next(String.self)
    let since = try row.next(Instant.self)
    let due = try row.next(Instant?.self)
    let refused = try TicketCodec.agents(from: row.next(String.self))
    return try WaitingTicket(
      id: id, version: version, priority: priority, tier: tier, skills: skills, weight: weight, language: language,
      waitingSince: since, dueAt: due, refusedBy: refused, lastAgent: row.next())
  }

  /// A walk from one queue's name to the next along the index, so that a million waiting tickets cost no more than ten.
  private static let waitingQueues = PostgresStatement<QueueID>(
    "waiting_queues",
    """
    WITH RECURSIVE found(queue) AS (
      (SELECT waiting_queue FROM desk.ticket WHERE waiting_queue IS NOT NULL ORDER BY waiting_queue LIMIT 1)
      UNION ALL
      SELECT (SELECT t.waiting_queue FROM desk.ticket t WHERE t.waiting_queue > found.queue
               ORDER BY t.waiting_queue LIMIT 1)
        FROM found WHERE found.queue IS NOT NULL
    )
    SELECT queue FROM found WHERE queue IS NOT NULL
    """, planning: .once)

  private static let agentColumns = "agent, presence, load, capacity, idle_since, seen_at"

  private static let readAgent: @Sendable (inout PostgresRowReader) throws -> AgentRow = { row in
    try AgentRow(
      agent: row.next(), presence: row.next(), load: row.next(), capacity: row.next(), idleSince: row.next(),
      seenAt: row.next())
  }

  private static let agents = PostgresStatement(
    "agent_rows", "SELECT \(agentColumns) FROM desk.agent_state ORDER BY agent", planning: .once, row: readAgent)

  private static let freeAgents = PostgresStatement(
    "free_agents",
    "SELECT \(agentColumns) FROM desk.agent_state WHERE presence = 'available' AND load < capacity ORDER BY agent",
    planning: .once,
    row: readAgent)

  private static let adoptAgentRows = PostgresStatement<Void>(
    "adopt_agents",
    """
    WITH wanted AS (SELECT * FROM unnest($1::text[], $2::integer[]) AS w(agent, capacity)),
    gone AS (
      UPDATE desk.agent_state a SET presence = 'offline', capacity = 0
       WHERE a.agent NOT IN (SELECT agent FROM wanted) AND a.capacity > 0)
    INSERT INTO desk.agent_state (agent, capacity) SELECT agent, capacity FROM wanted ORDER BY agent
    ON CONFLICT (agent) DO UPDATE SET capacity = excluded.capacity
     WHERE desk.agent_state.capacity <> excluded.capacity
    """)

  private static let setPresence = PostgresStatement<AgentID>(
    "set_presence",
    """
    UPDATE desk.agent_state
       SET presence = $2, seen_at = clock_timestamp(), presence_at = clock_timestamp(),
           idle_since = CASE WHEN $2 = 'available' AND presence <> 'available' THEN clock_timestamp() ELSE idle_since END
     WHERE agent = $1 RETURNING agent
    """, planning: .once)

  private static let touchAgents = PostgresStatement<Void>(
    "touch_agents", "UPDATE desk.agent_state SET seen_at = clock_timestamp() WHERE agent = ANY($1::text[])",
    planning: .once)

  private static let agentsGone = PostgresStatement<AgentID>(
    "agents_gone",
    """
    UPDATE desk.agent_state SET presence = 'offline', presence_at = clock_timestamp()
     WHERE presence <> 'offline' AND seen_at < clock_timestamp() - make_interval(secs => $1) RETURNING agent
    """, planning: .once)

  private static let absentHolders = PostgresStatement<AgentID>(
    "absent_holders",
    "SELECT agent FROM desk.agent_state WHERE presence = 'offline' AND load > 0 ORDER BY agent LIMIT $1",
    planning: .once)

  private static let held = PostgresStatement(
    "held_tickets", "SELECT \(TicketCodec.columns) FROM desk.ticket t WHERE t.holder = $1 ORDER BY t.id",
    planning: .once,
    row: TicketCodec.readTicket)

  private static let offeredTo = PostgresStatement(
    "offered_to",
    "SELECT \(TicketCodec.columns) FROM desk.ticket t WHERE t.holder = ANY($1::text[]) AND t.offer_id IS NOT NULL ORDER BY t.id",
    planning: .once,
    row: TicketCodec.readTicket)

  private static let offeredAs = PostgresStatement(
    "offered_as",
    "SELECT \(TicketCodec.columns) FROM desk.ticket t WHERE t.holder = $1 AND t.offer_id = $2", planning: .once,
    row: TicketCodec.readTicket)

  private static let expired = PostgresStatement(
    "expired_offers",
    """
    SELECT id, offer_id FROM desk.ticket WHERE offer_expires_at <= clock_timestamp() ORDER BY offer_expires_at LIMIT $1
    """, planning: .once
  ) { row in
    try ExpiredOffer(ticket: row.next(), offer: row.next())
  }
}
