public import DeskCore
import PostgreSQL

/// Where a ticket stands in its queue, and how long it may take.
public struct PlaceInQueue: Sendable, Hashable {
  /// From 1; counted no further than `StoreBounds.placesCounted`.
  public let position: Int
  /// Nil when nothing has gone to agents lately.
  public let expectedWait: Duration?
}

extension DeskStore {
  /// The place of a ticket that waits; nil for one that does not.
  public func placeInQueue(of ticket: Ticket, at now: Instant) async throws -> PlaceInQueue? {
    guard ticket.state.waitsForAgent, let queue = ticket.queue, let since = ticket.waitingSince else { return nil }
    let waiting = WaitingTicket(
      id: ticket.id, version: ticket.version, priority: ticket.priority, tier: ticket.tier, skills: [],
      weight: ticket.weight, language: "", waitingSince: since, dueAt: ticket.clocks.nearestDueAt,
      refusedBy: [], lastAgent: nil)
    let ranges = QueuePlace(waiting, now: now).rangesBefore(now: now)
    let ahead = try await pool.query(
      DeskStore.ahead,
      [
        queue, ranges.map(\.rank), ranges.map(\.after), ranges.map(\.before), Int64(StoreBounds.placesCounted),
        ticket.id,
      ])
    let position = Int(ahead.first ?? 0) + 1
    let pace = try await pace(of: queue)
    return PlaceInQueue(
      position: position, expectedWait: pace.flatMap { WaitEstimator.expectedWait(atPosition: position, pace: $0) })
  }

  /// How fast a queue gave tickets to agents lately, in tickets a second; nil when nobody has measured it.
  public func pace(of queue: QueueID) async throws -> Double? {
    try await pool.query(DeskStore.pace, [queue, StoreBounds.paceHolds.inSeconds]).first
  }

  /// Keeps how fast queues give tickets to agents, in tickets a second.
  public func keepPaces(_ paces: [QueueID: Double]) async throws {
    guard !paces.isEmpty else { return }
    let queues = paces.keys.sorted()
    try await pool.execute(DeskStore.keepPace, [queues, queues.map { paces[$0] ?? 0 }])
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

  private static let keepPace = PostgresStatement<Void>(
    "keep_pace",
    """
    INSERT INTO desk.queue_pace (queue, per_second, measured_at)
    SELECT p.queue, p.per_second, clock_timestamp() FROM unnest($1::text[], $2::double precision[]) AS p(queue, per_second)
    ON CONFLICT (queue) DO UPDATE SET per_second = excluded.per_second, measured_at = excluded.measured_at
    """, planning: .once)
}
