import DeskCore
import HTTPService
import Hummingbird
import ServiceProcess
import Store

// Who else has a ticket open.

extension ConsoleRoutes {
  /// What a page says of its reader: looking, writing, or gone.
  private enum Doing: String, CaseIterable {
    case looking, writing, nothing

    var activity: TicketViewer.Activity? {
      switch self {
      case .looking: .looking
      case .writing: .writing
      case .nothing: nil
      }
    }
  }

  /// Renews the caller's lease on a ticket that they may read, and returns the others who have it open.
  func attend(_ call: Call) async throws -> Response {
    let agent = try agent(call)
    let id: TicketID = try identifier(of: "ticket", call)
    var body = try await JSONBody(call)
    let doing = body.choice("doing", among: Doing.allCases.map { ($0.rawValue, $0) }, other: .nothing)
    try body.finish()
    _ = try await readingSight(of: id, call)
    try await store.conversations.attend(id, by: agent, doing.activity, lease: ConsoleBounds.viewerLease)
    return try await viewers(of: id, except: agent)
  }

  func viewers(_ call: Call) async throws -> Response {
    let id: TicketID = try identifier(of: "ticket", call)
    _ = try await readingSight(of: id, call)
    return try await viewers(of: id, except: call.bearer.agent)
  }

  private func viewers(of ticket: TicketID, except agent: AgentID?) async throws -> Response {
    let viewers = try await store.conversations.viewers(of: ticket)
    return Self.json(ConsoleJSON.viewers(viewers, except: agent, now: clock.now()))
  }
}
