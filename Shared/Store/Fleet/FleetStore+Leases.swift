public import DeskCore
import PostgreSQL

/// A lease as known to its holder.
public struct HeldLease: Sendable, Hashable {
  /// The name of the lease: `sla-watcher`, `queue:billing`, …
  public let name: String
  /// Grows with every change of holder.
  public let term: Int64
  /// When it expires unless renewed, by the database's clock.
  public let expiresAt: Instant

  /// As a store has it.
  package init(name: String, term: Int64, expiresAt: Instant) {
    self.name = name
    self.term = term
    self.expiresAt = expiresAt
  }
}

extension FleetStore {
  /// Acquires free or expired leases and renews those already held, in one statement.
  ///
  /// - Parameters:
  ///   - names: the wanted leases.
  ///   - holder: the requesting instance.
  /// - Returns: the leases held now, without those of other holders. A renewal keeps the term, a takeover increments it.
  public func acquireLeases(_ names: [String], holder: InstanceID) async throws -> [HeldLease] {
    guard !names.isEmpty else { return [] }
    return try await pool.query(FleetStore.acquire, [names, holder, FleetBounds.leaseTime.inSeconds])
  }

  /// Releases leases early, so that others need not wait.
  public func releaseLeases(_ names: [String], holder: InstanceID) async throws {
    guard !names.isEmpty else { return }
    try await pool.execute(FleetStore.release, [names, holder])
  }

  /// Returns the current leases.
  public func leases() async throws -> [(name: String, holder: InstanceID, term: Int64, expiresAt: Instant)] {
    try await pool.query(FleetStore.listLeases)
  }

  /// The lease is dated only by the database's clock; the order of names prevents deadlocks between two contenders. A lease
  /// that expires later than any granted now was granted before the clock was set back, and is free: if its holder is alive, it
  /// renews within a second, and the term keeps it from acting on what it has lost.
  private static let acquire = PostgresStatement(
    "acquire_leases",
    """
    INSERT INTO desk.lease AS l (name, holder, term, expires_at)
    SELECT name, $2, 1, clock_timestamp() + make_interval(secs => $3) FROM unnest($1::text[]) AS wanted(name) ORDER BY name
    ON CONFLICT (name) DO UPDATE
      SET term = CASE WHEN l.holder = excluded.holder AND l.expires_at > clock_timestamp() THEN l.term ELSE l.term + 1 END,
          holder = excluded.holder, expires_at = excluded.expires_at
      WHERE l.holder = excluded.holder OR l.expires_at <= clock_timestamp()
         OR l.expires_at > clock_timestamp() + make_interval(secs => 2 * $3)
    RETURNING name, term, expires_at
    """, planning: .once
  ) { row in
    try HeldLease(name: row.next(), term: row.next(), expiresAt: row.next())
  }

  private static let release = PostgresStatement<Void>(
    "release_leases",
    "UPDATE desk.lease SET expires_at = clock_timestamp() WHERE name = ANY($1::text[]) AND holder = $2", planning: .once
  )

  private static let listLeases = PostgresStatement(
    "list_leases",
    "SELECT name, holder, term, expires_at FROM desk.lease WHERE expires_at > clock_timestamp() ORDER BY name"
  ) { row in
    try (
      name: row.next(String.self), holder: row.next(InstanceID.self), term: row.next(Int64.self),
      expiresAt: row.next(Instant.self)
    )
  }
}
