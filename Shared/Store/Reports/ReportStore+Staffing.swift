public import DeskCore
import PostgreSQL

// What plans and forecasts are made from. Each call reads the timelines of the tickets opened in a period, by their identifiers, which
// begin with the time: for people and on demand, in periods of a day or so.

extension ReportStore {
  /// Counts the tickets that came before people: queued, sent to triage, or offered after an article had not helped.
  ///
  /// A ticket counts once, when it was first queued, and only if that lies in the period. Its opening may be up to
  /// `StoreBounds.queuedAfterOpening` before.
  /// - Parameter timeout: how long it may take; nil uses the pool's own timeout.
  /// - Throws: `PostgresError`.
  public func arrivals(from start: Instant, to end: Instant, timeout: Duration? = nil) async throws -> [ArrivalCount] {
    try await pool.query(
      Self.countArrivals,
      [start, end, start - StoreBounds.queuedAfterOpening, end + StoreBounds.identifierDistance], timeout: timeout)
  }

  /// Adds up how long agents worked on the tickets opened in a period, by queue and category, those with most hands first; at most
  /// `StoreBounds.reportRows`.
  public func handTimeSums(
    from start: Instant, to end: Instant, timeout: Duration? = nil
  ) async throws -> [HandTimeSums] {
    try await pool.query(Self.addHandTimes, [start, end, Int64(StoreBounds.reportRows)], timeout: timeout)
  }

  /// Reads how tickets opened in a period waited for the first time, in the order in which they were queued.
  /// - Parameter limit: at most this many, so that whoever gets them all knows that some may be missing.
  public func waitSpells(
    from start: Instant, to end: Instant, limit: Int, timeout: Duration? = nil
  ) async throws -> [WaitSpell] {
    try await pool.query(Self.readWaits, [start, end, Int64(limit)], timeout: timeout)
  }

  /// The beginning of the oldest day whose timelines are kept, at UTC; nil where none is.
  public func timelinesKeptSince() async throws -> Instant? {
    try await pool.query(Self.oldestDay, []).first
  }

  private static let countArrivals = PostgresStatement(
    "count_arrivals",
    """
    WITH came AS (
      SELECT ticket_id, min(at) AS at FROM desk.ticket_event
       WHERE ticket_id >= desk.uuid_floor($3) AND ticket_id < desk.uuid_floor($4) AND kind IN ('queued', 'triaged', 'offered')
       GROUP BY ticket_id HAVING min(at) >= $1 AND min(at) < $2)
    SELECT coalesce(t.queue, c.queue), to_timestamp(floor(extract(epoch FROM e.at) / 900) * 900), count(*)
      FROM came e LEFT JOIN desk.ticket t ON t.id = e.ticket_id
      LEFT JOIN desk.closed_ticket c ON t.id IS NULL AND c.id = e.ticket_id
                                    AND c.id >= desk.uuid_floor($3) AND c.id < desk.uuid_floor($4)
     WHERE coalesce(t.queue, c.queue) IS NOT NULL
     GROUP BY 1, 2 ORDER BY 1, 2
    """
  ) { row in
    try ArrivalCount(queue: row.next(), start: row.next(), tickets: row.next())
  }

  private static let addHandTimes = PostgresStatement(
    "add_hand_times",
    """
    WITH \(OpenedTickets.cte),
    \(HandTimes.ctes("ticket_id \(OpenedTickets.period) AND ticket_id \(OpenedTickets.end)"))
    SELECT o.queue, o.category, count(*), sum(s.handled)::double precision, sum(s.handled * s.handled)::double precision,
           sum(o.weight)::double precision
      FROM spells s JOIN opened o ON o.id = s.ticket_id
     WHERE s.ended AND o.queue IS NOT NULL GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT $3::bigint
    """
  ) { row in
    try HandTimeSums(
      queue: row.next(), category: row.next(), hands: row.next(), seconds: row.next(), squares: row.next(),
      weight: row.next())
  }

  private static let readWaits = PostgresStatement(
    "read_waits",
    """
    WITH entry AS (
      SELECT ticket_id, kind, at, detail->>'queue' AS queue, row_number() OVER moment AS place, lead(at) OVER moment AS left_at,
             lead(kind) OVER moment AS left_by
        FROM desk.ticket_event
       WHERE ticket_id \(OpenedTickets.period) AND ticket_id \(OpenedTickets.end)
         AND kind IN ('queued', 'triaged', 'offered', 'resolved', 'confirmed', 'closed', 'rejected', 'merged', 'transferred',
                      'queue_moved', 'rerouted')
      WINDOW moment AS (PARTITION BY ticket_id ORDER BY version, position))
    SELECT ticket_id, queue, at, coalesce(left_at, clock_timestamp()),
           CASE WHEN left_by = 'offered' THEN 'offered' WHEN left_by IN ('resolved', 'confirmed', 'closed') THEN 'settled'
                ELSE 'other' END
      FROM entry WHERE place = 1 AND kind IN ('queued', 'triaged') AND queue IS NOT NULL ORDER BY at, ticket_id LIMIT $3
    """
  ) { row in
    let (ticket, queue, joined, left) = try (
      row.next(TicketID.self), row.next(QueueID.self), row.next(Instant.self), row.next(Instant.self)
    )
    guard let end = WaitSpell.End(rawValue: try row.next()) else { throw StoreError.unreadable("report") }
    return WaitSpell(ticket: ticket, queue: queue, joined: joined, left: left, end: end)
  }

  /// Days that retention dropped are no longer partitions; single tickets of theirs that are still needed do not make them known.
  private static let oldestDay = PostgresStatement<Instant>(
    "oldest_timelines",
    """
    SELECT to_date(right(min(c.relname), 8), 'YYYYMMDD')::timestamp AT TIME ZONE 'UTC'
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'desk.ticket_event'::regclass AND c.relname ~ '^ticket_event_[0-9]{8}$'
    HAVING count(*) > 0
    """)
}
