public import DeskCore
import PostgreSQL

extension ConversationStore {
  /// Returns the customers of a channel whose tickets were merged into this one.
  public func guests(of ticket: TicketID, on channel: ChannelID) async throws -> [Correspondent] {
    try await pool.query(ConversationStore.guestsOnChannel, [ticket, channel]).map { Correspondent($0, on: channel) }
  }

  /// Returns who wrote last on any of these tickets, and on which; nil when there is no message.
  public func lastWriter(of tickets: [TicketID]) async throws -> (ticket: TicketID, author: Correspondent)? {
    try await pool.query(ConversationStore.newestAuthor, [tickets]).first
  }

  /// Returns the final ticket that this one was merged into; nil when it was not merged.
  public func ticketThatTook(_ ticket: TicketID) async throws -> TicketID? {
    try await pool.query(ConversationStore.lastHost, [ticket]).first
  }

  /// Returns the tickets that were merged into this one, transitively.
  public func ticketsTakenIn(by ticket: TicketID, limit: Int) async throws -> [TicketID] {
    try await pool.query(ConversationStore.taken, [ticket, Int64(limit)])
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
       SELECT * FROM desk.message m WHERE m.ticket_id = t.id AND m.direction = 1 ORDER BY m.id DESC LIMIT 1) m
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

  private static let taken = PostgresStatement<TicketID>(
    "tickets_taken_in",
    """
    WITH RECURSIVE part(id) AS (
      SELECT ticket FROM desk.ticket_link WHERE other = $1 AND kind = 'merged_into'
      UNION
      SELECT t.ticket FROM part p JOIN desk.ticket_link t ON t.other = p.id AND t.kind = 'merged_into')
    SELECT id FROM part LIMIT $2
    """)
}
