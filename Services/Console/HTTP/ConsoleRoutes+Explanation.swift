import DeskCore
import Hummingbird
import ServiceKit
import Store

// Why a ticket came to where it is.

extension ConsoleRoutes {
  func explanation(_ call: Call) async throws -> Response {
    let id: TicketID = try identifier(of: "ticket", call)
    try await requireSight(of: id, call)
    let timeline = try await store.timeline(of: id)
    return Self.json(try await TicketExplanation(of: id, timeline: timeline, in: store).detail)
  }
}
