public import DeskCore
import PostgreSQL

extension ReportStore {
  /// The values of a figure in one part of a period.
  public struct FigurePart: Sendable, Hashable {
    /// How tickets are parted; `day` does not occur.
    public let dimension: ReportGrouping
    /// The part; nil for tickets without the property.
    public let key: String?
    /// Its tickets.
    public let tally: FigureTally
  }

  /// Returns the values of a figure of the tickets opened in a period, once by each dimension: channel, category, queue, agent and tier.
  /// Tickets without a value, such as those without a rating, are in none.
  ///
  /// - Parameter timeout: how long it may take; nil uses the pool's own timeout.
  /// - Throws: `PostgresError`.
  public func parts(
    of figure: ReportFigure, in period: ReportPeriod, timeout: Duration? = nil
  ) async throws -> [FigurePart] {
    try await pool.query(FigureStatement.of(figure), [period.start, period.end], timeout: timeout)
  }
}

private enum FigureStatement {
  static func of(_ figure: ReportFigure) -> PostgresStatement<ReportStore.FigurePart> {
    PostgresStatement("report_parts_\(figure.rawValue)", text(figure)) { row in
      guard let dimension = ReportGrouping(rawValue: try row.next()) else { throw StoreError.unreadable("report") }
      return try ReportStore.FigurePart(
        dimension: dimension, key: row.next(),
        tally: FigureTally(count: row.next(), sum: row.next(), squares: row.next()))
    }
  }

  private static func value(_ figure: ReportFigure) -> String {
    switch figure {
    case .volume: "1::double precision"
    case .lateShare: "CASE WHEN first_met OR first_late THEN first_late::integer::double precision END"
    case .firstResponse: "answered_after"
    case .satisfaction: "rating::double precision"
    case .handleTime: "handled"
    }
  }

  private static func text(_ figure: ReportFigure) -> String {
    """
    WITH \(TicketFacts.ctes),
    valued AS (SELECT channel, category, queue, agent, tier, \(value(figure)) AS value FROM fact)
    SELECT CASE 0 WHEN GROUPING(channel) THEN 'channel' WHEN GROUPING(category) THEN 'category' WHEN GROUPING(queue) THEN 'queue'
                  WHEN GROUPING(agent) THEN 'agent' ELSE 'tier' END,
           coalesce(channel, category, queue, agent, tier), count(*), sum(value), sum(value * value)
      FROM valued WHERE value IS NOT NULL
     GROUP BY GROUPING SETS ((channel), (category), (queue), (agent), (tier)) ORDER BY 1, 2
    """
  }
}
