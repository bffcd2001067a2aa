public import DeskCore
import PostgreSQL

extension AuditStore {
  /// Checks the consistency of messages accepted from one time up to another, by their identifiers. It reads only those
  /// messages and their tickets' timelines, so that it may run repeatedly while the desk works.
  ///
  /// `wrongLoads` of the balance is not checked and stays 0.
  public func balance(acceptedFrom begin: Instant, to end: Instant) async throws -> LedgerBalance? {
    try await pool.query(AuditStore.recentBalance, [begin, end]).first
  }

  /// Returns since when the oldest undecided message is waiting (nil when all are decided), and the database's time.
  public func oldestUndecided() async throws -> (now: Instant, oldest: Instant?)? {
    try await pool.query(AuditStore.oldestInInbox).first
  }

  /// Set differences, because the planner lacks statistics for recently filled tables to join them well.
  private static let recentBalance = PostgresStatement(
    "recent_balance",
    """
    WITH arrived AS MATERIALIZED (
      SELECT id, ticket_id FROM desk.message
       WHERE direction = 1 AND id >= desk.uuid_floor($1) AND id < desk.uuid_floor($2)),
    decided AS MATERIALIZED (
      SELECT (e.detail->>'message')::uuid AS message, count(*) AS times FROM desk.ticket_event e
       WHERE e.ticket_id = ANY (ARRAY(SELECT ticket_id FROM arrived))
         AND e.kind IN ('queued', 'triaged', 'answered', 'customer_wrote', 'rejected') AND e.detail ? 'message' GROUP BY 1)
    SELECT (SELECT count(*) FROM arrived), (SELECT count(*) FROM desk.message_key),
           (SELECT count(*) FROM (SELECT id FROM arrived EXCEPT SELECT message_id FROM desk.message_key) keyless),
           (SELECT count(*) FROM (
              SELECT id FROM arrived EXCEPT SELECT message FROM decided EXCEPT SELECT message_id FROM desk.inbox
              EXCEPT SELECT id FROM desk.dead_letter WHERE replayed_at IS NULL) forgotten),
           (SELECT count(*) FROM decided WHERE times > 1), 0::bigint
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
