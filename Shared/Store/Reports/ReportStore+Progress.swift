public import DeskCore
import PostgreSQL

/// The backlog of one processing stage.
public struct StageBacklog: Sendable, Hashable {
  /// `undecided`, `labelled`, `queued`, `offered`, `assigned` or `outbox`.
  public let stage: String
  /// The number of messages, tickets or deliveries in the stage.
  public let waiting: Int64
  /// Seconds since the oldest item entered the stage (for assigned tickets: since the ticket was opened); nil when nothing waits.
  public let oldestAgeSeconds: Double?
}

/// What happened to messages and tickets since a given time.
public struct ProgressFigures: Sendable, Hashable, Encodable {
  /// Messages from customers.
  public var accepted: Int64 = 0
  /// Messages that were labelled and decided.
  public var labelled: Int64 = 0
  /// Tickets that were queued.
  public var queued: Int64 = 0
  /// Tickets that were offered to an agent at least once.
  public var offered: Int64 = 0
  /// Tickets that an agent has answered.
  public var answered: Int64 = 0
  /// Tickets with an SLA breach.
  public var late: Int64 = 0

  public init(
    accepted: Int64 = 0, labelled: Int64 = 0, queued: Int64 = 0, offered: Int64 = 0, answered: Int64 = 0,
    late: Int64 = 0
  ) {
    self.accepted = accepted
    self.labelled = labelled
    self.queued = queued
    self.offered = offered
    self.answered = answered
    self.late = late
  }
}

extension ReportStore {
  /// Returns the stages in processing order, from one snapshot and one clock. Reads the live tables in full: for people, not for the
  /// hot path.
  public func stageBacklogs() async throws -> [StageBacklog] {
    try await pool.query(ReportStore.stagesInOrder)
  }

  /// Counts messages and steps since a given time. Reads the timeline: for people, not for the hot path.
  public func progress(since moment: Instant) async throws -> ProgressFigures {
    try await pool.query(ReportStore.countsSince, [moment]).first ?? ProgressFigures()
  }

  private static let stagesInOrder = PostgresStatement(
    "stage_backlogs",
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
    try StageBacklog(stage: row.next(), waiting: row.next(), oldestAgeSeconds: row.next())
  }

  private static let countsSince = PostgresStatement(
    "progress_since",
    """
    WITH step AS MATERIALIZED (SELECT ticket_id, kind FROM desk.ticket_event WHERE at >= $1)
    SELECT (SELECT count(*) FROM desk.message WHERE direction = 1 AND received_at >= $1),
           count(*) FILTER (WHERE kind IN ('queued', 'triaged', 'answered', 'customer_wrote')),
           count(DISTINCT ticket_id) FILTER (WHERE kind IN ('queued', 'triaged')),
           count(DISTINCT ticket_id) FILTER (WHERE kind = 'offered'),
           count(DISTINCT ticket_id) FILTER (WHERE kind = 'replied'),
           count(DISTINCT ticket_id) FILTER (WHERE kind = 'sla_breached')
      FROM step
    """
  ) { row in
    try ProgressFigures(
      accepted: row.next(), labelled: row.next(), queued: row.next(), offered: row.next(), answered: row.next(),
      late: row.next())
  }
}
