public import DeskCore
import PostgreSQL

extension DeskStore {
  /// Moves an undecided message whose ticket is over to the live ticket of its customer, or to a new one, in one statement: it is
  /// undecided before and after, whoever dies when. Its labels and attempts go with it; nobody holds or claims it afterwards.
  ///
  /// - Parameter freshTicket: the identifier of a new ticket, should one be needed; it names the old one as its predecessor.
  /// - Returns: whether the message was moved; false when it is decided, buried, or on a ticket that lives.
  /// - Throws: `PostgresError`. When the commit's fate is unknown, the call may be repeated.
  @discardableResult
  public func rehome(_ message: MessageID, freshTicket: TicketID) async throws -> Bool {
    try await retryingRaces { try await !pool.query(DeskStore.rehomeMessage, [message, freshTicket]).isEmpty }
  }

  /// The inbox row is locked first. Two calls for one message go one after the other; the second finds either the new ticket, or,
  /// with a snapshot from before it, none at all, which a constraint refuses so that it looks again.
  private static let rehomeMessage = PostgresStatement<MessageID>(
    "rehome_message",
    """
    WITH stray AS MATERIALIZED (
      SELECT b.message_id, b.ticket_id, m.channel, m.author AS customer, m.traceparent
        FROM desk.inbox b JOIN desk.message m ON m.id = b.message_id
       WHERE b.message_id = $1 AND NOT EXISTS (SELECT FROM desk.ticket t WHERE t.id = b.ticket_id) FOR UPDATE OF b),
    opened AS (
      INSERT INTO desk.ticket (id, channel, customer, tier, opened_at, previous_ticket, traceparent)
      SELECT $2, s.channel, s.customer,
             coalesce((SELECT c.tier FROM desk.customer c WHERE c.channel = s.channel AND c.external_id = s.customer),
                      'standard'),
             now(), s.ticket_id, s.traceparent
        FROM stray s
      ON CONFLICT (channel, customer) DO NOTHING RETURNING id),
    known AS MATERIALIZED (
      SELECT t.id FROM desk.ticket t JOIN stray s ON t.channel = s.channel AND t.customer = s.customer FOR KEY SHARE OF t),
    home AS MATERIALIZED (
      SELECT s.message_id, coalesce((SELECT id FROM opened), (SELECT id FROM known)) AS ticket_id,
             EXISTS (SELECT FROM opened) AS opens_ticket
        FROM stray s),
    moved AS (UPDATE desk.message m SET ticket_id = h.ticket_id FROM home h WHERE m.id = h.message_id)
    UPDATE desk.inbox b SET ticket_id = h.ticket_id, opens_ticket = h.opens_ticket, owner = NULL, claimed_until = NULL
      FROM home h WHERE b.message_id = h.message_id RETURNING b.message_id
    """, planning: .once)
}
