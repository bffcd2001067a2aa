public import PostgreSQL
public import Store
public import TestPostgres

/// An empty, migrated database for one test, on the shared server.
public enum TestDatabase {
  /// Runs a body on the stores of a separate database, and closes its connections however the body ends.
  /// - Parameters:
  ///   - connections: the most connections at once.
  ///   - hasPartitions: whether the day partitions exist; without them all rows are in the default partitions.
  public static func with<Result>(
    connections: Int = 4, hasPartitions: Bool = false, _ body: (DeskStore) async throws -> Result
  ) async throws -> Result {
    if isInUse { return try await onCopy(connections: connections, hasPartitions: hasPartitions, body) }
    await places.take()
    do {
      let result = try await $isInUse.withValue(true) {
        try await onCopy(connections: connections, hasPartitions: hasPartitions, body)
      }
      await places.leave()
      return result
    } catch {
      await places.leave()
      throw error
    }
  }

  /// A test that uses a second database needs no second place, so that tests never wait for each other in a circle.
  @TaskLocal private static var isInUse = false

  /// All tests of a module start at once; the server's connections and the machine's cores suffice for some.
  private static let places = Places(16)

  private actor Places {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { free = count }

    func take() async {
      if free > 0 { return free -= 1 }
      await withCheckedContinuation { waiting.append($0) }
    }

    func leave() {
      if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
  }

  private static func onCopy<Result>(
    connections: Int, hasPartitions: Bool, _ body: (DeskStore) async throws -> Result
  ) async throws -> Result {
    try await closing(try await copy(connections: connections, hasPartitions: hasPartitions), body)
  }

  /// Returns the stores of a separate migrated database whose connections end with the process.
  public static func make(connections: Int) async throws -> DeskStore {
    try await copy(connections: connections, hasPartitions: true)
  }

  /// Runs a body on the stores of a server of its own, whose commits it may keep waiting.
  /// - Parameter body: gets the stores and, for what is not to be seen by them, another pool of the same server.
  public static func onOwnServer<Result>(
    _ body: (DeskStore, _ observer: PostgresPool) async throws -> Result
  ) async throws -> Result {
    let server = try await PrivatePostgres.own()
    do {
      let observer = try await server.observer()
      let result = try await onMigrated(try await server.createDatabase()) { try await body($0, observer) }
      await observer.shutdown()
      await server.remove()
      return result
    } catch {
      await server.remove()
      throw error
    }
  }

  /// Runs a body on the stores of a server of its own with a synchronous standby.
  public static func onReplicatedServer<Result>(
    _ body: (DeskStore, ReplicatedPostgres) async throws -> Result
  ) async throws -> Result {
    try await ReplicatedPostgres.with { servers in
      try await onMigrated(try await servers.primary.createDatabase()) { try await body($0, servers) }
    }
  }

  /// Runs a body on the same database of a server that was its standby.
  public static func onPromoted<Result>(
    _ servers: ReplicatedPostgres, _ body: (DeskStore) async throws -> Result
  ) async throws -> Result {
    let name = await servers.primary.lastDatabase
    return try await closing(open(try await servers.standby.configuration.database(name), connections: 4), body)
  }

  private static func onMigrated<Result>(
    _ database: PostgresConfiguration, _ body: (DeskStore) async throws -> Result
  ) async throws -> Result {
    try await closing(open(database, connections: 4)) { store in
      _ = try await PostgresMigrator(DeskMigrations.all).migrate(store.pool)
      return try await body(store)
    }
  }

  private static func closing<Result>(
    _ store: DeskStore, _ body: (DeskStore) async throws -> Result
  ) async throws -> Result {
    do {
      let result = try await body(store)
      await store.pool.shutdown()
      return result
    } catch {
      await store.pool.shutdown()
      throw error
    }
  }

  /// Migrated once for all tests of the process: copying a database takes a fraction of the time of its migrations.
  private static let templates = [false, true].map { hasPartitions in
    Task { try await template(hasPartitions: hasPartitions) }
  }

  /// Returns the name of a new database to be copied.
  private static func template(hasPartitions: Bool) async throws -> String {
    let configuration = try await PrivatePostgres.shared().createDatabase()
    let store = open(configuration, connections: 1)
    do {
      _ = try await PostgresMigrator(DeskMigrations.all).migrate(store.pool)
      if hasPartitions { _ = try await store.privacy.ensurePartitions() }
      let name = try await store.pool.query(
        PostgresStatement<String>("test_database_name", "SELECT current_database()::text"))[0]
      await store.pool.shutdown()
      return name
    } catch {
      await store.pool.shutdown()
      throw error
    }
  }

  private static func copy(connections: Int, hasPartitions: Bool) async throws -> DeskStore {
    let template = try await templates[hasPartitions ? 1 : 0].value
    return open(
      try await PrivatePostgres.shared().createDatabase(copying: template), connections: connections)
  }

  private static func open(_ configuration: PostgresConfiguration, connections: Int) -> DeskStore {
    var limits = PostgresPoolLimits(connectionsMinimum: 0, connectionsMaximum: connections)
    // Many suites share few cores.
    limits.waitTimeout = .seconds(60)
    return DeskStore(pool: PostgresPool(DeskStore.configure(configuration), limits: limits))
  }
}
