public import DeskCore
import PostgreSQL

/// What is known of a queue in which tickets wait or that is stuck.
public struct QueueMovement: Sendable, Hashable {
  public let queue: QueueID
  /// Tickets that wait; counted up to `StoreBounds.placesCounted`.
  public let waiting: Int64
  /// The ticket that waits longest, and since when; nil when none waits.
  public let oldest: TicketID?
  public let oldestSince: Instant?
  /// Whether a ticket is offered to an agent now, or went to one within `StoreBounds.paceHolds`.
  public let moves: Bool
  /// Whether an episode is open.
  public let isStuck: Bool
  /// When the newest episode ended; nil if none did, or while one is open.
  public let lastEndedAt: Instant?
}

/// An episode in which nothing moved in a queue.
public struct StuckQueue: Sendable, Hashable {
  public let queue: QueueID
  public let beganAt: Instant
  public let reason: StuckQueueRule.Reason
  public let waiting: Int64
  /// The ticket that waited longest when it began.
  public let example: TicketID

  /// Describes an episode.
  init(queue: QueueID, beganAt: Instant, reason: StuckQueueRule.Reason, waiting: Int64, example: TicketID) {
    self.queue = queue
    self.beganAt = beganAt
    self.reason = reason
    self.waiting = waiting
    self.example = example
  }
}

extension MatchingStore {
  /// Returns how these queues, and those that are stuck, move. A ticket whose customer has only greeted does not wait yet.
  public func movement(of queues: [QueueID], at now: Instant) async throws -> [QueueMovement] {
    try await pool.query(
      MatchingStore.movement,
      [queues.sorted(), Int64(StoreBounds.placesCounted), StoreBounds.paceHolds.inSeconds, now])
  }

  /// Begins an episode, with subscriber notices. The database notifies the leads.
  /// - Returns: nil when one is open already.
  public func beginStuck(
    _ seen: QueueMovement, because reason: StuckQueueRule.Reason, leads: [AgentID], notifying notices: [Notice]
  ) async throws -> StuckQueue? {
    guard let oldest = seen.oldest else { return nil }
    var batch = PostgresBatch("begin_stuck_queue")
    let begun = batch.add(MatchingStore.beginStuck, [seen.queue, reason.rawValue, seen.waiting, oldest, leads])
    OutboxStore.enqueueNotices(notices, in: &batch)
    do {
      return try await pool.transaction(batch).rows(begun).first
    } catch let error as PostgresError where error.sqlState == PostgresCondition.unique {
      return nil
    }
  }

  /// Ends the episode of a queue. Of several watchers one ends it, and enqueues the notices.
  /// - Returns: the episode; nil when none is open.
  public func endStuck(_ queue: QueueID, notifying notices: (StuckQueue) -> [Notice]) async throws -> StuckQueue? {
    guard let ended = try await pool.query(MatchingStore.openStuck, [queue]).first else { return nil }
    var batch = PostgresBatch("end_stuck_queue")
    batch.add(MatchingStore.endStuck, [queue, ended.beganAt])
    OutboxStore.enqueueNotices(notices(ended), in: &batch)
    do {
      _ = try await pool.transaction(batch)
      return ended
    } catch let error as PostgresError where error.sqlState == MatchingStore.endedElsewhere {
      return nil
    }
  }

  /// Returns the queues in which nothing moves now.
  public func stuckQueues() async throws -> [StuckQueue] {
    try await pool.query(MatchingStore.allStuck)
  }

  /// Raised where a division finds no row to end: the transaction with the notices is rolled back.
  private static let endedElsewhere = "22012"

  /// Tickets on offer are read once, not once for each queue.
  private static let movement = PostgresStatement(
    "queue_movement",
    """
    WITH offered AS MATERIALIZED (SELECT DISTINCT t.queue FROM desk.ticket t WHERE t.offer_expires_at > $4::timestamptz)
    SELECT q.queue, w.waiting, w.oldest, w.oldest_since,
           EXISTS (SELECT FROM desk.queue_pace p
                    WHERE p.queue = q.queue AND p.per_second > 0 AND p.measured_at > $4::timestamptz - make_interval(secs => $3))
             OR EXISTS (SELECT FROM offered o WHERE o.queue = q.queue),
           EXISTS (SELECT FROM desk.stuck_queue s WHERE s.queue = q.queue AND s.ended_at IS NULL),
           (SELECT CASE WHEN count(*) = count(s.ended_at) THEN max(s.ended_at) END FROM desk.stuck_queue s WHERE s.queue = q.queue)
      FROM (SELECT unnest($1::text[]) AS queue UNION SELECT queue FROM desk.stuck_queue WHERE ended_at IS NULL) q
     CROSS JOIN LATERAL (
       SELECT count(*) AS waiting, min(t.waiting_since) AS oldest_since,
              (array_agg(t.id ORDER BY t.waiting_since, t.id))[1] AS oldest
         FROM (SELECT t.id, t.waiting_since FROM desk.ticket t
                WHERE t.waiting_queue = q.queue
                  AND \(isNotHeld(at: "$4")) LIMIT $2) t) w
     ORDER BY q.queue
    """, planning: .once
  ) { row in
    try QueueMovement(
      queue: row.next(), waiting: row.next(), oldest: row.next(), oldestSince: row.next(), moves: row.next(),
      isStuck: row.next(), lastEndedAt: row.next())
  }

  private static let readStuck: @Sendable (inout PostgresRowReader) throws -> StuckQueue = { row in
    let queue = try row.next(QueueID.self)
    let beganAt = try row.next(Instant.self)
    guard let reason = try StuckQueueRule.Reason(rawValue: row.next(String.self)) else {
      throw StoreError.unreadable("stuck_queue")
    }
    return try StuckQueue(queue: queue, beganAt: beganAt, reason: reason, waiting: row.next(), example: row.next())
  }

  private static let beginStuck = PostgresStatement(
    "begin_stuck_queue",
    """
    INSERT INTO desk.stuck_queue (queue, reason, waiting, example, leads) VALUES ($1, $2, $3, $4, $5)
    RETURNING queue, began_at, reason, waiting, example
    """, row: readStuck)

  private static let openStuck = PostgresStatement(
    "open_stuck_queue",
    "SELECT queue, began_at, reason, waiting, example FROM desk.stuck_queue WHERE queue = $1 AND ended_at IS NULL",
    row: readStuck)

  private static let allStuck = PostgresStatement(
    "stuck_queues",
    "SELECT queue, began_at, reason, waiting, example FROM desk.stuck_queue WHERE ended_at IS NULL ORDER BY queue",
    row: readStuck)

  /// Fails, and with it the transaction, if another watcher has ended the episode.
  private static let endStuck = PostgresStatement<Void>(
    "end_stuck_queue",
    """
    WITH ended AS (
      UPDATE desk.stuck_queue SET ended_at = clock_timestamp() WHERE queue = $1 AND began_at = $2 AND ended_at IS NULL RETURNING queue)
    SELECT 1 / count(*) FROM ended
    """)
}
