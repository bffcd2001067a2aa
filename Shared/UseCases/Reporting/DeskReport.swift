public import DeskCore
internal import Foundation
public import HTTPService
public import Store

/// A report in its output formats: JSON, table, picture.
public struct DeskReport: Sendable {
  /// The days that it covers.
  public let days: ReportDays
  /// What was counted.
  public let report: TicketReport

  /// Reads a report from the database.
  /// - Parameter timeout: how long the counting may take; nil uses the pool's own timeout.
  /// - Throws: `PostgresError`.
  public static func read(
    _ store: DeskStore, by grouping: ReportGrouping, of days: ReportDays, timeout: Duration? = nil
  ) async throws -> DeskReport {
    DeskReport(
      days: days, report: try await store.reports.ticketReport(by: grouping, of: days.period, timeout: timeout))
  }

  /// Creates a report.
  public init(days: ReportDays, report: TicketReport) {
    self.days = days
    self.report = report
  }

  /// One JSON object: `by`, `from`, `to`, `zone`, `rows` (with `group`, null for tickets without one) and `total`. Times are in
  /// seconds; a share has its `tickets`, what they are a share `of`, and the `share` from 0 to 1.
  public var detail: JSONValue {
    .object([
      .init("by", .text(report.grouping.rawValue)), .init("from", .text(days.first)), .init("to", .text(days.last)),
      .init("zone", .text(days.period.zone)),
      .init(
        "rows",
        .list(
          report.rows.map { row in
            .object([.init("group", row.group.map { .text($0) } ?? .null)] + Self.fields(of: row))
          })),
      .init("total", .object(Self.fields(of: report.total))),
    ])
  }

  private static func fields(of row: ReportRow) -> [JSONValue.Field] {
    ReportMeasure.all.map { measure in
      if let share = measure.share?(row) {
        return .init(
          measure.key,
          .object([
            .init("tickets", .integer(share.tickets)), .init("of", .integer(share.of)),
            .init("share", share.share.map { .number($0) } ?? .null),
          ]))
      }
      guard let value = measure.value(row) else { return .init(measure.key, .null) }
      return .init(measure.key, measure.kind == .count ? .integer(Int64(value)) : .number(value))
    }
  }

  /// The table for terminals: a title for each column, and a line for each group, with the total first.
  public func lines(in language: ReportLanguage) -> (titles: [String], rows: [[String]]) {
    let measures = ReportMeasure.all.filter { $0.shortTitle(in: language) != nil }
    let words = ReportWords(language)
    let rows = [(words.total, report.total)] + report.rows.map { ($0.group ?? words.none, $0) }
    return (
      [words.grouping(report.grouping)] + measures.compactMap { $0.shortTitle(in: language) },
      rows.map { name, row in
        [name] + measures.map { measure in measure.value(row).map { measure.kind.text($0, in: language) } ?? "–" }
      }
    )
  }

  /// The title, in one line.
  public func title(in language: ReportLanguage) -> String { ReportWords(language).title(self) }

  /// The JSON Schema of a row, and of the total, which has no `group`.
  public static var rowSchema: JSONSchema {
    let share = JSONSchema.object([
      .optional("tickets", .integer), .optional("of", .integer), .optional("share", .number.orNull),
    ])
    return .object(
      [.optional("group", .string.orNull)]
        + ReportMeasure.all.map { measure in
          .optional(
            measure.key, measure.share != nil ? share : measure.kind == .count ? .integer : .number.orNull)
        })
  }

  /// The rows for spreadsheets, without the total: times in seconds; for each share its tickets, what they are a share of, and the share
  /// from 0 to 1; empty where there is nothing to measure.
  public var csv: String {
    let columns = ReportMeasure.all.flatMap { measure in
      measure.share == nil ? [measure.key] : ["", "_of", "_share"].map { measure.key + $0 }
    }
    var table = CSVTable(columns: [report.grouping.rawValue] + columns)
    for row in report.rows {
      let fields = ReportMeasure.all.flatMap { measure in
        let value = measure.value(row)
        guard let share = measure.share?(row) else {
          return [value.map { measure.kind == .count ? String(Int64($0)) : String(format: "%.3f", $0) } ?? ""]
        }
        return [String(share.tickets), String(share.of), value.map { String(format: "%.4f", $0) } ?? ""]
      }
      table.add([row.group ?? ""] + fields)
    }
    return table.text
  }
}
