public import DeskCore
import PostgreSQL

/// The audit chain, the seals of timelines and the ledger of accepted messages.
public struct AuditStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
}

extension AuditStore {
  /// Records an event that no database table captures. Changes of keys, policy, dead letters, hooks and schema are recorded by triggers.
  ///
  /// - Parameters:
  ///   - detail: a JSON object. The database stores `reason` and `customer` apart from the chain, where an erasure can blank them.
  /// - Throws: `PostgresError` with state `42501` if a service may not record this kind (`desk.service_audit_kinds()`).
  public func note(_ kind: String, of subject: String, detail: JSONValue) async throws {
    try await pool.execute(AuditStore.appendAudit, [kind, subject, detail.json])
  }

  /// Returns entries in order.
  /// - Parameters:
  ///   - number: the entries after this one; 0 starts with the first.
  ///   - limit: the maximum number.
  public func auditEntries(after number: Int64, limit: Int) async throws -> [AuditEntry] {
    try await pool.query(AuditStore.readAudit, [number, Int64(limit)])
  }

  /// Returns the newest entries, newest first.
  /// - Parameters:
  ///   - kind: a prefix of their kind, such as `key.`; an empty one matches all.
  ///   - limit: the maximum number.
  public func newestAuditEntries(ofKind kind: String, limit: Int) async throws -> [AuditEntry] {
    try await pool.query(AuditStore.newestAudit, [kind, Int64(limit)])
  }

  /// Returns a page of entries without what people wrote, newest first. Services may read it.
  /// - Parameter before: only entries with a lower number; nil for the newest.
  public func auditPage(before: Int64?, limit: Int) async throws -> [AuditEntry] {
    try await pool.query(AuditStore.readPage, [before, Int32(limit)])
  }

  /// Returns the end of the chain.
  public func auditHead() async throws -> AuditHead {
    guard let head = try await pool.query(AuditStore.readHead).first else {
      throw StoreError.vanished("the audit's head")
    }
    return head
  }

  private static let columns =
    "a.number, a.at, a.actor, a.kind, a.subject, a.detail, a.previous, a.digest, r.salt, r.reason"

  private static let entries = "desk.audit a LEFT JOIN desk.audit_free_text r ON r.entry = a.number"

  private static let readEntry: @Sendable (inout PostgresRowReader) throws -> AuditEntry = { row in
    var entry = try AuditEntry(
      number: row.next(), at: row.next(), actor: row.next(), kind: row.next(), subject: row.next(), detail: row.next(),
      previous: row.next(), digest: row.next())
    let (salt, text) = (try row.next([UInt8]?.self), try row.next(String?.self))
    if let salt, let text { entry.reason = AuditReason(salt: salt, text: text) }
    return entry
  }

  private static let appendAudit = PostgresStatement<Void>(
    "append_audit", "SELECT desk.audit_append($1, $2, $3::text::jsonb)")

  private static let readAudit = PostgresStatement(
    "read_audit", "SELECT \(columns) FROM \(entries) WHERE a.number > $1 ORDER BY a.number LIMIT $2", row: readEntry)

  private static let newestAudit = PostgresStatement(
    "newest_audit",
    "SELECT \(columns) FROM \(entries) WHERE starts_with(a.kind, $1) ORDER BY a.number DESC LIMIT $2", row: readEntry)

  private static let readPage = PostgresStatement(
    "audit_page",
    "SELECT number, at, actor, kind, subject, detail, previous, digest FROM desk.audit_page($1, $2)"
  ) { row in
    try AuditEntry(
      number: row.next(), at: row.next(), actor: row.next(), kind: row.next(), subject: row.next(), detail: row.next(),
      previous: row.next(), digest: row.next())
  }

  private static let readHead = PostgresStatement("audit_head", "SELECT number, digest FROM desk.audit_head") { row in
    try AuditHead(number: row.next(), digest: row.next())
  }
}
