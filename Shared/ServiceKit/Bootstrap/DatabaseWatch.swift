internal import Logging
internal import PostgreSQL
internal import ServiceLifecycle

/// Watches the database for `/readyz` and `/metrics`, and warns while it does not answer.
struct DatabaseWatch: WatchedService {
  /// PostgreSQL did not answer in time.
  struct Unreachable: Error {}

  private static let interval: Duration = .seconds(1)
  private static let timeout: Duration = .seconds(1)

  private let pool: PostgresPool
  private let health: HealthState
  private let logger: Logger
  private let inUse: GaugeMetric
  private let idle: GaugeMetric
  private let waiting: GaugeMetric
  private let longest: GaugeMetric
  let task = WatchedTask("database")

  init(pool: PostgresPool, health: HealthState, metrics: MetricsRegistry, logger: Logger) {
    self.pool = pool
    self.health = health
    self.logger = logger
    inUse = metrics.gauge("frontdesk_postgres_pool_in_use", help: "Connections that a call has.")
    idle = metrics.gauge("frontdesk_postgres_pool_idle", help: "Connections that wait for a call.")
    waiting = metrics.gauge("frontdesk_postgres_pool_waiting", help: "Calls that wait for a connection.")
    longest = metrics.gauge(
      "frontdesk_postgres_pool_wait_seconds_max", help: "The longest wait for a connection since the start.")
  }

  var tasks: [WatchedTask] { [task] }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        await look()
        try? await Task.sleep(for: DatabaseWatch.interval)
      }
    }
  }

  /// Looks once.
  func look() async {
    await task.attempt(logger) {
      if await pool.isReachable(within: DatabaseWatch.timeout) {
        health.hold("postgres")
      } else if !Task.isCancelled {
        health.fail("postgres", reason: "PostgreSQL does not answer")
        throw Unreachable()
      }
    }
    let now = await pool.metrics
    inUse.set(Double(now.connectionsInUse))
    idle.set(Double(now.connectionsIdle))
    waiting.set(Double(now.waiting))
    longest.set(now.waitMaximum.seconds)
  }
}
