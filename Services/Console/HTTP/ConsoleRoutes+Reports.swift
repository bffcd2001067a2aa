import DeskCore
import HTTPService
import HTTPTypes
import Hummingbird
import Observability
import PolicyReading
import PostgreSQL
import ServiceProcess
import Store
import UseCases

// Reports over a range of days: as JSON, as a table, as a chart.

extension ConsoleRoutes {
  func report(_ call: Call) async throws -> Response {
    Self.json(try await document(call, of: .outcomes).document.detail)
  }

  func reportTable(_ call: Call) async throws -> Response {
    Self.csv(try await document(call, of: .outcomes).document.csv)
  }

  func reportPicture(_ call: Call) async throws -> Response { try await picture(call, of: .outcomes) }

  func analysis(_ call: Call, of topic: ReportTopic) async throws -> Response {
    Self.json(try await document(call, of: topic).document.detail)
  }

  func analysisTable(_ call: Call, of topic: ReportTopic) async throws -> Response {
    Self.csv(try await document(call, of: topic).document.csv)
  }

  func pathPicture(_ call: Call) async throws -> Response { try await picture(call, of: .path) }

  private func picture(_ call: Call, of topic: ReportTopic) async throws -> Response {
    let (document, language) = try await document(call, of: topic)
    let titles = try await watch.titles.titles()?.titles ?? [:]
    let section = Self.section(of: document)
    let svg = document.picture(in: language) { name in
      section.flatMap { titles["\($0).\(name)"]?.text(in: language == .chinese ? "zh" : "en") }
    }
    guard let svg else { throw ConsoleProblem.notFound("picture") }
    return Self.answer(svg, as: "image/svg+xml; charset=utf-8")
  }

  /// Where the policy has the titles of a report's groups.
  private static func section(of document: ReportDocument) -> String? {
    guard case .outcomes(let outcomes) = document else { return nil }
    return switch outcomes.report.grouping {
    case .queue: "queues"
    case .channel: "channels"
    case .category: "categories"
    case .agent: "agents"
    case .day, .tier: nil
    }
  }

  private func document(
    _ call: Call, of topic: ReportTopic
  ) async throws -> (document: ReportDocument, language: ReportLanguage) {
    let query = try ReportQuery(call, of: topic, now: clock.now())
    do {
      let document = try await reports.take {
        try await ReportDocument.read(query.order, from: reading, timeout: ConsoleBounds.reportTimeout)
      }
      return (document, query.language)
    } catch let error as PostgresError where error.code == .timedOut {
      throw HTTPProblem(
        .unprocessableContent, type: .tooManyRows,
        detail: "Counting took longer than \(Int(ConsoleBounds.reportTimeout.seconds)) s and was cancelled.",
        errors: [
          .init(
            field: "from", value: query.order.days.first, detail: "The range has too many tickets.",
            remedy: "Request fewer days at once, or use the command `frontdesk report`, which waits longer.")
        ])
    }
  }
}

/// A report request: the grouping of outcomes in its path; the days, the language and the report's options in its query.
private struct ReportQuery {
  let order: ReportOrder
  let language: ReportLanguage

  /// - Throws: `HTTPProblem` 400 or 404 for an unknown grouping in the path, and 422 that names every invalid parameter.
  init(_ call: ConsoleRoutes.Call, of topic: ReportTopic, now: Instant) throws {
    let options = topic == .handling ? ["by"] : topic == .change ? ["figure"] : []
    var query = RequestQuery(call.request.uri, known: ["from", "to", "zone", "language"] + options)
    var grouping: ReportGrouping?
    var figure: ReportFigure?
    switch topic {
    case .outcomes:
      grouping = ReportGrouping(rawValue: try RequestPath.value("by", in: call.parameters))
      guard grouping != nil else { throw ConsoleProblem.notFound("report") }
    case .handling: grouping = Self.choice("by", in: &query)
    case .change: figure = Self.choice("figure", in: &query)
    case .occupancy, .transfers, .path: break
    }
    let language: ReportLanguage? = Self.choice("language", in: &query)
    let order = Result { () throws(ReportDays.Problem) in
      try ReportOrder(
        ReportRequest(topic, by: grouping, of: figure), from: query["from"], to: query["to"], zone: query["zone"],
        now: now)
    }
    if case .failure(let problem) = order { query.refuse(problem.field, problem.detail, remedy: problem.remedy) }
    guard case .success(let order) = order, query.errors.isEmpty else {
      throw query.problem("The report's parameters are invalid.")
    }
    self.order = order
    self.language = language ?? .english
  }

  /// Reads one of several words; nil for a missing one, or one that is refused.
  private static func choice<Choice: CaseIterable & RawRepresentable<String>>(
    _ field: String, in query: inout RequestQuery
  ) -> Choice? {
    guard let word = query[field] else { return nil }
    if let choice = Choice(rawValue: word) { return choice }
    query.refuse(
      field, "Reports do not have this value.",
      remedy: "Send one of \(Choice.allCases.map(\.rawValue).joined(separator: ", ")).")
    return nil
  }
}
