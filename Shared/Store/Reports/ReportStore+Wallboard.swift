public import DeskCore
import PostgreSQL

/// What happened in one queue in one interval of time.
public struct QueueFlow: Sendable, Hashable {
  /// The queue in which the ticket is now, or was when it ended.
  public let queue: QueueID
  /// The position of the interval among those asked for, from 0.
  public let interval: Int
  /// Messages of customers.
  public let arrivals: Int64
  /// Replies that agents wrote. What the desk sends by itself does not count.
  public let answers: Int64
}

/// The targets of the tickets of one queue that were opened in a period.
public struct KeptPromises: Sendable, Hashable {
  /// The queue.
  public let queue: QueueID
  /// Targets that were met.
  public let met: Int64
  /// Targets that were breached, whether their clocks still run or not.
  public let breached: Int64
}

/// A ticket that an agent has.
public struct Holding: Sendable, Hashable {
  public let ticket: TicketID
  public let agent: AgentID
  public let queue: QueueID?
}

extension ReportStore {
  /// Counts messages of customers and agents' replies by queue. Messages of tickets that are in no queue yet do not count.
  /// - Parameters:
  ///   - starts: when the intervals begin, ascending; each ends where the next begins.
  ///   - end: when the last one ends.
  ///   - timeout: how long it may take; nil uses the pool's own timeout.
  public func flow(
    from starts: [Instant], to end: Instant, timeout: Duration? = nil
  ) async throws -> [QueueFlow] {
    guard !starts.isEmpty else { return [] }
    return try await pool.query(ReportStore.countFlow, [starts, end], timeout: timeout)
  }

  /// Counts the targets of tickets that were opened in a period, live and ended, by queue. As in `serviceLevelFigures()`, a breach shows in
  /// the ticket's row; those that only its timeline shows are left to reports.
  /// - Parameter timeout: how long it may take; nil uses the pool's own timeout.
  public func keptPromises(
    from start: Instant, to end: Instant, timeout: Duration? = nil
  ) async throws -> [KeptPromises] {
    try await pool.query(ReportStore.countKept, [start, end], timeout: timeout)
  }

  /// Returns which tickets agents have, at most `StoreBounds.holdingsCompared`.
  public func holdings() async throws -> [Holding] {
    try await pool.query(ReportStore.listHoldings, [Int64(StoreBounds.holdingsCompared)])
  }

  /// Messages are found by their identifiers, which begin with the time.
  private static let countFlow = PostgresStatement(
    "queue_flow",
    """
    WITH bounds AS MATERIALIZED (
      SELECT array_agg(desk.uuid_floor(s) ORDER BY s) AS starts FROM unnest($1::timestamptz[]) AS s)
    SELECT coalesce(t.queue, c.queue) AS queue, (width_bucket(m.id, (SELECT starts FROM bounds)) - 1)::bigint AS place,
           count(*) FILTER (WHERE m.direction = 1), count(*) FILTER (WHERE m.direction = 2)
      FROM desk.message m LEFT JOIN desk.ticket t ON t.id = m.ticket_id
      LEFT JOIN desk.closed_ticket c ON t.id IS NULL AND c.id = m.ticket_id
     WHERE m.id >= desk.uuid_floor(($1::timestamptz[])[1]) AND m.id < desk.uuid_floor($2)
       AND (m.direction = 1 OR (m.direction = 2 AND strpos(m.author, ':') = 0))
       AND coalesce(t.queue, c.queue) IS NOT NULL
     GROUP BY 1, 2
    """
  ) { row in
    try QueueFlow(
      queue: row.next(), interval: Int(row.next(Int64.self)), arrivals: row.next(), answers: row.next())
  }

  private static let countKept = PostgresStatement(
    "kept_promises",
    """
    WITH \(OpenedTickets.cte)
    SELECT queue, \(sum { "\($0) AND NOT coalesce(\($0)_breached, false) AND \($0)_met" }),
           \(sum { "\($0) AND coalesce(\($0)_breached, false)" })
      FROM opened WHERE queue IS NOT NULL GROUP BY queue ORDER BY queue
    """
  ) { row in
    try KeptPromises(queue: row.next(), met: row.next(), breached: row.next())
  }

  /// The number of clocks for which a condition holds.
  private static func sum(_ condition: (String) -> String) -> String {
    ["first", "next", "resolution"].map { "count(*) FILTER (WHERE \(condition($0)))" }.joined(separator: " + ")
  }

  private static let listHoldings = PostgresStatement(
    "list_holdings",
    "SELECT id, agent, queue FROM desk.ticket WHERE holder IS NOT NULL AND agent IS NOT NULL ORDER BY id LIMIT $1",
    planning: .once
  ) { row in
    try Holding(ticket: row.next(), agent: row.next(), queue: row.next())
  }
}
