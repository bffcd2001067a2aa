public import DeskCore
import PostgreSQL

/// How the promises of one clock are kept in one queue, among the live tickets. (Resolved ones live on until their reopen window
/// has passed.) Of the next response, the newest round of each ticket counts.
public struct ServiceLevelFigures: Sendable, Hashable {
  /// The queue.
  public let queue: QueueID
  /// The clock, as timelines name it: `first_response`, `next_response` or `resolution`.
  public let clock: String
  /// Tickets that were promised something.
  public let promised: Int64
  /// Among them those to which the promise was kept.
  public let met: Int64
  /// Among them those with a promise that still holds, and of which the desk has warned.
  public let warned: Int64
  /// Among them those to which the promise was broken, whether the clock still runs or not.
  public let breached: Int64
}

extension DeskStore {
  /// Promises by queue and clock. Reads the whole live table: for people and slow gauges, not for the hot way.
  public func serviceLevelFigures() async throws -> [ServiceLevelFigures] {
    try await pool.query(DeskStore.serviceLevelCounts)
  }

  /// One pass over the tickets counts all three clocks side by side; the few groups are then told apart.
  /// (A row of `VALUES` for each ticket would prepare its expressions anew each time: forty times the cost.)
  private static let serviceLevelCounts = PostgresStatement(
    "service_level_figures",
    """
    WITH promise AS (
      SELECT t.queue, \(PromiseColumns.of("t", now: "clock_timestamp()")) FROM desk.ticket t WHERE t.queue IS NOT NULL),
    counted AS (
      SELECT queue,
             count(*) FILTER (WHERE first) AS first,
             count(*) FILTER (WHERE first AND NOT first_broken AND first_met) AS first_met,
             count(*) FILTER (WHERE first AND NOT first_broken AND NOT first_met AND first_told > 0) AS first_warned,
             count(*) FILTER (WHERE first AND first_broken) AS first_broken,
             count(*) FILTER (WHERE next) AS next,
             count(*) FILTER (WHERE next AND NOT next_broken AND next_met) AS next_met,
             count(*) FILTER (WHERE next AND NOT next_broken AND NOT next_met AND next_told > 0) AS next_warned,
             count(*) FILTER (WHERE next AND next_broken) AS next_broken,
             count(*) FILTER (WHERE resolution) AS resolution,
             count(*) FILTER (WHERE resolution AND NOT resolution_broken AND resolution_met) AS resolution_met,
             count(*) FILTER (WHERE resolution AND NOT resolution_broken AND NOT resolution_met
                                AND resolution_told > 0) AS resolution_warned,
             count(*) FILTER (WHERE resolution AND resolution_broken) AS resolution_broken
        FROM promise GROUP BY queue)
    SELECT queue, clock, promised, met, warned, broken
      FROM counted CROSS JOIN LATERAL (VALUES
        (1, 'first_response', first, first_met, first_warned, first_broken),
        (2, 'next_response', next, next_met, next_warned, next_broken),
        (3, 'resolution', resolution, resolution_met, resolution_warned, resolution_broken))
        AS figure(place, clock, promised, met, warned, broken)
     WHERE promised > 0 ORDER BY queue, place
    """
  ) { row in
    try ServiceLevelFigures(
      queue: row.next(), clock: row.next(), promised: row.next(), met: row.next(), warned: row.next(),
      breached: row.next())
  }
}

/// How the promises of one ticket stand, as columns of a query: for each clock whether something is promised (`first`, `next`,
/// `resolution`), whether it was met (`first_met`), the share that was told last (`first_told`), and whether it is broken (`first_broken`;
/// NULL where that moment never comes).
enum PromiseColumns {
  /// - Parameters:
  ///   - row: a row with the columns of `desk.ticket`.
  ///   - now: until when a clock that has not stopped has run, in SQL; NULL where none runs.
  static func of(_ row: String, now: String) -> String {
    """
    \(clock("first", of: row, now)),
    coalesce(\(row).clock_state ? 'next_allowed_us', false) AS next,
    coalesce(\(row).clock_state ? 'next_allowed_us', false) AND \(row).clock_state->>'next_met_us' IS NOT NULL AS next_met,
    coalesce((\(row).clock_state->>'next_told')::smallint, 0) AS next_told,
    CASE WHEN \(row).clock_state ? 'next_allowed_us' THEN
      coalesce((\(row).clock_state->>'next_told')::smallint, 0) >= 100
      OR coalesce(desk.moment(\(row).clock_state->>'next_met_us'), desk.moment(\(row).clock_state->>'next_paused_us'), \(now))
         > desk.moment(\(row).clock_state->>'next_due_us') END AS next_broken,
    \(clock("resolution", of: row, now))
    """
  }

  private static func clock(_ name: String, of row: String, _ now: String) -> String {
    let clock = "\(row).\(name)"
    return """
      \(clock)_allowed_us IS NOT NULL AS \(name), \(clock)_met_at IS NOT NULL AS \(name)_met, \(clock)_told,
      \(clock)_told >= 100 OR coalesce(\(clock)_met_at, \(clock)_paused_at, \(now)) > \(clock)_due_at AS \(name)_broken
      """
  }
}
