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

extension PrivacyStore {
  /// Returns a customer's record; it has default values until something is set or a ticket has ended.
  public func customer(_ customer: String, of channel: ChannelID) async throws -> CustomerRecord {
    try await pool.query(PrivacyStore.readCustomer, [channel, customer]).first
      ?? CustomerRecord(channel: channel, customer: customer, tier: .standard, dedicatedAgent: nil, lastTicket: nil)
  }

  /// Sets a customer's tier and dedicated agent. They apply to tickets opened from now on.
  public func setCustomer(
    _ customer: String, of channel: ChannelID, tier: CustomerTier, dedicatedAgent: AgentID?
  ) async throws {
    try await pool.execute(PrivacyStore.writeCustomer, [channel, customer, tier, dedicatedAgent])
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
}
