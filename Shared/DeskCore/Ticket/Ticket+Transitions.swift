// The transitions of the lifecycle: the only place that decides which event is allowed when, and which phase follows it.

extension Ticket {
  /// The phase after an event. What else the event changes, and its effects, follow in `handle(_:now:under:)`.
  ///
  /// `deadlineReached`, `customerWrote` and `moveAnswered` may also move the ticket to another queue, by an escalation step or because the
  /// rules are run again: a ticket that is taken from its agent or offer ends in `requeued(at:)`.
  /// - Throws: `TicketRefusal` when the lifecycle does not allow the event.
  func nextPhase(after event: TicketEvent, now: Instant) throws(TicketRefusal) -> TicketPhase {
    let states = event.allowedStates
    guard states.contains(state) else { throw event.answersOffer ? .offerIsOver : .notInState(state, needed: states) }
    switch event {
    case .routed:
      return .waiting(since: waitingSince ?? openedAt)
    case .customerWrote(_, _, _, let evidence):
      guard isConfirmed(by: evidence) else { return phaseOwingReply(at: now) }
      return .resolved(at: resolvedAt ?? now, confirmedAt: confirmedAt ?? now)
    case .moveAnswered(_, let hand, _):
      try requireHold(hand)
      guard conversation.suggestion != nil, labels != nil else { throw .changesNothing }
      return phase
    case .answered:
      return .answered(at: now)
    case .rejected:
      return .rejected
    case .deadlineReached, .queueRemoved, .noted, .progressDue:
      return phase
    case .callBackChanged(let change, let hand, _):
      try requireCallBack(change, by: hand)
      return phase
    case .consulted(let consult, let hand):
      try requireConsult(consult, by: hand)
      return phase
    case .callBackDue:
      guard needsCallBackCheck(at: now) else { throw .changesNothing }
      return phase
    case .priorityChanged(let wanted, _, _):
      guard wanted != priority else { throw .changesNothing }
      return phase

    case .offered(let offer):
      return .offered(offer, waitingSince: waitingSince ?? now)
    case .accepted(let id, let taker, _):
      try requireOffer(id, to: taker)
      return .assigned(taker, replyDueSince: now)
    case .declined(let id, let refuser, _):
      try requireOffer(id, to: refuser)
      return requeued(at: now)
    case .offerTimedOut(let id), .offerWithdrawn(let id, _):
      try requireOffer(id)
      return requeued(at: now)

    case .replied(_, let replier, let awaitsCustomer):
      try requireOwner(replier)
      return awaitsCustomer ? .pending(replier) : .assigned(replier, replyDueSince: nil)
    case .resolved(let resolver, _):
      try requireOwner(resolver)
      return .resolved(at: now, confirmedAt: nil)
    case .agentLeft(let leaver):
      guard capacityHolder == leaver else { throw .notYours(owner: capacityHolder) }
      // A ticket that waits for its customer needs no agent until the customer writes.
      return state == .pending ? .pending(nil) : requeued(at: now)
    case .reclaimed(let holder):
      try requireOwner(holder)
      guard let due = replyDueSince else { throw .changesNothing }
      return .waiting(since: due)

    case .labelled(let decision, let correction, _):
      if state == .assigned || state == .pending || state == .offered { try requireHold(correction.by) }
      let isSame = labels?.category.hasSameBytes(as: decision.labels.category) == true
      guard needsTriage || !isSame else { throw .changesNothing }
      return isMovedByLabel(of: correction.by) ? requeued(at: now) : phase
    case .transferred(.queue(let target, _), let hand, _):
      try requireHold(hand)
      guard capacityHolder != nil || target != queue else { throw .changesNothing }
      return requeued(at: now)
    case .transferred(.agent(let offer), let hand, _):
      try requireHold(hand)
      guard offer.agent != capacityHolder else { throw .changesNothing }
      return .offered(offer, waitingSince: waitingSince ?? now)
    case .repliesFailed(let replies):
      guard !replies.isEmpty else { throw .changesNothing }
      return phaseOwingReply(at: now)
    case .linked(let other, _, _):
      guard other != id else { throw .changesNothing }
      return phase
    case .absorbed(let other, _, _, _, let isReplyDue, _):
      guard other != id else { throw .changesNothing }
      return isReplyDue ? phaseOwingReply(at: now) : phase
    case .merged(let other, let hand, _):
      guard other != id else { throw .changesNothing }
      if capacityHolder != nil { try requireHold(hand) }
      return .closed(settledAt: resolvedAt ?? now, confirmedAt: confirmedAt)

    case .feedbackReceived(let feedback):
      let isNews = feedback.rating != nil || feedback.comment != nil || !feedback.solved || confirmedAt == nil
      guard isNews else { throw .changesNothing }
      guard feedback.solved else { return .waiting(since: now) }
      return .resolved(at: resolvedAt ?? now, confirmedAt: confirmedAt ?? now)
    case .reopenWindowPassed:
      return .closed(settledAt: resolvedAt ?? answeredAt ?? now, confirmedAt: confirmedAt)
    }
  }

  /// The phase in which the ticket waits for an agent from now on; it keeps its age if it waited before.
  func requeued(at now: Instant) -> TicketPhase { .waiting(since: waitingSince ?? now) }

  /// The phase after a customer's message, or after a reply that failed: settled and pending tickets are reactivated.
  private func phaseOwingReply(at now: Instant) -> TicketPhase {
    switch phase {
    // The oldest message without a reply counts.
    case .assigned(let agent, let due): .assigned(agent, replyDueSince: due ?? now)
    case .pending(let agent?): .assigned(agent, replyDueSince: now)
    // The agent left while the ticket was pending; an absent agent gets nothing, so it waits for another one.
    case .pending(nil), .answered, .resolved: .waiting(since: now)
    case .received, .waiting, .offered, .closed, .rejected: phase
    }
  }

  /// Whether closing words settle the ticket for the customer.
  func isConfirmed(by evidence: MessageEvidence) -> Bool {
    (state == .answered || state == .resolved) && evidence.reading.act == .closing
  }

  /// Whether a label also routes the ticket: one that waits or is held only to be labelled goes where the rules route it, as does a
  /// waiting ticket that a lead labels, since the lead could also transfer it there.
  func isMovedByLabel(of hand: ActingAgent) -> Bool {
    state.waitsForAgent ? needsTriage || hand.leads : needsTriage && capacityHolder != nil
  }

  // MARK: Requirements

  private func requireOffer(_ id: OfferID, to agent: AgentID? = nil) throws(TicketRefusal) {
    guard let offer, offer.id == id else { throw .offerIsOver }
    guard agent == nil || agent == offer.agent else { throw .notYours(owner: offer.agent) }
  }

  private func requireOwner(_ acting: AgentID) throws(TicketRefusal) {
    guard agent == acting else { throw .notYours(owner: agent) }
  }

  /// Only the agent who has the ticket or its offer, and leads, may take it away from an agent.
  private func requireHold(_ hand: ActingAgent) throws(TicketRefusal) {
    guard hand.leads || capacityHolder == hand.agent else { throw .notYours(owner: capacityHolder) }
  }
}

extension TicketEvent {
  /// The states that allow the event.
  var allowedStates: [TicketState] {
    switch self {
    case .answered, .rejected:
      [.received]
    case .routed:
      [.received, .triage, .queued]
    case .offered, .queueRemoved:
      [.queued, .triage]
    case .accepted, .declined, .offerTimedOut, .offerWithdrawn:
      [.offered]
    case .agentLeft:
      [.offered, .assigned, .pending]
    case .reclaimed:
      [.assigned]
    case .replied, .resolved, .moveAnswered:
      [.assigned, .pending]
    case .transferred, .absorbed, .callBackChanged, .consulted:
      [.triage, .queued, .offered, .assigned, .pending]
    case .deadlineReached, .priorityChanged:
      [.triage, .queued, .offered, .assigned, .pending, .answered]
    case .customerWrote, .repliesFailed, .labelled, .noted, .linked, .merged, .progressDue, .callBackDue:
      [.triage, .queued, .offered, .assigned, .pending, .answered, .resolved]
    case .reopenWindowPassed, .feedbackReceived:
      [.answered, .resolved]
    }
  }

  /// Whether it ends an offer, so that it is refused because that offer is over.
  fileprivate var answersOffer: Bool {
    switch self {
    case .accepted, .declined, .offerTimedOut, .offerWithdrawn: true
    default: false
    }
  }
}
