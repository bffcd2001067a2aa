public import DeskCore
import PostgreSQL

/// The figures of one queue.
public struct QueueFigures: Sendable, Hashable {
  /// The queue.
  public let queue: QueueID
  /// Tickets waiting for an agent.
  public let waiting: Int64
  /// Tickets offered to an agent.
  public let offered: Int64
  /// Tickets assigned to an agent, including those that wait for the customer.
  public let assigned: Int64
  /// Tickets whose first response or resolution is overdue.
  public let late: Int64
  /// Since when the oldest is waiting.
  public let oldestWaiting: Instant?
}

/// The number of tickets per state, over all queues.
public struct StateFigures: Sendable, Hashable {
  /// The state's name; `closed` and `rejected` count ended tickets.
  public let state: String
  /// The number of tickets.
  public let tickets: Int64
}

extension ReportStore {
  /// Returns every queue with live tickets. Reads the whole live table: for people and slow gauges, not for the hot path.
  public func queueFigures() async throws -> [QueueFigures] {
    try await pool.query(ReportStore.queueCounts)
  }

  /// Returns tickets by state.
  public func stateFigures() async throws -> [StateFigures] {
    try await pool.query(ReportStore.stateCounts)
  }

  private static let queueCounts = PostgresStatement(
    "queue_figures",
    """
    SELECT queue, count(*) FILTER (WHERE waiting_queue IS NOT NULL), count(*) FILTER (WHERE state = 'offered'),
           count(*) FILTER (WHERE state IN ('assigned', 'pending')),
           count(*) FILTER (WHERE (first_met_at IS NULL AND first_paused_at IS NULL AND first_due_at < clock_timestamp())
                               OR (resolution_met_at IS NULL AND resolution_paused_at IS NULL
                                   AND resolution_due_at < clock_timestamp())
                               OR (clock_state ? 'next_since_us'
                                   AND desk.timestamp_from_us(clock_state->>'next_due_us') < clock_timestamp())),
           min(waiting_since) FILTER (WHERE waiting_queue IS NOT NULL)
      FROM desk.ticket WHERE queue IS NOT NULL GROUP BY queue ORDER BY queue
    """
  ) { row in
    try QueueFigures(
      queue: row.next(), waiting: row.next(), offered: row.next(), assigned: row.next(), late: row.next(),
      oldestWaiting: row.next())
  }

  private static let stateCounts = PostgresStatement(
    "state_figures",
    """
    SELECT state, count(*) FROM desk.ticket GROUP BY state
    UNION ALL SELECT 'received', count(*) FROM desk.inbox WHERE opens_ticket HAVING count(*) > 0
    UNION ALL SELECT state, count(*) FROM desk.closed_ticket GROUP BY state ORDER BY 1
    """
  ) { row in
    try StateFigures(state: row.next(), tickets: row.next())
  }
}
