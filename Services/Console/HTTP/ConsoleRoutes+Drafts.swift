import DeskCore
import HTTPService
import HTTPTypes
import Hummingbird
import ServiceProcess
import Store
import SystemPrimitives
import UntrustedInput
import UseCases

// What agents are writing. Its text is for its writer alone, also after the ticket went to somebody else; others who see the ticket learn
// that there is a draft.

extension ConsoleRoutes {
  func drafts(_ call: Call) async throws -> Response {
    let (agent, id): (AgentID, TicketID) = (try agent(call), try identifier(of: "ticket", call))
    let drafts = try await store.drafts.drafts(on: id)
    let own = drafts.filter { $0.place.agent == agent }
    let shown = try await isWriterOrSees(id, own, call) ? drafts : own
    return Self.list("drafts", shown) { ConsoleJSON.draft($0, for: agent) }
  }

  func myDrafts(_ call: Call) async throws -> Response {
    let agent = try agent(call)
    return Self.list("drafts", try await store.drafts.drafts(of: agent)) { ConsoleJSON.draft($0, for: agent) }
  }

  func keepDraft(_ call: Call) async throws -> Response {
    let place = try draftPlace(call)
    var body = try await JSONBody(call)
    let text = body.words("text", longest: InputBounds.textCharacters)
    let awaitsCustomer = body.flagIfAny("awaits_customer") ?? false
    let former: DraftKey? = body.identifier("replaces")
    if awaitsCustomer, place.kind == .note {
      body.refuse("awaits_customer", "A note awaits nothing.", remedy: "Leave it out, or write a reply.")
    }
    try body.finish()
    let own = try await store.drafts.drafts(on: place.ticket).filter { $0.place.agent == place.agent }
    _ = try await isWriterOrSees(place.ticket, own, call)
    if let over = try await store.conversations.closedTicket(place.ticket) { throw TicketProblem.over(over) }
    var random = SystemRandom()
    let key: DraftKey = IdentifierSource.process.next(at: clock.now(), using: &random)
    switch try await store.drafts.keep(
      text, awaitsCustomer: awaitsCustomer, at: place, replacing: former, as: key)
    {
    case .kept(let draft): return Self.json(ConsoleJSON.draft(draft, for: place.agent))
    case .conflict(let current): throw ConsoleProblem.draftChanged(current, field: "/replaces", sent: former)
    case .full: throw ConsoleProblem.draftsAreFull
    }
  }

  /// Deleting a draft that is not there is the same as deleting it.
  func deleteDraft(_ call: Call) async throws -> Response {
    let place = try draftPlace(call)
    var query = RequestQuery(call.request.uri, known: ["key"])
    let key = query["key"].map { DraftKey($0) }
    if case .some(nil) = key {
      query.refuse("key", "Not an identifier.", remedy: "Send the draft's key, or leave it out.")
    }
    guard query.errors.isEmpty else { throw query.problem("The parameters are invalid.") }
    let own = try await store.drafts.drafts(on: place.ticket).filter { $0.place.agent == place.agent }
    _ = try await isWriterOrSees(place.ticket, own, call)
    if let other = try await store.drafts.delete(at: place, key: key ?? nil) {
      throw ConsoleProblem.draftChanged(other, field: "key", sent: key ?? nil)
    }
    return Self.json(.object([.init("done", .flag(true))]))
  }

  /// Whether the caller may see the ticket.
  /// - Throws: `HTTPProblem` 404 when they may not, and have written nothing on it.
  private func isWriterOrSees(_ id: TicketID, _ own: [Draft], _ call: Call) async throws -> Bool {
    do {
      _ = try await sight(of: id, call)
      return true
    } catch let problem as HTTPProblem where problem.status == .notFound {
      if own.isEmpty { throw problem }
      return false
    }
  }

  private func draftPlace(_ call: Call) throws -> Draft.Place {
    let (agent, id): (AgentID, TicketID) = (try agent(call), try identifier(of: "ticket", call))
    guard let kind = Draft.Kind(rawValue: try RequestPath.value("kind", in: call.parameters)) else {
      throw ConsoleProblem.notFound("draft")
    }
    return Draft.Place(ticket: id, agent: agent, kind: kind)
  }
}

extension ConsoleJSON {
  /// - Parameter reader: who sees the text, if it is their own.
  static func draft(_ draft: Draft, for reader: AgentID) -> JSONValue {
    let isOwn = draft.place.agent == reader
    return .object([
      .init("ticket_id", .text(draft.place.ticket.description)), .init("agent", .text(draft.place.agent.rawValue)),
      .init("kind", .text(draft.place.kind.rawValue)), .init("changed_at", time(draft.changedAt)),
      .init("text", isOwn ? .text(draft.body) : .null),
      .init("awaits_customer", isOwn ? .flag(draft.awaitsCustomer) : .null),
      .init("key", isOwn ? .text(draft.key.description) : .null),
    ])
  }
}

extension ConsoleProblem {
  /// Another device changed, sent or deleted the draft. `current` is the draft as it is now, null when there is none.
  static func draftChanged(_ current: Draft?, field: String, sent: DraftKey?) -> HTTPProblem {
    let detail =
      current == nil
      ? "The draft was sent or deleted elsewhere." : "The draft was changed elsewhere. `current` has the newer text."
    return HTTPProblem(
      .conflict, type: .draftChanged, detail: detail,
      errors: [
        .init(
          field: field, value: sent?.description, detail: detail,
          remedy: current.map { "Send its key, \($0.key), to replace the newer text." }
            ?? "Leave it out to begin a new draft.")
      ], current: current.map { ConsoleJSON.draft($0, for: $0.place.agent) } ?? .null)
  }

  /// An agent has as many drafts as can be kept.
  static let draftsAreFull = HTTPProblem(
    .unprocessableContent, type: .invalidRequest,
    detail: "The agent has \(StoreBounds.draftsPerAgent) drafts already.",
    errors: [
      .init(
        field: "/text", detail: "The draft was not stored.",
        remedy: "Send or delete some of those that /v1/agents/me/drafts lists.")
    ])
}
