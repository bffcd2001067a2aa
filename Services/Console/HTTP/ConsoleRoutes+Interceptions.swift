import DeskCore
import HTTPService
import Hummingbird
import Observability
import PostgreSQL
import ServiceProcess
import Store
import UseCases

// Replies in which a rule of the policy found something, for those who inspect them.

extension ConsoleRoutes {
  func interceptions(_ call: Call) async throws -> Response {
    let page = try PageQuery<InterceptionID>(call, most: ConsoleBounds.rowsPerList)
    // One more than the page, to know whether there are earlier ones.
    var rows = try await store.interceptions.interceptions(before: page.before, limit: page.limit + 1)
    let next = rows.count > page.limit ? rows[page.limit - 1].interception.id : nil
    rows = Array(rows.prefix(page.limit))
    return Self.json(
      .object([
        .init("interceptions", .list(rows.map(ConsoleJSON.interception))),
        .init("next", next.map { .text($0.description) } ?? .null),
      ]))
  }

  /// The text of an intercepted reply. The access is recorded in the audit log before anything is shown.
  func interceptedText(_ call: Call) async throws -> Response {
    let id: InterceptionID = try identifier(of: "interception", call)
    guard let stored = try await store.interceptions.interception(id)?.interception else {
      throw ConsoleProblem.notFound("interception")
    }
    var text: String?
    if let sealed = stored.sealed {
      guard let keys = contactKeys?.current else {
        throw ConsoleProblem.contactIsSealed("the console has no contact keys")
      }
      do {
        text = try keys.open(sealed, of: id)
      } catch {
        throw ConsoleProblem.contactIsSealed("\(error)")
      }
      try await store.audit.note(
        "interception.read", of: id.description,
        detail: noting(call, nil, [.init("ticket", .text(stored.ticket.description))]))
    }
    return Self.json(
      .object([
        .init("interception_id", .text(id.description)), .init("ticket_id", .text(stored.ticket.description)),
        .init("text", text.map { .text($0) } ?? .null),
      ]))
  }

  /// Interceptions of a range of days, counted by agent, queue, rule and term.
  func interceptionReport(_ call: Call) async throws -> Response {
    var query = RequestQuery(call.request.uri, known: ["from", "to", "zone"])
    let days = Result { () throws(ReportDays.Problem) in
      try ReportDays(from: query["from"], to: query["to"], zone: query["zone"], now: clock.now())
    }
    if case .failure(let problem) = days { query.refuse(problem.field, problem.detail, remedy: problem.remedy) }
    guard case .success(let days) = days, query.errors.isEmpty else {
      throw query.problem("The report's parameters are invalid.")
    }
    let start = days.period.days.first?.start ?? days.period.end
    let figures: [InterceptionFigures]
    do {
      figures = try await reports.take {
        try await reading.interceptions.figures(
          from: start, to: days.period.end, limit: ConsoleBounds.rowsPerInterceptionReport,
          timeout: ConsoleBounds.reportTimeout)
      }
    } catch let error as PostgresError where error.code == .timedOut {
      throw HTTPProblem(
        .unprocessableContent, type: .tooManyRows,
        detail: "Counting took longer than \(Int(ConsoleBounds.reportTimeout.seconds)) s and was cancelled.",
        errors: [
          .init(
            field: "from", value: days.first, detail: "The range has too many interceptions.",
            remedy: "Request fewer days at once.")
        ])
    }
    return Self.json(
      .object([
        .init("from", .text(days.first)), .init("to", .text(days.last)), .init("zone", .text(days.period.zone)),
        .init("rows", .list(figures.map(ConsoleJSON.interceptions))),
      ]))
  }
}

extension ConsoleJSON {
  static func interception(_ stored: StoredInterception) -> JSONValue {
    let interception = stored.interception
    return .object([
      .init("interception_id", .text(interception.id.description)), .init("at", time(stored.at)),
      .init("ticket_id", .text(interception.ticket.description)), .init("agent", .text(interception.agent.rawValue)),
      .init("queue", interception.queue.map { .text($0.rawValue) } ?? .null),
      .init("sent", .flag(!interception.isRefused)),
      .init("message_id", interception.message.map { .text($0.description) } ?? .null),
      .init(
        "findings",
        .list(
          interception.findings.map { finding in
            .object([
              .init("rule", .text(finding.rule.rawValue)), .init("action", .text(finding.action.rawValue)),
              .init("term", .text(finding.term)),
            ])
          })),
      .init("has_text", .flag(interception.sealed != nil)),
    ])
  }

  static func interceptions(_ figures: InterceptionFigures) -> JSONValue {
    .object([
      .init("agent", .text(figures.agent.rawValue)),
      .init("queue", figures.queue.map { .text($0.rawValue) } ?? .null),
      .init("rule", .text(figures.rule.rawValue)), .init("term", .text(figures.term)),
      .init("action", .text(figures.action)), .init("refused", .integer(figures.refused)),
      .init("sent", .integer(figures.sent)),
    ])
  }
}
