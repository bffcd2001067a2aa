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

  private static let serviceLevelCounts = PostgresStatement(
    "service_level_figures",
    """
    SELECT queue, clock, count(*), count(*) FILTER (WHERE NOT broken AND met_at IS NOT NULL),
           count(*) FILTER (WHERE NOT broken AND met_at IS NULL AND told > 0), count(*) FILTER (WHERE broken)
      FROM (
        SELECT t.queue, c.*,
               c.told >= 100 OR coalesce(c.met_at, c.paused_at, clock_timestamp()) > c.due_at AS broken
          FROM desk.ticket t CROSS JOIN LATERAL (VALUES
            (1, 'first_response', t.first_allowed_us, t.first_due_at, t.first_met_at, t.first_paused_at, t.first_told),
            (2, 'next_response', (t.clock_state->>'next_allowed_us')::bigint,
              desk.moment(t.clock_state->>'next_due_us'), desk.moment(t.clock_state->>'next_met_us'),
              desk.moment(t.clock_state->>'next_paused_us'), coalesce((t.clock_state->>'next_told')::smallint, 0::smallint)),
            (3, 'resolution', t.resolution_allowed_us, t.resolution_due_at, t.resolution_met_at, t.resolution_paused_at,
              t.resolution_told)) AS c(place, clock, allowed_us, due_at, met_at, paused_at, told)
         WHERE t.queue IS NOT NULL AND c.allowed_us IS NOT NULL) promise
     GROUP BY queue, clock, place ORDER BY queue, place
    """
  ) { row in
    try ServiceLevelFigures(
      queue: row.next(), clock: row.next(), promised: row.next(), met: row.next(), warned: row.next(),
      breached: row.next())
  }
}
