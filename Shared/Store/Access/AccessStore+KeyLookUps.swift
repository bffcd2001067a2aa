public import DeskCore
import PostgreSQL

// Lookups of many keys at once, for endpoints with many senders.

extension AccessStore {
  /// Returns the currently valid keys among some digests, by digest; other digests are omitted.
  public func keys(digests: [[UInt8]]) async throws -> [[UInt8]: APIKey] {
    let found = try await pool.query(AccessStore.keysByDigest, [digests])
    return Dictionary(found.map { ($0.digest, $0.key) }, uniquingKeysWith: { first, _ in first })
  }

  /// Returns the channels of the currently valid CURVE keys among some, by public key; invalid keys are omitted.
  public func channels(curveKeys publicKeys: [[UInt8]]) async throws -> [[UInt8]: ChannelID] {
    let found = try await pool.query(AccessStore.channelsByCurveKey, [publicKeys])
    return Dictionary(found.map { ($0.key, $0.channel) }, uniquingKeysWith: { first, _ in first })
  }

  /// Selects the currently valid ones of some keys and sessions, and records the use of the sessions.
  public func validKeys(among ids: [Identifier<APIKey>]) async throws -> Set<Identifier<APIKey>> {
    Set(try await pool.query(AccessStore.validKeys, [ids]))
  }

  private static let keysByDigest = PostgresStatement(
    "keys_by_digest",
    """
    SELECT digest, \(keyColumns) FROM desk.api_key
     WHERE digest = ANY($1) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > statement_timestamp())
    """, planning: .once
  ) { row in (digest: try row.next([UInt8].self), key: try readKey(&row)) }

  private static let channelsByCurveKey = PostgresStatement(
    "channels_by_curve_key",
    """
    SELECT public_key, channel FROM desk.channel_curve_key
     WHERE public_key = ANY($1) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > statement_timestamp())
    """, planning: .once
  ) { row in (key: try row.next([UInt8].self), channel: try row.next(ChannelID.self)) }

  private static let validKeys = PostgresStatement<Identifier<APIKey>>(
    "valid_keys",
    """
    WITH seen AS MATERIALIZED (
      SELECT id, seen_at FROM desk.session WHERE id = ANY($1) AND \(isOpen)),
    used AS (
      UPDATE desk.session s SET seen_at = statement_timestamp() FROM seen
       WHERE s.id = seen.id AND seen.seen_at < statement_timestamp() - interval '1 minute')
    SELECT id FROM desk.api_key
     WHERE id = ANY($1) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > statement_timestamp())
    UNION ALL SELECT id FROM seen
    """, planning: .once)
}
