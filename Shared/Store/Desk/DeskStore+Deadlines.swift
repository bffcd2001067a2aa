public import DeskCore
import PostgreSQL

extension DeskStore {
  /// The deadlines after one moment (from the first one where it is nil) up to another, earliest first, without those of tickets that
  /// are set aside.
  public func deadlines(after: Instant?, upTo: Instant, limit: Int) async throws -> [Deadline] {
    guard let after else {
      return try await pool.query(DeskStore.allDeadlines, [upTo, Int64(limit), setAside.tickets])
    }
    return try await pool.query(DeskStore.deadlinesBetween, [after, upTo, Int64(limit), setAside.tickets])
  }

  /// Those of these tickets that can be read and of which a clock must be told by `moment`.
  public func ticketsDue(_ ids: [TicketID], by moment: Instant) async throws -> [Ticket] {
    try await readable(DeskStore.due, [ids, moment])
  }

  /// Resolved tickets that can be read and whose reopen window has passed by `moment`.
  public func ticketsToClose(by moment: Instant, limit: Int) async throws -> [Ticket] {
    try await readable(DeskStore.closing, [moment, Int64(limit), setAside.tickets])
  }

  /// Makes the day partitions that are missing, each table's in a transaction of its own.
  /// - Returns: how many were made.
  /// - Throws: `PostgresError` of the first table whose partitions could not be made, after the others had their turn; soon when somebody
  ///   reads a table for long. What was made stays; try again later.
  public func ensurePartitions() async throws -> Int32 {
    var made: Int32 = 0
    var failure: (any Error)?
    for parent in ["message", "ticket_event", "closed_ticket"] {
      do {
        made += try await pool.query(DeskStore.partitions, [parent, StoreBounds.partitionDaysAhead]).first ?? 0
      } catch {
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
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
