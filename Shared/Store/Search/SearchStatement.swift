import DeskCore
import PostgreSQL

/// The statements behind `SearchStore.find` and `customers`.
enum SearchStatement {
  /// The messages that match a condition, newest first. Planned for its values, so that other days are left out of the plan. What matches
  /// is found before it is ordered: the planner would rather read messages in their order until enough of them match, which for a rare
  /// word is all.
  static let matches = PostgresStatement<MessageID>(
    "search_matches",
    """
    WITH matching AS MATERIALIZED (
      SELECT e.id FROM desk.search_entry e WHERE e.terms @@ $1::text::tsquery AND e.id < $2 AND e.id >= $3)
    SELECT id FROM matching ORDER BY id DESC LIMIT $4
    """)

  /// The newest message of a ticket.
  static let newestMessage = PostgresStatement<MessageID>(
    "search_ticket",
    "SELECT m.id FROM desk.message m WHERE m.ticket_id = $1 AND m.id < $2 ORDER BY m.id DESC LIMIT 1", planning: .once)

  /// The message of each match `$1`, and the ticket on which it is found. Rows are looked up one at a time: the planner would rather read
  /// whole tables for some hundred of them.
  private static let placed = """
    SELECT h.id, m.ticket_id, m.direction, m.channel, m.author, m.received_at, coalesce(o.merged_into, l.other, m.ticket_id) AS ticket
      FROM unnest($1::uuid[]) AS h(id)
      CROSS JOIN LATERAL (
        SELECT m.ticket_id, m.direction, m.channel, m.author, m.received_at FROM desk.message m
         WHERE m.id = h.id AND m.id < $2 AND m.id >= $3 LIMIT 1) m
      LEFT JOIN LATERAL (SELECT o.merged_into FROM desk.open_ticket o WHERE o.ticket_id = m.ticket_id LIMIT 1) o ON true
      LEFT JOIN LATERAL (
        SELECT l.other FROM desk.ticket_link l WHERE l.ticket = m.ticket_id AND l.kind = 'merged_into' LIMIT 1) l ON true
    """

  /// The ticket of a match `n`: of three rows at least one, unless retention has dropped it.
  private static let rows = """
      LEFT JOIN LATERAL (
        SELECT t.id, t.state, t.channel, t.customer, t.queue, t.agent, t.holder, t.last_agent, t.priority, t.opened_at
          FROM desk.ticket t WHERE t.id = n.ticket LIMIT 1) t ON true
      LEFT JOIN LATERAL (
        SELECT o.ticket_id AS id, o.channel, coalesce(o.known_as, o.customer) AS customer, o.opened_at
          FROM desk.open_ticket o WHERE o.ticket_id = n.ticket AND o.merged_into IS NULL LIMIT 1) o ON true
      LEFT JOIN LATERAL (
        SELECT c.id, c.state, c.channel, c.customer, c.queue, c.ticket->>'last_agent' AS last_agent,
               desk.parse_bigint(c.ticket->>'priority')::smallint AS priority, c.opened_at
          FROM desk.closed_ticket c WHERE c.id = n.ticket LIMIT 1) c ON true
    """

  private static func isVisible(to agent: String, serving queues: String) -> String {
    """
    coalesce(t.id, o.id, c.id) IS NOT NULL
       AND (\(agent)::text IS NULL OR t.holder = \(agent) OR t.agent = \(agent) OR t.last_agent = \(agent)
            OR coalesce(t.queue, c.queue) = ANY(\(queues)::text[]))
    """
  }

  /// The tickets of matches. A ticket belongs to the page of its newest match: those are left out that have a match of the condition `$9`
  /// between the end of this page, `$2`, and the newest of all, `$8`.
  static let tickets = PostgresStatement(
    "search_tickets",
    """
    WITH placed AS (\(placed)),
    newest AS MATERIALIZED (
      SELECT DISTINCT ON (p.ticket) p.id, p.ticket_id, p.ticket, p.direction, p.author, p.received_at
        FROM placed p ORDER BY p.ticket, p.id DESC),
    page AS MATERIALIZED (
      SELECT n.id, n.ticket, n.direction, n.author, n.received_at, coalesce(t.state, c.state, 'received') AS state,
             coalesce(t.channel, o.channel, c.channel) AS channel, coalesce(t.customer, o.customer, c.customer) AS customer,
             coalesce(t.queue, c.queue) AS queue, coalesce(t.agent, c.last_agent) AS agent,
             coalesce(t.priority, c.priority) AS priority, coalesce(t.opened_at, o.opened_at, c.opened_at) AS opened_at
        FROM newest n
        \(rows)
       WHERE \(isVisible(to: "$4", serving: "$5"))
         AND (cardinality($6::text[]) = 0 OR coalesce(t.state, c.state, 'received') = ANY($6))
         AND (cardinality($7::text[]) = 0 OR coalesce(t.queue, c.queue) = ANY($7))
         AND ($8::uuid IS NULL OR NOT EXISTS (
           SELECT FROM desk.message m
             CROSS JOIN LATERAL (SELECT e.terms FROM desk.search_entry e WHERE e.id = m.id LIMIT 1) e
            WHERE m.ticket_id = ANY(ARRAY[n.ticket, n.ticket_id]) AND m.id >= $2 AND m.id <= $8 AND e.terms @@ $9::text::tsquery))
       ORDER BY n.id DESC LIMIT $10)
    SELECT p.id, p.ticket, p.state, p.channel, p.customer, p.queue, p.agent, p.priority, p.opened_at, p.direction, p.author,
           p.received_at, m.subject, m.body
      FROM page p
      CROSS JOIN LATERAL (
        SELECT m.subject, \(WordCodec.beginning(of: "m.body", "$11")) AS body FROM desk.message m WHERE m.id = p.id AND m.id < $2 AND m.id >= $3 LIMIT 1) m
     ORDER BY p.id DESC
    """, planning: .once
  ) { row in
    let (message, ticket, state): (MessageID, TicketID, TicketState) = (try row.next(), try row.next(), try row.next())
    let (channel, customer): (ChannelID, String) = (try row.next(), try row.next())
    let (queue, agent): (QueueID?, AgentID?) = (try row.next(), try row.next())
    let priority = try row.next(Int16?.self).flatMap { Priority(rawValue: Int($0)) }
    let (openedAt, direction, author): (Instant, Int16, String) = (try row.next(), try row.next(), try row.next())
    return try FoundTicket(
      ticket: ticket, state: state, channel: channel, customer: customer, queue: queue, agent: agent,
      priority: priority, openedAt: openedAt, message: message, direction: direction, author: author, at: row.next(),
      subject: row.next(), text: row.next())
  }

  static let customers = PostgresStatement(
    "search_customers",
    """
    WITH placed AS (\(placed)),
    seen AS (
      SELECT DISTINCT ON (n.channel, n.author) n.channel, n.author, n.ticket, n.received_at, n.id
        FROM placed n
        \(rows)
       WHERE n.direction = 1 AND \(isVisible(to: "$4", serving: "$5"))
       ORDER BY n.channel, n.author, n.id DESC)
    SELECT s.channel, s.author, coalesce(k.tier, 'standard'), s.ticket, s.received_at
      FROM seen s
      LEFT JOIN LATERAL (SELECT k.tier FROM desk.customer k WHERE k.channel = s.channel AND k.external_id = s.author LIMIT 1) k ON true
     ORDER BY s.id DESC LIMIT $6
    """, planning: .once
  ) { row in
    try FoundCustomer(
      channel: row.next(), customer: row.next(), tier: row.next(), ticket: row.next(), at: row.next())
  }
}
