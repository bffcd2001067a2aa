public import DeskCore
import PostgreSQL

/// That somebody must look at why a customer was not content.
public struct StoredFollowUp: Sendable, Hashable {
  /// The ticket.
  public let ticket: TicketID
  /// Who leads the team.
  public let lead: AgentID?
  /// The rating that caused it, 1 to 5.
  public let rating: Int16
  /// Since when.
  public let openedAt: Instant
  /// When somebody had dealt with it.
  public let doneAt: Instant?
  /// Who.
  public let doneBy: String?
  /// What came of it.
  public let outcome: String?
}

/// What a customer thought of a ticket.
public struct StoredRating: Sendable, Hashable {
  /// Whether it was solved.
  public let solved: Bool
  /// 1 to 5.
  public let rating: Int16?
  /// The message that holds the customer's words about it.
  public let comment: MessageID?
  /// When.
  public let ratedAt: Instant
}

extension DeskStore {
  /// Follow-ups that can be read, oldest first.
  /// - Parameters:
  ///   - done: whether those that are done are meant, or those that are open.
  ///   - limit: how many at most.
  public func followUps(done: Bool, limit: Int) async throws -> [StoredFollowUp] {
    try await readable(DeskStore.listFollowUps, [done, Int64(limit)])
  }

  /// Ends a follow-up.
  /// - Returns: the follow-up, nil when the ticket has none. One that is done stays as it was.
  public func finishFollowUp(of ticket: TicketID, by name: String, outcome: String) async throws -> StoredFollowUp? {
    try await pool.execute(DeskStore.endFollowUp, [ticket, name, outcome])
    return try await pool.query(DeskStore.oneFollowUp, [ticket]).first
  }

  /// What the customer thought of a ticket.
  public func rating(of ticket: TicketID) async throws -> StoredRating? {
    try await pool.query(DeskStore.oneRating, [ticket]).first
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

  private static let oneRating = PostgresStatement(
    "one_rating", "SELECT solved, rating, comment, rated_at FROM desk.rating WHERE ticket = $1"
  ) { row in
    try StoredRating(solved: row.next(), rating: row.next(), comment: row.next(), ratedAt: row.next())
  }
}
