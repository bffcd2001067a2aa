public import DeskCore
import PostgreSQL

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

extension ConversationStore {
  /// Returns the linked tickets of a ticket.
  public func links(of ticket: TicketID) async throws -> [LinkedTicket] {
    try await pool.query(ConversationStore.readLinks, [ticket])
  }

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
}
