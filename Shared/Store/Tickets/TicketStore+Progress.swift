public import DeskCore
import PostgreSQL

extension TicketStore {
  /// Returns readable tickets whose progress notice is due by `moment`, the longest due first.
  public func ticketsWithProgressDue(by moment: Instant, limit: Int) async throws -> [Ticket] {
    try await readable(TicketStore.progressDue.opening(words), [moment, Int64(limit), setAside.tickets])
  }

  private static let progressDue = PostgresStatement(
    "tickets_with_progress_due",
    """
    SELECT \(TicketCodec.columns) FROM desk.ticket t
     WHERE t.progress_due_at <= $1 AND t.id <> ALL($3) ORDER BY t.progress_due_at LIMIT $2
    """,
    planning: .once,
    row: TicketCodec.readTicket)
}
