public import DeskCore
public import PostgreSQL
internal import SystemPrimitives

/// A read-only copy of the desk's database, with the age of its data.
///
/// The age comes from the heartbeats that every service writes twice a second with the primary's clock: what a replica has of them says up
/// to when it has everything. This needs no right and no function that only some servers have, it holds on an idle primary, and it tells
/// another desk's database, or a former primary that was cut off, from a replica of this desk.
public final class DeskReplica: Sendable {
  /// The replica has none of the desk's running processes: it belongs to another desk, was made before they started, or none runs.
  public struct Foreign: Error {}

  /// The server and database, for logs and metrics.
  public let name: String
  /// The desk's data as the replica has it.
  let store: DeskStore
  private let pool: PostgresPool
  /// A separate connection, so that long reports do not delay the reading of the age.
  private let lookPool: PostgresPool
  private let eventThread: PostgresThread
  private let patience: Duration
  private let state = PthreadMutex(ReplicaState())

  /// - Parameters:
  ///   - configuration: of one server.
  ///   - connections: the maximum number of connections for reading; one more is for the age.
  ///   - setAside: the process's quarantine.
  ///   - words: how the desk's words are stored.
  ///   - patience: how long it may take for what should be immediate.
  public init(
    _ configuration: PostgresConfiguration, connections: Int, setAside: SetAsideRows, words: WordCodec = WordCodec(),
    patience: Duration = ReplicaBounds.patience
  ) {
    ReplicaBounds.check()
    self.patience = patience
    name = configuration.endpoint
    let configuration = DeskStore.configure(configuration)
    eventThread = PostgresThread(name: "replica")
    var limits = PostgresPoolLimits(connectionsMinimum: 0, connectionsMaximum: connections)
    limits.waitTimeout = patience
    pool = PostgresPool(configuration, limits: limits, on: eventThread)
    limits.connectionsMaximum = 1
    lookPool = PostgresPool(configuration, limits: limits, on: eventThread)
    store = DeskStore(pool: pool, setAside: setAside, words: words)
  }

  /// Closes its connections.
  public func close() async {
    await lookPool.shutdown()
    await pool.shutdown()
    await eventThread.stop()
  }

  // MARK: Age

  /// Dates the replica's data. When it does not answer, what it was asked meanwhile fails at once. One that answers with an error, as when
  /// it cancels a statement to be able to replay, stays in use until it has not been dated for `ReplicaBounds.silence`.
  ///
  /// - Parameters:
  ///   - instances: processes of this desk that are running.
  ///   - now: the primary's time.
  /// - Throws: `Foreign`, or `PostgresError`.
  public func look(for instances: [InstanceID], now: Instant) async throws {
    do {
      // A heartbeat of the future was written before the primary's clock was set back.
      let newest = now + FleetBounds.silence
      let found = try await lookPool.query(
        DeskReplica.newestHeartbeat, [instances, newest], timeout: patience
      ).first
      guard let heartbeat = found ?? nil else { throw Foreign() }
      state.withLock { $0.found(heartbeat, at: now) }
    } catch let error as PostgresError where error.code == .server {
      throw error
    } catch {
      state.withLock { $0.lost() }
      await pool.dropConnections()
      throw error
    }
  }

  /// How old its data is at most; nil before it was dated.
  public func age(at now: Instant) -> Duration? { state.withLock { $0.age(at: now) } }

  /// Whether it answered lately.
  public func isReachable(at now: Instant) -> Bool { state.withLock { $0.isReachable(at: now) } }

  /// What it may be read by; nil while it may not.
  func source(at now: Instant, limit: Duration) -> DeskReader.Source? {
    state.withLock { state in
      guard state.mayAnswer(at: now, limit: limit), let asOf = state.asOf, let age = state.age(at: now) else {
        return nil
      }
      return DeskReader.Source(store: store, replica: .init(asOf: asOf, age: age))
    }
  }

  private static let newestHeartbeat = PostgresStatement<Instant?>(
    "newest_heartbeat",
    "SELECT max(heartbeat_at) FROM desk.service_instance WHERE id = ANY($1) AND heartbeat_at <= $2", planning: .once)
}
