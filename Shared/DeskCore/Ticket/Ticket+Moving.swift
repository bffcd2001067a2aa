// How people move tickets between agents and queues, and merge them.

// MARK: - Labels

extension Ticket {
  /// Applies a person's label. A ticket that the label does not move stays where it is with the label corrected.
  mutating func label(
    _ decision: RoutingDecision, _ correction: Correction, reason: String, to next: TicketPhase, now: Instant
  ) -> [TicketEffect] {
    let isMoved = isMovedByLabel(of: correction.by)
    let event = TimelineEvent.labelled(
      .init(
        correction, from: labels?.category, to: decision.labels.category, reason: reason,
        decision: isMoved ? decision : nil))
    let recorded: [TicketEffect] = [
      .record(TimelineEntry(event, by: correction.by.actor)), .correct(correction),
    ]
    labels = decision.labels
    needsTriage = false
    conversation.awaitsConcern = false
    conversation.heldUntil = nil
    // A correction that contradicts the suggested move replaces it.
    if isMoved || conversation.suggestion?.queue != decision.queue { conversation.suggestion = nil }
    guard isMoved else { return recorded }
    let freed = letGo(to: next, now: now)
    queue = decision.queue
    priority = decision.priority
    skills = decision.skills
    weight = decision.weight
    refusedBy = []
    pauses = []
    policyVersion = decision.policyVersion
    clocks.start(decision.targets, from: openedAt)
    return recorded + freed + [.notify(.ticketQueued, summary()), .wakeQueue(decision.queue)]
  }

  /// Releases the ticket from its agent, if one has it or its offer.
  mutating func letGo(to next: TicketPhase, now: Instant) -> [TicketEffect] {
    let holder = capacityHolder
    if state == .pending { clocks.resume(at: now) }
    phase = next
    return holder.map { [.changeLoad($0, by: -weight)] } ?? []
  }
}

// MARK: - Transfer and reclaim

extension Ticket {
  mutating func transfer(
    to destination: TransferDestination, by hand: ActingAgent, reason: String, entering next: TicketPhase, now: Instant
  ) -> [TicketEffect] {
    let former = capacityHolder
    let event = TimelineEvent.transferred(
      .init(to: destination, fromAgent: former, fromQueue: queue, reason: reason))
    let freed = letGo(to: next, now: now)
    let last: TicketEffect
    pauses = []
    switch destination {
    case .queue(let target, let asked):
      needsTriage = false
      queue = target
      skills = asked
      conversation.placeByHand()
      // The agent who gives it away is not the one who knows the customer best.
      lastAgent = nil
      refusedBy = former.map { [$0] } ?? []
      last = .wakeQueue(target)
    case .agent(let made):
      conversation.heldUntil = nil
      refusedBy = former.map { [$0] } ?? []
      last = .changeLoad(made.agent, by: weight)
    }
    return [.record(TimelineEntry(event, by: hand.actor))] + freed + [.notify(.ticketTransferred, summary()), last]
  }

  /// Returns a ticket that its agent has left without a reply, with the age of the oldest message awaiting one.
  mutating func reclaim(from holder: AgentID, to next: TicketPhase, now: Instant) -> [TicketEffect] {
    guard let owed = replyDueSince else { return [] }
    let freed = letGo(to: next, now: now)
    refusedBy = [holder]
    let event = TimelineEvent.reclaimed(.init(owedSince: owed, pause: pause(holder, at: now)))
    return [.record(TimelineEntry(event, by: .service("router")))] + freed + wakeQueue()
  }
}

// MARK: - Notes and links

extension Ticket {
  func note(_ message: MessageID, by author: AgentID) -> [TicketEffect] {
    [.record(TimelineEntry(.noted(.init(message)), by: .agent(author)))]
  }

  func link(to other: TicketID, by hand: ActingAgent, reason: String) -> [TicketEffect] {
    [
      .record(TimelineEntry(.linked(.init(to: other, reason: reason)), by: hand.actor)),
      .link(TicketLink(to: other, .related, by: hand.agent)),
    ]
  }

  /// - Parameters:
  ///   - author: the customer who wrote last on either ticket, if it was not on this one.
  ///   - isOwed: whether a reply is still pending on the other ticket.
  mutating func absorb(
    _ other: TicketID, by hand: ActingAgent, reason: String, addressing author: Correspondent?, isReplyDue: Bool,
    to next: TicketPhase, now: Instant
  ) -> [TicketEffect] {
    if let author { receive(from: author) }
    var woken: [TicketEffect] = []
    if isReplyDue {
      clocks.receive(at: now)
      woken = oweReply(to: next, now: now)
    }
    let event = TimelineEvent.absorbed(.init(other, reason: reason, replyDueSince: isReplyDue ? now : nil))
    return [.record(TimelineEntry(event, by: hand.actor)), .notify(.ticketMerged, summary())] + woken
  }

  /// Whether a reply to the customer is pending: a ticket that is merged passes this on to the other one.
  public var owesReply: Bool {
    switch state {
    case .received, .triage, .queued, .offered: true
    case .assigned: replyDueSince != nil
    case .pending, .answered, .resolved, .closed, .rejected: false
    }
  }

  mutating func merge(
    into other: TicketID, by hand: ActingAgent, reason: String, to next: TicketPhase, now: Instant
  ) -> [TicketEffect] {
    lastAgent = agent ?? lastAgent
    let isByArticle = state == .answered
    let freed = letGo(to: next, now: now)
    let unanswered = clocks.stop(isByArticle ? .settledByArticle : .dropped, at: now)
    return [
      .record(TimelineEntry(.merged(.init(into: other, reason: reason, unanswered: unanswered)), by: hand.actor)),
      .link(TicketLink(to: other, .mergedInto, by: hand.agent)),
    ] + freed + [.notify(.ticketClosed, summary()), .archive]
  }
}
