public import DeskCore
import PostgreSQL

/// A delivery that was claimed.
public struct ClaimedNotice: Sendable {
  /// The stable id; the receiver drops repetitions by it.
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
  /// Attempts that failed so far.
  public let attempts: Int16
}

/// How a hook's deliveries are doing.
public struct OutboxFigures: Sendable, Hashable {
  /// The hook.
  public let hook: HookID
  /// Deliveries that wait or are under way.
  public let waiting: Int64
  /// The oldest one's creation.
  public let oldest: Instant?
}

/// A hook that wants nothing for now.
public struct SwitchedOffHook: Sendable, Hashable {
  /// The hook.
  public let hook: HookID
  /// Since when.
  public let since: Instant
  /// Why; nil when nobody said.
  public let reason: String?
}

extension DeskStore {
  /// Claims deliveries of one hook that are due. Until `claimTime` has passed nobody else is given them.
  public func claimNotices(
    for hook: HookID, by claimer: InstanceID, limit: Int, claimTime: Duration
  ) async throws -> [ClaimedNotice] {
    try await pool.query(
      DeskStore.claim, [hook, claimer, Int64(min(limit, StoreBounds.rowsPerClaim)), claimTime.inSeconds])
  }

  /// Strikes deliveries out that arrived.
  public func delivered(_ notices: [NoticeID]) async throws {
    guard !notices.isEmpty else { return }
    try await pool.execute(DeskStore.strikeOut, [notices])
  }

  /// Puts a failed delivery off.
  public func postpone(_ notice: NoticeID, by delay: Duration, error: String) async throws {
    try await pool.execute(DeskStore.postponeNotice, [notice, delay.inSeconds, error])
  }

  /// Moves a delivery to the dead letters.
  public func bury(_ notice: NoticeID, reason: String) async throws {
    try await pool.execute(DeskStore.buryNotice, [notice, reason])
  }

  /// Notes that a hook wants nothing more, or wants again.
  public func setHook(_ hook: HookID, disabled: Bool, reason: String?) async throws {
    try await pool.execute(DeskStore.markHook, [hook, disabled, reason])
  }

  /// The hooks that are switched off.
  public func disabledHooks() async throws -> Set<HookID> {
    Set(try await pool.query(DeskStore.offHooks))
  }

  /// The same with the time and the reason of each, by name.
  public func hooksSwitchedOff() async throws -> [SwitchedOffHook] {
    try await pool.query(DeskStore.offHooksWithReasons)
  }

  /// Waiting deliveries by hook.
  public func outboxFigures() async throws -> [OutboxFigures] {
    try await pool.query(DeskStore.outboxCounts)
  }

  private static let claim = PostgresStatement(
    "claim_notices",
    """
    WITH picked AS MATERIALIZED (
      SELECT id FROM desk.outbox WHERE hook = $1 AND next_attempt_at <= clock_timestamp()
       ORDER BY next_attempt_at LIMIT $3 FOR UPDATE SKIP LOCKED
    )
    UPDATE desk.outbox o SET claimed_by = $2, next_attempt_at = clock_timestamp() + make_interval(secs => $4)
      FROM picked WHERE o.id = picked.id
    RETURNING o.id, o.hook, o.kind, o.ticket_id, o.body, o.created_at, o.attempts
    """, planning: .once
  ) { row in
    try ClaimedNotice(
      id: row.next(), hook: row.next(), kind: row.next(), ticket: row.next(), body: row.next(), createdAt: row.next(),
      attempts: row.next())
  }

  private static let strikeOut = PostgresStatement<Void>(
    "strike_out_notices", "DELETE FROM desk.outbox WHERE id = ANY($1::uuid[])", planning: .once)

  private static let postponeNotice = PostgresStatement<Void>(
    "postpone_notice",
    """
    UPDATE desk.outbox SET attempts = attempts + 1, claimed_by = NULL, last_error = $3,
           next_attempt_at = clock_timestamp() + make_interval(secs => $2)
     WHERE id = $1
    """, planning: .once)

  private static let buryNotice = PostgresStatement<Void>(
    "bury_notice",
    """
    WITH gone AS (DELETE FROM desk.outbox WHERE id = $1 RETURNING *)
    INSERT INTO desk.dead_letter (id, kind, ticket_id, hook, reason, body)
    SELECT id, 'notice', ticket_id, hook, $2, to_jsonb(gone) FROM gone
    ON CONFLICT (id) DO UPDATE SET reason = excluded.reason, died_at = now(), replayed_at = NULL
    """)

  private static let markHook = PostgresStatement<Void>(
    "mark_hook",
    """
    INSERT INTO desk.hook_state (hook, disabled_at, reason)
    VALUES ($1, CASE WHEN $2 THEN clock_timestamp() END, $3)
    ON CONFLICT (hook) DO UPDATE SET disabled_at = excluded.disabled_at, reason = excluded.reason
    """)

  private static let offHooks = PostgresStatement<HookID>(
    "disabled_hooks", "SELECT hook FROM desk.hook_state WHERE disabled_at IS NOT NULL")

  private static let offHooksWithReasons = PostgresStatement(
    "hooks_switched_off",
    "SELECT hook, disabled_at, reason FROM desk.hook_state WHERE disabled_at IS NOT NULL ORDER BY hook"
  ) { row in
    try SwitchedOffHook(hook: row.next(), since: row.next(), reason: row.next())
  }

  private static let outboxCounts = PostgresStatement(
    "outbox_figures", "SELECT hook, count(*), min(created_at) FROM desk.outbox GROUP BY hook ORDER BY hook"
  ) { row in
    try OutboxFigures(hook: row.next(), waiting: row.next(), oldest: row.next())
  }
}
