import DeskCore
import HTTPService
import HTTPTypes
import Hummingbird
import ServiceProcess
import Store
import SystemPrimitives
import UntrustedInput

// What operators ask for and the console may not do: it is written as an intent, which the executor carries out.

extension ConsoleRoutes {
  func scaleWorkers(_ call: Call) async throws -> Response {
    var body = try await JSONBody(call)
    let service = body.choice(
      "service", among: ScalableService.allCases.map { ($0.rawValue, $0) }, other: ScalableService.router)
    let count = body.integerIfAny("count", in: ScalableService.counts)
    let followsLoad = body.flagIfAny("automatic") ?? false
    let reason = body.reason()
    if followsLoad {
      if !body.isMissing("count") {
        body.refuse(
          "count", "The number follows the load if automatic is true.", remedy: "Send either count or automatic.")
      }
      if !ScalableService.elastic.contains(service) {
        body.refuse(
          "automatic",
          "Only the number of \(ScalableService.elastic.map(\.rawValue).joined(separator: " and ")) can follow the load.",
          remedy: "Send a count.")
      }
    } else if body.isMissing("count") {
      body.refuse(
        "count", "The field is missing.",
        remedy:
          "Send how many processes of the service are to run, or automatic: true to let the number follow the load.")
    }
    try body.finish()
    let choice =
      followsLoad
      ? JSONValue.Field("automatic", .flag(true)) : JSONValue.Field("count", .integer(Int64(count ?? 0)))
    return try await ask(
      IntentRequest(.scaleWorkers, [.init("service", .text(service.rawValue)), choice], reason: reason), call)
  }

  func revokeKey(_ call: Call) async throws -> Response {
    let id: Identifier<APIKey> = try identifier(of: "key", call)
    let reason = try await reasonOnly(call)
    guard let key = try await store.access.keys().first(where: { $0.id == id }) else {
      throw ConsoleProblem.notFound("key")
    }
    return try await ask(
      IntentRequest(
        .revokeKey, [.init("key", .text(id.description)), .init("label", .text(key.label))], reason: reason), call)
  }

  func promoteModel(_ call: Call) async throws -> Response {
    try await ask(IntentRequest(.promoteModel, [], reason: reasonOnly(call)), call)
  }

  func revertModel(_ call: Call) async throws -> Response {
    try await ask(IntentRequest(.revertModel, [], reason: reasonOnly(call)), call)
  }

  func verifyAudit(_ call: Call) async throws -> Response {
    try await ask(IntentRequest(.verifyAudit, [], reason: reasonOnly(call)), call)
  }

  func intents(_ call: Call) async throws -> Response {
    var query = RequestQuery(call.request.uri, known: ["state", "before", "limit"])
    let states: [Intent.State] = query.list("state", named: Intent.State.allCases.map { ($0.rawValue, $0) })
    let page = PageQuery<IntentID>(&query, most: IntentBounds.perPage)
    guard let page, query.errors.isEmpty else { throw query.problem("The list's parameters are invalid.") }
    let rows = try await store.intents.intents(in: states, before: page.before, limit: page.limit + 1)
    let next = rows.count > page.limit ? rows[page.limit - 1].id : nil
    return Self.json(
      .object([
        .init("intents", .list(rows.prefix(page.limit).map(ConsoleJSON.intent))),
        .init("next", next.map { .text($0.description) } ?? .null),
      ]))
  }

  func intent(_ call: Call) async throws -> Response {
    let id: IntentID = try identifier(of: "intent", call)
    guard let intent = try await store.intents.intent(id) else { throw ConsoleProblem.notFound("intent") }
    return Self.json(ConsoleJSON.intent(intent))
  }

  // MARK: What they share

  private func reasonOnly(_ call: Call) async throws -> String {
    var body = try await JSONBody(call)
    let reason = body.reason()
    try body.finish()
    return reason
  }

  /// Writes an intent and says where to follow it. A repetition under the same key gets the first one.
  func ask(_ request: IntentRequest, _ call: Call) async throws -> Response {
    let key = try IdempotencyKey.read(call.request.headers)
    var random = SystemRandom()
    let id: IntentID = IdentifierSource.process.next(at: clock.now(), using: &random)
    let intent: Intent
    switch try await store.intents.request(request, id: id, by: call.bearer, key: key?.text) {
    case .written(let written): intent = written
    case .found(let found):
      guard found.asksFor(request) else { throw IdempotencyKey.reused("operation or body") }
      intent = found
    case .full:
      throw HTTPProblem.retryLater(
        .serviceUnavailable, after: .seconds(5),
        detail: "\(IntentBounds.unfinished) intents are unfinished. See whether an executor runs, and retry later.")
    }
    var response = Self.json(ConsoleJSON.intent(intent), status: .accepted)
    response.headers[.location] = "/v1/intents/\(intent.id)"
    return response
  }
}

extension Intent {
  /// Whether it was asked for in the same words.
  fileprivate func asksFor(_ request: IntentRequest) -> Bool {
    kind.hasSameBytes(as: request.kind.rawValue)
      && parameters.canonical == JSONValue.object(request.parameters).canonical
      && reason.hasSameBytes(as: request.reason)
      && (document ?? "").hasSameBytes(as: request.document ?? "") && (document == nil) == (request.document == nil)
  }
}

extension ConsoleJSON {
  /// An intent without the text of its policy.
  static func intent(_ intent: Intent) -> JSONValue {
    .object([
      .init("intent_id", .text(intent.id.description)), .init("kind", .text(intent.kind)),
      .init("parameters", intent.parameters), .init("reason", .text(intent.reason)),
      .init("requested_by", .text(intent.requestedBy.description)), .init("label", .text(intent.label)),
      .init("state", .text(intent.state.rawValue)), .init("requested_at", time(intent.requestedAt)),
      .init("expires_at", time(intent.expiresAt)), .init("begun_at", time(intent.begunAt)),
      .init("finished_at", time(intent.finishedAt)), .init("result", intent.result ?? .null),
    ])
  }
}
