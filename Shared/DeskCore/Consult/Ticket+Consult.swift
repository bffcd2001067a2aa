// What a ticket's consults mean for the ticket: nothing but entries in its timeline. It stays where it is.

extension Ticket {
  /// Only the agent who has the ticket, and leads, ask about it.
  func requireConsult(_ consult: Consult, by hand: ActingAgent) throws(TicketRefusal) {
    guard consult.phase == .open else { return }
    guard hand.leads || agent == hand.agent else { throw .notYours(owner: agent) }
  }

  func keep(_ consult: Consult, by hand: ActingAgent) -> [TicketEffect] {
    let step = TimelineEvent.ConsultStep(consult)
    switch consult.phase {
    case .open: return [.consult(consult), .record(TimelineEntry(.consultAsked(step), by: hand.actor))]
    case .answered(let agent, let message, _):
      return note(message, by: agent) + [
        .consult(consult), .record(TimelineEntry(.consultAnswered(step), by: hand.actor)),
      ]
    case .withdrawn: return [.consult(consult), .record(TimelineEntry(.consultWithdrawn(step), by: hand.actor))]
    // The store ends open consults with the entry that settles the ticket.
    case .ended: return []
    }
  }
}
