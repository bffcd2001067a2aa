public import DeskCore
import PostgreSQL

/// The role of an API key.
public enum Role: String, Sendable, Hashable, CaseIterable {
  case channel, agent, lead, `operator`, auditor
}

/// The access level of a key within its role.
public enum KeyAccess: String, Sendable, Hashable, CaseIterable {
  /// Everything that the role permits.
  case full
  /// Read-only access within the role.
  case read
}

/// An API key for the HTTP interfaces, without its secret.
public struct APIKey: Sendable, Hashable {
  /// Its identifier.
  public let id: Identifier<APIKey>
  /// The role of its bearer.
  public let role: Role
  /// The channel it belongs to; set for the role `channel` only.
  public let channel: ChannelID?
  /// The agent it belongs to; set for the roles `agent` and `lead` only.
  public let agent: AgentID?
  /// Its human-readable label.
  public let label: String
  /// When it was created.
  public let createdAt: Instant
  /// When it expires.
  public let expiresAt: Instant?
  /// When it was revoked.
  public let revokedAt: Instant?
  /// Its access level.
  public var access = KeyAccess.full
  /// The key that replaces it; this one expires after a grace period.
  public var replacedBy: Identifier<APIKey>?
}

/// The public key of a channel that connects over ZeroMQ.
public struct ChannelCurveKey: Sendable, Hashable {
  /// The CURVE public key, 32 bytes.
  public let publicKey: [UInt8]
  /// The channel it belongs to.
  public let channel: ChannelID
  /// Its human-readable label.
  public let label: String
  /// When it was created.
  public let createdAt: Instant
  /// When it expires.
  public let expiresAt: Instant?
  /// When it was revoked.
  public let revokedAt: Instant?
}

extension AccessStore {
  /// Stores a new key.
  ///
  /// - Parameters:
  ///   - digest: the SHA-256 of the secret; the secret itself is never stored. Secrets must be random, 128 bits or more.
  ///   - lifetime: after which it expires; nil for one that does not expire.
  public func addKey(
    id: Identifier<APIKey>, digest: [UInt8], role: Role, channel: ChannelID?, agent: AgentID?, label: String,
    lifetime: Duration?, access: KeyAccess = .full
  ) async throws {
    try await pool.execute(
      AccessStore.insertKey,
      [id, digest, role.rawValue, channel, agent, label, lifetime?.inSeconds, access.rawValue])
  }

  /// Replaces a valid key with a new one; the old one expires after a grace period.
  ///
  /// The new key has the old one's role, bearer, access and label, and its lifetime unless another is given.
  ///
  /// - Parameters:
  ///   - digest: the SHA-256 of the new secret.
  ///   - grace: how long both work; zero revokes the old one immediately. The old key's expiry is never extended.
  /// - Returns: false when there is no such valid key, or it has already been replaced.
  public func rotateKey(
    _ old: Identifier<APIKey>, to fresh: Identifier<APIKey>, digest: [UInt8], grace: Duration, lifetime: Duration?
  ) async throws -> Bool {
    try await !pool.query(AccessStore.rotate, [old, fresh, digest, grace.inSeconds, lifetime?.inSeconds]).isEmpty
  }

  /// Returns the key with a digest, if it is currently valid.
  public func key(digest: [UInt8]) async throws -> APIKey? {
    try await keys(digests: [digest])[digest]
  }

  /// Returns all keys, newest first.
  public func keys() async throws -> [APIKey] {
    try await pool.query(AccessStore.listKeys)
  }

  /// Revokes a key.
  /// - Returns: false when there is no valid one.
  public func revokeKey(_ id: Identifier<APIKey>) async throws -> Bool {
    try await !pool.query(AccessStore.revoke, [id]).isEmpty
  }

  /// Authorises a CURVE key for a channel.
  /// - Parameter lifetime: after which it expires; nil for one that does not expire.
  public func addCurveKey(
    _ publicKey: [UInt8], channel: ChannelID, label: String, lifetime: Duration? = nil
  ) async throws {
    try await pool.execute(AccessStore.insertCurveKey, [publicKey, channel, label, lifetime?.inSeconds])
  }

  /// Returns the channel that a CURVE key is currently authorised for.
  public func channel(curveKey publicKey: [UInt8]) async throws -> ChannelID? {
    try await channels(curveKeys: [publicKey])[publicKey]
  }

  /// Returns all CURVE keys, newest first.
  public func curveKeys() async throws -> [ChannelCurveKey] {
    try await pool.query(AccessStore.listCurveKeys)
  }

  /// Revokes a CURVE key.
  public func revokeCurveKey(_ publicKey: [UInt8]) async throws -> Bool {
    try await !pool.query(AccessStore.revokeCurve, [publicKey]).isEmpty
  }

  static let keyColumns =
    "id, role, access, channel, agent, label, created_at, expires_at, revoked_at, replaced_by"

  static let readKey: @Sendable (inout PostgresRowReader) throws -> APIKey = { row in
    let id = try row.next(Identifier<APIKey>.self)
    guard let role = try Role(rawValue: row.next(String.self)) else { throw StoreError.unreadable("role") }
    guard let access = try KeyAccess(rawValue: row.next(String.self)) else { throw StoreError.unreadable("access") }
    return try APIKey(
      id: id, role: role, channel: row.next(), agent: row.next(), label: row.next(), createdAt: row.next(),
      expiresAt: row.next(), revokedAt: row.next(), access: access, replacedBy: row.next())
  }

  private static let insertKey = PostgresStatement<Void>(
    "insert_key",
    """
    INSERT INTO desk.api_key (id, digest, role, channel, agent, label, expires_at, access)
    VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + make_interval(secs => $7), $8)
    """)

  private static let rotate = PostgresStatement<Identifier<APIKey>>(
    "rotate_key",
    """
    WITH old AS MATERIALIZED (
      SELECT * FROM desk.api_key
       WHERE id = $1 AND revoked_at IS NULL AND replaced_by IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())
         FOR UPDATE),
    fresh AS (
      INSERT INTO desk.api_key (id, digest, role, channel, agent, label, access, expires_at)
      SELECT $2, $3, role, channel, agent, label, access,
             clock_timestamp() + coalesce(make_interval(secs => $5), expires_at - created_at) FROM old)
    UPDATE desk.api_key k
       SET replaced_by = $2, expires_at = least(k.expires_at, clock_timestamp() + make_interval(secs => $4))
      FROM old WHERE k.id = old.id RETURNING k.id
    """)

  private static let listKeys = PostgresStatement(
    "list_keys", "SELECT \(keyColumns) FROM desk.api_key ORDER BY created_at DESC", row: readKey)

  private static let revoke = PostgresStatement<Identifier<APIKey>>(
    "revoke_key",
    "UPDATE desk.api_key SET revoked_at = clock_timestamp() WHERE id = $1 AND revoked_at IS NULL RETURNING id")

  private static let insertCurveKey = PostgresStatement<Void>(
    "insert_curve_key",
    """
    INSERT INTO desk.channel_curve_key (public_key, channel, label, expires_at)
    VALUES ($1, $2, $3, clock_timestamp() + make_interval(secs => $4))
    ON CONFLICT (public_key) DO UPDATE SET channel = excluded.channel, label = excluded.label,
      expires_at = excluded.expires_at, revoked_at = NULL
    """)

  private static let listCurveKeys = PostgresStatement(
    "list_curve_keys",
    """
    SELECT public_key, channel, label, created_at, expires_at, revoked_at FROM desk.channel_curve_key ORDER BY created_at DESC
    """
  ) { row in
    try ChannelCurveKey(
      publicKey: row.next(), channel: row.next(), label: row.next(), createdAt: row.next(), expiresAt: row.next(),
      revokedAt: row.next())
  }

  private static let revokeCurve = PostgresStatement<[UInt8]>(
    "revoke_curve_key",
    "UPDATE desk.channel_curve_key SET revoked_at = clock_timestamp() WHERE public_key = $1 AND revoked_at IS NULL RETURNING public_key"
  )
}
