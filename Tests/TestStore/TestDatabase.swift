import PostgreSQL
public import Store
import TestPostgres

/// An empty, migrated database for one test, on the shared server.
public enum TestDatabase {
  /// Runs a body on the stores of a separate database, and closes its connections however the body ends.
  /// - Parameters:
  ///   - connections: the most connections at once.
  ///   - hasPartitions: whether the day partitions exist; without them all rows are in the default partitions.
  public static func with<Result>(
    connections: Int = 4, hasPartitions: Bool = false, _ body: (DeskStore) async throws -> Result
  ) async throws -> Result {
    let store = try await open(connections: connections)
    do {
      try await migrate(store, hasPartitions: hasPartitions)
      let result = try await body(store)
      await store.pool.shutdown()
      return result
    } catch {
      await store.pool.shutdown()
      throw error
    }
  }

  /// Returns the stores of a separate migrated database whose connections end with the process.
  public static func make(connections: Int) async throws -> DeskStore {
    let store = try await open(connections: connections)
    try await migrate(store, hasPartitions: true)
    return store
  }

  private static func open(connections: Int) async throws -> DeskStore {
    let configuration = DeskStore.configure(try await PrivatePostgres.shared().createDatabase())
    var limits = PostgresPoolLimits(connectionsMinimum: 0, connectionsMaximum: connections)
    // Many suites share few cores.
    limits.waitTimeout = .seconds(60)
    return DeskStore(pool: PostgresPool(configuration, limits: limits))
  }

  private static func migrate(_ store: DeskStore, hasPartitions: Bool) async throws {
    _ = try await PostgresMigrator(DeskMigrations.all).migrate(store.pool)
    if hasPartitions { _ = try await store.privacy.ensurePartitions() }
  }
}
