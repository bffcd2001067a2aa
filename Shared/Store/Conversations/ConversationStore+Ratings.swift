public import DeskCore
import PostgreSQL

/// A customer's rating of a ticket.
public struct StoredRating: Sendable, Hashable {
  /// Whether the issue was solved.
  public let solved: Bool
  /// 1 to 5.
  public let rating: Int16?
  /// The message with the customer's comment.
  public let comment: MessageID?
  /// When it was given.
  public let ratedAt: Instant
}

extension ConversationStore {
  /// Returns the customer's rating of a ticket.
  public func rating(of ticket: TicketID) async throws -> StoredRating? {
    try await pool.query(ConversationStore.oneRating, [ticket]).first
  }

  private static let oneRating = PostgresStatement(
    "one_rating", "SELECT solved, rating, comment, rated_at FROM desk.rating WHERE ticket = $1"
  ) { row in
    try StoredRating(solved: row.next(), rating: row.next(), comment: row.next(), ratedAt: row.next())
  }
}
