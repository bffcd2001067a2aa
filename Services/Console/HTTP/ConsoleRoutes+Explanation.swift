import DeskCore
import Hummingbird
import Store
import UseCases

// Explains the decisions on a ticket.

extension ConsoleRoutes {
  func explanation(_ call: Call) async throws -> Response {
    let id: TicketID = try identifier(of: "ticket", call)
    let page = try PageQuery<TimelinePlace>(call, most: ConsoleBounds.decisionsPerPage)
    try await requireSight(of: id, call)
    let decisions = try await reading.conversations.timelinePage(
      of: id, kinds: TicketExplanation.kinds, before: page.before, limit: page.limit)
    // The primary has the ticket: a replica that does not know of it yet would say that nothing was decided.
    if replica != nil, decisions.elements.isEmpty { throw DeskReader.Missing() }
    let explanation = try await TicketExplanation(of: id, timeline: decisions.elements, in: reading)
    guard case .object(let fields) = explanation.detail else { return Self.json(explanation.detail) }
    return Self.json(.object(fields + [.init("next", ConsoleJSON.place(decisions.earlier))]))
  }
}
