public import DeskCore
import PostgreSQL

/// Replies in which a rule of the policy found something.
public struct InterceptionStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
}

extension InterceptionStore {
  /// Records the interception of a reply that was refused. One that was sent is recorded in its step's transaction
  /// (`TicketStep.interception`).
  public func record(_ interception: Interception) async throws {
    try await pool.execute(InterceptionStore.insert, InterceptionStore.values(of: interception))
  }

  /// Returns a page of interceptions, newest first.
  /// - Parameters:
  ///   - before: only those with an earlier identifier; nil for the newest.
  ///   - limit: the maximum number.
  public func interceptions(before: InterceptionID?, limit: Int) async throws -> [StoredInterception] {
    try await pool.query(InterceptionStore.page, [before, Int64(limit)])
  }

  /// Returns an interception; nil if there is none.
  public func interception(_ id: InterceptionID) async throws -> StoredInterception? {
    try await pool.query(InterceptionStore.one, [id]).first
  }

  /// Counts the interceptions of a period by agent, queue, rule and term, most frequent first.
  /// - Parameters:
  ///   - limit: the maximum number of rows.
  ///   - timeout: how long to count at most.
  public func figures(
    from start: Instant, to end: Instant, limit: Int, timeout: Duration
  ) async throws -> [InterceptionFigures] {
    try await pool.query(InterceptionStore.count, [start, end, Int64(limit)], timeout: timeout)
  }

  static func values(of interception: Interception) -> [any PostgresEncodable] {
    [
      interception.id, interception.ticket, interception.agent, interception.queue, interception.message,
      interception.findings.map(\.rule), interception.findings.map(\.term),
      interception.findings.map(\.action.rawValue), interception.sealed?.key, interception.sealed?.bytes,
    ]
  }

  static let insert = PostgresStatement<Void>(
    "insert_interception",
    """
    INSERT INTO desk.interception (id, ticket, agent, queue, message, rules, terms, actions, key_name, sealed)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    """)

  private static let columns = "id, ticket, agent, queue, message, rules, terms, actions, key_name, sealed, at"

  private static let read: @Sendable (inout PostgresRowReader) throws -> StoredInterception = { row in
    let (id, ticket, agent) = (
      try row.next(InterceptionID.self), try row.next(TicketID.self), try row.next(AgentID.self)
    )
    let (queue, message) = (try row.next(QueueID?.self), try row.next(MessageID?.self))
    let (rules, terms, actions) = (
      try row.next([String].self), try row.next([String].self), try row.next([String].self)
    )
    let (key, bytes) = (try row.next(String?.self), try row.next([UInt8]?.self))
    // An action that this build does not know is shown as the strictest.
    let findings = zip(zip(rules, terms), actions).map { finding, action in
      ReplyFinding(
        rule: ReplyRuleID(finding.0), action: ReplyRule.Action(rawValue: action) ?? .block, term: finding.1)
    }
    var sealed: SealedContact?
    if let key, let bytes { sealed = SealedContact(key: key, bytes: bytes) }
    return StoredInterception(
      interception: Interception(
        id: id, ticket: ticket, agent: agent, queue: queue, message: message, findings: findings, sealed: sealed),
      at: try row.next())
  }

  private static let page = PostgresStatement(
    "interceptions",
    "SELECT \(columns) FROM desk.interception WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2", row: read)

  private static let one = PostgresStatement(
    "interception", "SELECT \(columns) FROM desk.interception WHERE id = $1", row: read)

  private static let count = PostgresStatement(
    "interception_figures",
    """
    SELECT i.agent, i.queue, f.rule, f.term, f.action,
           count(*) FILTER (WHERE i.message IS NULL), count(*) FILTER (WHERE i.message IS NOT NULL)
      FROM desk.interception i, unnest(i.rules, i.terms, i.actions) AS f(rule, term, action)
     WHERE i.at >= $1 AND i.at < $2
     GROUP BY 1, 2, 3, 4, 5 ORDER BY count(*) DESC, 1, 2, 3, 4, 5 LIMIT $3
    """
  ) { row in
    try InterceptionFigures(
      agent: row.next(), queue: row.next(), rule: row.next(), term: row.next(), action: row.next(),
      refused: row.next(), sent: row.next())
  }
}
