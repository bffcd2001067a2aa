import DeskCore
import HTTPService
import Hummingbird
import Store
import UseCases

// Service levels and priorities.

extension ConsoleRoutes {
  func serviceLevels() async throws -> Response {
    Self.list("service_levels", try await reading.reports.serviceLevelFigures(), ConsoleJSON.serviceLevel)
  }

  /// Changes the priority of a live ticket. Setting the priority that it already has gets the same response.
  func setPriority(_ call: Call) async throws -> Response {
    let id: TicketID = try identifier(of: "ticket", call)
    let expected = try ExpectedTicket.read(call.request.headers)
    var body = try await JSONBody(call)
    let priority = body.priority("priority")
    let reason = body.reason()
    try body.finish()
    let actor = call.bearer.agent.map { TimelineEntry.Actor.agent($0) } ?? .operator(call.bearer.id.description)
    let ticket = try await desk.stepper.step(id, expecting: { try await desk.require(expected, $0) }) { _ in
      .take(.priorityChanged(priority, by: actor, reason: reason))
    }
    return try await changed(ticket)
  }
}
