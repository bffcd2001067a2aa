import DeskCore
import HTTPService
import HTTPTypes
import Hummingbird
import ServiceProcess
import Store
import UseCases

// An agent's inbox: the tickets that they have, with the end of each conversation, and how far they have read.

extension ConsoleRoutes {
  /// Two statements, whatever the agent has.
  func myTickets(_ call: Call) async throws -> Response {
    let agent = try agent(call)
    let tickets = try await store.tickets.tickets(heldBy: agent)
    let lines = try await store.conversations.inboxLines(of: tickets.map(\.id), for: agent)
    return Self.list("tickets", tickets) { ConsoleJSON.inboxTicket($0, lines[$0.id]) }
  }

  /// An older message than the one read before changes nothing.
  func markTicketAsRead(_ call: Call) async throws -> Response {
    let (agent, id): (AgentID, TicketID) = (try agent(call), try identifier(of: "ticket", call))
    var body = try await JSONBody(call)
    let message: MessageID? = body.identifier("message_id")
    if body.isMissing("message_id") {
      body.refuse("message_id", "The field is missing.", remedy: "Send the last message that was shown.")
    }
    try body.finish()
    _ = try await sight(of: id, call)
    guard let message, let mark = try await store.conversations.markAsRead(message, on: id, by: agent) else {
      throw ConsoleProblem.notFound("message")
    }
    let line = try await store.conversations.inboxLines(of: [id], for: agent)[id]
    return Self.json(
      .object([
        .init("ticket_id", .text(id.description)), .init("message_id", .text(mark.description)),
        .init("unread", .integer(line?.unread ?? 0)),
      ]))
  }

  /// A ticket after an act that took what the sender expected, with its new tag.
  func changed(_ ticket: Ticket) async throws -> Response {
    var response = Self.json(ConsoleJSON.ticket(ticket))
    response.headers[.eTag] = try await desk.tag(of: ticket).field
    return response
  }
}

extension ConsoleJSON {
  static func inboxTicket(_ ticket: Ticket, _ line: InboxLine?) -> JSONValue {
    guard case .object(let fields) = self.ticket(ticket) else { return .null }
    return .object(
      fields + [
        .init("last_message", line?.last.map(lastMessage) ?? .null), .init("unread", .integer(line?.unread ?? 0)),
        .init("promise", promise(of: ticket)),
      ])
  }

  private static func lastMessage(_ message: InboxLine.LastMessage) -> JSONValue {
    .object([
      .init("message_id", .text(message.id.description)), .init("kind", .text(messageKind(message.direction))),
      .init("author", .text(message.author)), .init("excerpt", .text(message.excerpt)),
      .init("at", time(message.at)),
    ])
  }

  /// What was promised to the customer and is due next: clocks that run before those that are paused.
  static func promise(of ticket: Ticket) -> JSONValue {
    let clocks = [
      ("first_response", ticket.clocks.firstResponse), ("next_response", ticket.clocks.nextResponse),
      ("resolution", ticket.clocks.resolution),
    ]
    var open: [(kind: String, dueAt: Instant, isPaused: Bool)] = clocks.compactMap { kind, clock in
      guard clock.isStarted, clock.stoppedAt == nil, clock.allowed != nil, let due = clock.dueAt else { return nil }
      return (kind, due, clock.pausedAt != nil)
    }
    if let callBack = ticket.callBack, callBack.isUnfinished { open.append(("call_back", callBack.dueAt, false)) }
    let next = open.min { ($0.isPaused ? 1 : 0, $0.dueAt) < ($1.isPaused ? 1 : 0, $1.dueAt) }
    guard let next else { return .null }
    return .object([
      .init("kind", .text(next.kind)), .init("due_at", time(next.dueAt)), .init("paused", .flag(next.isPaused)),
    ])
  }
}
