import DeskCore
import Store

// Events of the overseers' stream. Each has the server's time.

extension StreamEvent {
  /// The wallboard's figures changed, or the stream has just begun: pages that show them fetch them.
  static func wallboard(at now: Instant) -> StreamEvent {
    StreamEvent(
      name: "wallboard", id: String(now.milliseconds), data: .object([.init("at", ConsoleJSON.time(now))]))
  }

  /// An agent's presence changed.
  static func presence(_ row: AgentRow, at now: Instant) -> StreamEvent {
    StreamEvent(
      name: "presence", id: "\(row.agent).\(now.milliseconds)",
      data: .object([
        .init("agent", .text(row.agent.rawValue)), .init("presence", .text(row.presence.rawValue)),
        .init("at", ConsoleJSON.time(now)),
      ]))
  }

  /// A ticket changed hands.
  static func assignment(_ change: WallboardChanges.Reassignment, at now: Instant) -> StreamEvent {
    StreamEvent(
      name: "assignment", id: "\(change.ticket).\(now.milliseconds)",
      data: .object([
        .init("ticket_id", .text(change.ticket.description)),
        .init("queue", change.queue.map { .text($0.rawValue) } ?? .null),
        .init("from", change.from.map { .text($0.rawValue) } ?? .null),
        .init("to", change.to.map { .text($0.rawValue) } ?? .null), .init("at", ConsoleJSON.time(now)),
      ]))
  }
}
