import DeskCore
import PostgreSQL

extension ReportStore {
  /// Reports the path of service of the tickets opened in a period.
  ///
  /// - Parameter timeout: how long it may take; nil uses the pool's own timeout.
  /// - Throws: `PostgresError`.
  public func path(of period: ReportPeriod, timeout: Duration? = nil) async throws -> PathReport {
    let rows = try await pool.query(
      Self.readPath, [period.start, period.end, Int64(StoreBounds.pathNodes)], timeout: timeout)
    var nodes: [PathNode] = []
    var links: [PathLink] = []
    var losses: [PathLoss] = []
    var tickets: Int64 = 0
    for row in rows {
      switch row.kind {
      case "total": tickets = row.tickets
      case "node":
        nodes.append(
          PathNode(
            step: try row.pathStep, value: .init(row.from, isRest: row.fromIsRest), tickets: row.tickets,
            medianSeconds: row.seconds))
      case "link":
        links.append(
          PathLink(
            step: try row.pathStep, from: .init(row.from, isRest: row.fromIsRest),
            to: .init(row.to, isRest: row.toIsRest), tickets: row.tickets))
      default:
        guard let end = row.from.flatMap({ PathEnd(rawValue: $0) }) else { throw StoreError.unreadable("report") }
        losses.append(PathLoss(step: try row.pathStep, end: end, tickets: row.tickets))
      }
    }
    return PathReport(tickets: tickets, nodes: nodes, links: links, losses: losses)
  }

  private struct PathRow: Sendable {
    let kind: String
    let step: String?
    let from: String?
    let fromIsRest: Bool
    let to: String?
    let toIsRest: Bool
    let tickets: Int64
    let seconds: Double?

    var pathStep: PathStep {
      get throws {
        guard let step = step.flatMap({ PathStep(rawValue: $0) }) else { throw StoreError.unreadable("report") }
        return step
      }
    }
  }

  /// The value of a step in the rows `step`, and whether it stands for the rest.
  private static func value(_ step: PathStep) -> String {
    switch step {
    case .channel, .label, .queue: "\(step.rawValue), \(step.rawValue)_rest"
    case .hands: "hands, false"
    case .end: "ending, false"
    }
  }

  private static func node(_ step: PathStep, seconds: String) -> String {
    """
    (SELECT 'node', '\(step.rawValue)', \(value(step)), NULL::text, false, count(*),
            percentile_cont(0.5) WITHIN GROUP (ORDER BY \(seconds)) FROM step GROUP BY 3, 4 ORDER BY 7 DESC, 3, 4)
    """
  }

  private static func link(_ step: PathStep, to next: PathStep) -> String {
    """
    (SELECT 'link', '\(step.rawValue)', \(value(step)), \(value(next)), count(*), NULL::double precision
       FROM step GROUP BY 3, 4, 5, 6 ORDER BY 7 DESC, 3, 4, 5, 6)
    """
  }

  /// The name of a frequent value; that of all others is null, as is that of no value, which `rest` tells apart.
  private static func named(_ step: PathStep, column: String) -> String {
    """
    CASE WHEN \(step.rawValue)_place <= $3::bigint THEN f.\(column) END AS \(step.rawValue),
    coalesce(f.\(column) IS NOT NULL AND \(step.rawValue)_place > $3::bigint, false) AS \(step.rawValue)_rest
    """
  }

  private static func places(_ step: PathStep, column: String) -> String {
    """
    \(step.rawValue)_rank AS (
      SELECT \(column), row_number() OVER (ORDER BY count(*) DESC, \(column)) AS \(step.rawValue)_place
        FROM fact WHERE \(column) IS NOT NULL GROUP BY \(column))
    """
  }

  private static let readPath = PostgresStatement(
    "report_path",
    """
    WITH \(TicketFacts.ctes),
    \(places(.channel, column: "channel")),
    \(places(.label, column: "category")),
    \(places(.queue, column: "queue")),
    step AS MATERIALIZED (
      SELECT \(named(.channel, column: "channel")), \(named(.label, column: "category")), \(named(.queue, column: "queue")),
             CASE WHEN agents = 0 THEN '0' WHEN agents = 1 THEN '1' ELSE '2+' END AS hands, ending,
             decided_after, waited, handled, ended_after,
             CASE WHEN f.category IS NULL THEN 'label' WHEN f.queue IS NULL THEN 'queue' WHEN agents = 0 THEN 'hands'
                  WHEN ending NOT IN ('confirmed', 'resolved', 'closed_unconfirmed') THEN 'end' END AS lost_at
        FROM fact f
        LEFT JOIN channel_rank c ON c.channel = f.channel
        LEFT JOIN label_rank l ON l.category = f.category
        LEFT JOIN queue_rank q ON q.queue = f.queue)
    (SELECT 'total', NULL::text, NULL::text, false, NULL::text, false, count(*), NULL::double precision FROM step)
    UNION ALL \(node(.channel, seconds: "NULL::double precision"))
    UNION ALL \(node(.label, seconds: "decided_after"))
    UNION ALL \(node(.queue, seconds: "waited"))
    UNION ALL \(node(.hands, seconds: "handled"))
    UNION ALL \(node(.end, seconds: "ended_after"))
    UNION ALL \(link(.channel, to: .label))
    UNION ALL \(link(.label, to: .queue))
    UNION ALL \(link(.queue, to: .hands))
    UNION ALL \(link(.hands, to: .end))
    UNION ALL
    (SELECT 'loss', lost_at, ending, false, NULL::text, false, count(*), NULL::double precision
       FROM step WHERE lost_at IS NOT NULL GROUP BY lost_at, ending ORDER BY 7 DESC, 2, 3)
    """
  ) { row in
    try PathRow(
      kind: row.next(), step: row.next(), from: row.next(), fromIsRest: row.next(), to: row.next(),
      toIsRest: row.next(), tickets: row.next(), seconds: row.next())
  }
}
