import DeskCore
import Store

/// The agents at their console. While faults happen, some decline offers or do not answer; afterwards all of them work.
final class AgentsProcess: SimulatedProcess {
  private enum Answer { case accept, decline, ignore }

  /// What an agent does about an offer, decided when it is first seen.
  private var answers: [OfferID: Answer] = [:]
  /// When an agent has an answer to the customer.
  private var readyAt: [TicketID: Duration] = [:]

  override var service: String? { "console" }

  override func begin() {
    for agent in SimulatedPolicy.policy.agents.keys.sorted() {
      every(.milliseconds(500)) { [unowned self] in look(agent) }
    }
  }

  private func look(_ agent: AgentID) {
    execute({ server -> [Ticket] in
      if server.tables.agents[agent]?.isPresent == true {
        server.tables.touch([agent])
      } else {
        _ = server.tables.setPresence(.available, of: agent)
      }
      return server.tables.tickets(heldBy: agent)
    }) { [unowned self] result in
      guard case .success(let held) = result else { return }
      for ticket in held {
        guard let step = step(on: ticket, by: agent) else { continue }
        return commit(step, by: agent)
      }
    }
  }

  private func step(on ticket: Ticket, by agent: AgentID) -> TicketStep? {
    if let offer = ticket.offer {
      switch answer(to: offer.id) {
      case .accept: return make(.accepted(offer.id, by: agent), on: ticket)
      case .decline: return make(.declined(offer.id, by: agent), on: ticket)
      case .ignore: return nil
      }
    }
    guard ticket.agent == agent else { return nil }
    guard ticket.replyDueSince != nil else { return make(.resolved(by: agent), on: ticket) }
    if readyAt[ticket.id] == nil {
      readyAt[ticket.id] = world.now + .milliseconds(Int64.random(in: 300...3_000, using: &random))
    }
    guard let ready = readyAt[ticket.id], ready <= world.now else { return nil }
    readyAt[ticket.id] = nil
    let reply = OutgoingMessage(
      id: identifiers.next(at: now, using: &random), isPublic: true, author: agent, body: "an answer")
    return make(.replied(reply.id, by: agent, awaitsCustomer: false), on: ticket, writing: reply)
  }

  private func make(_ event: TicketEvent, on ticket: Ticket, writing reply: OutgoingMessage? = nil) -> TicketStep? {
    try? TicketStep(event, on: ticket, at: now, under: SimulatedPolicy.policy, writing: reply, using: &random)
  }

  private func answer(to offer: OfferID) -> Answer {
    if world.isHealed { return .accept }
    if let known = answers[offer] { return known }
    let answer: Answer =
      switch Int.random(in: 0..<20, using: &random) {
      case 0...1: .decline
      case 2...3: .ignore
      default: .accept
      }
    answers[offer] = answer
    return answer
  }

  private func commit(_ step: TicketStep, by agent: AgentID) {
    let me = node
    execute({ $0.commit([step], fencedBy: nil, by: me) }) { [unowned self] result in
      guard case .success(let committed) = result, !committed.isEmpty else { return }
      let kinds = step.effects.compactMap { if case .record(let entry) = $0 { entry.kind.rawValue } else { nil } }
      note("\(agent): \(kinds.joined(separator: ", ")) \(world.name(of: step.ticket.id))")
      for case .wakeQueue(let queue) in step.effects { publish(.queue(queue)) }
      for case .changeLoad(let agent, let change) in step.effects where change < 0 { publish(.agent(agent)) }
      if !step.notices.isEmpty { publish(.outbox) }
    }
  }
}
