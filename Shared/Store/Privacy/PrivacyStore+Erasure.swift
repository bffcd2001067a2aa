public import DeskCore
import PostgreSQL

/// The result of an erasure.
public struct Erasure: Sendable, Hashable {
  /// The customer's tickets, live and ended; they stay, under a meaningless name.
  public let tickets: Int64
  /// Messages whose text was erased.
  public let messages: Int64
  /// Pending and dead deliveries.
  public let deliveries: Int64
  /// Data learnt from the customer's messages: corrected labels and collected feedback.
  public let lessons: Int64
  /// The number of the audit entry that proves it.
  public let entry: Int64
}

extension PrivacyStore {
  /// Erases a customer of a channel: texts, subjects, properties, attachments and the customer's name, wherever the desk stores them:
  /// also in corrected labels, collected feedback, follow-ups and the examples of hot issues. Reasons written by people are erased too,
  /// in timelines and in the audit remarks; their salted digests stay, so that chain and seals remain valid.
  ///
  /// Tickets and timelines stay, because statistics use them and they identify no one. A live ticket continues without its text.
  ///
  /// - Parameters:
  ///   - reason: why, for the audit; it must not name the customer.
  ///   - receipt: represents the customer in the audit, and identifies them only to holders of the secret that it was made with.
  /// - Returns: nil when there is no such customer.
  public func erase(
    customer: String, of channel: ChannelID, reason: String, receipt: String
  ) async throws -> Erasure? {
    try await pool.query(
      PrivacyStore.eraseCustomer, [channel, customer, reason, receipt], timeout: StoreBounds.erasureTimeout
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
