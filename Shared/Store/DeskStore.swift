public import DeskCore
public import PostgreSQL

/// The desk's truth: every statement that reads or writes it, over one pool of connections.
///
/// It is a value that is cheap to copy; the pool behind it is shared. Everything that changes a ticket goes through
/// `commit(_:fencedBy:)`, which compares and sets the ticket's version, so that of two services that took the same step only one
/// has an effect.
public struct DeskStore: Sendable {
  /// The connections.
  public let pool: PostgresPool

  /// Works over a pool whose database has been migrated.
  public init(pool: PostgresPool) {
    self.pool = pool
  }

  /// The database's clock, to the microsecond.
  public func now() async throws -> Instant {
    try await pool.query(DeskStore.clock).first ?? Instant(microseconds: 0)
  }

  private static let clock = PostgresStatement<Instant>("clock", "SELECT clock_timestamp()")
}
