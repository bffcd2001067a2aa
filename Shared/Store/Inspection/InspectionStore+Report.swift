import DeskCore
import PostgreSQL

extension InspectionStore {
  /// Reports on the inspections, and the intercepted replies, of the tickets opened in a period.
  ///
  /// - Parameter timeout: how long it may take; nil uses the pool's own timeout.
  /// - Throws: `PostgresError`.
  public func report(
    by grouping: InspectionGrouping, of period: ReportPeriod, timeout: Duration? = nil
  ) async throws -> InspectionReport {
    var rows = try await pool.query(
      InspectionStore.report(by: grouping),
      [period.start, period.end, period.days.map(\.name), period.days.map(\.start)], timeout: timeout)
    // The total is always present and comes last.
    guard let total = rows.popLast() else { throw StoreError.unreadable("inspection report") }
    return InspectionReport(grouping: grouping, period: period, rows: rows, total: total)
  }

  /// Identifiers begin with their time, so a period is a range of them; of ended tickets only the period's days are read. A ticket counts
  /// for the agent who had it last, an inspection for the agent whose work it is about.
  private static func report(by grouping: InspectionGrouping) -> PostgresStatement<InspectionReport.Row> {
    func day(_ ticket: String) -> String {
      "($3::text[])[width_bucket(\(ticket), (SELECT array_agg(desk.uuid_floor(s) ORDER BY s) FROM unnest($4::timestamptz[]) AS s))]"
    }
    func key(_ agent: String, _ queue: String, _ ticket: String) -> String {
      switch grouping {
      case .agent: agent
      case .queue: queue
      case .criterion: "NULL::text"
      case .day: day(ticket)
      }
    }
    let order =
      switch grouping {
      case .day, .criterion: "key"
      case .agent, .queue: "sampled DESC, ended DESC, key"
      }
    // By criterion, one line for each score; the total still counts each inspection once.
    let ofCriteria =
      grouping != .criterion
      ? ""
      : """
      UNION ALL
      SELECT 1, c.criterion, 0, 0, 1, 1, 100.0 * coalesce(i.decided_scores[c.place], c.score) / c.scale,
             (i.appealed_at IS NOT NULL)::int, (i.state = 'upheld')::int, (i.state = 'changed')::int, 0, 0
        FROM inspected i, unnest(i.criteria, i.scores, i.scales) WITH ORDINALITY AS c(criterion, score, scale, place)
      """
    let groups = grouping == .criterion ? "kind = 1" : "kind = 0"
    return PostgresStatement(
      "inspection_report_\(grouping.rawValue)",
      """
      WITH inspected AS (
        SELECT * FROM desk.inspection WHERE ticket >= desk.uuid_floor($1) AND ticket < desk.uuid_floor($2)),
      facts AS (
        SELECT 0 AS kind, \(key("c.ticket->>'last_agent'", "c.queue", "c.id")) AS key, 1 AS ended,
               EXISTS (SELECT FROM desk.inspection i WHERE i.ticket = c.id)::int AS inspectable, 0 AS sampled, 0 AS inspected,
               NULL::float8 AS percent, 0 AS appealed, 0 AS upheld, 0 AS changed, 0 AS refused, 0 AS sent
          FROM desk.closed_ticket c
         WHERE c.id >= desk.uuid_floor($1) AND c.id < desk.uuid_floor($2) AND c.state = 'closed' AND c.ticket->>'last_agent' IS NOT NULL
        UNION ALL
        SELECT 0, \(key("i.agent", "i.queue", "i.ticket")), 0, 0, 1, (i.inspector IS NOT NULL)::int,
               coalesce(i.decided_percent, i.percent)::float8, (i.appealed_at IS NOT NULL)::int, (i.state = 'upheld')::int,
               (i.state = 'changed')::int, 0, 0
          FROM inspected i
        UNION ALL
        SELECT 0, \(key("r.agent", "r.queue", "r.ticket")), 0, 0, 0, 0, NULL, 0, 0, 0, (r.message IS NULL)::int,
               (r.message IS NOT NULL)::int
          FROM desk.interception r
         WHERE r.ticket >= desk.uuid_floor($1) AND r.ticket < desk.uuid_floor($2)
        \(ofCriteria)),
      counted AS (
        SELECT false AS is_total, key, sum(ended) AS ended, sum(inspectable) AS inspectable, sum(sampled) AS sampled,
               sum(inspected) AS inspected, avg(percent) AS percent, sum(appealed) AS appealed, sum(upheld) AS upheld,
               sum(changed) AS changed, sum(refused) AS refused, sum(sent) AS sent
          FROM facts WHERE \(groups) GROUP BY key
        UNION ALL
        SELECT true, NULL, coalesce(sum(ended), 0), coalesce(sum(inspectable), 0), coalesce(sum(sampled), 0),
               coalesce(sum(inspected), 0), avg(percent), coalesce(sum(appealed), 0), coalesce(sum(upheld), 0), coalesce(sum(changed), 0),
               coalesce(sum(refused), 0), coalesce(sum(sent), 0)
          FROM facts WHERE kind = 0)
      SELECT key, ended, inspectable, sampled, inspected, percent, appealed, upheld, changed, refused, sent
        FROM counted ORDER BY is_total, \(order)
      """
    ) { row in
      try InspectionReport.Row(
        group: row.next(), ended: row.next(), sampledTickets: row.next(), inspections: row.next(),
        inspected: row.next(),
        meanPercent: row.next(), appealed: row.next(), upheld: row.next(), changed: row.next(),
        refusedReplies: row.next(), sentReplies: row.next())
    }
  }
}
