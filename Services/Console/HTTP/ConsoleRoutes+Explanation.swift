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
    let decisions = try await store.conversations.timelinePage(
      of: id, kinds: TicketExplanation.kinds, before: page.before, limit: page.limit)
    let explanation = try await TicketExplanation(of: id, timeline: decisions.elements, in: store)
    guard case .object(let fields) = explanation.detail else { return Self.json(explanation.detail) }
    return Self.json(.object(fields + [.init("next", ConsoleJSON.place(decisions.earlier))]))
  }
}
