public import DeskCore
import PostgreSQL

/// The desk's record of a customer.
public struct CustomerRecord: Sendable, Hashable {
  /// The channel.
  public let channel: ChannelID
  /// The channel's id of the customer.
  public let customer: String
  /// The tier.
  public let tier: CustomerTier
  /// The agent who serves the customer whenever possible.
  public let dedicatedAgent: AgentID?
  /// The last ended ticket.
  public let lastTicket: TicketID?
}

/// A link to another ticket.
public struct LinkedTicket: Sendable, Hashable {
  /// The other ticket.
  public let ticket: TicketID
  /// `follows`, `continues`, `continued_by`, `related`, `merged_into` or `absorbed`.
  public let kind: String

  /// Creates a link.
  public init(ticket: TicketID, kind: String) {
    self.ticket = ticket
    self.kind = kind
  }
}

extension DeskStore {
  /// Returns a customer's record; it has default values until something is set or a ticket has ended.
  public func customer(_ customer: String, of channel: ChannelID) async throws -> CustomerRecord {
    try await pool.query(DeskStore.readCustomer, [channel, customer]).first
      ?? CustomerRecord(channel: channel, customer: customer, tier: .standard, dedicatedAgent: nil, lastTicket: nil)
  }

  /// Sets a customer's tier and dedicated agent. They apply to tickets opened from now on.
  public func setCustomer(
    _ customer: String, of channel: ChannelID, tier: CustomerTier, dedicatedAgent: AgentID?
  ) async throws {
    try await pool.execute(DeskStore.writeCustomer, [channel, customer, tier, dedicatedAgent])
  }

  /// Returns the linked tickets of a ticket.
  public func links(of ticket: TicketID) async throws -> [LinkedTicket] {
    try await pool.query(DeskStore.readLinks, [ticket])
  }

  /// Returns tickets whose agents' replies are overdue beyond their queue's limit, longest first, without those that are
  /// quarantined or unreadable.
  public func ticketsAwaitingReply(longerThan times: [QueueID: Duration], limit: Int) async throws -> [Ticket] {
    let queues = times.keys.sorted()
    return try await readable(
      DeskStore.owing, [queues, queues.map { times[$0]?.inSeconds ?? 0 }, Int64(limit), setAside.tickets])
  }

  /// Records why an agent is away and until when; the presence itself is set separately.
  public func setBreak(of agent: AgentID, reason: String?, until: Instant?) async throws {
    try await pool.execute(DeskStore.writeBreak, [agent, reason, until])
  }

  /// Returns the agents' current breaks.
  public func breaks() async throws -> [AgentID: AgentBreak] {
    Dictionary(try await pool.query(DeskStore.readBreaks), uniquingKeysWith: { first, _ in first })
  }

  private static let readCustomer = PostgresStatement(
    "read_customer",
    "SELECT channel, external_id, tier, dedicated_agent, last_ticket FROM desk.customer WHERE channel = $1 AND external_id = $2"
  ) { row in
    try CustomerRecord(
      channel: row.next(), customer: row.next(), tier: row.next(), dedicatedAgent: row.next(), lastTicket: row.next())
  }

  private static let writeCustomer = PostgresStatement<Void>(
    "write_customer",
    """
    INSERT INTO desk.customer (channel, external_id, tier, dedicated_agent) VALUES ($1, $2, $3, $4)
    ON CONFLICT (channel, external_id) DO UPDATE SET tier = excluded.tier, dedicated_agent = excluded.dedicated_agent,
      updated_at = now()
    """)

  private static let readLinks = PostgresStatement(
    "read_ties",
    """
    SELECT previous_ticket, 'follows'::text FROM desk.open_ticket
     WHERE ticket_id = $1 AND merged_into IS NULL AND previous_ticket IS NOT NULL
    UNION ALL
    SELECT (ticket->>'previous_ticket')::uuid, 'follows' FROM desk.closed_ticket
     WHERE id = $1 AND ticket->>'previous_ticket' IS NOT NULL
    UNION ALL
    SELECT other, kind FROM desk.ticket_link WHERE ticket = $1
    UNION ALL
    SELECT ticket, CASE kind WHEN 'merged_into' THEN 'absorbed' WHEN 'continued_by' THEN 'continues' ELSE kind END FROM desk.ticket_link WHERE other = $1
    """
  ) { row in
    try LinkedTicket(ticket: row.next(), kind: row.next())
  }

  /// Uses the index of assigned tickets: there are never more than the staff's capacity.
  private static let owing = PostgresStatement(
    "tickets_owing_reply",
    """
    SELECT \(TicketCodec.columns) FROM desk.ticket t
      JOIN unnest($1::text[], $2::double precision[]) AS r(queue, seconds) ON r.queue = t.queue
     WHERE t.holder IS NOT NULL AND t.state = 'assigned' AND t.reply_due_since <= clock_timestamp() - make_interval(secs => r.seconds)
       AND t.id <> ALL($4)
     ORDER BY t.reply_due_since LIMIT $3
    """, planning: .once, row: TicketCodec.readTicket)

  private static let writeBreak = PostgresStatement<Void>(
    "write_break", "UPDATE desk.agent_state SET break_reason = $2, break_until = $3 WHERE agent = $1")

  private static let readBreaks = PostgresStatement(
    "read_breaks",
    "SELECT agent, break_reason, break_until FROM desk.agent_state WHERE presence = 'away' AND break_reason IS NOT NULL"
  ) { row in
    let agent = try row.next(AgentID.self)
    return (agent, try AgentBreak(reason: row.next(), until: row.next()))
  }
}

/// Why an agent is away, and until when.
public struct AgentBreak: Sendable, Hashable {
  /// The reason, such as `lunch`.
  public let reason: String
  /// When the agent expects to be back.
  public let until: Instant?

  /// Creates a break.
  public init(reason: String, until: Instant?) {
    self.reason = reason
    self.until = until
  }
}
