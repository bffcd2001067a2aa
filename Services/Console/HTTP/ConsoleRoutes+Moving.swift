import DeskCore
import HTTPService
import HTTPTypes
import Hummingbird
import Store

// Moving, linking and relabelling tickets, by agents and leads.

extension ConsoleRoutes {
  /// The acting agent. Only a lead moves other agents' tickets.
  func hand(_ call: Call) throws -> ActingAgent {
    try ActingAgent(agent(call), leads: call.bearer.role == .lead)
  }

  func label(_ call: Call) async throws -> Response {
    let hand = try hand(call)
    let id: TicketID = try identifier(of: "ticket", call)
    var body = try await JSONBody(call)
    let label = AgentDesk.Label(
      category: body.name("category"), intent: body.nameIfAny("intent"), message: body.identifier("message_id"),
      reason: body.reason())
    try body.finish()
    switch try await sight(of: id, call) {
    case .live: return Self.json(ConsoleJSON.ticket(try await desk.label(id, label, by: hand)))
    case .over(let ticket):
      try await desk.label(closed: ticket, label, by: hand)
      return Self.json(ConsoleJSON.ticket(ticket))
    }
  }

  func transfer(_ call: Call) async throws -> Response {
    let hand = try hand(call)
    let id: TicketID = try identifier(of: "ticket", call)
    let expected = try ExpectedTicket.read(call.request.headers)
    var body = try await JSONBody(call)
    let queue: QueueID? = body.key("queue")
    let agent: AgentID? = body.key("agent")
    let reason = body.reason()
    try body.finish()
    let seen = try await sight(of: id, call).live
    switch (queue, agent) {
    case (let queue?, nil):
      return try await changed(
        try await desk.transfer(id, from: seen, to: queue, by: hand, reason: reason, expecting: expected))
    case (nil, let agent?):
      return try await changed(
        try await desk.transfer(id, from: seen, to: agent, by: hand, reason: reason, expecting: expected))
    default:
      throw ConsoleProblem.contradiction(
        "Transfer to either a queue or an agent.", fields: ["queue", "agent"], remedy: "Send one of the two.")
    }
  }

  func answerMove(_ call: Call) async throws -> Response {
    let hand = try hand(call)
    let id: TicketID = try identifier(of: "ticket", call)
    let expected = try ExpectedTicket.read(call.request.headers)
    var body = try await JSONBody(call)
    let accepts = body.flag("accept")
    let reason = body.wordsIfAny("reason", longest: ConsoleBounds.reasonCharacters)
    try body.finish()
    let seen = try await sight(of: id, call).live
    return try await changed(
      try await desk.answerMove(id, from: seen, accepts: accepts, by: hand, reason: reason, expecting: expected))
  }

  func link(_ call: Call) async throws -> Response {
    let id: TicketID = try identifier(of: "ticket", call)
    var body = try await JSONBody(call)
    let other: TicketID? = body.identifier("ticket_id")
    let reason = body.reason()
    try body.finish()
    let both = try await pair(id, other, field: "ticket_id", call)
    return Self.json(ConsoleJSON.ticket(try await desk.link(both.0, to: both.1, by: hand(call), reason: reason)))
  }

  /// A merge across customers is recorded with its actor and reason: from then on each customer may be answered from the other's ticket.
  func merge(_ call: Call) async throws -> Response {
    let id: TicketID = try identifier(of: "ticket", call)
    let expected = try ExpectedTicket.read(call.request.headers)
    var body = try await JSONBody(call)
    let other: TicketID? = body.identifier("into")
    let acrossCustomers = body.flagIfAny("across_customers") ?? false
    let reason = body.reason()
    try body.finish()
    let both = try await pair(id, other, field: "into", call)
    let merged = try await desk.merge(
      both.0, into: both.1, by: hand(call), reason: reason, acrossCustomers: acrossCustomers, expecting: expected)
    if merged.bringsTogether {
      try await store.audit.note(
        "ticket.merged_across_customers", of: both.0.description,
        detail: noting(call, reason, [.init("into", .text(both.1.description))]))
    }
    return try await changed(merged.ticket)
  }

  /// Two tickets, both of which the bearer may see.
  private func pair(
    _ id: TicketID, _ other: TicketID?, field: String, _ call: Call
  ) async throws -> (TicketID, TicketID) {
    guard let other else {
      throw ConsoleProblem.contradiction(
        "The other ticket is missing.", fields: [field], remedy: "Name the other ticket.")
    }
    _ = try await sight(of: id, call)
    _ = try await sight(of: other, call)
    return (id, other)
  }
}
