internal import Logging
internal import Observability
internal import PostgreSQL
internal import ServiceHealth

/// Watches the database for `/readyz` and `/metrics`, and logs a warning while it does not respond.
struct DatabaseWatch: PeriodicService {
  /// PostgreSQL did not respond in time.
  struct Unreachable: Error {}

  private static let interval: Duration = .seconds(1)
  private static let timeout: Duration = .seconds(1)

  private let pool: PostgresPool
  private let health: HealthState
  private let durability: DurabilityWatch
  private let logger: Logger
  private let inUse: GaugeMetric
  private let idle: GaugeMetric
  private let waiting: GaugeMetric
  private let longest: GaugeMetric
  let task = WatchedTask("database")

  init(
    pool: PostgresPool, health: HealthState, durability: DurabilityWatch, metrics: MetricsRegistry, logger: Logger
  ) {
    self.pool = pool
    self.health = health
    self.durability = durability
    self.logger = logger
    inUse = metrics.gauge("frontdesk_postgres_pool_in_use", help: "Connections in use by a call.")
    idle = metrics.gauge("frontdesk_postgres_pool_idle", help: "Idle connections.")
    waiting = metrics.gauge("frontdesk_postgres_pool_waiting", help: "Calls waiting for a connection.")
    longest = metrics.gauge(
      "frontdesk_postgres_pool_wait_seconds_max", help: "Longest wait for a connection since the process started.")
  }

  var periodic: PeriodicTask {
    // Failures do not slow it down: readiness returns with the database.
    PeriodicTask(task, every: Self.interval, longestBackOff: Self.interval, logger: logger)
  }

  func round() async throws -> PeriodicTask.Pause {
    try await look()
    return .regular
  }

  /// Checks once.
  /// - Throws: `Unreachable`.
  func look() async throws {
    let isReachable = await pool.isReachable(within: DatabaseWatch.timeout)
    await readGauges()
    if isReachable {
      health.hold("postgres")
      durability.note(try await PostgresDurability.read(pool, timeout: DatabaseWatch.timeout))
    } else if !Task.isCancelled {
      health.fail("postgres", reason: "PostgreSQL does not respond")
      throw Unreachable()
    }
  }

  private func readGauges() async {
    let now = await pool.metrics
    inUse.set(Double(now.connectionsInUse))
    idle.set(Double(now.connectionsIdle))
    waiting.set(Double(now.waiting))
    longest.set(now.waitMaximum.seconds)
    durability.note(unconfirmed: now.commitsUnconfirmed)
  }
}
