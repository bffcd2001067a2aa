import DeskCore
import Store

/// One event of a stream in the `text/event-stream` format.
struct StreamEvent: Sendable, Equatable {
  /// The text with its terminating empty line.
  let text: String

  init(name: String, id: String, data: JSONValue) {
    // JSON text without white space holds no line break.
    text = "event: \(name)\nid: \(id)\ndata: \(data.json)\n\n"
  }

  private init(text: String) {
    self.text = text
  }

  /// A comment that keeps the connection open and detects disconnected clients.
  static let ping = StreamEvent(text: ": ping\n\n")

  /// The first line of a stream: when to reconnect.
  static let opening = StreamEvent(text: "retry: 1000\n\n")

  /// A ticket is offered to the agent.
  static func offer(_ offer: Offer, of ticket: Ticket, messages: [StoredMessage]) -> StreamEvent {
    StreamEvent(
      name: "offer", id: offer.id.description,
      data: .object([
        .init("offer_id", .text(offer.id.description)), .init("expires_at", ConsoleJSON.time(offer.expiresAt)),
        .init("ticket", ConsoleJSON.ticket(ticket, messages: messages)),
      ]))
  }

  /// Whether the database answers. While it does not, offers and changes are late; nothing is lost.
  static func availability(_ isAvailable: Bool) -> StreamEvent {
    StreamEvent(
      name: "availability", id: isAvailable ? "available" : "unavailable",
      data: .object([.init("is_available", .flag(isAvailable))]))
  }

  /// An offer has ended, for any reason.
  static func offerEnded(_ offer: OfferID, of ticket: TicketID) -> StreamEvent {
    StreamEvent(
      name: "offer_ended", id: offer.description,
      data: .object([
        .init("offer_id", .text(offer.description)), .init("ticket_id", .text(ticket.description)),
      ]))
  }

  /// A notice to the agent, or to all with the role of the stream's key.
  static func notice(_ notice: StaffNotice) -> StreamEvent {
    StreamEvent(name: "notice", id: notice.id.description, data: ConsoleJSON.notice(notice))
  }

  /// A consult is put to the agent, or one that the agent asked was answered.
  static func consult(_ consult: StoredConsult, for agent: AgentID) -> StreamEvent {
    StreamEvent(
      name: "consult", id: "\(consult.consult.id).\(consult.consult.state.rawValue)",
      data: ConsoleJSON.consult(consult, for: agent))
  }

  /// One of the agent's tickets changed, for instance because its customer wrote, or went to the agent or to somebody else. Names the move
  /// that the rules suggest since then, if any.
  static func ticket(_ ticket: Ticket) -> StreamEvent {
    StreamEvent(
      name: "ticket", id: "\(ticket.id).\(ticket.version)",
      data: .object([
        .init("ticket_id", .text(ticket.id.description)), .init("version", .integer(Int64(ticket.version))),
        .init("state", .text(ticket.state.rawValue)),
        .init("agent", ticket.agent.map { .text($0.rawValue) } ?? .null),
        .init("suggested_move", ConsoleJSON.suggestedMove(of: ticket)),
      ]))
  }
}
