public import DeskCore
public import PostgreSQL

/// The desk's data access: every statement that reads or writes it, over one connection pool.
///
/// A value that is cheap to copy; the underlying pool is shared. Everything that changes a ticket goes through
/// `commit(_:fencedBy:)`, which compares and sets the ticket's version, so that of two services that took the same step only one
/// has an effect.
public struct DeskStore: Sendable {
  /// The connection pool.
  public let pool: PostgresPool
  /// The quarantined rows that this process could not read or write and skips in batches for a while.
  public let setAside: SetAsideRows

  /// Creates a store on a pool whose database has been migrated.
  /// - Parameter setAside: the process's quarantine; separate for each store, except in tests.
  public init(pool: PostgresPool, setAside: SetAsideRows = SetAsideRows()) {
    self.pool = pool
    self.setAside = setAside
  }

  /// Applies the settings that these statements require. Every pool of a store must be configured this way.
  ///
  /// Batches are passed as arrays, whose lengths a generic plan cannot know: it would assume ten rows each and join
  /// batches row by row. So plans are made per call, except for the many statements that look rows up by key: those opt in
  /// (`PostgresPlanning.once`). JIT compilation costs more than it saves for statements that run for milliseconds. Hot tables
  /// are in memory: with a spinning disk's cost per lookup, a long batch would scan them completely instead.
  public static func configure(_ configuration: PostgresConfiguration) -> PostgresConfiguration {
    var configuration = configuration
    configuration["options"] =
      ["-c plan_cache_mode=force_custom_plan -c jit=off -c random_page_cost=1.1", configuration["options"]]
      .compactMap(\.self).joined(separator: " ")
    return configuration
  }

  /// Returns the database's time, to the microsecond.
  public func now() async throws -> Instant {
    try await pool.query(DeskStore.clock).first ?? Instant(microseconds: 0)
  }

  private static let clock = PostgresStatement<Instant>("clock", "SELECT clock_timestamp()", planning: .once)
}
