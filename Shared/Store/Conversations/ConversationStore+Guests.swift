public import DeskCore
import PostgreSQL

extension ConversationStore {
  /// Returns the customers of a channel whose tickets were merged into this one.
  public func guests(of ticket: TicketID, on channel: ChannelID) async throws -> [Correspondent] {
    try await pool.query(ConversationStore.guestsOnChannel, [ticket, channel]).map { Correspondent($0, on: channel) }
  }

  /// Returns who wrote last on any of these tickets, and on which; nil when there is no message.
  public func lastWriter(of tickets: [TicketID]) async throws -> (ticket: TicketID, author: Correspondent)? {
    if let found = try await pool.query(ConversationStore.newestAuthor, [tickets, MessageFloor.of(tickets)]).first {
      return found
    }
    return try await pool.query(ConversationStore.newestAuthor, [tickets, MessageFloor.none]).first
  }

  /// Returns the final ticket that this one was merged into; nil when it was not merged.
  public func ticketThatTook(_ ticket: TicketID) async throws -> TicketID? {
    try await pool.query(ConversationStore.lastHost, [ticket]).first
  }

  /// Returns a ticket with those that were merged into it, transitively, and where their messages begin.
  /// - Parameter limit: the maximum number of merged ones.
  public func parts(of ticket: TicketID, limit: Int) async throws -> ConversationParts {
    let rows = try await pool.query(ConversationStore.taken, [ticket, Int64(limit)])
    let tickets = [ticket] + rows.compactMap(\.ticket)
    let older = rows.compactMap(\.older).min()
    return ConversationParts(tickets, floor: min(MessageFloor.of(tickets), older ?? MessageID(high: .max, low: .max)))
  }

  private static let guestsOnChannel = PostgresStatement<String>(
    "guests_on_channel",
    "SELECT customer FROM desk.ticket_guest WHERE ticket = $1 AND channel = $2 ORDER BY customer", planning: .once)

  /// The newest one of each ticket, by the conversation index.
  private static let newestAuthor = PostgresStatement(
    "newest_author",
    """
    SELECT m.ticket_id, m.author, m.channel FROM unnest($1::uuid[]) AS t(id)
     CROSS JOIN LATERAL (
       SELECT * FROM desk.message m WHERE m.ticket_id = t.id AND m.id >= $2 AND m.direction = 1 ORDER BY m.id DESC LIMIT 1) m
     ORDER BY m.id DESC LIMIT 1
    """, planning: .once
  ) { row in
    let ticket = try row.next(TicketID.self)
    let author = try row.next(String.self)
    return (ticket: ticket, author: Correspondent(author, on: try row.next()))
  }

  private static let lastHost = PostgresStatement<TicketID>(
    "last_host",
    """
    WITH RECURSIVE host(id, place) AS (
      SELECT other, 1 FROM desk.ticket_link WHERE ticket = $1 AND kind = 'merged_into'
      UNION ALL
      SELECT t.other, h.place + 1 FROM host h JOIN desk.ticket_link t ON t.ticket = h.id AND t.kind = 'merged_into'
       WHERE h.place < \(StoreBounds.mergesFollowed))
    SELECT id FROM host ORDER BY place DESC LIMIT 1
    """)

  private static let taken = PostgresStatement(
    "tickets_taken_in",
    """
    WITH RECURSIVE part(id) AS (
      SELECT ticket FROM desk.ticket_link WHERE other = $1::uuid AND kind = 'merged_into'
      UNION
      SELECT t.ticket FROM part p JOIN desk.ticket_link t ON t.other = p.id AND t.kind = 'merged_into'),
    few AS MATERIALIZED (SELECT id FROM part LIMIT $2)
    SELECT id, NULL::uuid FROM few
    UNION ALL
    SELECT NULL, (SELECT o.message_id FROM desk.older_message o
                   WHERE o.ticket_id = ANY(ARRAY(SELECT id FROM few) || $1::uuid) ORDER BY o.message_id LIMIT 1)
    """, planning: .once
  ) { row in
    (ticket: try row.next(TicketID?.self), older: try row.next(MessageID?.self))
  }
}

/// The tickets of a conversation: one, and those merged into it.
public struct ConversationParts: Sendable, Hashable {
  /// The tickets.
  public let tickets: [TicketID]
  /// No message of theirs is below this.
  let floor: MessageID

  /// - Parameter floor: nil for where messages of these tickets begin, without those that are much older than their ticket.
  init(_ tickets: [TicketID], floor: MessageID? = nil) {
    self.tickets = tickets
    self.floor = floor ?? MessageFloor.of(tickets)
  }
}
