public import Logging
public import ServiceLifecycle
public import Store

/// Tells operators of the rows that this process has set aside: each once in the log, all of them in `/metrics` and `frontdesk status`.
public struct SetAsideRowsReporter: Service {
  /// How often is looked whether there are new ones.
  static let pause: Duration = .seconds(1)

  private let rows: SetAsideRows
  private let logger: Logger

  /// Adds what is set aside to every scrape of `metrics`.
  public init(rows: SetAsideRows, metrics: MetricsRegistry, logger: Logger) {
    self.rows = rows
    self.logger = logger
    metrics.collector { [rows] scrape in
      for (table, held) in Dictionary(grouping: rows.held, by: \.row.table) {
        scrape.gauge(
          "frontdesk_rows_set_aside", help: "Rows that this process can neither read nor write, and leaves out.",
          labels: ["table": table], Double(held.count))
      }
      scrape.counter(
        "frontdesk_rows_set_aside_total", help: "Times that a row was set aside.", Double(rows.total))
    }
  }

  /// Looks until shutdown begins.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        announce()
        try? await Task.sleep(for: SetAsideRowsReporter.pause)
      }
    }
  }

  /// Logs the rows that were set aside since the last look.
  func announce() {
    for entry in rows.takeUnannounced() {
      logger.warning(
        "a row was set aside; the others go on", metadata: ["row": "\(entry.row)", "error": "\(entry.kind)"])
    }
  }

  /// One problem for each table, named after the row that has been set aside longest.
  public var problems: [WatchedTask.Problem] {
    Dictionary(grouping: rows.held, by: \.row.table).compactMap { _, held in
      guard let first = held.first else { return nil }
      let more = held.count > 1 ? " (and \(held.count - 1) more rows)" : ""
      return WatchedTask.Problem(
        task: "set_aside_rows", kind: "\(first.row): \(first.kind)\(more)", failures: first.times,
        lasting: .now - first.since)
    }
  }
}
