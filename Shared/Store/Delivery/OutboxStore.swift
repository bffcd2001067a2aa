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

  /// As a store has it.
  package init(
    id: NoticeID, hook: HookID, kind: String, ticket: TicketID, body: String, createdAt: Instant, attempts: Int16,
    traceparent: String?
  ) {
    self.id = id
    self.hook = hook
    self.kind = kind
    self.ticket = ticket
    self.body = body
    self.createdAt = createdAt
    self.attempts = attempts
    self.traceparent = traceparent
  }
}

/// Deliveries to hooks, and the dead letters of deliveries and messages.
public struct OutboxStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
}

extension OutboxStore {
  /// Claims due deliveries of one hook, exclusively until `claimTime` has passed.
  ///
  /// Replies and requests for confirmation keep their order within a ticket: while an earlier one to the same hook is pending, claimed or
  /// waiting for a retry, later ones are not claimed. Dead letters block nothing.
  ///
  /// - Parameters:
  ///   - overdue: only those that have been due for at least this long.
  ///   - keepingOrder: false claims all that are due, for a caller who does not deliver them.
  public func claimNotices(
    for hook: HookID, by claimer: InstanceID, limit: Int, claimTime: Duration, overdue: Duration = .zero,
    keepingOrder: Bool = true
  ) async throws -> [ClaimedNotice] {
    try await pool.query(
      OutboxStore.claim,
      [
        hook, claimer, Int64(min(limit, StoreBounds.rowsPerClaim)), claimTime.inSeconds, overdue.inSeconds,
        keepingOrder,
      ])
  }

  /// Removes successful deliveries. Their hooks are no longer failing.
  /// - Returns: the failed attempts since their hooks' last success; 0 when none was failing.
  @discardableResult
  public func delivered(_ notices: [NoticeID]) async throws -> Int32 {
    guard !notices.isEmpty else { return 0 }
    return try await retryingDeadlocks { try await pool.query(OutboxStore.strikeOut, [notices]).max() ?? 0 }
  }

  /// Brings forward the deliveries of a hook that wait for a retry, in bounded batches at a given rate per second: its endpoint accepts
  /// deliveries again.
  /// - Returns: how many waited.
  public func wakeAllRetries(of hook: HookID, perSecond rate: Int) async throws -> Int64 {
    try await PacedBatches.run(perSecond: rate) {
      try await wakeRetries(of: hook, after: $0, startingIn: $1, perSecond: rate)
    }
  }

  /// Brings forward one batch of the deliveries that wait for a retry, in the order of their identifiers. None becomes due later than
  /// it is. An early retry that fails does not use up the delivery's schedule, but a delivery is brought forward at most
  /// `StoreBounds.wakesPerDelivery` times: one that always fails must come to the end of its schedule.
  ///
  /// - Parameters:
  ///   - last: the identifier after which the batch begins; nil at first.
  ///   - delay: when the first of them is due.
  ///   - rate: how many become due per second, above 0; each at a random time within its share of the second.
  /// - Returns: how many waited, and the last one's identifier; nil when there are no more.
  func wakeRetries(
    of hook: HookID, after last: NoticeID?, startingIn delay: Duration, perSecond rate: Int
  ) async throws -> PacedBatches.Batch? {
    try await pool.query(
      OutboxStore.wakeWaiting,
      [
        hook, last ?? NoticeID(high: 0, low: 0), Int64(StoreBounds.deliveriesPerReplay), delay.inSeconds,
        1 / Double(rate), Int64(StoreBounds.wakesPerDelivery),
      ]
    ).first
  }

  /// Postpones a failed delivery, and counts the failure against its hook.
  public func postpone(_ notice: NoticeID, by delay: Duration, error: String) async throws {
    try await pool.execute(OutboxStore.postponeNotice, [notice, delay.inSeconds, error])
  }

  /// Moves a delivery to the dead letters. The reply that it carried to its channel has failed.
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

  /// The kinds that a channel's reply hook gets: their deliveries keep their order within a ticket, as the predicate of the index
  /// `outbox_conversation` has them.
  package static let orderedKinds = [NoticeKind.messageReplied, .confirmationAsked]
  private static let isOrdered = "IN (\(orderedKinds.map { "'\($0.rawValue)'" }.joined(separator: ", ")))"

  /// `statement_timestamp()`, which is constant within the statement, bounds the scan of `outbox_due` to due rows;
  /// `clock_timestamp()` would be read for each row of the hook.
  private static let claim = PostgresStatement(
    "claim_notices",
    """
    WITH picked AS MATERIALIZED (
      SELECT id FROM desk.outbox d WHERE hook = $1 AND next_attempt_at <= statement_timestamp() - make_interval(secs => $5)
         AND (NOT $6 OR NOT kind \(isOrdered) OR NOT EXISTS (
           SELECT FROM desk.outbox e WHERE e.ticket_id = d.ticket_id AND e.hook = d.hook AND e.kind \(isOrdered)
              AND (e.created_at, e.id) < (d.created_at, d.id)))
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

  /// A reply that the channel's own hook has accepted is sent. Writes the hook's row only if it was failing.
  private static let strikeOut = PostgresStatement<Int32>(
    "strike_out_notices",
    """
    WITH deleted AS (DELETE FROM desk.outbox WHERE id = ANY($1::uuid[]) RETURNING hook, kind, body),
    replied AS MATERIALIZED (
      SELECT hook, \(replyNamed(in: "body")) AS id FROM deleted WHERE kind = 'message.replied'),
    sent AS (
      UPDATE desk.reply r SET state = 'sent', state_at = clock_timestamp()
        FROM (SELECT w.id FROM desk.reply w JOIN replied d ON w.id = d.id AND w.hook = d.hook
               WHERE w.state = 'queued' ORDER BY w.id FOR UPDATE OF w) AS held
       WHERE r.id = held.id),
    failing AS MATERIALIZED (
      SELECT hook, failures FROM desk.hook_state
       WHERE hook IN (SELECT hook FROM deleted) AND failing_since IS NOT NULL FOR UPDATE),
    ended AS (
      UPDATE desk.hook_state s SET failing_since = NULL, failures = 0, last_error = NULL, notified_at = NULL
        FROM failing f WHERE s.hook = f.hook)
    SELECT failures FROM failing
    """, planning: .once)

  private static let wakeWaiting = PostgresStatement(
    "wake_retries",
    """
    WITH picked AS MATERIALIZED (
      SELECT id FROM desk.outbox
       WHERE hook = $1 AND id > $2 AND attempts > 0 AND woken < $6 AND claimed_by IS NULL
         AND next_attempt_at > statement_timestamp()
       ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED),
    placed AS MATERIALIZED (
      SELECT id, statement_timestamp()
               + make_interval(secs => $4::float8 + $5::float8 * (row_number() OVER (ORDER BY id) - 1 + random())) AS turn
        FROM picked),
    put AS (
      UPDATE desk.outbox o SET attempts = attempts - 1, woken = woken + 1, next_attempt_at = p.turn
        FROM placed p WHERE o.id = p.id AND o.next_attempt_at > p.turn)
    SELECT count(*), max(id::text)::uuid FROM picked HAVING count(*) > 0
    """
  ) { row in (count: try row.next(Int64.self), last: try row.next(NoticeID.self)) }

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

  /// The reply that a notice of the kind `message.replied` names. Names from outside are escaped in its JSON, so they do not match.
  static func replyNamed(in body: String) -> String {
    "(substring(\(body) FROM '\"message\":\"([0-9a-f-]{36})\"'))::uuid"
  }

  private static let releaseNotice = PostgresStatement<Void>(
    "release_notice",
    "UPDATE desk.outbox SET claimed_by = NULL, next_attempt_at = clock_timestamp() WHERE id = $1", planning: .once)

  private static let deadLetterNotice = PostgresStatement<Void>(
    "dead_letter_notice",
    """
    WITH deleted AS (DELETE FROM desk.outbox WHERE id = $1 RETURNING *),
    failed AS (
      UPDATE desk.reply r SET state = 'failed', state_at = clock_timestamp(), reason = left($2, \(StoreBounds.failureReasonCharacters))
        FROM deleted d
       WHERE d.kind = 'message.replied' AND r.id = \(replyNamed(in: "d.body")) AND r.hook = d.hook AND r.state = 'queued')
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
