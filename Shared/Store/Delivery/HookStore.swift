public import DeskCore
import PostgreSQL

/// The runtime state of a hook: whether deliveries to it are paused, failing or held.
public struct HookState: Sendable, Hashable {
  /// The hook.
  public let hook: HookID
  /// Since when deliveries are paused; nil while they are active.
  public let pausedAt: Instant?
  /// Why they are paused; nil when no reason was given.
  public let pauseReason: String?
  /// Since when deliveries have failed; nil after a successful one.
  public let failingSince: Instant?
  /// Failed attempts since then.
  public let failures: Int32
  /// How the last one failed.
  public let lastError: String?
  /// When operators were notified of the failure or the pause.
  public let notifiedAt: Instant?
  /// Why a notifier holds deliveries, such as a secret that is not set; nil when none has reported it for `StoreBounds.holdReportHolds`.
  public let holdReason: String?

  /// Creates a hook's state.
  public init(
    hook: HookID, pausedAt: Instant? = nil, pauseReason: String? = nil, failingSince: Instant? = nil,
    failures: Int32 = 0, lastError: String? = nil, notifiedAt: Instant? = nil, holdReason: String? = nil
  ) {
    self.hook = hook
    self.pausedAt = pausedAt
    self.pauseReason = pauseReason
    self.failingSince = failingSince
    self.failures = failures
    self.lastError = lastError
    self.notifiedAt = notifiedAt
    self.holdReason = holdReason
  }

  /// The delivery status of a hook. A pause takes precedence over a hold, and a hold over failures.
  public enum Condition: String, Sendable {
    case on, paused, held, failing
  }

  /// The delivery status.
  public var condition: Condition {
    if pausedAt != nil { return .paused }
    if holdReason != nil { return .held }
    return failingSince == nil ? .on : .failing
  }

  /// Why deliveries are not working; nil if they are, or no reason was given.
  public var reason: String? { pausedAt == nil ? holdReason ?? lastError : pauseReason }
}

/// The state of the hooks: paused, failing, held.
public struct HookStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
}

extension HookStore {
  /// Returns every hook that was ever paused, failed or held, by name.
  public func hookStates() async throws -> [HookState] {
    try await pool.query(HookStore.readHookStates, [StoreBounds.holdReportHolds.inSeconds])
  }

  /// Returns the hooks with paused deliveries.
  public func pausedHooks() async throws -> Set<HookID> {
    Set(try await pool.query(HookStore.readPausedHooks))
  }

  /// Pauses deliveries to a hook; pending ones are kept. It is audited.
  /// - Parameter noticed: whether operators already know, because one of them does it.
  /// - Returns: whether they were active until now.
  @discardableResult
  public func pauseHook(_ hook: HookID, reason: String?, noticed: Bool = false) async throws -> Bool {
    try await !pool.query(HookStore.pauseDeliveries, [hook, reason, noticed]).isEmpty
  }

  /// Resumes deliveries to a hook. It is audited. See `hastenAll(_:perSecond:)` for deliveries postponed meanwhile.
  /// - Returns: whether they were paused.
  @discardableResult
  public func resumeHook(_ hook: HookID, reason: String?) async throws -> Bool {
    try await !pool.query(HookStore.resumeDeliveries, [hook, reason]).isEmpty
  }

  /// Makes a hook's deliveries due that wait for a retry or have never been attempted, with a fresh schedule, one batch in the
  /// order of their identifiers.
  ///
  /// - Parameters:
  ///   - last: the identifier after which the batch begins; nil at first.
  ///   - delay: when the first of them is due.
  ///   - rate: how many become due per second, above 0.
  /// - Returns: how many, and the last one's identifier; nil when there are no more.
  public func hasten(
    _ hook: HookID, after last: NoticeID?, startingIn delay: Duration, perSecond rate: Int
  ) async throws -> (count: Int64, last: NoticeID)? {
    let first = last ?? NoticeID(high: 0, low: 0)
    return try await pool.query(
      HookStore.hastenDeliveries,
      [hook, first, Int64(StoreBounds.deliveriesPerReplay), delay.inSeconds, 1 / Double(rate)]
    ).first
  }

  /// Makes all pending, unclaimed deliveries of a hook due, in bounded batches, at a given rate per second.
  /// - Returns: how many.
  public func hastenAll(_ hook: HookID, perSecond rate: Int) async throws -> Int64 {
    try await PacedBatches.run(perSecond: rate) {
      try await hasten(hook, after: $0, startingIn: $1, perSecond: rate)
    }
  }

  /// Records that a notifier holds a hook's deliveries, and why. Valid for `StoreBounds.holdReportHolds`.
  public func noteHold(of hook: HookID, reason: String) async throws {
    try await pool.execute(HookStore.writeHold, [hook, reason])
  }

  /// Records once that operators were notified of a hook's state, and queues the notices for other hooks.
  ///
  /// - Parameter notices: the receivers and identifiers. They refer to the ticket of a pending delivery of the hook; if there is
  ///   none left, no notice is sent.
  /// - Returns: whether it was recorded; false when another notifier had done it.
  public func noteNoticed(
    _ hook: HookID, sending notices: [(id: NoticeID, hook: HookID)], body: JSONValue
  ) async throws -> Bool {
    try await !pool.query(
      HookStore.writeNoticed,
      [hook, notices.map(\.id), notices.map(\.hook), NoticeKind.hookFailing.rawValue, body.json]
    ).isEmpty
  }

  private static let readHookStates = PostgresStatement(
    "hook_states",
    """
    SELECT hook, disabled_at, reason, failing_since, failures, last_error, notified_at,
           CASE WHEN held_at > statement_timestamp() - make_interval(secs => $1) THEN held_reason END
      FROM desk.hook_state ORDER BY hook
    """
  ) { row in
    try HookState(
      hook: row.next(), pausedAt: row.next(), pauseReason: row.next(), failingSince: row.next(), failures: row.next(),
      lastError: row.next(), notifiedAt: row.next(), holdReason: row.next())
  }

  private static let readPausedHooks = PostgresStatement<HookID>(
    "paused_hooks", "SELECT hook FROM desk.hook_state WHERE disabled_at IS NOT NULL")

  private static let pauseDeliveries = PostgresStatement<HookID>(
    "pause_hook",
    """
    INSERT INTO desk.hook_state AS h (hook, disabled_at, reason, notified_at)
    VALUES ($1, clock_timestamp(), $2, CASE WHEN $3 THEN clock_timestamp() END)
    ON CONFLICT (hook) DO UPDATE SET disabled_at = excluded.disabled_at, reason = excluded.reason,
      notified_at = excluded.notified_at
      WHERE h.disabled_at IS NULL
    RETURNING hook
    """)

  private static let resumeDeliveries = PostgresStatement<HookID>(
    "resume_hook",
    """
    UPDATE desk.hook_state SET disabled_at = NULL, reason = $2, failing_since = NULL, failures = 0, last_error = NULL,
           notified_at = NULL
     WHERE hook = $1 AND disabled_at IS NOT NULL RETURNING hook
    """)

  private static let hastenDeliveries = PostgresStatement(
    "hasten_deliveries",
    """
    WITH picked AS MATERIALIZED (
      SELECT id FROM desk.outbox WHERE hook = $1 AND id > $2 AND claimed_by IS NULL ORDER BY id LIMIT $3
         FOR UPDATE SKIP LOCKED),
    placed AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM picked),
    put AS (
      UPDATE desk.outbox o SET attempts = 0, woken = 0,
             next_attempt_at = statement_timestamp() + make_interval(secs => $4::float8 + $5::float8 * p.place)
        FROM placed p WHERE o.id = p.id RETURNING o.id)
    SELECT count(*), max(id::text)::uuid FROM put HAVING count(*) > 0
    """
  ) { row in (count: try row.next(Int64.self), last: try row.next(NoticeID.self)) }

  private static let writeHold = PostgresStatement<Void>(
    "note_hold",
    """
    INSERT INTO desk.hook_state (hook, held_at, held_reason) VALUES ($1, clock_timestamp(), $2)
    ON CONFLICT (hook) DO UPDATE SET held_at = excluded.held_at, held_reason = excluded.held_reason
    """)

  private static let writeNoticed = PostgresStatement<HookID>(
    "note_noticed",
    """
    WITH noted AS (
      UPDATE desk.hook_state SET notified_at = clock_timestamp() WHERE hook = $1 AND notified_at IS NULL RETURNING hook),
    about AS (SELECT ticket_id FROM desk.outbox WHERE hook = $1 ORDER BY next_attempt_at LIMIT 1),
    sent AS (
      INSERT INTO desk.outbox (id, hook, kind, ticket_id, body, created_at, next_attempt_at)
      SELECT n.id, n.hook, $4, about.ticket_id, $5, now(), now()
        FROM unnest($2::uuid[], $3::text[]) AS n(id, hook), about, noted)
    SELECT hook FROM noted
    """)
}
