public import DeskCore
import Store

/// A report on how the desk works, in its output formats: handling, occupancy, transfers, path of service, change.
public struct DeskAnalysis: Sendable {
  /// The figures, and what belongs to one topic alone.
  enum Content: Sendable {
    case handling(rows: [HandlingRow], total: HandlingRow)
    case occupancy(rows: [OccupancyRow], total: OccupancyRow)
    case transfers(rows: [TransferRow], transfers: Int64, tickets: Int64)
    case path(PathReport)
    case change(ChangeReport)
  }

  /// What was asked for.
  public let order: ReportOrder
  let content: Content
  let table: AnalysisTable

  init(_ order: ReportOrder, _ content: Content) {
    self.order = order
    self.content = content
    table =
      switch content {
      case .handling(let rows, let total): .handling(by: order.request.grouping, rows, total)
      case .occupancy(let rows, let total): .occupancy(rows, total)
      case .transfers(let rows, _, _): .transfers(rows)
      case .path(let report): .path(report)
      case .change(let report): .change(report)
      }
  }

  static func read(_ order: ReportOrder, from store: DeskStore, timeout: Duration?) async throws -> DeskAnalysis {
    let (reports, period) = (store.reports, order.days.period)
    switch order.request.topic {
    case .outcomes, .handling:
      let (rows, total) = try await reports.handling(by: order.request.grouping, of: period, timeout: timeout)
      return DeskAnalysis(order, .handling(rows: rows, total: total))
    case .occupancy:
      let (rows, total) = try await reports.occupancy(from: period.start, to: period.end, timeout: timeout)
      return DeskAnalysis(order, .occupancy(rows: rows, total: total))
    case .transfers:
      let (rows, transfers, tickets) = try await reports.transfers(of: period, timeout: timeout)
      return DeskAnalysis(order, .transfers(rows: rows, transfers: transfers, tickets: tickets))
    case .path:
      return DeskAnalysis(order, .path(try await reports.path(of: period, timeout: timeout)))
    case .change:
      let figure = order.request.figure
      let before = try await order.previous.asyncMap {
        try await reports.parts(of: figure, in: $0.period, timeout: timeout)
      }
      let after = try await reports.parts(of: figure, in: period, timeout: timeout)
      return DeskAnalysis(order, .change(ChangeReport(figure, before: before ?? [], after: after)))
    }
  }

  // MARK: Formats

  /// One JSON object: `report`, `from`, `to`, `zone`, what belongs to the report, and its rows.
  public var detail: JSONValue {
    let days = order.days
    var fields: [JSONValue.Field] = [
      .init("report", .text(order.request.topic.rawValue)), .init("from", .text(days.first)),
      .init("to", .text(days.last)), .init("zone", .text(days.period.zone)),
    ]
    fields += head
    fields += table.sections.map { section in .init(section.name, .list(section.rows.map { table.fields(of: $0) })) }
    if let total = table.total { fields.append(.init("total", table.fields(of: total))) }
    return .object(fields)
  }

  private var head: [JSONValue.Field] {
    switch content {
    case .handling: [.init("by", .text(order.request.grouping.rawValue))]
    case .occupancy: []
    case .transfers(_, let transfers, let tickets):
      [.init("transfers", .integer(transfers)), .init("tickets", .integer(tickets))]
    case .path(let report):
      [
        .init("tickets", .integer(report.tickets)),
        .init(
          "reached", .object(PathStep.allCases.map { .init($0.rawValue, .integer(report.reached($0))) })),
      ]
    case .change(let report):
      [
        .init("figure", .text(report.figure.rawValue)),
        .init(
          "previous",
          order.previous.map { .object([.init("from", .text($0.first)), .init("to", .text($0.last))]) } ?? .null),
      ] + report.fields
    }
  }

  /// The rows for spreadsheets, without the total; times in seconds, shares from 0 to 1.
  var csv: String { table.csv }

  func title(in language: ReportLanguage) -> String {
    let words = ReportWords(language)
    let days = order.days
    let span = { (days: ReportDays) in
      language == .chinese ? "\(days.first) 至 \(days.last)" : "\(days.first) to \(days.last)"
    }
    var parts = [words.topic(order.request.topic)]
    switch content {
    case .handling:
      let grouping = words.grouping(order.request.grouping)
      parts.append(language == .chinese ? "按\(grouping)" : "by \(grouping)")
    case .change(let report): parts.append(words.figure(report.figure))
    case .occupancy, .transfers, .path: break
    }
    parts.append(language == .chinese ? "\(span(days))（\(days.period.zone)）" : "\(span(days)) (\(days.period.zone))")
    if let previous = order.previous {
      parts.append(language == .chinese ? "对比 \(span(previous))" : "against \(span(previous))")
    }
    if case .change(let report) = content { parts.append(report.verdict(in: language)) }
    return parts.joined(separator: language == .chinese ? " · " : ", ")
  }

  func lines(in language: ReportLanguage) -> (titles: [String], rows: [[String]]) {
    let words = ReportWords(language)
    func row(_ cells: [AnalysisTable.Cell]) -> [String] {
      zip(table.columns, cells).map { table.shown($1, $0, in: language) }
    }
    let isParted = table.sections.count > 1
    let total = table.total.map { [[words.total] + row($0).dropFirst()] } ?? []
    return (
      (isParted ? [""] : []) + table.columns.map { $0.title(in: language) },
      total + table.sections.flatMap { section in section.rows.map { (isParted ? [section.name] : []) + row($0) } }
    )
  }

  func picture(in language: ReportLanguage) -> String? {
    guard case .path(let report) = content else { return nil }
    return PathPicture(report, titled: title(in: language), in: language).svg
  }
}

extension Optional {
  fileprivate func asyncMap<Result>(_ body: (Wrapped) async throws -> Result) async rethrows -> Result? {
    guard let self else { return nil }
    return try await body(self)
  }
}
