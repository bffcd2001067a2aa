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
  /// The rows that this process could not read or write, and leaves out of batches for a while.
  public let setAside: SetAsideRows

  /// Works over a pool whose database has been migrated.
  /// - Parameter setAside: what this process has set aside so far; its own for each store, except in tests.
  public init(pool: PostgresPool, setAside: SetAsideRows = SetAsideRows()) {
    self.pool = pool
    self.setAside = setAside
  }

  /// The settings that the statements here are made for. Every pool that a store works over must be configured so.
  ///
  /// Batches travel as arrays, whose lengths a plan made once for all cannot know: it would take each for ten rows and join
  /// batches row by row. So plans are made for each call, except for the many statements that look rows up by key: those say so
  /// (`PostgresPlanning.once`). Compiling plans costs more than it brings for statements that run for milliseconds. Hot tables
  /// live in memory: with the price of a turning disk for each look-up, a long batch would read them whole instead.
  public static func configure(_ configuration: PostgresConfiguration) -> PostgresConfiguration {
    var configuration = configuration
    configuration["options"] =
      ["-c plan_cache_mode=force_custom_plan -c jit=off -c random_page_cost=1.1", configuration["options"]]
      .compactMap(\.self).joined(separator: " ")
    return configuration
  }

  /// The database's clock, to the microsecond.
  public func now() async throws -> Instant {
    try await pool.query(DeskStore.clock).first ?? Instant(microseconds: 0)
  }

  private static let clock = PostgresStatement<Instant>("clock", "SELECT clock_timestamp()", planning: .once)
}
