import DeskCore
import HTTPService
import HTTPTypes
import Hummingbird
import ServiceProcess
import Store

// Consults: questions about tickets to agents and to the interface people of product lines.

extension ConsoleRoutes {
  func consult(_ call: Call) async throws -> Response {
    let hand = try hand(call)
    let id: TicketID = try identifier(of: "ticket", call)
    let key = try IdempotencyKey.read(call.request.headers).map {
      RequestKey($0, scope: [hand.agent.rawValue, id.description, "consult"])
    }
    var body = try await JSONBody(call)
    let question = body.words("question", longest: ConsoleBounds.consultCharacters)
    let agent: AgentID? = body.key("agent")
    let line: ProductLineID? = body.key("product_line")
    try body.finish()
    _ = try await sight(of: id, call)
    let recipient: Consult.Recipient
    switch (agent, line) {
    case (let agent?, nil): recipient = .agent(agent)
    case (nil, let line?): recipient = .productLine(line)
    default:
      throw ConsoleProblem.contradiction(
        "Consult either an agent or a product line.", fields: ["agent", "product_line"], remedy: "Send one of the two.")
    }
    let asked = try await desk.consult(recipient, question: question, on: id, by: hand, key: key)
    return Self.json(
      ConsoleJSON.consult(asked.consult, for: hand.agent), status: asked.isRepetition ? .ok : .created)
  }

  func consults(_ call: Call) async throws -> Response {
    let agent = try agent(call)
    var query = RequestQuery(call.request.uri, known: ["asked", "state", "before", "limit"])
    let asked = query["asked"] ?? "to_me"
    if !["to_me", "by_me"].contains(asked) {
      query.refuse("asked", "Neither to_me nor by_me.", remedy: "Send one of the two, or leave it out for to_me.")
    }
    let states: [Consult.State] = query.list("state", named: Consult.State.allCases.map { ($0.rawValue, $0) })
    let page = PageQuery<ConsultID>(&query, most: ConsoleBounds.consultsPerPage)
    guard let page, query.errors.isEmpty else { throw query.problem("The list's parameters are invalid.") }
    let lines = policy.current?.interfaceLines(of: agent) ?? []
    let rows = try await store.consults.consults(
      asked == "by_me" ? .by(agent) : .to(agent, lines: lines), in: states, before: page.before, limit: page.limit + 1)
    let next = rows.count > page.limit ? rows[page.limit - 1].consult.id : nil
    return Self.json(
      .object([
        .init("consults", .list(rows.prefix(page.limit).map { ConsoleJSON.consult($0, for: agent) })),
        .init("next", next.map { .text($0.description) } ?? .null),
      ]))
  }

  func answerConsult(_ call: Call) async throws -> Response {
    let (agent, id): (AgentID, ConsultID) = (try agent(call), try identifier(of: "consult", call))
    var body = try await JSONBody(call)
    let text = body.words("text", longest: ConsoleBounds.consultCharacters)
    try body.finish()
    return Self.json(ConsoleJSON.consult(try await desk.answer(id, with: text, by: agent), for: agent))
  }

  func withdrawConsult(_ call: Call) async throws -> Response {
    let (hand, id): (ActingAgent, ConsultID) = (try hand(call), try identifier(of: "consult", call))
    let withdrawn = try await desk.withdraw(id, by: hand) { try await seesTicket($0, call) }
    return Self.json(ConsoleJSON.consult(withdrawn, for: hand.agent))
  }

  // MARK: Visibility

  /// Returns the ticket for reading its conversation: besides those who see it, to agents to whom an open consult about it is put.
  /// - Throws: as `sight`.
  func readingSight(of id: TicketID, _ call: Call) async throws -> (seen: Sight, isConsulted: Bool) {
    do {
      return (try await sight(of: id, call), false)
    } catch let problem as HTTPProblem where problem.status == .notFound {
      guard let ticket = try await consultedTicket(id, call) else { throw problem }
      return (.live(ticket), true)
    }
  }

  /// The ticket, if an open consult about it is put to the agent.
  private func consultedTicket(_ id: TicketID, _ call: Call) async throws -> Ticket? {
    guard let agent = call.bearer.agent, let policy = policy.current,
      let ticket = try await store.tickets.tickets([id])[id]
    else { return nil }
    let open = try await store.consults.open(on: id)
    return open.contains { $0.consult.isPut(to: agent, under: policy) } ? ticket : nil
  }

  private func seesTicket(_ id: TicketID, _ call: Call) async throws -> Bool {
    do {
      _ = try await sight(of: id, call)
      return true
    } catch let problem as HTTPProblem where problem.status == .notFound {
      return false
    }
  }
}

// MARK: - JSON

extension ConsoleJSON {
  /// A consult for one of its two sides. The answer is shown to who asked and who answered: others may no longer read the ticket.
  static func consult(_ stored: StoredConsult, for reader: AgentID) -> JSONValue {
    let consult = stored.consult
    var answerer: AgentID?
    var note: MessageID?
    if case .answered(let agent, let message, _) = consult.phase { (answerer, note) = (agent, message) }
    if reader != consult.asker, reader != answerer { note = nil }
    func text(_ value: String?) -> JSONValue { value.map { .text($0) } ?? .null }
    return .object([
      .init("consult_id", .text(consult.id.description)), .init("ticket_id", .text(stored.ticket.description)),
      .init("state", .text(consult.state.rawValue)), .init("asker", .text(consult.asker.rawValue)),
      .init("to", recipient(consult.recipient)), .init("question", text(consult.question)),
      .init("asked_at", time(consult.askedAt)), .init("ended_at", time(consult.endedAt)),
      .init("answered_by", text(answerer?.rawValue)), .init("answer", note == nil ? .null : text(stored.answer)),
      .init("note_id", place(note)),
    ])
  }

  static func recipient(_ recipient: Consult.Recipient) -> JSONValue {
    switch recipient {
    case .agent(let agent): .object([.init("agent", .text(agent.rawValue))])
    case .productLine(let line): .object([.init("product_line", .text(line.rawValue))])
    }
  }
}
