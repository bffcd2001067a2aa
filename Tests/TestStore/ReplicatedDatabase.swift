public import PostgreSQL
public import Store
import TestPostgres

/// A migrated database on a server that has a physical standby, for tests of what is read from there.
///
/// The two servers are started at the first use and end with the process. One test at a time has them, because the standby is paused and
/// stopped as a whole.
public struct ReplicatedDatabase: Sendable {
  /// The stores of the database on the primary.
  public let store: DeskStore
  /// The database on the standby.
  public let standby: PostgresConfiguration
  private let primaryServer: PrivatePostgres
  private let standbyServer: PrivatePostgres

  /// Runs a body with a database of its own, and leaves a standby that runs and replays.
  public static func with<Result>(_ body: (ReplicatedDatabase) async throws -> Result) async throws -> Result {
    await turn.take()
    do {
      let database = try await make()
      do {
        let result = try await body(database)
        try await database.tidyUp()
        await turn.leave()
        return result
      } catch {
        try? await database.tidyUp()
        throw error
      }
    } catch {
      await turn.leave()
      throw error
    }
  }

  /// Waits until the standby has what was written before the call.
  public func catchUp() async throws { try await standbyServer.catchUp(with: primaryServer) }

  /// Keeps the standby as it is, while it answers.
  public func pauseReplay() async throws { try await standbyServer.pauseReplay() }

  /// Replays what was missed, and what comes.
  public func resumeReplay() async throws { try await standbyServer.resumeReplay() }

  /// Runs a body while statements of the standby that keep it from replaying are cancelled at once.
  public func whileCancelling(_ body: () async throws -> Void) async throws {
    try await standbyServer.cancelConflicts(true)
    do {
      try await body()
    } catch {
      try? await standbyServer.cancelConflicts(false)
      throw error
    }
    try await standbyServer.cancelConflicts(false)
  }

  /// Ends the standby as a power failure would.
  public func stopStandby() async throws { try await standbyServer.stopImmediately() }

  public func startStandby() async throws { try await standbyServer.start() }

  private func tidyUp() async throws {
    await store.pool.shutdown()
    try await standbyServer.start()
    try await standbyServer.resumeReplay()
  }

  private static func make() async throws -> ReplicatedDatabase {
    let (primary, standby, template) = try await servers.value
    let configuration = try await primary.createDatabase(copying: template)
    try await standby.catchUp(with: primary)
    let name = configuration["dbname"] ?? ""
    return ReplicatedDatabase(
      store: DeskStore(
        pool: PostgresPool(
          DeskStore.configure(configuration), limits: PostgresPoolLimits(connectionsMinimum: 0, connectionsMaximum: 4))),
      standby: try await standby.configuration.database(name), primaryServer: primary, standbyServer: standby)
  }

  /// A primary with a migrated database to be copied, and its standby.
  private static let servers = Task {
    let primary = try await PrivatePostgres.own()
    let configuration = try await primary.createDatabase()
    let store = DeskStore(
      pool: PostgresPool(DeskStore.configure(configuration), limits: PostgresPoolLimits(connectionsMaximum: 1)))
    do {
      _ = try await PostgresMigrator(DeskMigrations.all).migrate(store.pool)
      _ = try await store.privacy.ensurePartitions()
      await store.pool.shutdown()
    } catch {
      await store.pool.shutdown()
      throw error
    }
    return (primary, try await PrivatePostgres.standby(of: primary), configuration["dbname"] ?? "")
  }

  private static let turn = Turn()

  private actor Turn {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take() async {
      if !isTaken { return isTaken = true }
      await withCheckedContinuation { waiting.append($0) }
    }

    func leave() {
      if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() }
    }
  }
}
