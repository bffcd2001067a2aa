extension Ticket {
  /// Moves to another queue because its own was removed; keeps its age, its SLA targets and the agents who refused it.
  mutating func move(to next: QueueID, asking asked: [SkillRequirement]) -> [TicketEffect] {
    let former = queue
    queue = next
    skills = asked
    return [
      .record(TimelineEntry(.queueMoved(.init(from: former, to: next)), by: .service("router"))),
      .wakeQueue(next),
    ]
  }
}
