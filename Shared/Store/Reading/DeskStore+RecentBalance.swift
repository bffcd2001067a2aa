public import DeskCore
import PostgreSQL

extension DeskStore {
  /// Checks the messages against themselves that were accepted from one moment up to another, by their identifiers. It reads those
  /// messages and their tickets' timelines only, so that it may be asked again and again while the desk works.
  ///
  /// Of the balance, `wrongLoads` is not looked at and stays 0.
  public func balance(acceptedFrom begin: Instant, to end: Instant) async throws -> LedgerBalance? {
    try await pool.query(DeskStore.recentBalance, [begin, end]).first
  }

  /// Since when the oldest undecided message waits, and the database's clock; the moment is nil when all are decided.
  public func oldestUndecided() async throws -> (now: Instant, oldest: Instant?)? {
    try await pool.query(DeskStore.oldestInInbox).first
  }

  private static let recentBalance = PostgresStatement(
    "recent_balance",
    """
    WITH arrived AS MATERIALIZED (
      SELECT id, ticket_id FROM desk.message
       WHERE direction = 1 AND id >= desk.uuid_floor($1) AND id < desk.uuid_floor($2)),
    decided AS MATERIALIZED (
      SELECT e.detail->>'message' AS message, count(*) AS times FROM desk.ticket_event e
       WHERE e.ticket_id IN (SELECT ticket_id FROM arrived)
         AND e.kind IN ('queued', 'triaged', 'customer_wrote', 'rejected') AND e.detail ? 'message' GROUP BY 1),
    known AS MATERIALIZED (
      SELECT a.id FROM arrived a WHERE EXISTS (SELECT FROM desk.message_key k WHERE k.message_id = a.id)),
    judged AS MATERIALIZED (
      SELECT a.id, coalesce(d.times, 0) AS times, k.id IS NOT NULL AS has_key
        FROM arrived a LEFT JOIN known k ON k.id = a.id LEFT JOIN decided d ON d.message = a.id::text)
    SELECT count(*), count(*) FILTER (WHERE has_key), count(*) FILTER (WHERE NOT has_key),
           count(*) FILTER (
             WHERE times = 0 AND NOT EXISTS (SELECT FROM desk.inbox b WHERE b.message_id = judged.id)
               AND NOT EXISTS (SELECT FROM desk.dead_letter l WHERE l.id = judged.id AND l.replayed_at IS NULL)),
           count(*) FILTER (WHERE times > 1), 0::bigint
      FROM judged
    """
  ) { row in
    try LedgerBalance(
      messages: row.next(), keys: row.next(), doubled: row.next(), lost: row.next(), decidedTwice: row.next(),
      wrongLoads: row.next())
  }

  private static let oldestInInbox = PostgresStatement(
    "oldest_undecided", "SELECT clock_timestamp(), (SELECT min(accepted_at) FROM desk.inbox)", planning: .once
  ) { row in
    try (now: row.next(Instant.self), oldest: row.next(Instant?.self))
  }
}
