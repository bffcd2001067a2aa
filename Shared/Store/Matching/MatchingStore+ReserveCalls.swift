public import DeskCore
import PostgreSQL

extension MatchingStore {
  /// Returns the newest call of each agent who was called in the last day, or whose call is open.
  public func reserveCalls() async throws -> [ReserveCall] {
    try await pool.query(MatchingStore.newestReserveCalls, [StoreBounds.reserveCallsRemembered.inSeconds])
  }

  /// Calls an agent, with subscriber notices. The database notifies the agent and the leads, and writes the audit.
  /// - Returns: false when a call is open already, or the agent is not in reserve any more.
  public func callReserve(
    _ agent: AgentID, team: TeamID?, to need: ReserveNeed, leads: [AgentID], notifying notices: [Notice]
  ) async throws -> Bool {
    guard let reason = need.reason, let example = need.example else { return false }
    var batch = PostgresBatch("call_reserve")
    batch.add(
      MatchingStore.callReserve,
      [
        agent, team, need.queue, reason.rawValue, Int64(need.waiting), Int64(min(need.late, need.waiting)), example,
        leads,
      ])
    OutboxStore.enqueueNotices(notices, in: &batch)
    return try await committed(batch)
  }

  /// Records that an agent who was called has come.
  /// - Returns: false when the call has ended or this was recorded already.
  @discardableResult
  public func acceptReserveCall(_ call: ReserveCall) async throws -> Bool {
    try await !pool.query(MatchingStore.acceptReserveCall, [call.agent, call.calledAt]).isEmpty
  }

  /// Ends a call, with subscriber notices. An agent who is released is in reserve from the same commit on, but only while they have neither
  /// a ticket nor an offer: nothing is taken away.
  /// - Returns: false when nothing was changed, because the call has ended, or the agent got work or left.
  public func endReserveCall(
    _ call: ReserveCall, as outcome: ReserveCall.Outcome, notifying notices: [Notice]
  ) async throws -> Bool {
    var batch = PostgresBatch("end_reserve_call")
    batch.add(
      outcome == .released ? MatchingStore.releaseReserve : MatchingStore.endReserveCall,
      [call.agent, call.calledAt, outcome.rawValue])
    OutboxStore.enqueueNotices(notices, in: &batch)
    return try await committed(batch)
  }

  private func committed(_ batch: PostgresBatch) async throws -> Bool {
    do {
      _ = try await pool.transaction(batch)
      return true
    } catch let error as PostgresError
      where error.sqlState == PostgresCondition.unique || error.sqlState == MatchingStore.changedElsewhere
    {
      return false
    }
  }

  /// Raised where a division finds no row: the transaction with the notices is rolled back.
  private static let changedElsewhere = "22012"

  private static let newestReserveCalls = PostgresStatement(
    "newest_reserve_calls",
    """
    SELECT DISTINCT ON (agent) agent, team, queue, reason, example, called_at, accepted_at, ended_at FROM desk.reserve_call
     WHERE called_at > clock_timestamp() - make_interval(secs => $1) OR ended_at IS NULL ORDER BY agent, called_at DESC
    """
  ) { row in
    let agent = try row.next(AgentID.self)
    let team = try row.next(TeamID?.self)
    let queue = try row.next(QueueID.self)
    guard let reason = try ReserveCall.Reason(rawValue: row.next(String.self)) else {
      throw StoreError.unreadable("reserve_call")
    }
    return try ReserveCall(
      agent: agent, team: team, queue: queue, reason: reason, example: row.next(), calledAt: row.next(),
      acceptedAt: row.next(), endedAt: row.next())
  }

  private static let callReserve = PostgresStatement<Void>(
    "call_reserve",
    """
    WITH called AS (
      INSERT INTO desk.reserve_call (agent, team, queue, reason, waiting, late, example, leads)
      SELECT a.agent, $2, $3, $4, $5, $6, $7, $8::text[] FROM desk.agent_state a WHERE a.agent = $1 AND a.presence = 'reserve'
      RETURNING agent)
    SELECT 1 / count(*) FROM called
    """)

  private static let acceptReserveCall = PostgresStatement<AgentID>(
    "accept_reserve_call",
    """
    UPDATE desk.reserve_call SET accepted_at = clock_timestamp()
     WHERE agent = $1 AND called_at = $2 AND accepted_at IS NULL AND ended_at IS NULL RETURNING agent
    """)

  private static let endReserveCall = PostgresStatement<Void>(
    "end_reserve_call",
    """
    WITH ended AS (
      UPDATE desk.reserve_call SET ended_at = clock_timestamp(), outcome = $3
       WHERE agent = $1 AND called_at = $2 AND ended_at IS NULL AND ($3 <> 'withdrawn' OR accepted_at IS NULL) RETURNING agent)
    SELECT 1 / count(*) FROM ended
    """)

  /// The agent's row is changed first: an offer that is being committed holds it, and decides.
  private static let releaseReserve = PostgresStatement<Void>(
    "release_reserve",
    """
    WITH back AS (
      UPDATE desk.agent_state SET presence = 'reserve', presence_at = clock_timestamp()
       WHERE agent = $1 AND presence = 'available' AND load = 0 RETURNING agent),
    ended AS (
      UPDATE desk.reserve_call c SET ended_at = clock_timestamp(), outcome = $3,
             accepted_at = coalesce(c.accepted_at, clock_timestamp())
        FROM back WHERE c.agent = back.agent AND c.called_at = $2 AND c.ended_at IS NULL RETURNING c.agent)
    SELECT 1 / count(*) FROM ended
    """)
}
