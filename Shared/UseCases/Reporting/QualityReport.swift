public import DeskCore
internal import Foundation
public import HTTPService
public import Store

/// A report on inspections and intercepted replies in its output formats: JSON, table.
public struct QualityReport: Sendable {
  /// The days that it covers.
  public let days: ReportDays
  /// What was counted.
  public let report: InspectionReport

  /// Reads a report from the database.
  /// - Parameter timeout: how long the counting may take; nil uses the pool's own timeout.
  /// - Throws: `PostgresError`.
  public static func read(
    _ store: DeskStore, by grouping: InspectionGrouping, of days: ReportDays, timeout: Duration? = nil
  ) async throws -> QualityReport {
    QualityReport(
      days: days, report: try await store.inspections.report(by: grouping, of: days.period, timeout: timeout))
  }

  /// Creates a report.
  public init(days: ReportDays, report: InspectionReport) {
    self.days = days
    self.report = report
  }

  /// One JSON object: `by`, `from`, `to`, `zone`, `rows` (with `group`, null for tickets without one) and `total`.
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

  private static func fields(of row: InspectionReport.Row) -> [JSONValue.Field] {
    QualityMeasure.all.map { measure in
      guard let value = measure.value(row) else { return .init(measure.key, .null) }
      return .init(measure.key, measure.isCount ? .integer(Int64(value)) : .number(value))
    }
  }

  /// The table for terminals: a title for each column, and a line for each group, with the total first.
  public func lines(in language: ReportLanguage) -> (titles: [String], rows: [[String]]) {
    let words = ReportWords(language)
    let rows = [(words.total, report.total)] + report.rows.map { ($0.group ?? words.none, $0) }
    return (
      [grouping(in: language)] + QualityMeasure.all.map { language == .chinese ? $0.chinese : $0.english },
      rows.map { name, row in
        [name] + QualityMeasure.all.map { measure in measure.value(row).map { measure.text($0) } ?? "–" }
      }
    )
  }

  /// The title, in one line.
  public func title(in language: ReportLanguage) -> String {
    let grouping = grouping(in: language)
    return language == .chinese
      ? "质检统计 · 按\(grouping) · \(days.first) 至 \(days.last)（\(days.period.zone)）"
      : "Inspections by \(grouping), \(days.first) to \(days.last) (\(days.period.zone))"
  }

  private func grouping(in language: ReportLanguage) -> String {
    guard language == .chinese else { return report.grouping.rawValue }
    return switch report.grouping {
    case .agent: "客服"
    case .queue: "队列"
    case .criterion: "评分项"
    case .day: "日期"
    }
  }

  /// The JSON Schema of a row, and of the total, which has no `group`.
  public static var rowSchema: JSONSchema {
    .object(
      [.optional("group", .string.orNull)]
        + QualityMeasure.all.map { .required($0.key, $0.isCount ? .integer : .number.orNull) })
  }

  /// The rows for spreadsheets, without the total; empty where there is nothing to measure.
  public var csv: String {
    var table = CSVTable(columns: [report.grouping.rawValue] + QualityMeasure.all.map(\.key))
    for row in report.rows {
      table.add(
        [row.group ?? ""]
          + QualityMeasure.all.map { measure in
            measure.value(row).map { measure.isCount ? String(Int64($0)) : String(format: "%.4f", $0) } ?? ""
          })
    }
    return table.text
  }
}

/// A measure of the report; the same in tables and JSON.
struct QualityMeasure: Sendable {
  let key: String
  let english: String
  let chinese: String
  let isCount: Bool
  let value: @Sendable (InspectionReport.Row) -> Double?

  private init(
    _ key: String, _ english: String, _ chinese: String, isCount: Bool = true,
    _ value: @escaping @Sendable (InspectionReport.Row) -> Double?
  ) {
    (self.key, self.english, self.chinese, self.isCount, self.value) = (key, english, chinese, isCount, value)
  }

  /// Formats a value for people.
  func text(_ value: Double) -> String {
    if isCount { return String(Int64(value)) }
    return String(format: key == "share_sampled" ? "%.1f %%" : "%.1f", key == "share_sampled" ? 100 * value : value)
  }

  static let all = [
    QualityMeasure("tickets_ended", "ended", "已结束") { Double($0.ended) },
    QualityMeasure("tickets_sampled", "sampled", "抽检工单") { Double($0.sampledTickets) },
    QualityMeasure("share_sampled", "share", "抽检率", isCount: false) { $0.share },
    QualityMeasure("inspections", "inspections", "质检") { Double($0.inspections) },
    QualityMeasure("inspected", "scored", "已评分") { Double($0.inspected) },
    QualityMeasure("mean_percent", "mean score", "平均分", isCount: false) { $0.meanPercent },
    QualityMeasure("appealed", "appeals", "申诉") { Double($0.appealed) },
    QualityMeasure("upheld", "upheld", "维持") { Double($0.upheld) },
    QualityMeasure("changed", "changed", "改判") { Double($0.changed) },
    QualityMeasure("replies_refused", "refused", "拦截") { Double($0.refusedReplies) },
    QualityMeasure("replies_sent", "sent anyway", "提示后发出") { Double($0.sentReplies) },
  ]
}
