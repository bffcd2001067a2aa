public import DeskCore
import PostgreSQL

/// What somebody may do.
public enum Role: String, Sendable, Hashable, CaseIterable {
  case channel, agent, lead, `operator`, auditor
}

/// A key to the HTTP surfaces, without its secret.
public struct APIKey: Sendable, Hashable {
  /// Its identifier.
  public let id: Identifier<APIKey>
  /// What its bearer may do.
  public let role: Role
  /// The channel it speaks for; set for the role `channel` only.
  public let channel: ChannelID?
  /// The agent it speaks for; set for the roles `agent` and `lead` only.
  public let agent: AgentID?
  /// What people call it.
  public let label: String
  /// When it was made.
  public let createdAt: Instant
  /// When it ends by itself.
  public let expiresAt: Instant?
  /// When it was revoked.
  public let revokedAt: Instant?
}

/// The public key of a channel that speaks ZeroMQ.
public struct ChannelCurveKey: Sendable, Hashable {
  /// The CURVE public key, 32 bytes.
  public let publicKey: [UInt8]
  /// The channel it speaks for.
  public let channel: ChannelID
  /// What people call it.
  public let label: String
  /// When it was made.
  public let createdAt: Instant
  /// When it was revoked.
  public let revokedAt: Instant?
}

extension DeskStore {
  /// Stores a new key.
  ///
  /// - Parameters:
  ///   - digest: the SHA-256 of the secret; the secret itself is never stored. Secrets must be random, 128 bits or more.
  ///   - lifetime: after which it ends by itself; nil for one that does not.
  public func addKey(
    id: Identifier<APIKey>, digest: [UInt8], role: Role, channel: ChannelID?, agent: AgentID?, label: String,
    lifetime: Duration?
  ) async throws {
    try await pool.execute(
      DeskStore.insertKey, [id, digest, role.rawValue, channel, agent, label, lifetime?.inSeconds])
  }

  /// The key with a digest, if it holds now.
  public func key(digest: [UInt8]) async throws -> APIKey? {
    try await pool.query(DeskStore.keyByDigest, [digest]).first
  }

  /// All keys, newest first.
  public func keys() async throws -> [APIKey] {
    try await pool.query(DeskStore.listKeys)
  }

  /// Revokes a key.
  /// - Returns: false when there is none that holds.
  public func revokeKey(_ id: Identifier<APIKey>) async throws -> Bool {
    try await !pool.query(DeskStore.revoke, [id]).isEmpty
  }

  /// Lets a CURVE key speak for a channel.
  public func addCurveKey(_ publicKey: [UInt8], channel: ChannelID, label: String) async throws {
    try await pool.execute(DeskStore.insertCurveKey, [publicKey, channel, label])
  }

  /// The channel that a CURVE key speaks for now.
  public func channel(curveKey publicKey: [UInt8]) async throws -> ChannelID? {
    try await pool.query(DeskStore.channelByCurveKey, [publicKey]).first
  }

  /// All CURVE keys, newest first.
  public func curveKeys() async throws -> [ChannelCurveKey] {
    try await pool.query(DeskStore.listCurveKeys)
  }

  /// Revokes a CURVE key.
  public func revokeCurveKey(_ publicKey: [UInt8]) async throws -> Bool {
    try await !pool.query(DeskStore.revokeCurve, [publicKey]).isEmpty
  }

  private static let keyColumns = "id, role, channel, agent, label, created_at, expires_at, revoked_at"

  private static let readKey: @Sendable (inout PostgresRowReader) throws -> APIKey = { row in
    let id = try row.next(Identifier<APIKey>.self)
    guard let role = try Role(rawValue: row.next(String.self)) else { throw StoreError.unreadable("role") }
    return try APIKey(
      id: id, role: role, channel: row.next(), agent: row.next(), label: row.next(), createdAt: row.next(),
      expiresAt: row.next(), revokedAt: row.next())
  }

  private static let insertKey = PostgresStatement<Void>(
    "insert_key",
    """
    INSERT INTO desk.api_key (id, digest, role, channel, agent, label, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + make_interval(secs => $7))
    """)

  private static let keyByDigest = PostgresStatement(
    "key_by_digest",
    """
    SELECT \(keyColumns) FROM desk.api_key
     WHERE digest = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())
    """, planning: .once, row: readKey)

  private static let listKeys = PostgresStatement(
    "list_keys", "SELECT \(keyColumns) FROM desk.api_key ORDER BY created_at DESC", row: readKey)

  private static let revoke = PostgresStatement<Identifier<APIKey>>(
    "revoke_key",
    "UPDATE desk.api_key SET revoked_at = clock_timestamp() WHERE id = $1 AND revoked_at IS NULL RETURNING id")

  private static let insertCurveKey = PostgresStatement<Void>(
    "insert_curve_key",
    """
    INSERT INTO desk.channel_curve_key (public_key, channel, label) VALUES ($1, $2, $3)
    ON CONFLICT (public_key) DO UPDATE SET channel = excluded.channel, label = excluded.label, revoked_at = NULL
    """)

  private static let channelByCurveKey = PostgresStatement<ChannelID>(
    "channel_by_curve_key",
    "SELECT channel FROM desk.channel_curve_key WHERE public_key = $1 AND revoked_at IS NULL", planning: .once)

  private static let listCurveKeys = PostgresStatement(
    "list_curve_keys",
    "SELECT public_key, channel, label, created_at, revoked_at FROM desk.channel_curve_key ORDER BY created_at DESC"
  ) { row in
    try ChannelCurveKey(
      publicKey: row.next(), channel: row.next(), label: row.next(), createdAt: row.next(), revokedAt: row.next())
  }

  private static let revokeCurve = PostgresStatement<[UInt8]>(
    "revoke_curve_key",
    "UPDATE desk.channel_curve_key SET revoked_at = clock_timestamp() WHERE public_key = $1 AND revoked_at IS NULL RETURNING public_key"
  )
}
