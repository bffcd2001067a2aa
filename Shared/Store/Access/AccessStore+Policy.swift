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
