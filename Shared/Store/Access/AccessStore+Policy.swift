public import DeskCore
import PostgreSQL

/// An applied version of the policy.
public struct StoredPolicy: Sendable, Hashable {
  /// Its number; the highest is in force.
  public let version: Int32
  /// The text of `desk.yaml`.
  public let document: String
  /// Who applied it.
  public let appliedBy: String
  /// When it was applied.
  public let appliedAt: Instant
}

extension AccessStore {
  /// Stores a policy as the new version in force.
  /// - Returns: its number. A text equal to the version in force returns that version's number and stores nothing.
  public func applyPolicy(document: String, by author: String) async throws -> Int32 {
    if let newest = try await newestPolicy(), newest.document.hasSameBytes(as: document) { return newest.version }
    // Of two that are applied concurrently, the second finds its number taken and gets the next.
    var attempt = 1
    while true {
      do {
        guard let version = try await pool.query(AccessStore.insertPolicy, [document, author]).first else {
          throw StoreError.vanished("a policy version")
        }
        return version
      } catch let error as PostgresError
        where error.sqlState == PostgresCondition.unique && attempt < StoreBounds.attemptsPerStatement
      {
        attempt += 1
      }
    }
  }

  /// Returns the number of the version in force, 0 when none was ever applied.
  public func newestPolicyVersion() async throws -> Int32 {
    try await pool.query(AccessStore.policyVersion).first ?? 0
  }

  /// Returns the version in force.
  public func newestPolicy() async throws -> StoredPolicy? {
    try await pool.query(AccessStore.newest).first
  }

  /// Returns a version by its number; nil when it does not exist.
  public func policy(version: Int32) async throws -> StoredPolicy? {
    try await pool.query(AccessStore.oneVersion, [version]).first
  }

  /// Stores a policy as the version after `base`, if that is still in force.
  /// - Returns: its number; nil when another version is in force. A text equal to that of `base` stores nothing.
  public func applyPolicy(document: String, by author: String, after base: Int32) async throws -> Int32? {
    let newest = try await newestPolicy()
    guard newest?.version ?? 0 == base else { return nil }
    if let newest, newest.document.hasSameBytes(as: document) { return base }
    do {
      return try await pool.query(AccessStore.insertNextPolicy, [document, author, base]).first
    } catch let error as PostgresError where error.sqlState == PostgresCondition.unique {
      // Another one was applied between the two statements.
      return nil
    }
  }

  /// Returns versions without their texts, newest first.
  /// - Parameter before: only those with a lower number; nil for the newest.
  public func policyVersions(before: Int32?, limit: Int) async throws -> [StoredPolicy] {
    try await pool.query(AccessStore.listVersions, [before, Int64(limit)])
  }

  private static let insertNextPolicy = PostgresStatement<Int32>(
    "insert_next_policy",
    """
    INSERT INTO desk.policy_version (version, document, applied_by)
    SELECT $3::integer + 1, $1::text, $2::text WHERE (SELECT coalesce(max(version), 0) FROM desk.policy_version) = $3::integer
    RETURNING version
    """)

  private static let listVersions = PostgresStatement(
    "list_policy_versions",
    """
    SELECT version, '', applied_by, applied_at FROM desk.policy_version WHERE $1::integer IS NULL OR version < $1
     ORDER BY version DESC LIMIT $2
    """, row: readPolicy)

  private static let insertPolicy = PostgresStatement<Int32>(
    "insert_policy",
    """
    INSERT INTO desk.policy_version (version, document, applied_by)
    SELECT coalesce(max(version), 0) + 1, $1, $2 FROM desk.policy_version RETURNING version
    """)

  private static let policyVersion = PostgresStatement<Int32>(
    "policy_version", "SELECT coalesce(max(version), 0) FROM desk.policy_version", planning: .once)

  private static let newest = PostgresStatement(
    "newest_policy",
    "SELECT version, document, applied_by, applied_at FROM desk.policy_version ORDER BY version DESC LIMIT 1",
    row: readPolicy)

  private static let oneVersion = PostgresStatement(
    "policy_by_version",
    "SELECT version, document, applied_by, applied_at FROM desk.policy_version WHERE version = $1", row: readPolicy)

  private static let readPolicy: @Sendable (inout PostgresRowReader) throws -> StoredPolicy = { row in
    try StoredPolicy(version: row.next(), document: row.next(), appliedBy: row.next(), appliedAt: row.next())
  }
}
