public import Logging
public import Observability
public import Store

/// Reports the rows that this process has quarantined: each once in the log, all of them in `/metrics` and `frontdesk status`.
public struct QuarantineReporter: PeriodicService {
  /// The polling interval for new ones.
  static let pause: Duration = .seconds(1)

  private let rows: SetAsideRows
  private let logger: Logger
  private let task = WatchedTask("quarantine_reports")

  /// Adds the quarantined rows to every scrape of `metrics`.
  public init(rows: SetAsideRows, metrics: MetricsRegistry, logger: Logger) {
    self.rows = rows
    self.logger = logger
    metrics.collector { [rows] scrape in
      for (table, held) in Dictionary(grouping: rows.held, by: \.row.table) {
        scrape.gauge(
          "frontdesk_rows_set_aside", help: "Rows that this process cannot read or write and skips.",
          labels: ["table": table], Double(held.count))
      }
      scrape.counter(
        "frontdesk_rows_set_aside_total", help: "Times that a row was quarantined.", Double(rows.total))
    }
  }

  public var periodic: PeriodicTask { PeriodicTask(task, every: QuarantineReporter.pause, logger: logger) }

  public func round() async throws -> PeriodicTask.Pause {
    announce()
    return .regular
  }

  /// Logs the rows that were quarantined since the last poll.
  func announce() {
    for entry in rows.takeUnannounced() {
      logger.warning(
        "row quarantined; processing continues with the others",
        metadata: ["row": "\(entry.row)", "error": "\(entry.kind)"])
    }
  }

  /// One problem per table, named after the row that has been quarantined longest.
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
