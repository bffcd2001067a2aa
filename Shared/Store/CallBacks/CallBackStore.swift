public import DeskCore
import PostgreSQL

/// The list of call-backs. The database keeps it in the transaction of the timeline entries that `TicketStore.commit(_:fencedBy:)` writes.
public struct CallBackStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
  let words: WordCodec

  /// Returns call-backs that match a filter, those due first first.
  ///
  /// A page examines a bounded number (`StoreBounds.callBacksExaminedPerPage`), so it can have fewer than `limit`, even none, and still
  /// have a next page.
  /// - Parameters:
  ///   - last: `next` of the page before; nil for the first page.
  ///   - limit: the maximum number, at least 1.
  public func list(
    _ filter: CallBackFilter, after last: CallBackPlace? = nil, limit: Int
  ) async throws -> CallBackPage {
    let examined = StoreBounds.callBacksExaminedPerPage
    // Not within the list of parameters, where a literal takes another type than the place's number.
    let number: Int32 = last?.number ?? 0
    let rows = try await pool.query(
      CallBackStore.list(ofOwner: filter.owner != nil, unfinished: filter.isUnfinished == true),
      [
        last?.dueAt ?? filter.dueFrom ?? Instant(microseconds: 0), last?.ticket ?? TicketID(high: 0, low: 0),
        number, filter.dueBefore ?? RFC3339.latest, Int64(examined), Int64(limit + 1), filter.owner,
        filter.states.map(\.rawValue), filter.isUnfinished, filter.queues, filter.sight?.agent,
        filter.sight?.queues ?? [],
      ])
    let found = rows.compactMap(\.callBack)
    let kept = Array(found.prefix(limit))
    return CallBackPage(callBacks: kept, next: found.count > limit ? kept.last?.place : rows.first?.examinedUpTo)
  }

  /// Returns readable live tickets whose call-back must warn or break by `moment`.
  public func ticketsDue(by moment: Instant, limit: Int) async throws -> [Ticket] {
    try await readable(CallBackStore.due.opening(words), [moment, Int64(limit), setAside.tickets])
  }

  /// Ends call-backs due by `moment` whose ticket is over: a build without call-backs may have settled it.
  /// - Returns: how many.
  public func endOrphans(by moment: Instant, limit: Int) async throws -> Int {
    try await pool.query(CallBackStore.orphans, [moment, Int64(limit)]).count
  }

  // MARK: Statements

  private struct ListRow: Sendable {
    let examinedUpTo: CallBackPlace?
    let callBack: ListedCallBack?
  }

  /// All four, created once.
  private static let lists = [false, true].flatMap { ofOwner in
    [false, true].map { unfinished in listStatement(ofOwner: ofOwner, unfinished: unfinished) }
  }

  private static func list(ofOwner: Bool, unfinished: Bool) -> PostgresStatement<ListRow> {
    lists[(ofOwner ? 2 : 0) + (unfinished ? 1 : 0)]
  }

  /// A condition that an index has must be part of the text: a plan made once cannot use it as a parameter.
  private static func listStatement(ofOwner: Bool, unfinished: Bool) -> PostgresStatement<ListRow> {
    PostgresStatement(
      "list_call_backs" + (ofOwner ? "_of_owner" : "") + (unfinished ? "_unfinished" : ""),
      """
      WITH examined AS MATERIALIZED (
        SELECT c.* FROM desk.call_back c
         WHERE (c.due_at, c.ticket, c.number) > ($1, $2, $3) AND c.due_at < $4
           AND \(ofOwner ? "c.owner = $7" : "$7::text IS NULL")\(unfinished ? " AND c.ended_at IS NULL" : "")
         ORDER BY c.due_at, c.ticket, c.number LIMIT $5),
      page AS MATERIALIZED (
        SELECT c.ticket, c.number, c.origin, c.state, c.owner, coalesce(t.queue, c.queue) AS queue, c.promised_at, c.due_at, c.moves,
               c.broken_at, c.ended_at
          FROM examined c
          LEFT JOIN LATERAL (
            SELECT t.queue, t.holder, t.agent, t.last_agent FROM desk.ticket t WHERE t.id = c.ticket LIMIT 1) t ON true
         WHERE (cardinality($8::text[]) = 0 OR c.state = ANY($8))
           AND ($9::boolean IS NULL OR $9 = (c.ended_at IS NULL))
           AND (cardinality($10::text[]) = 0 OR coalesce(t.queue, c.queue) = ANY($10))
           AND ($11::text IS NULL OR c.owner = $11 OR t.holder = $11 OR t.agent = $11 OR t.last_agent = $11
             OR coalesce(t.queue, c.queue) = ANY($12::text[]))
         ORDER BY c.due_at, c.ticket, c.number LIMIT $6)
      SELECT e.due_at, e.ticket, e.number, p.*
        FROM (SELECT) always
        LEFT JOIN (
          SELECT due_at, ticket, number FROM examined WHERE (SELECT count(*) FROM examined) >= $5
           ORDER BY due_at DESC, ticket DESC, number DESC LIMIT 1) e ON true
        LEFT JOIN page p ON true ORDER BY p.due_at, p.ticket, p.number
      """, planning: .once
    ) { row in
      let examined = try (row.next(Instant?.self), row.next(TicketID?.self), row.next(Int32?.self))
      var examinedUpTo: CallBackPlace?
      if let due = examined.0, let ticket = examined.1, let number = examined.2 {
        examinedUpTo = CallBackPlace(dueAt: due, ticket: ticket, number: number)
      }
      let ticket = try row.next(TicketID?.self)
      let number = try row.next(Int32?.self)
      let origin = try row.next(String?.self).flatMap { CallBack.Origin(rawValue: $0) }
      let state = try row.next(String?.self).flatMap { CallBack.State(rawValue: $0) }
      let owner = try row.next(AgentID?.self)
      let queue = try row.next(QueueID?.self)
      let promisedAt = try row.next(Instant?.self)
      let dueAt = try row.next(Instant?.self)
      let moves = try row.next(Int32?.self)
      let brokenAt = try row.next(Instant?.self)
      let endedAt = try row.next(Instant?.self)
      guard let ticket else { return ListRow(examinedUpTo: examinedUpTo, callBack: nil) }
      guard let number, let origin, let state, let promisedAt, let dueAt, let moves else {
        throw StoreError.unreadable("call_back")
      }
      return ListRow(
        examinedUpTo: examinedUpTo,
        callBack: ListedCallBack(
          ticket: ticket, number: number, origin: origin, state: state, owner: owner, queue: queue,
          promisedAt: promisedAt, dueAt: dueAt, moves: moves, brokenAt: brokenAt, endedAt: endedAt))
    }
  }

  private static let due = PostgresStatement(
    "tickets_with_call_back_due",
    """
    SELECT \(TicketCodec.columns)
      FROM (SELECT c.ticket FROM desk.call_back c
             WHERE c.check_at <= $1 AND c.ticket <> ALL($3)
               AND EXISTS (SELECT FROM desk.ticket t WHERE t.id = c.ticket)
             ORDER BY c.check_at LIMIT $2) c
      JOIN desk.ticket t ON t.id = c.ticket
    """, planning: .once, row: TicketCodec.readTicket)

  private static let orphans = PostgresStatement<TicketID>(
    "end_orphaned_call_backs",
    """
    WITH orphan AS MATERIALIZED (
      SELECT c.ticket, c.number FROM desk.call_back c
       WHERE c.check_at <= $1 AND NOT EXISTS (SELECT FROM desk.ticket t WHERE t.id = c.ticket)
       ORDER BY c.check_at LIMIT $2 FOR UPDATE SKIP LOCKED)
    UPDATE desk.call_back c SET state = 'withdrawn', check_at = NULL, ended_at = clock_timestamp()
      FROM orphan o WHERE c.ticket = o.ticket AND c.number = o.number
    RETURNING c.ticket
    """, planning: .once)
}
