public import DeskCore
import PostgreSQL

// What the company's CRM says about customers: a cache, and the requests that fill it.

extension PrivacyStore {
  /// Returns what is known of a customer's look-up.
  /// - Parameter timeout: from the call to the answer.
  public func lookUp(of customer: Correspondent, timeout: Duration) async throws -> LookUpRecord? {
    try await pool.query(PrivacyStore.readLookUp, [customer.channel, customer.customer], timeout: timeout).first
  }

  /// Asks for a look-up, if the customer has an open ticket: an erased customer has none, and the lock on it keeps an erasure out. One that
  /// was asked for before keeps its place, unless that was `LookUpRecord.patience` ago.
  public func wantLookUp(of customer: Correspondent, timeout: Duration) async throws {
    try await pool.execute(
      PrivacyStore.wantLookUp, [customer.channel, customer.customer, LookUpRecord.patience.inSeconds], timeout: timeout)
  }

  /// Claims look-ups that are wanted, oldest first; those that have waited longer than `LookUpRecord.patience` are left until they are
  /// asked for again.
  /// - Parameter claimTime: how long no other process gets them.
  public func claimLookUps(limit: Int, claimTime: Duration) async throws -> [Correspondent] {
    try await pool.query(
      PrivacyStore.claimLookUps, [Int64(limit), claimTime.inSeconds, LookUpRecord.patience.inSeconds])
  }

  /// Stores the CRM's answer. An erased customer has no row any more, so nothing is stored.
  /// - Parameter fields: nil when the CRM does not know the customer.
  public func answerLookUp(of customer: Correspondent, fields: CustomerFields?) async throws {
    try await pool.execute(
      PrivacyStore.answerLookUp, [customer.channel, customer.customer, (fields?.json.json).map { PostgresJSON($0) }])
  }

  /// Records that the CRM did not answer; an older answer is kept.
  public func failLookUp(of customer: Correspondent) async throws {
    try await pool.execute(PrivacyStore.failLookUp, [customer.channel, customer.customer])
  }

  /// Deletes look-ups whose last event is older than `age`.
  /// - Returns: how many were deleted, at most `limit`.
  public func forgetLookUps(olderThan age: Duration, limit: Int) async throws -> Int {
    try await pool.query(PrivacyStore.forgetLookUps, [age.inSeconds, Int64(limit)]).count
  }

  private static let readLookUp = PostgresStatement(
    "read_lookup",
    """
    SELECT wanted_at, fetched_at, failed_at, fields::text FROM desk.customer_lookup WHERE channel = $1 AND customer = $2
    """, planning: .once
  ) { row in
    try LookUpRecord(wantedAt: row.next(), fetchedAt: row.next(), failedAt: row.next(), fields: row.next())
  }

  private static let wantLookUp = PostgresStatement<Void>(
    "want_lookup",
    """
    WITH alive AS MATERIALIZED (
      SELECT true AS is_alive FROM desk.open_ticket o WHERE o.channel = $1 AND (o.customer = $2 OR o.known_as = $2)
       LIMIT 1 FOR KEY SHARE SKIP LOCKED)
    INSERT INTO desk.customer_lookup AS l (channel, customer, wanted_at)
    SELECT $1, $2, clock_timestamp() FROM alive
    ON CONFLICT (channel, customer) DO UPDATE SET wanted_at = excluded.wanted_at
     WHERE l.wanted_at IS NULL OR l.wanted_at < excluded.wanted_at - make_interval(secs => $3)
    """, planning: .once)

  private static let claimLookUps = PostgresStatement(
    "claim_lookups",
    """
    WITH due AS MATERIALIZED (
      SELECT channel, customer FROM desk.customer_lookup
       WHERE wanted_at > now() - make_interval(secs => $3) AND (claimed_until IS NULL OR claimed_until < now())
       ORDER BY wanted_at LIMIT $1 FOR UPDATE SKIP LOCKED)
    UPDATE desk.customer_lookup l SET claimed_until = now() + make_interval(secs => $2)
      FROM due d WHERE l.channel = d.channel AND l.customer = d.customer
    RETURNING l.channel, l.customer
    """, planning: .once
  ) { row in
    let channel = try row.next(ChannelID.self)
    return try Correspondent(row.next(), on: channel)
  }

  private static let answerLookUp = PostgresStatement<Void>(
    "answer_lookup",
    """
    UPDATE desk.customer_lookup SET wanted_at = NULL, claimed_until = NULL, fetched_at = clock_timestamp(), failed_at = NULL, fields = $3
     WHERE channel = $1 AND customer = $2
    """, planning: .once)

  private static let failLookUp = PostgresStatement<Void>(
    "fail_lookup",
    """
    UPDATE desk.customer_lookup SET wanted_at = NULL, claimed_until = NULL, failed_at = clock_timestamp()
     WHERE channel = $1 AND customer = $2
    """, planning: .once)

  private static let forgetLookUps = PostgresStatement<ChannelID>(
    "forget_lookups",
    """
    DELETE FROM desk.customer_lookup WHERE (channel, customer) IN (
      SELECT channel, customer FROM desk.customer_lookup
       WHERE greatest(wanted_at, fetched_at, failed_at) < now() - make_interval(secs => $1) LIMIT $2 FOR UPDATE SKIP LOCKED)
    RETURNING channel
    """)
}
