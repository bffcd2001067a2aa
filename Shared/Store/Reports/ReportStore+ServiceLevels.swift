public import DeskCore
import PostgreSQL

/// The SLA figures of one clock in one queue, among live tickets. (Resolved ones stay live until their reopen window
/// has passed.) For the next response, the newest round of each ticket counts.
public struct ServiceLevelFigures: Sendable, Hashable {
  /// The queue.
  public let queue: QueueID
  /// The clock's name in timelines: `first_response`, `next_response` or `resolution`.
  public let clock: String
  /// Tickets with a target.
  public let promised: Int64
  /// Those that met the target.
  public let met: Int64
  /// Those with a warning and a target that is not yet due.
  public let warned: Int64
  /// Those that breached the target, whether the clock is still running or not.
  public let breached: Int64
  /// Those that were settled without the response, before the target was due: neither met nor breached.
  public let unanswered: Int64
}

extension ReportStore {
  /// Returns SLA figures by queue and clock. Reads the whole live table: for people and slow gauges, not for the hot path.
  public func serviceLevelFigures() async throws -> [ServiceLevelFigures] {
    try await pool.query(ReportStore.serviceLevelCounts)
  }

  /// One pass over the tickets counts all three clocks side by side; the few groups are then split by clock.
  /// (A row of `VALUES` per ticket would re-initialise its expressions each time: forty times the cost.)
  private static let serviceLevelCounts = PostgresStatement(
    "service_level_figures",
    """
    WITH promise AS (
      SELECT t.queue, \(SLATargetColumns.of("t", now: "clock_timestamp()")) FROM desk.ticket t WHERE t.queue IS NOT NULL),
    counted AS (
      SELECT queue,
             \(counts(of: "first")), \(counts(of: "next")), \(counts(of: "resolution"))
        FROM promise GROUP BY queue)
    SELECT queue, clock, promised, met, warned, broken, unanswered
      FROM counted CROSS JOIN LATERAL (VALUES
        \(figure(1, .firstResponse, "first")), \(figure(2, .nextResponse, "next")),
        \(figure(3, .resolution, "resolution")))
        AS figure(place, clock, promised, met, warned, broken, unanswered)
     WHERE promised > 0 ORDER BY queue, place
    """
  ) { row in
    try ServiceLevelFigures(
      queue: row.next(), clock: row.next(), promised: row.next(), met: row.next(), warned: row.next(),
      breached: row.next(), unanswered: row.next())
  }

  private static func counts(of clock: String) -> String {
    """
    count(*) FILTER (WHERE \(clock)) AS \(clock),
    count(*) FILTER (WHERE \(clock) AND NOT \(clock)_breached AND \(clock)_met) AS \(clock)_met,
    count(*) FILTER (WHERE \(clock) AND NOT \(clock)_breached AND \(clock)_stopped_at IS NULL AND \(clock)_notified > 0) AS \(clock)_warned,
    count(*) FILTER (WHERE \(clock) AND \(clock)_breached) AS \(clock)_breached,
    count(*) FILTER (WHERE \(clock) AND NOT \(clock)_breached AND \(clock)_unanswered) AS \(clock)_unanswered
    """
  }

  private static func figure(_ place: Int, _ name: ServiceLevelClocks.Name, _ clock: String) -> String {
    let figures = ["", "_met", "_warned", "_breached", "_unanswered"].map { clock + $0 }.joined(separator: ", ")
    return "(\(place), '\(name.rawValue)', \(figures))"
  }
}

/// The SLA state of one ticket, as columns of a query: for each clock whether there is a target that its calendar can reach
/// (`first`, `next`, `resolution`), when it stopped (`first_stopped_at`), whether that met it (`first_met`) or the ticket was settled
/// without it (`first_unanswered`), the percentage that was last reported (`first_notified`), and whether it is breached
/// (`first_breached`).
enum SLATargetColumns {
  /// - Parameters:
  ///   - row: a row with the columns of `desk.ticket`.
  ///   - now: until when a clock that has not stopped has run, in SQL; NULL if none is running.
  static func of(_ row: String, now: String) -> String {
    """
    \(clock("first", of: row, now)),
    \(next(of: row, now)),
    \(clock("resolution", of: row, now))
    """
  }

  /// A response that an article made unnecessary no longer has a target.
  private static func clock(_ name: String, of row: String, _ now: String) -> String {
    let clock = "\(row).\(name)"
    let ended = "\(row).clock_state->>'\(name)_ended'"
    return """
      \(clock)_due_at IS NOT NULL AND coalesce(\(ended), '') <> 'waived' AS \(name), \(clock)_met_at AS \(name)_stopped_at,
      \(clock)_met_at IS NOT NULL AND \(ended) IS NULL AS \(name)_met,
      coalesce(\(ended), '') = 'unanswered' AS \(name)_unanswered, \(clock)_notified,
      \(clock)_notified >= 100 OR coalesce(\(clock)_met_at, \(clock)_paused_at, \(now)) > \(clock)_due_at AS \(name)_breached
      """
  }

  private static func next(of row: String, _ now: String) -> String {
    let state = "\(row).clock_state"
    return """
      coalesce(\(state) ? 'next_due_us', false) AS next, desk.timestamp_from_us(\(state)->>'next_met_us') AS next_stopped_at,
      coalesce(\(state) ? 'next_met_us' AND NOT \(state) ? 'next_ended', false) AS next_met,
      coalesce(\(state)->>'next_ended', '') = 'unanswered' AS next_unanswered,
      coalesce(desk.parse_bigint(\(state)->>'next_notified'), 0) AS next_notified,
      CASE WHEN \(state) ? 'next_due_us' THEN
        coalesce(desk.parse_bigint(\(state)->>'next_notified'), 0) >= 100
        OR coalesce(desk.timestamp_from_us(\(state)->>'next_met_us'), desk.timestamp_from_us(\(state)->>'next_paused_us'), \(now))
           > desk.timestamp_from_us(\(state)->>'next_due_us') END AS next_breached
      """
  }
}
