import CommandLineTool
import PostgreSQL
import Store

/// A soak test: holds a desk at one rate for a long time and records what grows.
struct BenchSoak: Sendable {
  /// One sample.
  struct Look: Sendable, Equatable, Encodable {
    var seconds: Double
    var messages: Int
    var queuedP99: Double
    /// The largest process of each service.
    var megabytes: [String: Double]
    var tableMegabytes: Double
    var indexMegabytes: Double
    var deadRows: Int64

    enum CodingKeys: String, CodingKey {
      case seconds, messages
      case queuedP99 = "accept_to_queued_p99_ms"
      case megabytes = "resident_mb"
      case tableMegabytes = "table_mb"
      case indexMegabytes = "index_mb"
      case deadRows = "dead_rows"
    }
  }

  let measurement: BenchMeasurement
  let rate: Double
  let announce: @Sendable (String) -> Void

  /// Samples once a minute, and at the end.
  func run(for time: Duration) async throws -> [Look] {
    let start = ContinuousClock.now
    var looks: [Look] = []
    var messages = 0
    while ContinuousClock.now - start < time {
      let part = min(BenchBounds.soakInterval, time - (ContinuousClock.now - start))
      let latencies = try await measurement.latencies(rate: rate, for: max(part, .seconds(1)))
      messages += Int(rate * (max(part, .seconds(1)) / .seconds(1)))
      let sizes = try await measurement.store.pool.query(BenchSoak.sizes).first
      let look = Look(
        seconds: ((ContinuousClock.now - start) / .seconds(1)).rounded(), messages: messages,
        queuedP99: latencies.queued.p99,
        megabytes: try measurement.processes.residentMegabytes().mapValues { $0.rounded() },
        tableMegabytes: Double(sizes?.tables ?? 0) / 1_048_576, indexMegabytes: Double(sizes?.indexes ?? 0) / 1_048_576,
        deadRows: sizes?.dead ?? 0)
      looks.append(look)
      announce(BenchSoak.table([look]).text)
    }
    return looks
  }

  /// Returns the samples as a table.
  static func table(_ looks: [Look]) -> TextTable {
    let services = looks.last?.megabytes.keys.sorted() ?? []
    var table = TextTable(
      [
        ("after", .right), ("messages", .right), ("queued p99", .right), ("tables MB", .right), ("indexes MB", .right),
        ("dead rows", .right),
      ]
        + services.map { ("\($0) MB", .right) })
    for look in looks {
      table.add(
        [
          "\(Int(look.seconds)) s", "\(look.messages)", RoundedTime.milliseconds(look.queuedP99),
          "\(Int(look.tableMegabytes))",
          "\(Int(look.indexMegabytes))", "\(look.deadRows)",
        ] + services.map { "\(Int(look.megabytes[$0] ?? 0))" })
    }
    return table
  }

  private static let sizes = PostgresStatement(
    "bench_sizes",
    """
    SELECT coalesce(sum(pg_table_size(relid)), 0)::bigint, coalesce(sum(pg_indexes_size(relid)), 0)::bigint,
           coalesce(sum(n_dead_tup), 0)::bigint
      FROM pg_stat_user_tables WHERE schemaname = 'desk'
    """
  ) { row in
    try (tables: row.next(Int64.self), indexes: row.next(Int64.self), dead: row.next(Int64.self))
  }
}
