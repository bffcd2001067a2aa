public import DeskCore
import PostgreSQL

/// A ticket whose offer has expired.
public struct ExpiredOffer: Sendable, Hashable {
  /// The ticket.
  public let ticket: TicketID
  /// The offer.
  public let offer: OfferID

  /// As a store has it.
  package init(ticket: TicketID, offer: OfferID) {
    self.ticket = ticket
    self.offer = offer
  }
}

extension TicketStore {
  /// Returns the readable tickets that an agent has or is offered.
  public func tickets(heldBy agent: AgentID) async throws -> [Ticket] {
    try await readable(TicketStore.held.opening(words), [agent])
  }

  /// Returns the readable tickets that are offered to any of these agents.
  public func ticketsOffered(to agents: [AgentID]) async throws -> [Ticket] {
    guard !agents.isEmpty else { return [] }
    return try await readable(TicketStore.offeredTo.opening(words), [agents])
  }

  /// Returns the ticket with an open offer.
  public func ticket(offeredAs offer: OfferID, to agent: AgentID) async throws -> Ticket? {
    try await pool.query(TicketStore.offeredAs.opening(words), [agent, offer]).first
  }

  /// Returns offers that have expired by the database's clock, oldest first, without those of quarantined tickets.
  public func expiredOffers(limit: Int) async throws -> [ExpiredOffer] {
    try await pool.query(TicketStore.expired, [Int64(limit), setAside.tickets])
  }
}

extension TicketStore {
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
    SELECT id, offer_id FROM desk.ticket WHERE offer_expires_at <= clock_timestamp() AND id <> ALL($2)
     ORDER BY offer_expires_at LIMIT $1
    """, planning: .once
  ) { row in
    try ExpiredOffer(ticket: row.next(), offer: row.next())
  }
}
