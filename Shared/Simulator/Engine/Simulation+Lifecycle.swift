import DeskCore

// The lifecycle of tickets to which something happens that only `Ticket` can decide. It is created when that happens, from what has
// happened so far.

extension Simulation {
  /// The ticket's lifecycle, brought up to the policy's decision.
  mutating func lifecycle(of slot: Int) -> Ticket {
    if let known = lifecycles[slot] { return known }
    let simulated = tickets[slot]
    let kind = scenario.kinds[simulated.kind]
    var ticket = Ticket(
      id: simulated.waiting.id, channel: kind.channel, customer: "", tier: simulated.tier, openedAt: simulated.openedAt)
    var decision = policy.decide(
      decisions.facts(kind: simulated.kind, tier: simulated.tier, openedAt: simulated.openedAt, full: []))
    if decision.queue != queues[simulated.queue].id {
      // It overflowed when it was decided.
      decision = policy.decide(
        decisions.facts(
          kind: simulated.kind, tier: simulated.tier, openedAt: simulated.openedAt, full: [decision.queue]))
    }
    _ = try? ticket.handle(.routed(decision), now: simulated.openedAt, under: policy)
    lifecycles[slot] = ticket
    return ticket
  }

  /// Takes a step. A step that the lifecycle refuses changes nothing.
  mutating func step(_ slot: Int, _ event: TicketEvent, at moment: Instant) {
    var ticket = lifecycle(of: slot)
    _ = try? ticket.handle(event, now: moment, under: policy)
    lifecycles[slot] = ticket
  }

  func offerID(of slot: Int) -> OfferID {
    OfferID(high: tickets[slot].waiting.id.high, low: UInt64(bitPattern: tickets[slot].offeredAt.microseconds))
  }

  func currentOffer(of slot: Int) -> Offer {
    let simulated = tickets[slot]
    return Offer(
      id: offerID(of: slot), agent: agents[simulated.agent].profile.id, offeredAt: simulated.offeredAt,
      expiresAt: simulated.offeredAt + queues[simulated.queue].offerTime)
  }

  /// Adds the running offer to the lifecycle, if it is not there yet.
  mutating func bringUpToOffer(_ slot: Int) {
    if lifecycle(of: slot).offer == nil { step(slot, .offered(currentOffer(of: slot)), at: tickets[slot].offeredAt) }
  }

  /// Takes over how the ticket waits now.
  mutating func refresh(_ slot: Int) {
    let ticket = lifecycle(of: slot)
    tickets[slot].waiting = WaitingTicket(
      id: ticket.id, version: ticket.version, priority: ticket.priority, tier: ticket.tier, skills: ticket.skills,
      weight: ticket.weight, language: tickets[slot].waiting.language, waitingSince: ticket.waitingSince ?? now,
      dueAt: ticket.clocks.nearestDueAt, refusedBy: ticket.refusedBy, lastAgent: ticket.lastAgent,
      pauses: ticket.pauses)
    if let queue = ticket.queue, let number = queues.firstIndex(where: { $0.id == queue }) {
      tickets[slot].queue = number
    }
  }

  /// The first response is breached, or a step of the escalation ladder is due.
  mutating func reachDeadline(_ slot: Int) {
    let phase = tickets[slot].phase
    guard phase == .waiting || phase == .offered, !tickets[slot].isAnswered else { return }
    if phase == .offered { bringUpToOffer(slot) }
    step(slot, .deadlineReached, at: now)
    let ticket = lifecycle(of: slot)
    if let next = ticket.clocks.nextCheckAt, next > now {
      agenda.add(.deadline(slot: slot, ticket: tickets[slot].number), at: next)
    }
    switch phase {
    case .waiting:
      integrate()
      level.waiting -= 1
      engine.remove(tickets[slot].waiting.id)
      refresh(slot)
      wait(slot)
    case .offered where ticket.offer == nil:
      // A step handed it to another queue.
      let agent = tickets[slot].agent
      tickets[slot].serial = 0
      tickets[slot].agent = -1
      setLoad(of: agent, by: -tickets[slot].waiting.weight, isGiven: false)
      update(agent)
      refresh(slot)
      wait(slot)
    default: break
    }
  }
}
