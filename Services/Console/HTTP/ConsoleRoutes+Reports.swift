import DeskCore
import HTTPTypes
import Hummingbird
import PostgreSQL
import ServiceKit
import Store

// What became of the tickets of some days: as JSON, as a table, as a picture.

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
        .unprocessableContent, type: "urn:frontdesk:too-much",
        detail: "Counting took longer than \(Int(ConsoleBounds.reportTimeout.seconds)) s and was ended.",
        errors: [
          .init(
            field: "from", value: query.days.first, detail: "There are too many tickets since this day.",
            remedy: "Ask for fewer days at once, or use the command `frontdesk report`, which waits longer.")
        ])
    }
  }
}

/// What a request for a report asks: the grouping in its path, and the days and the language in its query.
private struct ReportQuery {
  let grouping: ReportGrouping
  let days: ReportDays
  let language: ReportLanguage

  /// - Throws: `HTTPProblem` 404 for an unknown grouping, and 422 that names every parameter that cannot be taken.
  init(_ call: ConsoleRoutes.Call, now: Instant) throws {
    guard let grouping = call.parameters.get("by").flatMap({ ReportGrouping(rawValue: $0) }) else {
      throw ConsoleProblem.notFound("report")
    }
    self.grouping = grouping
    var errors: [HTTPProblem.FieldError] = []
    var given: [String: String] = [:]
    for (name, value) in call.request.uri.queryParameters {
      let name = String(name)
      if !Self.known.contains(name) || given[name] != nil {
        errors.append(
          .init(
            field: name, detail: given[name] == nil ? "The parameter is not known." : "The parameter is given twice.",
            remedy: "Known are \(Self.known.joined(separator: ", ")), each once."))
      }
      given[name] = String(value)
    }
    let word = given["language"] ?? ReportLanguage.english.rawValue
    let language = ReportLanguage(rawValue: word)
    if language == nil {
      errors.append(
        .init(
          field: "language", value: word, detail: "Reports are not written in that language.",
          remedy: "Write one of \(ReportLanguage.allCases.map(\.rawValue).joined(separator: ", "))."))
    }
    let days = Result { () throws(ReportDays.Problem) in
      try ReportDays(from: given["from"], to: given["to"], zone: given["zone"], now: now)
    }
    if case .failure(let problem) = days {
      errors.append(
        .init(field: problem.field, value: problem.value, detail: problem.detail, remedy: problem.remedy))
    }
    guard case .success(let days) = days, let language, errors.isEmpty else {
      throw HTTPProblem(
        .unprocessableContent, type: "urn:frontdesk:invalid", detail: "There is no such report.", errors: errors)
    }
    self.days = days
    self.language = language
  }

  private static let known = ["from", "to", "zone", "language"]
}
