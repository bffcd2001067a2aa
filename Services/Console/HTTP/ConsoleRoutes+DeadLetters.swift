import DeskCore
import HTTPService
import Hummingbird
import ServiceProcess
import Store
import UntrustedInput

// Dead letters: list, look, and replay of the set that someone has looked at.

extension ConsoleRoutes {
  private static let filters = ["hook", "kind", "ticket", "since", "until"]

  func deadLetters(_ call: Call) async throws -> Response {
    var query = RequestQuery(call.request.uri, known: Self.filters + ["replayed", "limit"])
    var filter = DeadLetterFilter()
    let hooks: [HookID] = query.keys("hook", most: 1)
    filter.hook = hooks.first
    filter.kind = query["kind"]
    if let kind = filter.kind, !DeadLetterFilter.kinds.contains(where: { $0.hasSameBytes(as: kind) }) {
      query.refuse(
        "kind", "No kind of dead letters.", remedy: "Send one of \(DeadLetterFilter.kinds.joined(separator: ", ")).")
    }
    if let ticket = query["ticket"] {
      filter.ticket = TicketID(ticket)
      if filter.ticket == nil { query.refuse("ticket", "Not an identifier.", remedy: "Send a UUID of 36 characters.") }
    }
    filter.since = query.time("since")
    filter.until = query.time("until")
    if let since = filter.since, let until = filter.until, until <= since {
      query.refuse("until", "Not after since.", remedy: "Send a later time, or leave one of them out.")
    }
    let showsReplayed = query.flag("replayed") ?? false
    let limit =
      query.number("limit", within: 1...ConsoleBounds.deadLettersPerPage) ?? ConsoleBounds.deadLettersPerPage
    guard query.errors.isEmpty else { throw query.problem("The list's parameters are invalid.") }
    // What fails from now on is not in the set that is counted here.
    let now = try await store.now()
    filter.until = filter.until.map { min($0, now) } ?? now
    let letters = try await store.outbox.deadLetters(filter, includingReplayed: showsReplayed, limit: limit)
    let set = try await store.outbox.deadLetterSet(filter, most: IntentBounds.deadLettersPerReplay)
    return Self.json(
      .object([
        .init("dead_letters", .list(letters.map(ConsoleJSON.deadLetter))),
        .init(
          "set",
          .object([
            .init("count", .integer(set.count)), .init("until", ConsoleJSON.time(filter.until)),
            .init("digest", .text(set.digest)),
          ])),
      ]))
  }

  func deadLetter(_ call: Call) async throws -> Response {
    let id: Identifier<DeadLetter> = try identifier(of: "dead letter", call)
    guard let letter = try await store.outbox.deadLetter(id) else { throw ConsoleProblem.notFound("dead letter") }
    return Self.json(ConsoleJSON.deadLetter(letter))
  }

  func replayDeadLetters(_ call: Call) async throws -> Response {
    var body = try await JSONBody(call)
    let hook: HookID? = body.key("hook")
    let kind =
      body.isMissing("kind")
      ? nil : body.choice("kind", among: DeadLetterFilter.kinds.map { ($0, $0) }, other: "message")
    let ticket: TicketID? = body.identifier("ticket_id")
    let (since, until) = (body.timestamp("since"), body.timestamp("until"))
    let count = body.integerIfAny("count", in: 1...IntentBounds.deadLettersPerReplay)
    let digest = body.text("digest") { text throws(InputFault) in
      guard text.utf8.count == 32, text.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else {
        throw InputFault("Not a digest.", remedy: "Send `digest` of the list's `set`, unchanged.")
      }
    }
    let rate = body.integerIfAny("per_second", in: ConsoleBounds.replayRates) ?? ConsoleBounds.replayRate
    let reason = body.reason()
    for name in ["until", "count"] where body.isMissing(name) {
      body.refuse(name, "The field is missing.", remedy: "Send `\(name)` of the list's `set`.")
    }
    try body.finish()
    var fields: [JSONValue.Field] = [
      .init("count", .integer(Int64(count ?? 0))), .init("digest", .text(digest)),
      .init("until", ConsoleJSON.time(until)), .init("per_second", .integer(Int64(rate))),
    ]
    if let hook { fields.append(.init("hook", .text(hook.rawValue))) }
    if let kind { fields.append(.init("kind", .text(kind))) }
    if let ticket { fields.append(.init("ticket", .text(ticket.description))) }
    if let since { fields.append(.init("since", ConsoleJSON.time(since))) }
    return try await ask(IntentRequest(.replayDeadLetters, fields, reason: reason), call)
  }
}

extension ConsoleJSON {
  /// What failed, without what it carries: that is read on its ticket.
  static func deadLetter(_ letter: DeadLetter) -> JSONValue {
    .object([
      .init("dead_letter_id", .text(letter.id.description)), .init("kind", .text(letter.kind)),
      .init("ticket_id", .text(letter.ticket.description)),
      .init("hook", letter.hook.map { .text($0.rawValue) } ?? .null), .init("reason", .text(letter.reason)),
      .init("failed_at", time(letter.failedAt)), .init("replayed_at", time(letter.replayedAt)),
    ])
  }
}
