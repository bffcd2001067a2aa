public import DeskCore
import PostgreSQL

/// A ticket in the history of a person.
public struct HistoryTicket: Sendable, Hashable {
  public let id: TicketID
  /// The state, of live and ended tickets alike.
  public let state: String
  /// The identity of the person who has the ticket, or shares it.
  public let customer: Correspondent
  /// Whether it is another customer's ticket, which this one became part of.
  public let isShared: Bool
  public let queue: QueueID?
  public let category: String?
  public let openedAt: Instant
  public let closedAt: Instant?
  /// The agents who have it, had it last, or are offered it.
  public let agents: [AgentID]
  /// The rating that the customer gave, 1 to 5.
  public let rating: Int16?
}

extension PrivacyStore {
  /// Returns a page of the tickets of a customer's person, on all channels, newest first.
  ///
  /// - Parameters:
  ///   - before: only tickets opened before this one; nil for the newest.
  ///   - limit: the maximum number, 1 or more.
  /// - Returns: the tickets, and whether there are older ones.
  public func history(
    of customer: Correspondent, before: TicketID?, limit: Int
  ) async throws -> (tickets: [HistoryTicket], hasMore: Bool) {
    let beyond = TicketID(high: .max, low: .max)
    let rows = try await pool.query(
      PrivacyStore.readHistory, [customer.channel, customer.customer, before ?? beyond, Int64(limit) + 1])
    return (Array(rows.prefix(limit)), rows.count > limit)
  }

  /// Live tickets are found through their customers' rows, ended ones by customer in each day's partition.
  private static let readHistory = PostgresStatement(
    "customer_history",
    """
    WITH identity AS MATERIALIZED (
      SELECT $1::text AS channel, $2::text AS customer
      UNION SELECT c.channel, c.external_id FROM desk.customer me JOIN desk.customer c ON c.person = me.person
       WHERE me.channel = $1 AND me.external_id = $2
    ), found AS (
      SELECT o.ticket_id AS id, i.channel, i.customer, false AS shared
        FROM identity i JOIN desk.open_ticket o ON o.channel = i.channel AND o.customer = i.customer
       WHERE o.merged_into IS NULL AND o.ticket_id < $3
      UNION ALL
      SELECT o.ticket_id, i.channel, i.customer, false
        FROM identity i JOIN desk.open_ticket o ON o.channel = i.channel AND o.known_as = i.customer
       WHERE o.merged_into IS NULL AND o.ticket_id < $3
      UNION ALL
      SELECT c.id, i.channel, i.customer, false
        FROM identity i JOIN desk.closed_ticket c ON c.channel = i.channel AND c.customer = i.customer AND c.id < $3
      UNION ALL
      SELECT g.ticket, i.channel, i.customer, true
        FROM identity i JOIN desk.ticket_guest g ON g.channel = i.channel AND g.customer = i.customer AND g.ticket < $3
    ), page AS MATERIALIZED (
      SELECT DISTINCT ON (id) id, channel, customer, shared FROM found ORDER BY id DESC, shared LIMIT $4
    )
    SELECT p.id, coalesce(t.state, c.state, 'received'), p.channel, p.customer, p.shared, coalesce(t.queue, c.queue),
           coalesce(t.category, c.ticket->>'category'), coalesce(t.opened_at, c.opened_at, o.opened_at), c.closed_at,
           array_remove(ARRAY[t.agent, t.last_agent, t.offer_agent], NULL), r.rating
      FROM page p
      LEFT JOIN desk.ticket t ON t.id = p.id
      LEFT JOIN desk.open_ticket o ON o.ticket_id = p.id
      LEFT JOIN desk.closed_ticket c ON c.id = p.id
      LEFT JOIN desk.rating r ON r.ticket = p.id
     WHERE coalesce(t.id, o.ticket_id, c.id) IS NOT NULL
     ORDER BY p.id DESC
    """
  ) { row in
    let (id, state) = try (row.next(TicketID.self), row.next(String.self))
    let channel = try row.next(ChannelID.self)
    return try HistoryTicket(
      id: id, state: state, customer: Correspondent(row.next(), on: channel), isShared: row.next(), queue: row.next(),
      category: row.next(), openedAt: row.next(), closedAt: row.next(), agents: row.next(), rating: row.next())
  }
}
