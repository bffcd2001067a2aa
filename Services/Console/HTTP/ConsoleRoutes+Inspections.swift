import DeskCore
import HTTPService
import Hummingbird
import Observability
import PolicyReading
import PostgreSQL
import ServiceProcess
import Store
import UseCases

// Inspections of ended tickets: for inspectors, for the inspected agent, and their report.

extension ConsoleRoutes {
  // MARK: Inspectors

  func inspections(_ call: Call) async throws -> Response {
    var query = RequestQuery(call.request.uri, known: ["state", "before", "limit"])
    let state = query["state"].map { InspectionState(rawValue: $0) }
    if case .some(nil) = state {
      query.refuse(
        "state", "Not a state of an inspection.",
        remedy: "Send one of \(InspectionState.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    let page = PageQuery<InspectionID>(&query, most: ConsoleBounds.rowsPerList)
    guard let page, query.errors.isEmpty else { throw query.problem("The query cannot be read.") }
    let rows = try await store.inspections.inspections(
      in: state ?? nil, before: page.before, limit: page.limit + 1)
    return Self.page(rows, of: page) { ConsoleJSON.inspection($0, form: nil) }
  }

  func inspection(_ call: Call) async throws -> Response {
    let id: InspectionID = try identifier(of: "inspection", call)
    guard let inspection = try await store.inspections.inspection(id) else {
      throw ConsoleProblem.notFound("inspection")
    }
    return Self.json(ConsoleJSON.inspection(inspection, form: policy.current?.inspection?.form ?? []))
  }

  func scoreInspection(_ call: Call) async throws -> Response {
    let (inspector, id): (AgentID, InspectionID) = (try agent(call), try identifier(of: "inspection", call))
    var body = try await JSONBody(call)
    let marks = body.marks("scores")
    if marks == nil {
      body.refuse(
        "scores", "The field is missing.", remedy: "Send a score for each criterion of the inspection's `form`.")
    }
    let remark = body.wordsIfAny("remark", longest: ConsoleBounds.remarkCharacters)
    try body.finish()
    let event = InspectionEvent.scored(marks ?? [], remark: remark, by: inspector)
    let scored = try await step(id, event, call)
    return Self.json(ConsoleJSON.inspection(scored, form: nil))
  }

  func decideAppeal(_ call: Call) async throws -> Response {
    let (lead, id): (AgentID, InspectionID) = (try agent(call), try identifier(of: "inspection", call))
    var body = try await JSONBody(call)
    let changes = body.choice("outcome", among: [("upheld", false), ("changed", true)], other: false)
    let marks = body.marks("scores")
    if changes, marks == nil {
      body.refuse("scores", "The field is missing.", remedy: "Send the new score of each criterion.")
    } else if !changes, marks != nil {
      body.refuse(
        "scores", "The result stands if the outcome is upheld.", remedy: "Leave it out, or set the outcome to changed.")
    }
    let reason = body.words("reason", longest: ConsoleBounds.remarkCharacters)
    try body.finish()
    let decided = try await step(id, .decided(changes ? marks : nil, reason: reason, by: lead), call)
    return Self.json(ConsoleJSON.inspection(decided, form: nil))
  }

  // MARK: The inspected agent

  func myInspections(_ call: Call) async throws -> Response {
    let agent = try agent(call)
    let page = try PageQuery<InspectionID>(call, most: ConsoleBounds.rowsPerList)
    let rows = try await store.inspections.results(of: agent, before: page.before, limit: page.limit + 1)
    let reading = reading(call, of: agent)
    return Self.page(rows, of: page) { ConsoleJSON.result($0, reading) }
  }

  func appealInspection(_ call: Call) async throws -> Response {
    let (agent, id): (AgentID, InspectionID) = (try agent(call), try identifier(of: "inspection", call))
    var body = try await JSONBody(call)
    let reason = body.words("reason", longest: ConsoleBounds.remarkCharacters)
    try body.finish()
    let appealed = try await step(id, .appealed(reason: reason, by: agent), call)
    return Self.json(ConsoleJSON.result(appealed, reading(call, of: agent)))
  }

  private func reading(_ call: Call, of agent: AgentID) -> ConsoleJSON.ResultReading {
    let language = StaffLanguage(
      accepting: call.request.headers[.acceptLanguage], of: policy.current?.agents[agent])
    let form = policy.current?.inspection?.form ?? []
    return .init(
      language: language, now: clock.now(),
      titles: Dictionary(form.map { ($0.id, $0.titles[language] ?? $0.id.rawValue) }, uniquingKeysWith: { $1 }))
  }

  // MARK: Steps

  /// Takes a step of an inspection as it is now, and records it in the audit log. A concurrent step makes it read again.
  private func step(_ id: InspectionID, _ event: InspectionEvent, _ call: Call) async throws -> Inspection {
    let language = StaffLanguage(
      accepting: call.request.headers[.acceptLanguage], of: call.bearer.agent.flatMap { policy.current?.agents[$0] })
    for _ in 0..<ConsoleBounds.inspectionRounds {
      guard var inspection = try await store.inspections.inspection(id) else {
        throw ConsoleProblem.notFound("inspection")
      }
      let effect: InspectionEffect?
      do throws(InspectionRefusal) {
        effect = try inspection.handle(event, now: clock.now(), under: policy.current?.inspection)
      } catch {
        throw ConsoleProblem.refused(error, in: language)
      }
      guard let effect else { return inspection }
      let (kind, fields) = Self.auditEntry(of: effect)
      let detail = noting(
        call, nil,
        [.init("ticket", .text(inspection.ticket.description)), .init("inspected", .text(inspection.agent.rawValue))]
          + fields)
      if try await store.inspections.commit(inspection, noting: kind, detail) { return inspection }
    }
    throw ConsoleProblem.inspectionsCollide
  }

  /// The free text of a step is in the inspection alone, where an erasure finds it.
  private static func auditEntry(of effect: InspectionEffect) -> (kind: String, fields: [JSONValue.Field]) {
    switch effect {
    case .scored(let percent): ("inspection.scored", [.init("percent", .integer(Int64(percent)))])
    case .appealed: ("inspection.appealed", [])
    case .upheld(let percent): ("inspection.upheld", [.init("percent", .integer(Int64(percent)))])
    case .changed(let from, let to):
      ("inspection.changed", [.init("from", .integer(Int64(from))), .init("to", .integer(Int64(to)))])
    }
  }

  /// A page of inspections.
  /// - Parameter rows: one more than the page's size, if there are earlier ones.
  private static func page(
    _ rows: [Inspection], of page: PageQuery<InspectionID>, _ shape: (Inspection) -> JSONValue
  ) -> Response {
    let next = rows.count > page.limit ? rows[page.limit - 1].id : nil
    return json(
      .object([
        .init("inspections", .list(rows.prefix(page.limit).map(shape))),
        .init("next", next.map { .text($0.description) } ?? .null),
      ]))
  }

  // MARK: Report

  func inspectionReport(_ call: Call) async throws -> Response {
    Self.json(try await readInspectionReport(call).detail)
  }

  func inspectionTable(_ call: Call) async throws -> Response {
    Self.csv(try await readInspectionReport(call).csv)
  }

  private func readInspectionReport(_ call: Call) async throws -> QualityReport {
    var query = RequestQuery(call.request.uri, known: ["by", "from", "to", "zone"])
    let grouping = InspectionGrouping(rawValue: query["by"] ?? InspectionGrouping.agent.rawValue)
    if grouping == nil {
      query.refuse(
        "by", "The report cannot be grouped by this.",
        remedy: "Send one of \(InspectionGrouping.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    let days = Result { () throws(ReportDays.Problem) in
      try ReportDays(from: query["from"], to: query["to"], zone: query["zone"], now: clock.now())
    }
    if case .failure(let problem) = days { query.refuse(problem.field, problem.detail, remedy: problem.remedy) }
    guard case .success(let days) = days, let grouping, query.errors.isEmpty else {
      throw query.problem("The report's parameters are invalid.")
    }
    do {
      return try await reports.take {
        try await QualityReport.read(reading, by: grouping, of: days, timeout: ConsoleBounds.reportTimeout)
      }
    } catch let error as PostgresError where error.code == .timedOut {
      throw HTTPProblem(
        .unprocessableContent, type: .tooManyRows,
        detail: "Counting took longer than \(Int(ConsoleBounds.reportTimeout.seconds)) s and was cancelled.",
        errors: [
          .init(
            field: "from", value: days.first, detail: "The range has too many tickets.",
            remedy: "Request fewer days at once, or use the command `frontdesk report`, which waits longer.")
        ])
    }
  }
}

// MARK: - JSON

extension ConsoleJSON {
  /// An inspection for inspectors.
  /// - Parameter form: the form in force, shown while it waits; nil to leave it out.
  static func inspection(_ inspection: Inspection, form: [InspectionCriterion]?) -> JSONValue {
    let result = inspection.result
    var fields: [JSONValue.Field] = [
      .init("inspection_id", .text(inspection.id.description)),
      .init("ticket_id", .text(inspection.ticket.description)),
      .init("agent", .text(inspection.agent.rawValue)),
      .init("queue", inspection.queue.map { .text($0.rawValue) } ?? .null),
      .init("cause", .text(inspection.cause.rawValue)),
      .init("state", .text(InspectionState(inspection.phase).rawValue)),
      .init("sampled_at", time(inspection.sampledAt)),
      .init("inspector", result.map { .text($0.inspector.rawValue) } ?? .null),
      .init("inspected_at", result.map { time($0.at) } ?? .null),
      .init("percent", inspection.percent.map { .integer(Int64($0)) } ?? .null),
      .init("scores", .list((result?.scores.lines ?? []).map { line($0, title: nil) })),
      .init("remark", result?.remark.map { .text($0) } ?? .null),
      .init("appeal_until", result.map { time($0.appealUntil) } ?? .null),
      .init("appeal", appeal(of: inspection.phase, showsLead: true) { line($0, title: nil) }),
    ]
    if let form, case .waiting = inspection.phase {
      fields.append(
        .init(
          "form",
          .list(
            form.map { criterion in
              .object([
                .init("criterion", .text(criterion.id.rawValue)),
                .init(
                  "title",
                  .object(
                    StaffLanguage.allCases.map { .init($0.rawValue, criterion.titles[$0].map { .text($0) } ?? .null) })),
                .init("weight", .integer(Int64(criterion.weight))), .init("scale", .integer(Int64(criterion.scale))),
              ])
            })))
    }
    return .object(fields)
  }

  /// What is needed to show agents their results.
  struct ResultReading {
    let language: StaffLanguage
    let now: Instant
    /// The titles of the criteria in force, in that language.
    let titles: [CriterionID: String]
  }

  /// An inspection for the inspected agent: who inspected it is not shown.
  static func result(_ inspection: Inspection, _ reading: ResultReading) -> JSONValue {
    let result = inspection.result
    func shown(_ line: InspectionScores.Line) -> JSONValue {
      self.line(line, title: reading.titles[line.criterion] ?? line.criterion.rawValue)
    }
    return .object([
      .init("inspection_id", .text(inspection.id.description)),
      .init("ticket_id", .text(inspection.ticket.description)),
      .init("queue", inspection.queue.map { .text($0.rawValue) } ?? .null),
      .init("state", .text(InspectionState(inspection.phase).rawValue)),
      .init("inspected_at", result.map { time($0.at) } ?? .null),
      .init("percent", inspection.percent.map { .integer(Int64($0)) } ?? .null),
      .init("message", .text(ResultText(language: reading.language).message(for: inspection, at: reading.now))),
      .init("scores", .list((result?.scores.lines ?? []).map(shown))),
      .init("remark", result?.remark.map { .text($0) } ?? .null),
      .init("can_appeal", .flag(inspection.canBeAppealed(at: reading.now))),
      .init("appeal_until", result.map { time($0.appealUntil) } ?? .null),
      .init("appeal", appeal(of: inspection.phase, showsLead: false, shown)),
    ])
  }

  private static func line(_ line: InspectionScores.Line, title: String?) -> JSONValue {
    .object(
      [.init("criterion", .text(line.criterion.rawValue))] + (title.map { [.init("title", .text($0))] } ?? []) + [
        .init("weight", .integer(Int64(line.weight))), .init("scale", .integer(Int64(line.scale))),
        .init("score", .integer(Int64(line.score))), .init("comment", line.comment.map { .text($0) } ?? .null),
      ])
  }

  private static func appeal(
    of phase: InspectionPhase, showsLead: Bool, _ line: (InspectionScores.Line) -> JSONValue
  ) -> JSONValue {
    let (appeal, decision): (InspectionAppeal, AppealDecision?)
    switch phase {
    case .waiting, .scored: return .null
    case .appealed(_, let made): (appeal, decision) = (made, nil)
    case .decided(_, let made, let taken): (appeal, decision) = (made, taken)
    }
    return .object(
      [
        .init("at", time(appeal.at)), .init("reason", appeal.reason.map { .text($0) } ?? .null),
        .init("decided_at", decision.map { time($0.at) } ?? .null),
        .init("decision_reason", decision?.reason.map { .text($0) } ?? .null),
        .init("scores", decision?.scores.map { .list($0.lines.map(line)) } ?? .null),
      ] + (showsLead ? [.init("decided_by", decision.map { .text($0.by.rawValue) } ?? .null)] : []))
  }
}
