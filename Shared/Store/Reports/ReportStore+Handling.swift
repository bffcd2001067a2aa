public import DeskCore
import PostgreSQL

extension ReportStore {
  /// Reports how long agents worked on the tickets opened in a period. By agent, each time that an agent had a ticket counts for that
  /// agent; otherwise the ticket's last queue and newest category count. Inspections and interceptions of these tickets are included, by
  /// agent those of the agent's work.
  ///
  /// - Parameter timeout: how long it may take; nil uses the pool's own timeout.
  /// - Returns: the groups, those with most hands first (days in order), at most `StoreBounds.reportRows`, and all together.
  /// - Throws: `PostgresError`.
  public func handling(
    by grouping: ReportGrouping, of period: ReportPeriod, timeout: Duration? = nil
  ) async throws -> (rows: [HandlingRow], total: HandlingRow) {
    let isByDay = grouping == .day
    // The parameters of days stand where `OpenedTickets.key` has them.
    let parameters: [any PostgresEncodable] = [
      period.start, period.end, isByDay ? period.days.map(\.name) : [], Int64(StoreBounds.reportRows),
      isByDay ? period.days.map(\.start) : [],
    ]
    var rows = try await pool.query(HandlingStatement.of(grouping), parameters, timeout: timeout)
    guard !rows.isEmpty else { throw StoreError.unreadable("report") }
    let found = try await pool.query(InspectionFiguresStatement.of(grouping), parameters, timeout: timeout)
    if let all = found.first(where: \.isTotal)?.figures, all.interceptions > 0 || all.inspections > 0 {
      // PostgreSQL has grouped by bytes.
      var figures: [[UInt8]?: InspectionFigures] = [:]
      for row in found where !row.isTotal { figures[row.key.map { Array($0.utf8) }] = row.figures }
      let none = InspectionFigures(interceptions: 0, inspections: 0, meanScore: nil)
      for place in rows.indices.dropFirst() {
        rows[place].inspection = figures[rows[place].group.map { Array($0.utf8) }] ?? none
      }
      rows[0].inspection = all
    }
    let total = rows.removeFirst()
    return (rows, total)
  }

  /// Reports transfers by people of the tickets opened in a period.
  ///
  /// - Returns: the pairs with most transfers first, at most `StoreBounds.reportRows`, and the transfers altogether.
  /// - Throws: `PostgresError`.
  public func transfers(
    of period: ReportPeriod, timeout: Duration? = nil
  ) async throws -> (rows: [TransferRow], transfers: Int64, tickets: Int64) {
    let rows = try await pool.query(
      Self.readTransfers, [period.start, period.end, Int64(StoreBounds.reportRows)], timeout: timeout)
    guard let total = rows.first else { throw StoreError.unreadable("report") }
    return (rows.dropFirst().map { $0 }, total.transfers, total.tickets)
  }

  /// Reports how agents used their time from one time to another. Reads the tickets opened up to `StoreBounds.handsLookBack` before:
  /// the work on older ones is not counted.
  ///
  /// - Returns: the agents with any presence, the largest capacity first, at most `StoreBounds.reportRows`, and all together.
  /// - Throws: `PostgresError`.
  public func occupancy(
    from start: Instant, to end: Instant, timeout: Duration? = nil
  ) async throws -> (rows: [OccupancyRow], total: OccupancyRow) {
    var rows = try await pool.query(
      Self.readOccupancy, [start - StoreBounds.handsLookBack, end, start, Int64(StoreBounds.reportRows)],
      timeout: timeout)
    guard !rows.isEmpty else { throw StoreError.unreadable("report") }
    let total = rows.removeFirst()
    return (rows, total)
  }

  private static let readTransfers = PostgresStatement(
    "report_transfers",
    """
    WITH moved AS (
      SELECT ticket_id, detail->>'from_queue' AS from_queue, detail->>'to_queue' AS to_queue,
             detail->>'from_agent' AS from_agent, detail->>'to_agent' AS to_agent
        FROM desk.ticket_event
       WHERE ticket_id \(OpenedTickets.period) AND ticket_id \(OpenedTickets.end) AND kind = 'transferred')
    (SELECT 'queue', NULL::text, NULL::text, count(*), count(DISTINCT ticket_id) FROM moved)
    UNION ALL
    (SELECT 'queue', from_queue, to_queue, count(*), count(DISTINCT ticket_id) FROM moved GROUP BY 2, 3
      ORDER BY 4 DESC, 2, 3 LIMIT $3::bigint)
    UNION ALL
    (SELECT 'agent', from_agent, to_agent, count(*), count(DISTINCT ticket_id) FROM moved
      WHERE from_agent IS NOT NULL OR to_agent IS NOT NULL GROUP BY 2, 3 ORDER BY 4 DESC, 2, 3 LIMIT $3::bigint)
    """
  ) { row in
    guard let kind = TransferRow.Kind(rawValue: try row.next()) else { throw StoreError.unreadable("report") }
    return try TransferRow(kind: kind, from: row.next(), to: row.next(), transfers: row.next(), tickets: row.next())
  }

  /// A ticket that takes a whole agent weighs the agent's capacity.
  private static let readOccupancy = PostgresStatement(
    "report_occupancy",
    """
    WITH \(OpenedTickets.cte),
    \(HandTimes.ctes("ticket_id \(OpenedTickets.period) AND ticket_id \(OpenedTickets.end)")),
    presence AS MATERIALIZED (
      SELECT agent, presence, capacity, greatest(at, $3) AS since, least(next, $2, clock_timestamp()) AS until
        FROM (SELECT agent, presence, capacity, at, lead(at) OVER (PARTITION BY agent ORDER BY at) AS next
                FROM desk.presence_change WHERE at < $2) p
       WHERE (next IS NULL OR next > $3)),
    present AS (
      SELECT agent, coalesce(sum(extract(epoch FROM until - since)) FILTER (WHERE presence IN ('available', 'reserve')), 0) AS available,
             coalesce(sum(extract(epoch FROM until - since)) FILTER (WHERE presence = 'away'), 0) AS away,
             coalesce(sum(capacity * extract(epoch FROM until - since)) FILTER (WHERE presence IN ('available', 'reserve')), 0) AS capacity
        FROM presence WHERE since < until GROUP BY agent),
    busy AS (
      SELECT w.agent, w.kind = 'pending' AS pends,
             sum(least(o.weight, p.capacity)
               * extract(epoch FROM least(coalesce(w.until, p.until), p.until) - greatest(w.at, p.since))) AS seconds
        FROM parts w JOIN opened o ON o.id = w.ticket_id
        JOIN presence p ON p.agent = w.agent AND p.presence IN ('available', 'reserve')
         AND greatest(w.at, p.since) < least(coalesce(w.until, p.until), p.until)
       WHERE NOT w.gone AND w.at < $2 AND coalesce(w.until > $3, true) GROUP BY 1, 2)
    SELECT p.agent, coalesce(sum(p.available), 0)::double precision, coalesce(sum(p.away), 0)::double precision,
           coalesce(sum(p.capacity), 0)::double precision,
           coalesce(sum((SELECT sum(b.seconds) FROM busy b WHERE b.agent = p.agent AND NOT b.pends)), 0)::double precision,
           coalesce(sum((SELECT sum(b.seconds) FROM busy b WHERE b.agent = p.agent AND b.pends)), 0)::double precision
      FROM present p WHERE p.available > 0 OR p.away > 0
     GROUP BY GROUPING SETS ((p.agent), ()) ORDER BY GROUPING(p.agent) DESC, 4 DESC, 1 LIMIT $4::bigint + 1
    """
  ) { row in
    try OccupancyRow(
      agent: row.next(), availableSeconds: row.next(), awaySeconds: row.next(), capacitySeconds: row.next(),
      handlingSeconds: row.next(), pendingSeconds: row.next())
  }
}

/// What inspections found in the tickets opened in a period, by the keys of the handling report.
private enum InspectionFiguresStatement {
  struct Row: Sendable {
    let isTotal: Bool
    let key: String?
    let figures: InspectionFigures
  }

  static func of(_ grouping: ReportGrouping) -> PostgresStatement<Row> {
    let key = grouping == .agent ? "f.agent" : OpenedTickets.key(grouping)
    return PostgresStatement(
      "report_inspections_\(grouping.rawValue)",
      """
      WITH \(OpenedTickets.cte),
      facts AS (
        SELECT ticket, agent, true AS intercepted, NULL::integer AS percent FROM desk.interception
         WHERE ticket \(OpenedTickets.period) AND ticket \(OpenedTickets.end)
        UNION ALL
        SELECT ticket, agent, false, coalesce(decided_percent, percent) FROM desk.inspection
         WHERE ticket \(OpenedTickets.period) AND ticket \(OpenedTickets.end) AND inspector IS NOT NULL),
      keyed AS (
        SELECT \(key) AS key, f.* FROM facts f JOIN opened o ON o.id = f.ticket
         WHERE $3::text[] IS NOT NULL AND $5::timestamptz[] IS NOT NULL)
      SELECT GROUPING(key) = 1, key, count(*) FILTER (WHERE intercepted), count(*) FILTER (WHERE NOT intercepted),
             avg(percent)::double precision
        FROM keyed GROUP BY GROUPING SETS ((key), ()) ORDER BY GROUPING(key) DESC, count(*) DESC, key LIMIT $4::bigint + 1
      """
    ) { row in
      try Row(
        isTotal: row.next(), key: row.next(),
        figures: InspectionFigures(interceptions: row.next(), inspections: row.next(), meanScore: row.next()))
    }
  }
}

private enum HandlingStatement {
  static func of(_ grouping: ReportGrouping) -> PostgresStatement<HandlingRow> {
    PostgresStatement("report_handling_\(grouping.rawValue)", text(grouping)) { row in
      try HandlingRow(
        group: row.next(), tickets: row.next(), hands: row.next(), ended: row.next(), meanSeconds: row.next(),
        medianSeconds: row.next(), p90Seconds: row.next(), pendingMeanSeconds: row.next(), transferred: row.next(),
        lost: row.next())
    }
  }

  private static func text(_ grouping: ReportGrouping) -> String {
    let key = grouping == .agent ? "s.agent" : OpenedTickets.key(grouping)
    let order = grouping == .day ? "1" : "3 DESC, 1"
    func decile(_ share: Double) -> String {
      "percentile_cont(\(share)) WITHIN GROUP (ORDER BY handled) FILTER (WHERE ended)"
    }
    return """
      WITH \(OpenedTickets.cte),
      \(HandTimes.ctes("ticket_id \(OpenedTickets.period) AND ticket_id \(OpenedTickets.end)")),
      hand AS (
        SELECT \(key) AS key, s.* FROM spells s JOIN opened o ON o.id = s.ticket_id
         WHERE $3::text[] IS NOT NULL AND $5::timestamptz[] IS NOT NULL)
      SELECT key, count(DISTINCT ticket_id), count(*), count(*) FILTER (WHERE ended), avg(handled) FILTER (WHERE ended),
             \(decile(0.5)), \(decile(0.9)), avg(pended) FILTER (WHERE ended), count(*) FILTER (WHERE ended_by = 'transferred'),
             count(*) FILTER (WHERE ended_by IN ('requeued', 'reclaimed', 'rerouted', 'labelled'))
        FROM hand GROUP BY GROUPING SETS ((key), ()) ORDER BY GROUPING(key) DESC, \(order) LIMIT $4::bigint + 1
      """
  }
}
