public import DeskCore
import PostgreSQL

extension InboxStore {
  /// Moves an undecided message whose ticket has ended to the live ticket of its customer, or to a new one, in one statement: it is
  /// undecided before and after, whatever process crashes. It keeps its labels and attempts; it is unowned and unclaimed afterwards.
  ///
  /// - Parameter freshTicket: the identifier of a new ticket, if one is needed; it names the old one as its predecessor.
  /// - Returns: whether the message was moved; false when it is decided, a dead letter, or on a live ticket.
  /// - Throws: `PostgresError`. When the commit's outcome is unknown, the call may be retried.
  @discardableResult
  public func rehome(_ message: MessageID, freshTicket: TicketID) async throws -> Bool {
    try await retryingDeadlocks { try await !pool.query(InboxStore.rehomeMessage, [message, freshTicket]).isEmpty }
  }

  /// The inbox row is locked first. Two calls for one message go one after the other, and the second finds the ticket of the first.
  private static let rehomeMessage = PostgresStatement<MessageID>(
    "rehome_message",
    """
    WITH stray AS MATERIALIZED (
      SELECT b.message_id, b.ticket_id, m.channel, m.author AS customer
        FROM desk.inbox b JOIN desk.message m ON m.id = b.message_id
       WHERE b.message_id = $1 
         AND NOT EXISTS (SELECT FROM desk.open_ticket o WHERE o.ticket_id = b.ticket_id AND o.merged_into IS NULL)
         FOR UPDATE OF b),
    home AS (
      \(InboxStore.openTicket(for: "stray", previous: "p.ticket_id"))),
    moved AS (UPDATE desk.message m SET ticket_id = h.ticket_id FROM stray s, home h WHERE m.id = s.message_id)
    UPDATE desk.inbox b SET ticket_id = h.ticket_id, opens_ticket = h.opens_ticket, owner = NULL, claimed_until = NULL
      FROM stray s, home h WHERE b.message_id = s.message_id AND h.ticket_id <> s.ticket_id RETURNING b.message_id
    """, planning: .once)

  /// Finds or creates the open ticket of the one customer in a table `channel, customer`, and prevents it from ending meanwhile. A new
  /// one gets the identifier `$2`. If the customer's row points to an ended ticket, which only a build without such rows
  /// leaves behind, it becomes the row of the new one.
  static func openTicket(for table: String, previous: String) -> String {
    """
    INSERT INTO desk.open_ticket AS o (channel, customer, ticket_id, tier, opened_at, previous_ticket)
      SELECT p.channel, p.customer, $2,
             coalesce((SELECT coalesce(c.person_tier, c.tier) FROM desk.customer c WHERE c.channel = p.channel AND c.external_id = p.customer),
                      'standard'),
             now(), \(previous)
        FROM \(table) p
      ON CONFLICT (channel, customer) DO UPDATE
        SET (ticket_id, merged_into, opened_at, previous_ticket) = (
          SELECT CASE WHEN l.leads THEN o.ticket_id ELSE excluded.ticket_id END, CASE WHEN l.leads THEN o.merged_into END,
                 CASE WHEN l.leads THEN o.opened_at ELSE excluded.opened_at END,
                 CASE WHEN l.leads THEN o.previous_ticket ELSE excluded.previous_ticket END
            FROM (SELECT o.merged_into IS NULL
                      OR EXISTS (SELECT FROM desk.open_ticket h WHERE h.ticket_id = o.merged_into AND h.merged_into IS NULL) AS leads) l)
      RETURNING coalesce(o.merged_into, o.ticket_id) AS ticket_id, coalesce(o.merged_into, o.ticket_id) = $2 AS opens_ticket
    """
  }
}
