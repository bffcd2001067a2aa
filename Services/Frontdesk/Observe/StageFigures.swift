import DeskCore
import PostgreSQL
import Store

/// The backlog of one processing stage.
struct StageFigures: Sendable, Equatable, Encodable {
  var stage: String
  var waiting: Int64
  /// Seconds since the oldest item entered the stage (for assigned tickets: since the ticket was opened); nil when nothing waits.
  @OrNull var oldestAgeSeconds: Double?

  enum CodingKeys: String, CodingKey {
    case stage, waiting
    case oldestAgeSeconds = "oldest_age_seconds"
  }
}

extension DeskStore {
  /// Reads the stages in processing order, from one snapshot and one clock.
  func stageFigures() async throws -> [StageFigures] {
    try await pool.query(stagesInOrder)
  }
}

/// Reads the live tables in full: for people, not for the hot path.
private let stagesInOrder = PostgresStatement(
  "command_stage_figures",
  """
  SELECT stage, waiting, extract(epoch FROM clock_timestamp() - oldest)::float8 FROM (
    SELECT 1 AS place, 'undecided' AS stage, count(*) AS waiting, min(accepted_at) AS oldest
      FROM desk.inbox WHERE category IS NULL
    UNION ALL SELECT 2, 'labelled', count(*), min(accepted_at) FROM desk.inbox WHERE category IS NOT NULL
    UNION ALL SELECT 3, 'queued', count(*), min(waiting_since) FROM desk.ticket WHERE waiting_queue IS NOT NULL
    UNION ALL SELECT 4, 'offered', count(*), min(offered_at) FROM desk.ticket WHERE offer_id IS NOT NULL
    UNION ALL SELECT 5, 'assigned', count(*), min(opened_at) FROM desk.ticket WHERE agent IS NOT NULL
    UNION ALL SELECT 6, 'outbox', count(*), min(created_at) FROM desk.outbox) AS stages
   ORDER BY place
  """
) { row in
  try StageFigures(stage: row.next(), waiting: row.next(), oldestAgeSeconds: row.next())
}
