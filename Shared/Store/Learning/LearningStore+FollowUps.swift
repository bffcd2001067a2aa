public import DeskCore
import PostgreSQL

/// A follow-up on a dissatisfied customer.
public struct StoredFollowUp: Sendable, Hashable {
  /// The ticket.
  public let ticket: TicketID
  /// The team's lead.
  public let lead: AgentID?
  /// The rating that caused it, 1 to 5.
  public let rating: Int16
  /// When it was opened.
  public let openedAt: Instant
  /// When it was completed.
  public let doneAt: Instant?
  /// Who completed it.
  public let doneBy: String?
  /// Its outcome.
  public let outcome: String?
}

extension LearningStore {
  /// Returns readable follow-ups, oldest first.
  /// - Parameters:
  ///   - done: whether to return completed or open ones.
  ///   - limit: the maximum number.
  public func followUps(done: Bool, limit: Int) async throws -> [StoredFollowUp] {
    try await readable(LearningStore.listFollowUps, [done, Int64(limit)])
  }

  /// Completes a follow-up.
  /// - Returns: the follow-up, nil when the ticket has none. A completed one is unchanged.
  public func finishFollowUp(of ticket: TicketID, by name: String, outcome: String) async throws -> StoredFollowUp? {
    try await pool.execute(LearningStore.endFollowUp, [ticket, name, outcome])
    return try await pool.query(LearningStore.oneFollowUp, [ticket]).first
  }

  private static let columns = "ticket, lead, rating, opened_at, done_at, done_by, outcome"

  private static let read: @Sendable (inout PostgresRowReader) throws -> StoredFollowUp = { row in
    try StoredFollowUp(
      ticket: row.next(), lead: row.next(), rating: row.next(), openedAt: row.next(), doneAt: row.next(),
      doneBy: row.next(), outcome: row.next())
  }

  private static let listFollowUps = PostgresStatement(
    "list_follow_ups",
    "SELECT \(columns) FROM desk.follow_up WHERE (done_at IS NOT NULL) = $1 ORDER BY opened_at LIMIT $2", row: read)

  private static let oneFollowUp = PostgresStatement(
    "one_follow_up", "SELECT \(columns) FROM desk.follow_up WHERE ticket = $1", row: read)

  private static let endFollowUp = PostgresStatement<Void>(
    "end_follow_up",
    """
    UPDATE desk.follow_up SET done_at = clock_timestamp(), done_by = $2, outcome = $3 WHERE ticket = $1 AND done_at IS NULL
    """)
}
