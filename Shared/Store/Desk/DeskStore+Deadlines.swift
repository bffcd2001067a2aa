public import DeskCore
import PostgreSQL

extension DeskStore {
  /// Returns the deadlines after one time (from the first if nil) up to another, earliest first, without those of tickets that
  /// are quarantined.
  public func deadlines(after: Instant?, upTo: Instant, limit: Int) async throws -> [Deadline] {
    guard let after else {
      return try await pool.query(DeskStore.allDeadlines, [upTo, Int64(limit), setAside.tickets])
    }
    return try await pool.query(DeskStore.deadlinesBetween, [after, upTo, Int64(limit), setAside.tickets])
  }

  /// Returns those of these tickets that can be read and have a clock to check by `moment`.
  public func ticketsDue(_ ids: [TicketID], by moment: Instant) async throws -> [Ticket] {
    try await readable(DeskStore.due, [ids, moment])
  }

  /// Returns readable resolved tickets whose reopen window has passed by `moment`.
  public func ticketsToClose(by moment: Instant, limit: Int) async throws -> [Ticket] {
    try await readable(DeskStore.closing, [moment, Int64(limit), setAside.tickets])
  }

  /// Creates the missing day partitions, each table's in its own transaction.
  /// - Returns: how many were created.
  /// - Throws: `PostgresError` of the first table whose partitions could not be created, after trying the others; quickly when another
  ///   transaction reads a table for long. Created ones stay; try again later.
  public func ensurePartitions() async throws -> Int32 {
    var made: Int32 = 0
    var failures = FirstFailure()
    for parent in ["message", "ticket_event", "closed_ticket"] {
      await failures.attempt {
        made += try await pool.query(DeskStore.partitions, [parent, StoreBounds.partitionDaysAhead]).first ?? 0
      }
    }
    try failures.rethrow()
    return made
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

  private static let partitions = PostgresStatement<Int32>(
    "ensure_partitions", "SELECT desk.ensure_partitions_of($1, $2)")
}
