public import DeskCore
import PostgreSQL

extension DeskStore {
  /// Notes what no table of the database tells by itself. Changes of keys, policy, dead letters, hooks and schema note themselves.
  ///
  /// - Parameters:
  ///   - detail: a JSON object. The database keeps `reason` and `customer` next to the chain, where an erasure can blank them.
  /// - Throws: `PostgresError` with state `42501` where a service may not note this kind (`desk.service_audit_kinds()`).
  public func note(_ kind: String, of subject: String, detail: Detail) async throws {
    try await pool.execute(DeskStore.appendAudit, [kind, subject, detail.json])
  }

  /// Entries in their order.
  /// - Parameters:
  ///   - number: the entries after this one; 0 begins with the first.
  ///   - limit: how many at most.
  public func auditEntries(after number: Int64, limit: Int) async throws -> [AuditEntry] {
    try await pool.query(DeskStore.readAudit, [number, Int64(limit)])
  }

  /// The newest entries, newest first.
  /// - Parameters:
  ///   - kind: the beginning of their kind, such as `key.`; an empty one takes all.
  ///   - limit: how many at most.
  public func newestAuditEntries(ofKind kind: String, limit: Int) async throws -> [AuditEntry] {
    try await pool.query(DeskStore.newestAudit, [kind, Int64(limit)])
  }

  /// Where the chain ends.
  public func auditHead() async throws -> AuditHead {
    guard let head = try await pool.query(DeskStore.readHead).first else {
      throw StoreError.vanished("the audit's head")
    }
    return head
  }

  private static let columns =
    "a.number, a.at, a.actor, a.kind, a.subject, a.detail, a.previous, a.digest, r.salt, r.remark"

  private static let entries = "desk.audit a LEFT JOIN desk.audit_remark r ON r.entry = a.number"

  private static let readEntry: @Sendable (inout PostgresRowReader) throws -> AuditEntry = { row in
    var entry = try AuditEntry(
      number: row.next(), at: row.next(), actor: row.next(), kind: row.next(), subject: row.next(), detail: row.next(),
      previous: row.next(), digest: row.next())
    let (salt, text) = (try row.next([UInt8]?.self), try row.next(String?.self))
    if let salt, let text { entry.remark = AuditRemark(salt: salt, text: text) }
    return entry
  }

  private static let appendAudit = PostgresStatement<Void>(
    "append_audit", "SELECT desk.audit_append($1, $2, $3::text::jsonb)")

  private static let readAudit = PostgresStatement(
    "read_audit", "SELECT \(columns) FROM \(entries) WHERE a.number > $1 ORDER BY a.number LIMIT $2", row: readEntry)

  private static let newestAudit = PostgresStatement(
    "newest_audit",
    "SELECT \(columns) FROM \(entries) WHERE starts_with(a.kind, $1) ORDER BY a.number DESC LIMIT $2", row: readEntry)

  private static let readHead = PostgresStatement("audit_head", "SELECT number, digest FROM desk.audit_head") { row in
    try AuditHead(number: row.next(), digest: row.next())
  }
}
