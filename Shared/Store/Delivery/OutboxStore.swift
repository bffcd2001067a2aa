public import DeskCore
import PostgreSQL

/// A claimed delivery.
public struct ClaimedNotice: Sendable {
  /// The stable id, by which the receiver drops duplicates.
  public let id: NoticeID
  /// The hook that receives it.
  public let hook: HookID
  /// What happened.
  public let kind: String
  /// The ticket it is about.
  public let ticket: TicketID
  /// The JSON body.
  public let body: String
  /// When it happened.
  public let createdAt: Instant
  /// Failed attempts so far.
  public let attempts: Int16
  /// The trace that it belongs to; nil if none is recorded.
  public let traceparent: String?
}

/// Deliveries to hooks, and the dead letters of deliveries and messages.
public struct OutboxStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
}

extension OutboxStore {
  /// Claims due deliveries of one hook, exclusively until `claimTime` has passed.
  /// - Parameter overdue: only those that have been due for at least this long.
  public func claimNotices(
    for hook: HookID, by claimer: InstanceID, limit: Int, claimTime: Duration, overdue: Duration = .zero
  ) async throws -> [ClaimedNotice] {
    try await pool.query(
      OutboxStore.claim,
      [hook, claimer, Int64(min(limit, StoreBounds.rowsPerClaim)), claimTime.inSeconds, overdue.inSeconds])
  }

  /// Removes successful deliveries. Their hooks are no longer failing.
  public func delivered(_ notices: [NoticeID]) async throws {
    guard !notices.isEmpty else { return }
    try await pool.execute(OutboxStore.strikeOut, [notices])
  }

  /// Postpones a failed delivery, and counts the failure against its hook.
  public func postpone(_ notice: NoticeID, by delay: Duration, error: String) async throws {
    try await pool.execute(OutboxStore.postponeNotice, [notice, delay.inSeconds, error])
  }

  /// Moves a delivery to the dead letters.
  public func deadLetter(_ notice: NoticeID, reason: String) async throws {
    try await pool.execute(OutboxStore.deadLetterNotice, [notice, reason])
  }

  /// Releases a claimed delivery unchanged: due, with its previous attempts.
  public func release(_ notice: NoticeID) async throws {
    try await pool.execute(OutboxStore.releaseNotice, [notice])
  }

  /// Returns the hooks with pending deliveries, by name. Reads one index row for each.
  public func hooksWithPendingDeliveries() async throws -> [HookID] {
    try await pool.query(OutboxStore.owedHooks)
  }

  /// `statement_timestamp()`, which is constant within the statement, bounds the scan of `outbox_due` to due rows;
  /// `clock_timestamp()` would be read for each row of the hook.
  private static let claim = PostgresStatement(
    "claim_notices",
    """
    WITH picked AS MATERIALIZED (
      SELECT id FROM desk.outbox WHERE hook = $1 AND next_attempt_at <= statement_timestamp() - make_interval(secs => $5)
       ORDER BY next_attempt_at LIMIT $3 FOR UPDATE SKIP LOCKED
    )
    UPDATE desk.outbox o SET claimed_by = $2, next_attempt_at = clock_timestamp() + make_interval(secs => $4)
      FROM picked WHERE o.id = picked.id
    RETURNING o.id, o.hook, o.kind, o.ticket_id, o.body, o.created_at, o.attempts, o.traceparent
    """, planning: .once
  ) { row in
    try ClaimedNotice(
      id: row.next(), hook: row.next(), kind: row.next(), ticket: row.next(), body: row.next(), createdAt: row.next(),
      attempts: row.next(), traceparent: row.next())
  }

  /// Writes the hook's row only if it was failing.
  private static let strikeOut = PostgresStatement<Void>(
    "strike_out_notices",
    """
    WITH deleted AS (DELETE FROM desk.outbox WHERE id = ANY($1::uuid[]) RETURNING hook)
    UPDATE desk.hook_state SET failing_since = NULL, failures = 0, last_error = NULL, notified_at = NULL
     WHERE hook IN (SELECT hook FROM deleted) AND failing_since IS NOT NULL
    """, planning: .once)

  private static let postponeNotice = PostgresStatement<Void>(
    "postpone_notice",
    """
    WITH put AS (
      UPDATE desk.outbox SET attempts = attempts + 1, claimed_by = NULL, last_error = $3,
             next_attempt_at = clock_timestamp() + make_interval(secs => $2)
       WHERE id = $1 RETURNING hook)
    INSERT INTO desk.hook_state AS h (hook, failing_since, failures, last_error)
    SELECT hook, clock_timestamp(), 1, $3 FROM put
    ON CONFLICT (hook) DO UPDATE SET failing_since = coalesce(h.failing_since, excluded.failing_since),
      failures = h.failures + 1, last_error = excluded.last_error
    """, planning: .once)

  private static let releaseNotice = PostgresStatement<Void>(
    "release_notice",
    "UPDATE desk.outbox SET claimed_by = NULL, next_attempt_at = clock_timestamp() WHERE id = $1", planning: .once)

  private static let deadLetterNotice = PostgresStatement<Void>(
    "dead_letter_notice",
    """
    WITH deleted AS (DELETE FROM desk.outbox WHERE id = $1 RETURNING *)
    INSERT INTO desk.dead_letter (id, kind, ticket_id, hook, reason, body)
    SELECT id, 'notice', ticket_id, hook, $2, to_jsonb(deleted) FROM deleted
    ON CONFLICT (id) DO UPDATE SET reason = excluded.reason, failed_at = now(), replayed_at = NULL
    """)

  /// Skips from one hook's first index row to the next one's.
  private static let owedHooks = PostgresStatement<HookID>(
    "hooks_owed",
    """
    WITH RECURSIVE due_hook AS (
      (SELECT hook FROM desk.outbox ORDER BY hook LIMIT 1)
      UNION ALL
      SELECT (SELECT o.hook FROM desk.outbox o WHERE o.hook > due_hook.hook ORDER BY o.hook LIMIT 1)
        FROM due_hook WHERE due_hook.hook IS NOT NULL)
    SELECT hook FROM due_hook WHERE hook IS NOT NULL
    """, planning: .once)
}
