// How a ticket's clocks affect it: warnings, breaches, the escalation ladder, and priority changes.

extension Ticket {
  /// The end of every step: the clocks count the time in the calendar.
  mutating func settleClocks(under policy: Policy, now: Instant) {
    if clocks.isSettled { return }
    clocks.settle(under: policy.serviceLevel(named: clocks.serviceLevel), at: priority, now: now)
  }

  mutating func checkClocks(under policy: Policy, now: Instant) -> [TicketEffect] {
    let level = policy.serviceLevel(named: clocks.serviceLevel)
    // Even when there is nothing to notify: the calendar may have changed, and the next check time with it.
    clocks.invalidateNextCheck()
    settleClocks(under: policy, now: now)
    var effects = clocks.notify(at: now, under: level).flatMap(notified)
    while let (step, number, clock) = clocks.climb(at: now, under: level) {
      effects += escalate(step, number: number, because: clock, under: policy, now: now)
    }
    return effects
  }

  private func notified(_ notice: ServiceLevelClocks.Notice) -> [TicketEffect] {
    let reached = TimelineEvent.TargetReached(notice)
    let breached = notice.sharePercent >= 100
    return [
      .record(TimelineEntry(breached ? .slaBreached(reached) : .slaWarned(reached), by: .service("sla-watcher"))),
      .notify(breached ? .slaBreached : .slaWarned, summary(extra: [.init("service_level", reached.detail)])),
    ]
  }
}

// MARK: - Priority

extension Ticket {
  /// Changes the ticket's priority: its place in the queue changes, and its clocks get the targets of that priority.
  mutating func changePriority(
    to newPriority: Priority, by actor: TimelineEntry.Actor, reason: String
  ) -> [TicketEffect] {
    let former = priority
    prioritise(newPriority)
    var effects: [TicketEffect] = [
      .record(TimelineEntry(.priorityChanged(.init(from: former, to: newPriority, reason: reason)), by: actor)),
      .notify(.priorityChanged, summary(extra: [.init("former_priority", .text(former.name))])),
    ]
    if state.waitsForAgent, let queue { effects.append(.wakeQueue(queue)) }
    return effects
  }

  private mutating func prioritise(_ newPriority: Priority) {
    priority = newPriority
    conversation.isPrioritisedByHand = true
    clocks.resetTargets()
  }
}

// MARK: - Escalation

extension Ticket {
  /// Takes one escalation step. Its actions are one timeline entry and one notice.
  private mutating func escalate(
    _ step: EscalationStep, number: Int, because clock: ServiceLevelClocks.Name, under policy: Policy, now: Instant
  ) -> [TicketEffect] {
    var escalated = TimelineEvent.Escalated(step, number: number, because: clock)
    var moves: [TicketEffect] = []
    for action in step.actions {
      switch action {
      case .raisePriority(let wanted):
        guard wanted < priority else { continue }
        (escalated.fromPriority, escalated.toPriority) = (priority, wanted)
        prioritise(wanted)
      case .tellLead:
        escalated.leads = leads(under: policy)
      case .anySkill:
        escalated.skillsDropped = skills.map(\.skill)
        skills = []
      case .lowerProficiency(let less):
        escalated.proficiencyLess = less
        skills = skills.map { SkillRequirement($0.skill, proficiency: max(1, $0.proficiency - less)) }
      case .hand(let target):
        guard let asked = policy.queues[target]?.skills, target != queue, state != .answered else { continue }
        (escalated.fromQueue, escalated.toQueue) = (queue, target)
        moves += hand(to: target, asking: asked, now: now)
      }
    }
    if state.waitsForAgent, let queue { moves.append(.wakeQueue(queue)) }
    return [
      .record(TimelineEntry(.escalated(escalated), by: .service("sla-watcher"))),
      .notify(.ticketEscalated, summary(extra: [.init("escalation", escalated.detail)])),
    ] + moves
  }

  private func leads(under policy: Policy) -> [AgentID] {
    let teams = queue.flatMap { policy.queues[$0]?.teams } ?? []
    return Set(teams.compactMap { policy.teams[$0]?.lead }).sorted()
  }

  /// Takes the ticket from the agent who has it or its offer, and puts it into another queue with its age kept.
  private mutating func hand(to target: QueueID, asking asked: [SkillRequirement], now: Instant) -> [TicketEffect] {
    var effects: [TicketEffect] = []
    let next = requeued(at: now)
    if offer != nil {
      effects += takeBack(
        TimelineEvent.offerWithdrawn, to: next, by: .service("sla-watcher"), refused: false, pausingAt: nil,
        reason: TimelineEvent.ServiceReason.escalated.rawValue)
    } else if let holder = agent {
      effects += [
        .record(TimelineEntry(.requeued(.init(from: holder, reason: .escalated)), by: .service("sla-watcher"))),
        .changeLoad(holder, by: -weight),
      ]
      // Another agent is to have it.
      lastAgent = nil
      refusedBy = [holder]
    }
    phase = next
    conversation.placeByHand()
    queue = target
    skills = asked
    clocks.resume(at: now)
    return effects
  }
}
