public import DeskCore
import PostgreSQL

extension DeskStore {
  /// Tickets of which a clock must be told by `moment`, most overdue first.
  public func ticketsToCheck(by moment: Instant, limit: Int) async throws -> [Ticket] {
    try await pool.query(DeskStore.due, [moment, Int64(limit)])
  }

  /// When the next clock must be told; nil when none runs.
  public func nextCheck() async throws -> Instant? {
    try await pool.query(DeskStore.nextDue).first ?? nil
  }

  /// Resolved tickets whose reopen window has passed by `moment`.
  public func ticketsToClose(by moment: Instant, limit: Int) async throws -> [Ticket] {
    try await pool.query(DeskStore.closing, [moment, Int64(limit)])
  }

  /// Makes the day partitions that are missing, each table's in a transaction of its own.
  /// - Returns: how many were made.
  /// - Throws: `PostgresError`; soon when somebody reads a table for long. What was made until then stays; try again later.
  public func ensurePartitions() async throws -> Int32 {
    var made: Int32 = 0
    for parent in ["message", "ticket_event", "closed_ticket"] {
      made += try await pool.query(DeskStore.partitions, [parent, StoreBounds.partitionDaysAhead]).first ?? 0
    }
    return made
  }

  private static let due = PostgresStatement(
    "tickets_to_check",
    "SELECT \(TicketCodec.columns) FROM desk.ticket t WHERE t.next_check_at <= $1 ORDER BY t.next_check_at LIMIT $2",
    planning: .once,
    row: TicketCodec.readTicket)

  private static let nextDue = PostgresStatement<Instant?>(
    "next_check", "SELECT min(next_check_at) FROM desk.ticket", planning: .once)

  private static let closing = PostgresStatement(
    "tickets_to_close",
    "SELECT \(TicketCodec.columns) FROM desk.ticket t WHERE t.close_at <= $1 ORDER BY t.close_at LIMIT $2",
    planning: .once,
    row: TicketCodec.readTicket)

  private static let partitions = PostgresStatement<Int32>(
    "ensure_partitions", "SELECT desk.ensure_partitions_of($1, $2)")
}
