public import DeskCore
import PostgreSQL

/// What an erasure took away.
public struct Erasure: Sendable, Hashable {
  /// The customer's tickets, living and over; they stay, under a name that says nothing.
  public let tickets: Int64
  /// Messages that lost their words.
  public let messages: Int64
  /// Deliveries that were still owed, and dead ones.
  public let deliveries: Int64
  /// What was learnt from the customer's messages: corrected labels and gathered feedback.
  public let lessons: Int64
  /// The number of the audit's entry that proves it.
  public let entry: Int64
}

extension DeskStore {
  /// Forgets a customer of a channel: words, subjects, properties, attachments and the customer's name, wherever the desk holds them:
  /// also among corrected labels, gathered feedback, follow-ups and the examples of hot issues. The reasons that people wrote go with them,
  /// in timelines and next to the audit; their salted digests stay, so that chain and seals still hold.
  ///
  /// Tickets and timelines stay, because figures are made of them and they name nobody. A living ticket goes on without its words.
  ///
  /// - Parameters:
  ///   - reason: why, for the audit; it must not name the customer.
  ///   - receipt: stands in the audit for the customer, and tells who it was only to whoever knows the secret that it was made with.
  /// - Returns: nil when the desk knows no such customer.
  public func erase(
    customer: String, of channel: ChannelID, reason: String, receipt: String
  ) async throws -> Erasure? {
    try await pool.query(
      DeskStore.eraseCustomer, [channel, customer, reason, receipt], timeout: StoreBounds.erasureTimeout
    ).first
  }

  private static let eraseCustomer = PostgresStatement(
    "erase_customer",
    """
    SELECT (e->>'tickets')::bigint, (e->>'messages')::bigint, (e->>'deliveries')::bigint + (e->>'dead_letters')::bigint,
           (e->>'corrections')::bigint + (e->>'feedback')::bigint, (e->>'entry')::bigint
      FROM desk.erase_customer($1, $2, $3, $4) AS e WHERE e IS NOT NULL
    """
  ) { row in
    try Erasure(
      tickets: row.next(), messages: row.next(), deliveries: row.next(), lessons: row.next(), entry: row.next())
  }
}
