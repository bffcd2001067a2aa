extension Ticket {
  /// Goes on waiting in another queue because its own is gone: with its age, its promises and who refused it.
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
