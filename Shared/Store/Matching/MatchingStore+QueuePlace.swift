public import DeskCore
import PostgreSQL

/// A ticket's position in its queue, and its estimated wait.
public struct QueuePosition: Sendable, Hashable {
  /// From 1; counted up to `StoreBounds.placesCounted`.
  public let position: Int
  /// Nil when no tickets went to agents recently.
  public let expectedWait: Duration?
}

extension MatchingStore {
  /// Returns the position of a waiting ticket; nil for others.
  /// - Parameter headStarts: those of the policy in force.
  public func placeInQueue(of ticket: Ticket, at now: Instant, headStarts: HeadStarts) async throws -> QueuePosition? {
    guard ticket.state.waitsForAgent, let queue = ticket.queue, let since = ticket.waitingSince else { return nil }
    let waiting = WaitingTicket(
      id: ticket.id, version: ticket.version, priority: ticket.priority, tier: ticket.tier, skills: [],
      weight: ticket.weight, language: "", waitingSince: since, dueAt: ticket.clocks.nearestDueAt,
      refusedBy: [], lastAgent: nil)
    let ranges = QueueRank(waiting, headStarts: headStarts, now: now)
      .rangesBefore(headStarts: headStarts, now: now)
    let ahead = try await pool.query(
      MatchingStore.ahead,
      [
        queue, ranges.map(\.rank), ranges.map(\.after), ranges.map(\.before), Int64(StoreBounds.placesCounted),
        ticket.id,
      ])
    let position = Int(ahead.first ?? 0) + 1
    let pace = try await pace(of: queue)
    return QueuePosition(
      position: position, expectedWait: pace.flatMap { WaitEstimator.expectedWait(atPosition: position, pace: $0) })
  }

  /// Returns a queue's recent throughput to agents, in tickets per second; nil when not measured.
  public func pace(of queue: QueueID) async throws -> Double? {
    try await pool.query(MatchingStore.pace, [queue, StoreBounds.paceHolds.inSeconds]).first
  }

  /// Returns the recent throughput of all queues to agents, in tickets per second; queues without a recent measurement are left out.
  public func paces() async throws -> [QueueID: Double] {
    Dictionary(
      try await pool.query(MatchingStore.allPaces, [StoreBounds.paceHolds.inSeconds]),
      uniquingKeysWith: { first, _ in first })
  }

  /// Stores the throughput of queues to agents, in tickets per second.
  public func keepPaces(_ paces: [QueueID: Double]) async throws {
    guard !paces.isEmpty else { return }
    let queues = paces.keys.sorted()
    try await pool.execute(MatchingStore.keepPace, [queues, queues.map { paces[$0] ?? 0 }])
  }

  private static let ahead = PostgresStatement<Int64>(
    "tickets_ahead",
    """
    SELECT count(*) FROM (
      SELECT FROM unnest($2::smallint[], $3::timestamptz[], $4::timestamptz[]) AS r(rank, after, before)
       CROSS JOIN LATERAL (
         (SELECT FROM desk.ticket t WHERE t.waiting_queue = $1 AND t.rank = r.rank
             AND \(dueOrWaiting) > coalesce(r.after, '-infinity') AND \(dueOrWaiting) < coalesce(r.before, 'infinity')
           LIMIT $5)
         UNION ALL
         (SELECT FROM desk.ticket t WHERE t.waiting_queue = $1 AND t.rank = r.rank
             AND \(dueOrWaiting) = r.before AND t.id < $6
           LIMIT $5)) AS part
       LIMIT $5) AS ahead
    """, planning: .once)

  private static let pace = PostgresStatement<Double>(
    "queue_pace",
    """
    SELECT per_second FROM desk.queue_pace
     WHERE queue = $1 AND measured_at > clock_timestamp() - make_interval(secs => $2)
    """, planning: .once)

  private static let allPaces = PostgresStatement(
    "queue_paces",
    """
    SELECT queue, per_second FROM desk.queue_pace WHERE measured_at > clock_timestamp() - make_interval(secs => $1)
    """, planning: .once
  ) { row in
    (try row.next(QueueID.self), try row.next(Double.self))
  }

  private static let keepPace = PostgresStatement<Void>(
    "keep_pace",
    """
    INSERT INTO desk.queue_pace (queue, per_second, measured_at)
    SELECT p.queue, p.per_second, clock_timestamp() FROM unnest($1::text[], $2::double precision[]) AS p(queue, per_second)
    ON CONFLICT (queue) DO UPDATE SET per_second = excluded.per_second, measured_at = excluded.measured_at
    """, planning: .once)
}
