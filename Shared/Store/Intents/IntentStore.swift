public import DeskCore
import PostgreSQL

/// What operators asked for on pages. Services write and read intents; only the owner claims and finishes them.
public struct IntentStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
}

// MARK: - Asking

extension IntentStore {
  /// What became of a request.
  public enum Outcome: Sendable {
    /// It was written now.
    case written(Intent)
    /// The person has asked for something under this key before: for this.
    case found(Intent)
    /// Too many are unfinished.
    case full
  }

  /// Writes an intent. A repetition under the same key finds the first one.
  ///
  /// - Parameters:
  ///   - id: its identifier.
  ///   - caller: the person's key or session.
  ///   - key: the request's idempotency key; unique to the caller.
  public func request(
    _ request: IntentRequest, id: IntentID, by caller: APIKey, key: String?
  ) async throws -> Outcome {
    let parameters = JSONValue.object(request.parameters).json
    let written = try await pool.query(
      IntentStore.insert,
      [
        id, request.kind.rawValue, parameters, request.document, request.reason, caller.id, caller.label, key,
        IntentBounds.patience.inSeconds, Int64(IntentBounds.unfinished),
      ])
    if let intent = written.first { return .written(intent) }
    guard let key, let found = try await pool.query(IntentStore.byKey, [caller.id, key]).first else { return .full }
    return .found(found)
  }

  /// Returns an intent; nil if there is none.
  public func intent(_ id: IntentID) async throws -> Intent? {
    try await pool.query(IntentStore.one, [id]).first
  }

  /// Returns intents without documents, newest first.
  /// - Parameters:
  ///   - states: only those in these states; empty for all.
  ///   - before: only those with an earlier identifier; nil for the newest.
  public func intents(in states: [Intent.State] = [], before: IntentID?, limit: Int) async throws -> [Intent] {
    try await pool.query(IntentStore.list, [states.map(\.rawValue), before, Int64(limit)])
  }
}

// MARK: - Carrying out

extension IntentStore {
  /// Claims the oldest intent that waits, or whose executor has not been heard of for `IntentBounds.claimTime`.
  ///
  /// Of two executors that claim at the same time, each gets another one. An intent that was claimed again after its executor had been
  /// silent has a higher term, under which the former one can no longer finish it.
  ///
  /// - Parameters:
  ///   - kinds: only of these kinds, or, with `isExcluding`, of any other.
  ///   - me: the executor.
  public func claim(
    _ kinds: [Intent.Kind], isExcluding: Bool, by me: InstanceID
  ) async throws -> ClaimedIntent? {
    try await pool.query(
      IntentStore.claim, [me, IntentBounds.claimTime.inSeconds, kinds.map(\.rawValue), isExcluding]
    ).first
  }

  /// Extends a claim.
  /// - Returns: false when another executor has claimed the intent since, or it is finished.
  public func renew(_ claimed: Intent) async throws -> Bool {
    try await !pool.query(IntentStore.renew, [claimed.id, claimed.term, IntentBounds.claimTime.inSeconds]).isEmpty
  }

  /// Records that all checks have passed. From here on whoever claims the intent carries it out without checking again.
  /// - Parameter plan: an object: what the checks found that carrying it out again depends on.
  /// - Returns: false as in `renew`.
  public func begin(_ claimed: Intent, plan: JSONValue) async throws -> Bool {
    try await !pool.query(IntentStore.begin, [claimed.id, claimed.term, plan.json]).isEmpty
  }

  /// Ends an intent.
  /// - Parameters:
  ///   - state: a final one.
  ///   - result: an object.
  /// - Returns: false as in `renew`.
  public func finish(_ claimed: Intent, _ state: Intent.State, _ result: JSONValue) async throws -> Bool {
    precondition(state.isFinal, "an intent ends in a final state")
    return try await !pool.query(IntentStore.finish, [claimed.id, claimed.term, state.rawValue, result.json]).isEmpty
  }
}

// MARK: - Statements

extension IntentStore {
  private static func columns(_ document: String = "i.document") -> String {
    """
    i.id, i.kind, i.parameters::text, \(document), i.reason, i.requested_by, i.label, i.requested_at, i.expires_at, i.state, i.term,
    i.begun_at, i.plan::text, i.finished_at, i.result::text
    """
  }

  private static let read: @Sendable (inout PostgresRowReader) throws -> Intent = { row in
    let (id, kind) = (try row.next(IntentID.self), try row.next(String.self))
    guard let parameters = JSONValue(json: try row.next(String.self)) else { throw StoreError.unreadable("parameters") }
    let (document, reason) = (try row.next(String?.self), try row.next(String.self))
    let (caller, label) = (try row.next(Identifier<APIKey>.self), try row.next(String.self))
    let (requestedAt, expiresAt) = (try row.next(Instant.self), try row.next(Instant.self))
    guard let state = Intent.State(rawValue: try row.next(String.self)) else { throw StoreError.unreadable("state") }
    let (term, begunAt) = (try row.next(Int32.self), try row.next(Instant?.self))
    let plan = try row.next(String?.self).flatMap { JSONValue(json: $0) }
    let finishedAt = try row.next(Instant?.self)
    return Intent(
      id: id, kind: kind, parameters: parameters, document: document, reason: reason, requestedBy: caller, label: label,
      requestedAt: requestedAt, expiresAt: expiresAt, state: state, term: term, begunAt: begunAt, plan: plan,
      finishedAt: finishedAt, result: try row.next(String?.self).flatMap { JSONValue(json: $0) })
  }

  /// Inserts nothing when the key was used or there is no room.
  private static let insert = PostgresStatement(
    "insert_intent",
    """
    INSERT INTO desk.intent AS i (id, kind, parameters, document, reason, requested_by, label, idempotency_key, expires_at)
    SELECT $1::uuid, $2::text, $3::text::jsonb, $4::text, $5::text, $6::uuid, $7::text, $8::text,
           clock_timestamp() + make_interval(secs => $9::float8)
     WHERE (SELECT count(*) FROM desk.intent u WHERE u.finished_at IS NULL) < $10::bigint
    ON CONFLICT (requested_by, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
    RETURNING \(columns())
    """, row: read)

  private static let byKey = PostgresStatement(
    "intent_by_key", "SELECT \(columns()) FROM desk.intent i WHERE i.requested_by = $1 AND i.idempotency_key = $2",
    row: read)

  private static let one = PostgresStatement(
    "intent", "SELECT \(columns()) FROM desk.intent i WHERE i.id = $1", row: read)

  private static let list = PostgresStatement(
    "list_intents",
    """
    SELECT \(columns("NULL::text")) FROM desk.intent i
     WHERE (cardinality($1::text[]) = 0 OR i.state = ANY($1)) AND ($2::uuid IS NULL OR i.id < $2) ORDER BY i.id DESC LIMIT $3
    """, row: read)

  private static let claim = PostgresStatement(
    "claim_intent",
    """
    WITH next AS MATERIALIZED (
      SELECT n.id FROM desk.intent n
       WHERE n.finished_at IS NULL AND (n.state = 'pending' OR n.claimed_until < clock_timestamp())
         AND (n.kind = ANY($3::text[])) <> $4::boolean
       ORDER BY n.id LIMIT 1 FOR UPDATE SKIP LOCKED)
    UPDATE desk.intent i SET state = 'running', term = i.term + 1, claimed_by = $1,
           claimed_until = clock_timestamp() + make_interval(secs => $2::float8)
      FROM next WHERE i.id = next.id
    RETURNING \(columns()), i.begun_at IS NULL AND i.expires_at <= clock_timestamp(),
      EXISTS (SELECT FROM desk.api_key k WHERE k.id = i.requested_by AND k.role = 'operator' AND k.access = 'full'
                 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp()))
      OR EXISTS (SELECT FROM desk.session s WHERE s.id = i.requested_by AND s.role = 'operator' AND \(AccessStore.isOpen))
    """
  ) { row in
    let intent = try IntentStore.read(&row)
    return try ClaimedIntent(intent: intent, isExpired: row.next(), isByOperator: row.next())
  }

  private static let renew = PostgresStatement<IntentID>(
    "renew_intent",
    """
    UPDATE desk.intent SET claimed_until = clock_timestamp() + make_interval(secs => $3)
     WHERE id = $1 AND term = $2 AND state = 'running' RETURNING id
    """)

  private static let begin = PostgresStatement<IntentID>(
    "begin_intent",
    """
    UPDATE desk.intent SET begun_at = clock_timestamp(), plan = $3::text::jsonb
     WHERE id = $1 AND term = $2 AND state = 'running' AND begun_at IS NULL RETURNING id
    """)

  private static let finish = PostgresStatement<IntentID>(
    "finish_intent",
    """
    UPDATE desk.intent SET state = $3, result = $4::text::jsonb, finished_at = clock_timestamp(), claimed_until = NULL
     WHERE id = $1 AND term = $2 AND state = 'running' RETURNING id
    """)
}
