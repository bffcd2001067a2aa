public import DeskCore
import PostgreSQL

extension TicketStore {
  /// Returns the deadlines after one time (from the first if nil) up to another, earliest first, without those of tickets that
  /// are quarantined.
  public func deadlines(after: Instant?, upTo: Instant, limit: Int) async throws -> [Deadline] {
    guard let after else {
      return try await pool.query(TicketStore.allDeadlines, [upTo, Int64(limit), setAside.tickets])
    }
    return try await pool.query(TicketStore.deadlinesBetween, [after, upTo, Int64(limit), setAside.tickets])
  }

  /// Returns those of these tickets that can be read and have a clock to check by `moment`.
  public func ticketsDue(_ ids: [TicketID], by moment: Instant) async throws -> [Ticket] {
    try await readable(TicketStore.due.opening(words), [ids, moment])
  }

  /// Returns readable resolved tickets whose reopen window has passed by `moment`.
  public func ticketsToClose(by moment: Instant, limit: Int) async throws -> [Ticket] {
    try await readable(TicketStore.closing.opening(words), [moment, Int64(limit), setAside.tickets])
  }

  private static let readDeadline: @Sendable (inout PostgresRowReader) throws -> Deadline = { row in
    try Deadline(at: row.next(), ticket: row.next())
  }

  private static let allDeadlines = PostgresStatement(
    "all_deadlines",
    "SELECT next_check_at, id FROM desk.ticket WHERE next_check_at <= $1 AND id <> ALL($3) ORDER BY 1 LIMIT $2",
    planning: .once, row: readDeadline)

  private static let deadlinesBetween = PostgresStatement(
    "deadlines_between",
    """
    SELECT next_check_at, id FROM desk.ticket
     WHERE next_check_at > $1 AND next_check_at <= $2 AND id <> ALL($4) ORDER BY 1 LIMIT $3
    """,
    planning: .once, row: readDeadline)

  private static let due = PostgresStatement(
    "tickets_due", "SELECT \(TicketCodec.columns) FROM desk.ticket t WHERE t.id = ANY($1) AND t.next_check_at <= $2",
    planning: .once,
    row: TicketCodec.readTicket)

  private static let closing = PostgresStatement(
    "tickets_to_close",
    """
    SELECT \(TicketCodec.columns) FROM desk.ticket t
     WHERE t.close_at <= $1 AND t.id <> ALL($3) ORDER BY t.close_at LIMIT $2
    """,
    planning: .once,
    row: TicketCodec.readTicket)
}
