import DeskCore
import HTTPService
import HTTPTypes
import Hummingbird
import Observability
import PostgreSQL
import ServiceProcess
import Store
import UseCases

// Ticket outcomes over a range of days: as JSON, as a table, as a chart.

extension ConsoleRoutes {
  func report(_ call: Call) async throws -> Response {
    Self.json(try await readReport(call).report.detail)
  }

  func reportTable(_ call: Call) async throws -> Response {
    Self.csv(try await readReport(call).report.csv)
  }

  func reportPicture(_ call: Call) async throws -> Response {
    let (report, language) = try await readReport(call)
    return Self.answer(ReportPicture(report, in: language).svg, as: "image/svg+xml; charset=utf-8")
  }

  private func readReport(_ call: Call) async throws -> (report: DeskReport, language: ReportLanguage) {
    let query = try ReportQuery(call, now: clock.now())
    do {
      let report = try await reports.take {
        try await DeskReport.read(store, by: query.grouping, of: query.days, timeout: ConsoleBounds.reportTimeout)
      }
      return (report, query.language)
    } catch let error as PostgresError where error.code == .timedOut {
      throw HTTPProblem(
        .unprocessableContent, type: .tooManyRows,
        detail: "Counting took longer than \(Int(ConsoleBounds.reportTimeout.seconds)) s and was cancelled.",
        errors: [
          .init(
            field: "from", value: query.days.first, detail: "The range has too many tickets.",
            remedy: "Request fewer days at once, or use the command `frontdesk report`, which waits longer.")
        ])
    }
  }
}

/// A report request: the grouping in its path, and the days and the language in its query.
private struct ReportQuery {
  let grouping: ReportGrouping
  let days: ReportDays
  let language: ReportLanguage

  /// - Throws: `HTTPProblem` 400 or 404 for an unknown grouping, and 422 that names every invalid parameter.
  init(_ call: ConsoleRoutes.Call, now: Instant) throws {
    guard let grouping = ReportGrouping(rawValue: try RequestPath.value("by", in: call.parameters)) else {
      throw ConsoleProblem.notFound("report")
    }
    self.grouping = grouping
    var query = RequestQuery(call.request.uri, known: ["from", "to", "zone", "language"])
    let language = ReportLanguage(rawValue: query["language"] ?? ReportLanguage.english.rawValue)
    if language == nil {
      query.refuse(
        "language", "Reports are not available in this language.",
        remedy: "Send one of \(ReportLanguage.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    let days = Result { () throws(ReportDays.Problem) in
      try ReportDays(from: query["from"], to: query["to"], zone: query["zone"], now: now)
    }
    if case .failure(let problem) = days { query.refuse(problem.field, problem.detail, remedy: problem.remedy) }
    guard case .success(let days) = days, let language, query.errors.isEmpty else {
      throw query.problem("The report's parameters are invalid.")
    }
    self.days = days
    self.language = language
  }
}
