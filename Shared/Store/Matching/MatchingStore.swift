public import DeskCore
import PostgreSQL

/// An agent's frequently changing state.
public struct AgentRow: Sendable, Hashable {
  /// The agent.
  public let agent: AgentID
  /// The agent's presence.
  public let presence: Presence
  /// The weight of the agent's tickets and offers.
  public let load: Int32
  /// The agent's capacity.
  public let capacity: Int32
  /// Since when the agent has received nothing.
  public let idleSince: Instant
  /// When the agent's client was last seen.
  public let seenAt: Instant

  /// As a store has it.
  package init(agent: AgentID, presence: Presence, load: Int32, capacity: Int32, idleSince: Instant, seenAt: Instant) {
    self.agent = agent
    self.presence = presence
    self.load = load
    self.capacity = capacity
    self.idleSince = idleSince
    self.seenAt = seenAt
  }
}

/// Waiting tickets and the agents who could take them.
public struct MatchingStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
}

extension MatchingStore {
  /// Returns the first waiting tickets of a queue, in the order of `QueueRank`, followed by its most overdue ones, which may get
  /// their turn. Quarantined or unreadable ones are omitted, and those that greeted only and still wait for the concern.
  ///
  /// - Parameters:
  ///   - now: the time at which targets count as met or breached.
  ///   - headStarts: those of the policy in force. Nothing stored depends on them, so new ones apply to the next call.
  ///   - limit: how many of the first to return.
  public func waitingTickets(
    in queue: QueueID, at now: Instant, headStarts: HeadStarts, limit: Int
  ) async throws -> [WaitingTicket] {
    try await waitingTickets(in: [queue], at: now, headStarts: headStarts, limit: limit)[queue] ?? []
  }

  /// Returns how many tickets are waiting in each of the queues, counted up to `limits`.
  /// - Parameter timeout: from the call to the answer; nil uses the connection's.
  public func waitingCounts(upTo limits: [QueueID: Int], timeout: Duration? = nil) async throws -> [QueueID: Int] {
    guard !limits.isEmpty else { return [:] }
    let queues = limits.keys.sorted()
    let counts = try await pool.query(
      MatchingStore.waitingCount, [queues, queues.map { Int64(limits[$0] ?? 0) }], timeout: timeout)
    return Dictionary(counts, uniquingKeysWith: { first, _ in first })
  }

  /// Returns queues with waiting tickets.
  public func queuesWithWaiting() async throws -> [QueueID] {
    try await pool.query(MatchingStore.waitingQueues)
  }

  /// Returns all agents that ever had a presence.
  public func agentRows() async throws -> [AgentRow] {
    try await readable(MatchingStore.agents, of: "agent_state")
  }

  /// Returns agents who are available or in reserve, with or without capacity.
  public func presentAgents() async throws -> [AgentRow] {
    try await readable(MatchingStore.presentAgents, of: "agent_state")
  }

  /// Creates a row for each agent of a policy, updates capacities, and sets those that the policy no longer knows offline.
  public func adoptAgents(of policy: Policy) async throws {
    let agents = policy.agents.values.sorted { $0.id < $1.id }
    try await pool.execute(MatchingStore.adoptAgentRows, [agents.map(\.id), agents.map(\.capacity)])
  }

  /// Sets an agent's presence. Becoming available counts as idle from now.
  /// - Returns: false when the agent is unknown.
  public func setPresence(_ presence: Presence, of agent: AgentID) async throws -> Bool {
    try await !pool.query(MatchingStore.setPresence, [agent, presence]).isEmpty
  }

  /// Records that an agent's client was seen.
  public func touch(_ agents: [AgentID]) async throws {
    guard !agents.isEmpty else { return }
    var batch = PostgresBatch("touch_agents")
    batch.commitLocally()
    batch.add(MatchingStore.touchAgents, [agents])
    try await pool.transaction(batch)
  }

  /// Sets agents away whose client has not been seen for `silence`, and returns them.
  public func agentsGone(after silence: Duration) async throws -> [AgentID] {
    try await pool.query(MatchingStore.agentsGone, [silence.inSeconds])
  }

  /// Returns offline agents that still hold tickets.
  public func absentHolders(limit: Int) async throws -> [AgentID] {
    try await pool.query(MatchingStore.absentHolders, [Int64(limit)])
  }
}

extension MatchingStore {
  /// Whether a waiting ticket `t` may be offered: its customer has not only greeted. Nearly no ticket is held, and the first condition
  /// spares the others a call of the function, 2 µs each.
  static func isNotHeld(at now: String) -> String {
    "(t.conversation->>'held_until_us' IS NULL OR coalesce(desk.timestamp_from_us(t.conversation->>'held_until_us') <= \(now), true))"
  }

  /// The time stored in the index `ticket_waiting`.
  static let dueOrWaiting = "coalesce(\(nearestDue), waiting_since)"

  /// `ServiceLevelClocks.nearestDueAt` in SQL, exactly as in the index.
  private static let nearestDue = """
    coalesce(
      least(
        CASE WHEN first_met_at IS NULL AND first_paused_at IS NULL THEN first_due_at END,
        CASE WHEN clock_state->>'next_met_us' IS NULL AND clock_state->>'next_paused_us' IS NULL
             THEN to_timestamp((clock_state->>'next_due_us')::bigint / 1e6) END,
        CASE WHEN resolution_notified < 100 AND resolution_met_at IS NULL AND resolution_paused_at IS NULL THEN resolution_due_at END),
      CASE WHEN resolution_met_at IS NULL AND resolution_paused_at IS NULL THEN resolution_due_at END)
    """

  /// Selects the tickets of each class and tier that come first in their part of the order: `side` is whether those that can
  /// be in time, or the others. A part that is no longer needed is not read. Many may have the same deadline, such as Monday's
  /// first hour: of those the older ticket comes first, as in `QueueRank`, and the limit must not cut between them at random.
  private static func part(urgent: Bool, side: String, order: String, limit: String) -> String {
    """
    (SELECT t.* FROM kind k CROSS JOIN LATERAL (
       SELECT t.*, \(dueOrWaiting) AS due_or_waiting FROM desk.ticket t
        WHERE t.waiting_queue = $1 AND t.rank = k.rank AND \(dueOrWaiting) \(side) $2 AND t.id <> ALL($7)
          AND \(isNotHeld(at: "$2"))
        ORDER BY \(dueOrWaiting), t.id LIMIT \(limit)) t
      WHERE \(urgent ? "" : "NOT ")k.urgent ORDER BY \(order), t.id LIMIT \(limit))
    """
  }

  private static let parts = [
    part(urgent: true, side: ">", order: "t.due_or_waiting - k.head_start * interval '1 second'", limit: "$3"),
    part(urgent: true, side: "<=", order: "t.rank, t.due_or_waiting", limit: "$3"),
    part(urgent: false, side: ">", order: "t.due_or_waiting - k.head_start * interval '1 second'", limit: "$3"),
    part(urgent: false, side: "<=", order: "t.rank, t.due_or_waiting", limit: "$3"),
  ]

  private static let mostOverdue = part(
    urgent: false, side: "<=", order: "t.due_or_waiting", limit: "\(StoreBounds.overdueTicketsPerMatching)")

  static let waiting = PostgresStatement(
    "waiting_tickets",
    """
    WITH kind AS (SELECT * FROM unnest($4::smallint[], $5::double precision[], $6::boolean[]) AS k(rank, head_start, urgent))
    SELECT t.id, t.version, t.priority, t.tier, t.skills, t.weight, coalesce(t.language, 'und'),
           coalesce(t.waiting_since, t.opened_at), \(nearestDue),
           t.refused_by,
           t.last_agent, CASE WHEN t.last_agent IS NULL THEN t.previous_ticket END,
           CASE WHEN t.last_agent IS NULL THEN
             (SELECT i.last_ticket FROM desk.customer i WHERE i.person = c.person AND i.last_ticket IS NOT NULL
               ORDER BY i.last_ticket DESC LIMIT 1) END,
           CASE WHEN c.person IS NULL THEN c.dedicated_agent ELSE c.person_agent END,
           t.offer_pauses, t.channel, t.customer
      FROM ((SELECT * FROM (\(parts.joined(separator: " UNION ALL "))) AS first LIMIT $3)
            UNION ALL \(mostOverdue)) AS t
      LEFT JOIN LATERAL (
        SELECT c.person, c.dedicated_agent, c.person_agent FROM desk.customer c
         WHERE c.channel = t.channel AND c.external_id = t.customer LIMIT 1) c ON true
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
    let lastAgent = try row.next(AgentID?.self)
    let former = try [row.next(TicketID?.self), row.next(TicketID?.self)].compactMap(\.self)
    let dedicatedAgent = try row.next(AgentID?.self)
    let pauses = try TicketCodec.pauses(from: row.next())
    let channel = try row.next(ChannelID.self)
    let ticket = try WaitingTicket(
      id: id, version: version, priority: priority, tier: tier, skills: skills, weight: weight, language: language,
      waitingSince: since, dueAt: due, refusedBy: refused, lastAgent: lastAgent, dedicatedAgent: dedicatedAgent,
      pauses: pauses, customer: Correspondent(row.next(), on: channel))
    return (ticket: ticket, former: former)
  }

  private static let waitingCount = PostgresStatement(
    "waiting_counts",
    """
    SELECT q.queue, (SELECT count(*) FROM (SELECT FROM desk.ticket t WHERE t.waiting_queue = q.queue LIMIT q.most) AS w)
      FROM unnest($1::text[], $2::bigint[]) AS q(queue, most)
    """, planning: .once
  ) { row in
    try (row.next(QueueID.self), Int(row.next(Int64.self)))
  }

  static let waitingQueues = PostgresStatement<QueueID>(
    "waiting_queues", queuesWithWaiting(where: "waiting_queue IS NOT NULL"), planning: .once)

  /// Skips from one queue's name to the next along the index, so that a million waiting tickets cost no more than ten.
  static func queuesWithWaiting(where condition: String) -> String {
    """
    WITH RECURSIVE found(queue) AS (
      (SELECT waiting_queue FROM desk.ticket WHERE \(condition) ORDER BY waiting_queue LIMIT 1)
      UNION ALL
      SELECT (SELECT t.waiting_queue FROM desk.ticket t WHERE t.waiting_queue > found.queue
               ORDER BY t.waiting_queue LIMIT 1)
        FROM found WHERE found.queue IS NOT NULL
    )
    SELECT queue FROM found WHERE queue IS NOT NULL
    """
  }

  static let agentColumns = "agent, presence, load, capacity, idle_since, seen_at"

  static let readAgent: @Sendable (inout PostgresRowReader) throws -> AgentRow = { row in
    try AgentRow(
      agent: row.next(), presence: row.next(), load: row.next(), capacity: row.next(), idleSince: row.next(),
      seenAt: row.next())
  }

  private static let agents = PostgresStatement(
    "agent_rows", "SELECT \(agentColumns) FROM desk.agent_state ORDER BY agent", planning: .once, row: readAgent)

  private static let presentAgents = PostgresStatement(
    "present_agents",
    "SELECT \(agentColumns) FROM desk.agent_state WHERE presence IN ('available', 'reserve') ORDER BY agent",
    planning: .once,
    row: readAgent)

  private static let adoptAgentRows = PostgresStatement<Void>(
    "adopt_agents",
    """
    WITH wanted AS (SELECT * FROM unnest($1::text[], $2::integer[]) AS w(agent, capacity)),
    deleted AS (
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
}
