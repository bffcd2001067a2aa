public import DeskCore
import PostgreSQL

extension AccessStore {
  /// Returns the open tickets, grouped by what a policy decides about them. Reads the whole live table: only used when a policy is
  /// about to be changed.
  ///
  /// - Parameter policy: the new policy; holders of tickets are distinguished only if it does not know them.
  public func openWork(under policy: Policy) async throws -> [OpenWork] {
    var groups: [OpenWork] = []
    var first: (group: Int64, ticket: Ticket)?
    for row in try await pool.query(AccessStore.groupedWork.opening(words), [policy.agents.keys.sorted()]) {
      if row.isFirst { first = (row.group, row.ticket) }
      guard row.isLast, let begun = first, begun.group == row.group else { continue }
      groups.append(OpenWork(tickets: Int(row.tickets), first: begun.ticket, last: row.ticket))
    }
    return groups
  }

  private struct WorkRow: WordedRow {
    let group: Int64
    let tickets: Int64
    let isFirst: Bool
    let isLast: Bool
    var ticket: Ticket

    mutating func open(by words: WordCodec) { ticket.open(by: words) }
  }

  private static let due = """
    CASE WHEN t.first_met_at IS NULL AND t.first_paused_at IS NULL THEN t.first_due_at END,
    CASE WHEN t.clock_state->>'next_met_us' IS NULL AND t.clock_state->>'next_paused_us' IS NULL
         THEN desk.timestamp_from_us(t.clock_state->>'next_due_us') END,
    CASE WHEN t.resolution_met_at IS NULL AND t.resolution_paused_at IS NULL THEN t.resolution_due_at END
    """

  /// The common properties of a group's tickets.
  private static let likeness = """
    service_level, priority, tier, queue, channel, skills, waiting_queue IS NOT NULL, needs_triage,
    CASE WHEN holder <> ALL($1::text[]) THEN holder END
    """

  /// One pass numbers the groups, and the tickets of each from both ends.
  private static let groupedWork = PostgresStatement(
    "open_work",
    """
    WITH ranked AS (
      SELECT t.*, dense_rank() OVER (ORDER BY \(likeness)) AS likes, count(*) OVER alike AS members,
             row_number() OVER (alike ORDER BY least(\(due)) NULLS LAST, id) AS from_first,
             row_number() OVER (alike ORDER BY greatest(\(due)) DESC NULLS LAST, id DESC) AS from_last
        FROM desk.ticket t
      WINDOW alike AS (PARTITION BY \(likeness)))
    SELECT likes, members, from_first = 1, from_last = 1, \(TicketCodec.columns) FROM ranked t
     WHERE from_first = 1 OR from_last = 1 ORDER BY likes, from_first
    """
  ) { row in
    try WorkRow(
      group: row.next(), tickets: row.next(), isFirst: row.next(), isLast: row.next(),
      ticket: TicketCodec.readTicket(&row))
  }
}
