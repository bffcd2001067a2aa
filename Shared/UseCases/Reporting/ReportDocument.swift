public import DeskCore
public import Store

/// A report in its output formats.
public enum ReportDocument: Sendable {
  case outcomes(DeskReport)
  case analysis(DeskAnalysis)

  /// Reads a report from the database.
  /// - Parameter timeout: how long each statement may take; nil uses the pool's own timeout.
  /// - Throws: `PostgresError`.
  public static func read(_ order: ReportOrder, from store: DeskStore, timeout: Duration? = nil) async throws -> Self {
    guard order.request.topic != .outcomes else {
      return .outcomes(
        try await DeskReport.read(store, by: order.request.grouping, of: order.days, timeout: timeout))
    }
    return .analysis(try await DeskAnalysis.read(order, from: store, timeout: timeout))
  }

  /// One JSON object.
  public var detail: JSONValue {
    switch self {
    case .outcomes(let report): report.detail
    case .analysis(let analysis): analysis.detail
    }
  }

  /// The rows for spreadsheets.
  public var csv: String {
    switch self {
    case .outcomes(let report): report.csv
    case .analysis(let analysis): analysis.csv
    }
  }

  /// The title, in one line.
  public func title(in language: ReportLanguage) -> String {
    switch self {
    case .outcomes(let report): report.title(in: language)
    case .analysis(let analysis): analysis.title(in: language)
    }
  }

  /// The table for terminals: a title for each column, and the rows, with the total first.
  public func lines(in language: ReportLanguage) -> (titles: [String], rows: [[String]]) {
    switch self {
    case .outcomes(let report): report.lines(in: language)
    case .analysis(let analysis): analysis.lines(in: language)
    }
  }

  /// The report as an SVG file; nil for those that are not drawn.
  /// - Parameter naming: the title of a group in the policy; nil where it has none.
  public func picture(in language: ReportLanguage, naming: (String) -> String? = { _ in nil }) -> String? {
    switch self {
    case .outcomes(let report): ReportPicture(report, in: language, naming: naming).svg
    case .analysis(let analysis): analysis.picture(in: language)
    }
  }

  /// The report as a file; nil for a picture of one that is not drawn.
  public func text(as format: ReportFormat, in language: ReportLanguage) -> String? {
    switch format {
    case .json: detail.json
    case .csv: csv
    case .svg: picture(in: language)
    }
  }
}
