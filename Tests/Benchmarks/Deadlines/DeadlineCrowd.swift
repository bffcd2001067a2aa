import DeskCore
import Foundation
import PostgreSQL
import Store
import TestPostgres

/// A desk's database full of tickets whose SLA deadlines pass one after the other.
struct DeadlineCrowd {
  private let pool: PostgresPool
  private let store: DeskStore
  /// The watcher's libpq connection string.
  let connectionText: String

  private static let rowsPerStatement = 50_000
  private static let policy = """
    version: 1
    queues: { bench: {} }
    agents: [{ id: ann }]
    default_queue: bench
    triage: { queue: bench, below: 0 }
    service_levels:
      - { name: bench, resolution: 1d, warn_at: [90] }

    """

  /// Prepares an empty desk on a durable server that records commit timestamps.
  init(on server: PrivatePostgres) async throws {
    let maintenance = PostgresPool(
      try await server.configuration, limits: PostgresPoolLimits(connectionsMinimum: 0, connectionsMaximum: 1))
    for setting in ["fsync = on", "track_commit_timestamp = on", "shared_buffers = '512MB'", "max_wal_size = '4GB'"] {
      try await maintenance.executeScript("ALTER SYSTEM SET \(setting)")
    }
    await maintenance.shutdown()
    try await server.stopImmediately()
    try await server.start()
    let database = try await server.createDatabase()
    connectionText = ["host", "port", "user", "dbname"].compactMap { name in
      database[name].map { "\(name)=\($0)" }
    }.joined(separator: " ")
    pool = PostgresPool(
      DeskStore.configure(database), limits: PostgresPoolLimits(connectionsMinimum: 0, connectionsMaximum: 2))
    store = DeskStore(pool: pool)
    _ = try await PostgresMigrator(DeskMigrations.all).migrate(pool)
    _ = try await store.privacy.ensurePartitions()
    _ = try await store.access.applyPolicy(document: Self.policy, by: "benchmark")
  }

  func close() async { await pool.shutdown() }

  func now() async throws -> Instant { try await store.now() }

  /// Adds tickets. The first deadlines pass while the watcher starts, or before; it notifies those late, and they are not measured.
  func fill(_ count: Int, perSecond: Double) async throws {
    let begin = try await now() + .seconds(count / 10_000)
    var first = 1
    while first <= count {
      let last = min(first + Self.rowsPerStatement - 1, count)
      try await pool.execute(
        Self.add, [Int64(first), Int64(last), begin, perSecond], timeout: .seconds(300))
      first = last + 1
    }
    try await pool.executeScript("VACUUM ANALYZE desk.ticket", name: "analyze", timeout: .seconds(300))
    let ready = try await now()
    if ready < begin { try await Task.sleep(for: begin - ready) }
  }

  /// Waits until a watcher leads, has notified the earlier breaches, and has counted the desk for the first time. (It counts again
  /// after fifty times as long as that took, so counting is not part of the cost of deadlines.)
  func waitUntilSteady() async throws {
    var quietLooks = 0
    for _ in 0..<1_200 {
      let busy = try await pool.query(Self.unsettled).first ?? true
      quietLooks = busy ? 0 : quietLooks + 1
      if quietLooks == 20 { return }
      try await Task.sleep(for: .milliseconds(250))
    }
    throw DeadlineBenchmarkError("no watcher was leader and had caught up within 5 min")
  }

  /// Returns the server processes that serve the watcher.
  func watcherConnections() async throws -> [Int32] { try await pool.query(Self.connections) }

  func lateness(from start: Instant, to end: Instant) async throws -> DeadlineCost.Lateness {
    guard let figures = try await pool.query(Self.lateness, [start, end]).first else {
      throw DeadlineBenchmarkError("no deadline passed in the measured time")
    }
    return figures
  }

  private static let add = PostgresStatement<Void>(
    "benchmark_fill",
    """
    WITH crowd AS (
      SELECT desk.uuid_floor(now()) AS floor, gen_random_uuid() AS random, n, $3 + make_interval(secs => n / $4) AS due
        FROM generate_series($1, $2) n)
    INSERT INTO desk.ticket (id, channel, customer, opened_at, version, state, queue, waiting_queue, waiting_since, rank, service_level,
                             resolution_allowed_us, resolution_due_at, resolution_notified, next_check_at)
    SELECT (left(floor::text, 14) || '7' || substr(random::text, 16))::uuid, 'bench', 'crowd-' || n, due - interval '1 day', 2,
           'queued', 'bench', 'bench', now(), 14, 'bench', 86400000000, due, 90, due
      FROM crowd
    """)

  private static let unsettled = PostgresStatement<Bool>(
    "benchmark_unsettled",
    """
    SELECT NOT EXISTS (SELECT FROM desk.lease WHERE name = 'sla-watcher')
        OR EXISTS (SELECT FROM desk.ticket WHERE next_check_at < now() - interval '2 seconds')
        OR EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
                      AND state = 'active' AND query_start < clock_timestamp() - interval '200 milliseconds')
    """)

  private static let connections = PostgresStatement<Int32>(
    "benchmark_connections",
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%sla-watcher%'")

  private static let lateness = PostgresStatement(
    "benchmark_lateness",
    """
    WITH due AS (SELECT id, resolution_due_at AS at FROM desk.ticket WHERE resolution_due_at > $1 AND resolution_due_at <= $2),
    notified AS (
      SELECT 1000 * extract(epoch FROM pg_xact_commit_timestamp(e.xmin) - d.at)::double precision AS late
        FROM due d JOIN desk.ticket_event e ON e.ticket_id = d.id AND e.kind = 'sla_breached')
    SELECT (SELECT count(*) FROM due), count(*), coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY late), 0),
           coalesce(percentile_cont(0.99) WITHIN GROUP (ORDER BY late), 0), coalesce(max(late), 0)
      FROM notified
    """
  ) { row in
    try DeadlineCost.Lateness(
      due: row.next(), notified: row.next(), median: row.next(), high: row.next(), most: row.next())
  }
}

struct DeadlineBenchmarkError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
