public import DeskCore
import PostgreSQL

extension TicketStore {
  /// Returns tickets whose agents' replies are overdue beyond their queue's limit, longest first, without those that are
  /// quarantined or unreadable.
  public func ticketsAwaitingReply(longerThan times: [QueueID: Duration], limit: Int) async throws -> [Ticket] {
    let queues = times.keys.sorted()
    return try await readable(
      TicketStore.owing.opening(words),
      [queues, queues.map { times[$0]?.inSeconds ?? 0 }, Int64(limit), setAside.tickets])
  }

  /// Uses the index of assigned tickets: there are never more than the staff's capacity.
  private static let owing = PostgresStatement(
    "tickets_owing_reply",
    """
    SELECT \(TicketCodec.columns) FROM desk.ticket t
      JOIN unnest($1::text[], $2::double precision[]) AS r(queue, seconds) ON r.queue = t.queue
     WHERE t.holder IS NOT NULL AND t.state = 'assigned' AND t.reply_due_since <= clock_timestamp() - make_interval(secs => r.seconds)
       AND t.id <> ALL($4)
     ORDER BY t.reply_due_since LIMIT $3
    """, planning: .once, row: TicketCodec.readTicket)
}
