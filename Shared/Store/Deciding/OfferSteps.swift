package import DeskCore

/// Turns the picks of a matching round into steps. Pure: time, identifiers and randomness are handed in.
package enum OfferSteps {
  /// Returns the steps of one queue's picks, in order, up to the first ticket that changed since it was picked: whether those behind it
  /// may go first is decided again.
  ///
  /// - Parameters:
  ///   - tickets: the tickets as read after the match.
  ///   - now: the time of the offers. Not the time of the match: other queues were matched in the meantime, and an agent has the full
  ///     time from the offer.
  ///   - onRefusal: called for a ticket that refuses its offer, which would be a bug, and must not keep the ticket's queue busy.
  package static func steps(
    for picks: [MatchingEngine.Pick], on tickets: [TicketID: Ticket], in queue: QueuePolicy, under policy: Policy,
    at now: Instant, identifiers: IdentifierSource, using random: inout some RandomNumberGenerator,
    onRefusal: (TicketID, TicketRefusal) -> Void
  ) -> [TicketStep] {
    var steps: [TicketStep] = []
    for pick in picks {
      guard let ticket = tickets[pick.ticket.id], ticket.version == pick.ticket.version else { break }
      var offered = ticket
      let offer = Offer(
        id: identifiers.next(at: now, using: &random), agent: pick.agent, offeredAt: now,
        expiresAt: now + queue.offerTime)
      let effects: [TicketEffect]
      do {
        effects = try offered.handle(.offered(offer), now: now, under: policy)
      } catch {
        onRefusal(ticket.id, error)
        continue
      }
      steps.append(
        TicketStep(
          from: ticket, to: offered, effects.explained(by: pick.record, policyVersion: policy.version), at: now,
          under: policy, using: &random))
    }
    return steps
  }
}

extension [TicketEffect] {
  /// Adds to the timeline why this agent was chosen, and under which version of the policy.
  fileprivate func explained(by choice: OfferRecord, policyVersion: Int32) -> [TicketEffect] {
    map { effect in
      guard case .record(let entry) = effect, case .offered(let offered) = entry.event else { return effect }
      let explained = offered.explained(by: choice, policyVersion: policyVersion)
      return .record(TimelineEntry(.offered(explained), by: entry.actor))
    }
  }
}
