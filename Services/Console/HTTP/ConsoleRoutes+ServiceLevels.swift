import DeskCore
import Hummingbird
import ServiceKit
import Store

// What is promised, and how it is kept.

extension ConsoleRoutes {
  func serviceLevels() async throws -> Response {
    Self.list("service_levels", try await store.serviceLevelFigures(), ConsoleJSON.serviceLevel)
  }

  /// Another priority in the middle of a ticket's life. One that it has already is answered in the same way.
  func setPriority(_ call: Call) async throws -> Response {
    let id: TicketID = try identifier(of: "ticket", call)
    var body = try await JSONBody(call)
    let priority = body.priority("priority")
    let reason = body.reason()
    try body.finish()
    let actor = call.bearer.agent.map { TimelineEntry.Actor.agent($0) } ?? .operator(call.bearer.id.description)
    let ticket = try await desk.stepper.step(id) { _ in .take(.priorityChanged(priority, by: actor, reason: reason)) }
    return Self.json(ConsoleJSON.ticket(ticket))
  }
}
