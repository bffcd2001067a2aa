public import DeskCore
import PostgreSQL

/// An entry of any ticket's timeline.
public struct TimelineRow: Sendable {
  /// Its ticket.
  public let ticket: TicketID
  /// The entry.
  public let event: StoredEvent
}

extension AuditStore {
  /// Returns the timelines of all tickets, one after the other, in the order in which the tickets were opened.
  /// - Parameters:
  ///   - last: the row after which to continue; nil for the first page.
  ///   - since: tickets that were opened earlier are omitted.
  ///   - limit: rows of one page, 1 or more.
  public func timelines(after last: TimelineRow?, openedSince since: Instant, limit: Int) async throws -> [TimelineRow]
  {
    let ticket = last?.ticket ?? TicketID(high: UInt64(max(0, since.milliseconds)) << 16, low: 0)
    let version: Int32 = last?.event.version ?? -1
    let position: Int16 = last?.event.position ?? -1
    return try await pool.query(AuditStore.timelinePage, [ticket, version, position, Int64(limit)])
  }

  private static let timelinePage = PostgresStatement(
    "timeline_page",
    """
    SELECT ticket_id, version, position, kind, actor, at, detail::text, traceparent FROM desk.ticket_event
     WHERE (ticket_id, version, position) > ($1::uuid, $2::integer, $3::smallint)
     ORDER BY ticket_id, version, position LIMIT $4
    """
  ) { row in
    try TimelineRow(
      ticket: row.next(),
      event: StoredEvent(
        version: row.next(), position: row.next(), kind: row.next(), actor: row.next(), at: row.next(),
        detail: row.next(), traceparent: row.next()))
  }
}
