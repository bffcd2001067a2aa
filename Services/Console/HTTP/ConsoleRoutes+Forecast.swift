import DeskCore
import HTTPService
import Hummingbird
import Observability
import PostgreSQL
import ServiceProcess
import Store
import UseCases

// Forecasts of arrivals, and the error of the expected wait: as JSON, as a table, as a chart.

extension ConsoleRoutes {
  func forecast(_ call: Call) async throws -> Response {
    Self.json(try await forecastReport(call).report.detail)
  }

  func forecastTable(_ call: Call) async throws -> Response {
    Self.csv(try await forecastReport(call).report.csv)
  }

  func forecastPicture(_ call: Call) async throws -> Response {
    let (report, language) = try await forecastReport(call)
    return Self.answer(ForecastPicture(report, in: language).svg, as: "image/svg+xml; charset=utf-8")
  }

  func waitErrors(_ call: Call) async throws -> Response {
    var query = RequestQuery(call.request.uri, known: ["from", "to", "zone"])
    let days = Result { () throws(ReportDays.Problem) in
      try ReportDays(from: query["from"], to: query["to"], zone: query["zone"], now: clock.now())
    }
    if case .failure(let problem) = days { query.refuse(problem.field, problem.detail, remedy: problem.remedy) }
    guard case .success(let days) = days, query.errors.isEmpty else {
      throw query.problem("The report's parameters are invalid.")
    }
    let report = try await counted(
      field: "from", value: days.first,
      remedy: "Request fewer days at once, or use the command `frontdesk report`, which waits longer."
    ) {
      do {
        return try await WaitErrorReport.read(reading, of: days, timeout: ConsoleBounds.reportTimeout)
      } catch let problem as ReportDays.Problem {
        query.refuse(problem.field, problem.detail, remedy: problem.remedy)
        throw query.problem("The report's parameters are invalid.")
      }
    }
    return Self.json(report.detail)
  }

  private func forecastReport(_ call: Call) async throws -> (report: ForecastReport, language: ReportLanguage) {
    let policy = try policyForForecast()
    var query = RequestQuery(call.request.uri, known: ForecastQuery.names + ["language"])
    let (order, language) = try forecastOrder(&query, policy: policy)
    let report = try await countedForecast(order) {
      try await ForecastReport.read(order, from: reading, policy: policy, timeout: ConsoleBounds.reportTimeout)
    }
    return (report, language)
  }

  func policyForForecast() throws -> Policy {
    guard let policy = policy.current else {
      throw HTTPProblem.retryLater(
        .serviceUnavailable, after: ConsoleBounds.reportPause, detail: "No policy has been applied yet.")
    }
    return policy
  }

  /// - Throws: `HTTPProblem` 422 that names every invalid parameter, also those that were refused before.
  func forecastOrder(
    _ query: inout RequestQuery, policy: Policy
  ) throws -> (order: ForecastOrder, language: ReportLanguage) {
    let language = query.choice("language", of: ReportLanguage.self)
    let (date, days, queue, history) = (query["date"], query["days"], query["queue"], query["history_days"])
    let order = Result { () throws(ForecastOrder.Problem) in
      try ForecastOrder(
        date: date, days: days, queue: queue, historyDays: history, policy: policy, now: clock.now())
    }
    if case .failure(let problem) = order { query.refuse(problem.field, problem.detail, remedy: problem.remedy) }
    guard case .success(let order) = order, query.errors.isEmpty else {
      throw query.problem("The parameters are invalid.")
    }
    return (order, language ?? .english)
  }

  func countedForecast<Report>(_ order: ForecastOrder, _ read: () async throws -> Report) async throws -> Report {
    try await counted(
      field: "history_days", value: "\(order.historyDays)",
      remedy: "Request fewer days at once, or use the command `frontdesk plan`, which waits longer.", read)
  }

  /// Runs a report in turn, and says which parameter makes it smaller if it takes too long.
  private func counted<Report>(
    field: String, value: String, remedy: String, _ read: () async throws -> Report
  ) async throws -> Report {
    do {
      return try await reports.take(read)
    } catch let error as PostgresError where error.code == .timedOut {
      throw HTTPProblem(
        .unprocessableContent, type: .tooManyRows,
        detail: "Counting took longer than \(Int(ConsoleBounds.reportTimeout.seconds)) s and was cancelled.",
        errors: [
          .init(
            field: field, value: value, detail: "The range has too many tickets.", remedy: remedy)
        ])
    }
  }
}

/// The parameters of forecasts.
enum ForecastQuery {
  static let names = ["date", "days", "queue", "history_days"]
}

extension RequestQuery {
  /// Reads one of several words; nil for a missing one, or one that is refused.
  fileprivate mutating func choice<Choice: CaseIterable & RawRepresentable<String>>(
    _ field: String, of: Choice.Type
  ) -> Choice? {
    guard let word = self[field] else { return nil }
    if let choice = Choice(rawValue: word) { return choice }
    refuse(
      field, "Reports do not have this value.",
      remedy: "Send one of \(Choice.allCases.map(\.rawValue).joined(separator: ", ")).")
    return nil
  }
}
