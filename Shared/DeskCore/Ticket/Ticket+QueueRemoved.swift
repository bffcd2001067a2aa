extension Ticket {
  /// Moves to another queue because its own was removed; keeps its age, its SLA targets and the agents who refused it.
  mutating func move(to next: QueueID, asking asked: [SkillRequirement]) throws(TicketRefusal) -> [TicketEffect] {
    guard state.waitsForAgent else { throw .notInState(state, needed: [.queued, .triage]) }
    let former = queue
    queue = next
    skills = asked
    return [
      .record(
        TimelineEntry(
          .queueMoved, by: .service("router"),
          .object([
            .init("from", former.map { .text($0.rawValue) } ?? .null), .init("to", .text(next.rawValue)),
            .init("reason", "queue_removed"),
          ]))),
      .wakeQueue(next),
    ]
  }
}
