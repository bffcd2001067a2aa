import DeskCore
import HTTPService
import HTTPTypes
import Hummingbird
import ServiceProcess
import Store
import SystemPrimitives
import UseCases

// Crisis cases: leads open, work on and end them.

extension ConsoleRoutes {
  func crises(_ call: Call) async throws -> Response {
    let page = try PageQuery<CrisisID>(call, most: ConsoleBounds.rowsPerList)
    let cases = try await store.crises.cases(before: page.before, limit: page.limit)
    let next = cases.count == page.limit ? cases.last?.id : nil
    return Self.json(
      .object([
        .init("crises", .list(cases.map { $0.summary() })),
        .init("next", next.map { .text($0.description) } ?? .null),
      ]))
  }

  func crisis(_ call: Call) async throws -> Response {
    let id: CrisisID = try identifier(of: "crisis", call)
    guard let crisis = try await store.crises.crisis(id) else { throw ConsoleProblem.notFound("crisis") }
    return try await answer(crisis)
  }

  /// Opens a case; when one of the cause is open already, returns that one, so that a repetition opens no second one.
  func openCrisis(_ call: Call) async throws -> Response {
    var body = try await JSONBody(call)
    let name = body.nameIfAny("name")
    let topic = body.nameIfAny("topic")
    let category = body.nameIfAny("category")
    let owner: AgentID? = body.key("owner")
    let reason = body.reason()
    if (name == nil) == (topic == nil) {
      body.refuse("name", "A case needs either a name or a topic.", remedy: "Send `name`, or a `topic` of the policy.")
    }
    try body.finish()
    guard let policy = policy.current else { throw TicketProblem.noPolicy }
    if let topic, !policy.life.crisis.topics.contains(where: { $0.name.hasSameBytes(as: topic) }) {
      throw ConsoleProblem.unknown("topic", field: "topic", topic)
    }
    if let owner, policy.agents[owner] == nil {
      throw ConsoleProblem.unknown("agent", field: "owner", owner.rawValue)
    }
    let cause = topic.map { CrisisCause.words($0) } ?? .byHand(name ?? "")
    let now = clock.now()
    var random = SystemRandom()
    let crisis = CrisisCase(
      id: IdentifierSource.process.next(at: now, using: &random), cause: cause,
      evidence: CrisisEvidence(kinds: category.map { [$0] } ?? [], firstSeen: now, reason: reason),
      by: actor(call), owner: owner ?? call.bearer.agent, under: policy.life.crisis, now: now)
    let notices = crisis.notices(of: .crisisOpened, under: policy, at: now, using: &random)
    // A case that ends at the same moment makes room for the new one.
    for _ in 0..<ConsoleBounds.crisisAttempts {
      let entry = note("crisis.opened", of: crisis, call)
      if try await store.crises.open(crisis, notifying: notices, noting: entry) { return try await answer(crisis) }
      if let open = try await store.crises.openCase(of: cause) { return try await answer(open) }
    }
    throw ConsoleProblem.crisisChanges
  }

  func checkCrisis(_ call: Call) async throws -> Response {
    var body = try await JSONBody(call)
    let item = body.integerIfAny("item", in: 1...ConsoleBounds.crisisItems)
    let isDone = body.flag("done")
    if body.isMissing("item") { body.refuse("item", "It is missing.", remedy: "Send the number of the point, from 1.") }
    try body.finish()
    return try await change(call, noting: []) { .checked((item ?? 1) - 1, isDone: isDone, by: $0) }
  }

  func switchCrisisAnswer(_ call: Call) async throws -> Response {
    var body = try await JSONBody(call)
    let name = body.name("answer")
    let isOn = body.flag("on")
    try body.finish()
    return try await change(call, noting: [.init("answer", .text(name)), .init("on", .flag(isOn))]) {
      .answerSwitched(name, on: isOn, by: $0)
    }
  }

  func setCrisisOwner(_ call: Call) async throws -> Response {
    var body = try await JSONBody(call)
    let owner: AgentID? = body.key("agent")
    if body.isMissing("agent") { body.refuse("agent", "It is missing.", remedy: "Send an agent of the policy.") }
    try body.finish()
    return try await change(call, noting: [.init("owner", .text(owner?.rawValue ?? ""))]) {
      .ownerChanged(owner ?? "", by: $0)
    }
  }

  /// Ends a case with a summary of what it was about.
  func endCrisis(_ call: Call) async throws -> Response {
    let id: CrisisID = try identifier(of: "crisis", call)
    var body = try await JSONBody(call)
    let reason = body.reason()
    try body.finish()
    guard let crisis = try await store.crises.crisis(id) else { throw ConsoleProblem.notFound("crisis") }
    if crisis.end != nil { throw ConsoleProblem.crisisHasEnded }
    let figures = try await store.crises.figures(of: crisis)
    return try await change(call, noting: [], as: "crisis.ended") { .ended(reason: reason, by: $0, figures) }
  }

  // MARK: What they share

  private func actor(_ call: Call) -> TimelineEntry.Actor {
    call.bearer.agent.map { .agent($0) } ?? .operator(call.bearer.id.description)
  }

  /// Changes a case, by comparing and setting its version.
  private func change(
    _ call: Call, noting fields: [JSONValue.Field], as kind: String = "crisis.changed",
    _ event: (TimelineEntry.Actor) -> CrisisEvent
  ) async throws -> Response {
    let id: CrisisID = try identifier(of: "crisis", call)
    guard let policy = policy.current else { throw TicketProblem.noPolicy }
    var random = SystemRandom()
    for _ in 0..<ConsoleBounds.crisisAttempts {
      guard var crisis = try await store.crises.crisis(id) else { throw ConsoleProblem.notFound("crisis") }
      let version = crisis.version
      let now = clock.now()
      let kinds: [NoticeKind]
      do throws(CrisisRefusal) {
        kinds = try crisis.handle(event(actor(call)), now: now, under: policy)
      } catch {
        throw ConsoleProblem.refused(error)
      }
      // It is so already.
      if crisis.version == version { return try await answer(crisis) }
      let notices = kinds.flatMap { crisis.notices(of: $0, under: policy, at: now, using: &random) }
      let entry = note(kind, of: crisis, call, fields)
      if try await store.crises.update(crisis, from: version, notifying: notices, noting: entry) {
        return try await answer(crisis)
      }
    }
    throw ConsoleProblem.crisisChanges
  }

  private func note(
    _ kind: String, of crisis: CrisisCase, _ call: Call, _ fields: [JSONValue.Field] = []
  ) -> CrisisStore.AuditNote {
    .init(kind, noting(call, nil, [.init("cause", .text(crisis.cause.text))] + fields))
  }

  private func answer(_ crisis: CrisisCase) async throws -> Response {
    let figures = crisis.end == nil ? try await store.crises.figures(of: crisis) : nil
    return Self.json(crisis.summary(figures))
  }
}
