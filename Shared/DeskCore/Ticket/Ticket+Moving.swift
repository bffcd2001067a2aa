// How people move tickets between agents and queues, and merge them.

// MARK: - Labels

extension Ticket {
  /// Applies a person's label. A ticket that waits or is held only to be labelled goes where the rules route it, as does a waiting ticket
  /// that a lead labels, since the lead could also transfer it there; any other ticket stays where it is with the label corrected.
  mutating func label(
    _ decision: RoutingDecision, _ correction: Correction, reason: String, now: Instant
  ) throws(TicketRefusal) -> [TicketEffect] {
    try require(.triage, .queued, .offered, .assigned, .pending, .answered, .resolved)
    if state == .assigned || state == .pending || state == .offered { try requireHold(correction.by) }
    let isMoved = state.waitsForAgent ? needsTriage || correction.by.leads : needsTriage && capacityHolder != nil
    let isSame = labels?.category.hasSameBytes(as: decision.labels.category) == true
    guard needsTriage || !isSame else { throw .changesNothing }
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
    guard isMoved else { return recorded }
    conversation.suggestion = nil
    let freed = letGo(now: now)
    state = .queued
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

  /// Only the agent who has the ticket or its offer, and leads, may take it away from an agent.
  func requireHold(_ hand: ActingAgent) throws(TicketRefusal) {
    guard hand.leads || capacityHolder == hand.agent else { throw .notYours(owner: capacityHolder) }
  }

  /// Releases the ticket from its agent. It waits from then on, and keeps its age if it waited before.
  mutating func letGo(now: Instant) -> [TicketEffect] {
    let holder = capacityHolder
    if state == .pending { clocks.resume(at: now) }
    waitingSince = waitingSince ?? now
    offer = nil
    agent = nil
    replyDueSince = nil
    return holder.map { [.changeLoad($0, by: -weight)] } ?? []
  }
}

// MARK: - Transfer and reclaim

extension Ticket {
  mutating func transfer(
    to destination: TransferDestination, by hand: ActingAgent, reason: String, now: Instant
  ) throws(TicketRefusal) -> [TicketEffect] {
    try require(.triage, .queued, .offered, .assigned, .pending)
    try requireHold(hand)
    let former = capacityHolder
    let event = TimelineEvent.transferred(
      .init(to: destination, fromAgent: former, fromQueue: queue, reason: reason))
    let freed: [TicketEffect]
    let next: [TicketEffect]
    pauses = []
    switch destination {
    case .queue(let target, let asked):
      guard former != nil || target != queue else { throw .changesNothing }
      freed = letGo(now: now)
      needsTriage = false
      state = .queued
      queue = target
      skills = asked
      conversation.placeByHand()
      // The agent who gives it away is not the one who knows the customer best.
      lastAgent = nil
      refusedBy = former.map { [$0] } ?? []
      next = [.wakeQueue(target)]
    case .agent(let made):
      guard made.agent != former else { throw .changesNothing }
      freed = letGo(now: now)
      state = .offered
      offer = made
      conversation.heldUntil = nil
      refusedBy = former.map { [$0] } ?? []
      next = [.changeLoad(made.agent, by: weight)]
    }
    return [.record(TimelineEntry(event, by: hand.actor))] + freed + [.notify(.ticketTransferred, summary())] + next
  }

  /// Returns a ticket that its agent has left without a reply, with the age of the oldest message awaiting one.
  mutating func reclaim(from holder: AgentID, now: Instant) throws(TicketRefusal) -> [TicketEffect] {
    try require(.assigned)
    try requireOwner(holder)
    guard let owed = replyDueSince else { throw .changesNothing }
    waitingSince = owed
    let freed = letGo(now: now)
    state = waitingState
    refusedBy = [holder]
    let event = TimelineEvent.reclaimed(.init(owedSince: owed, pause: pause(holder, at: now)))
    return [.record(TimelineEntry(event, by: .service("router")))] + freed
      + (queue.map { [.wakeQueue($0)] } ?? [])
  }
}

// MARK: - Notes and links

extension Ticket {
  mutating func note(_ message: MessageID, by author: AgentID) throws(TicketRefusal) -> [TicketEffect] {
    try requireDecided()
    return [.record(TimelineEntry(.noted(.init(message)), by: .agent(author)))]
  }

  mutating func link(to other: TicketID, by hand: ActingAgent, reason: String) throws(TicketRefusal) -> [TicketEffect] {
    try requireDecided()
    guard other != id else { throw .changesNothing }
    return [
      .record(TimelineEntry(.linked(.init(to: other, reason: reason)), by: hand.actor)),
      .link(TicketLink(to: other, .related, by: hand.agent)),
    ]
  }

  /// - Parameters:
  ///   - author: the customer who wrote last on either ticket, if it was not on this one.
  ///   - isOwed: whether a reply is still pending on the other ticket.
  mutating func absorb(
    _ other: TicketID, by hand: ActingAgent, reason: String, addressing author: Correspondent?, isReplyDue: Bool,
    now: Instant
  ) throws(TicketRefusal) -> [TicketEffect] {
    try require(.triage, .queued, .offered, .assigned, .pending)
    guard other != id else { throw .changesNothing }
    if let author { receive(from: author) }
    var woken: [TicketEffect] = []
    if isReplyDue {
      clocks.receive(at: now)
      woken = oweReply(now: now)
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
    into other: TicketID, by hand: ActingAgent, reason: String, now: Instant
  ) throws(TicketRefusal) -> [TicketEffect] {
    try require(.triage, .queued, .offered, .assigned, .pending, .answered, .resolved)
    guard other != id else { throw .changesNothing }
    if capacityHolder != nil { try requireHold(hand) }
    lastAgent = agent ?? lastAgent
    let freed = letGo(now: now)
    let unanswered = clocks.stop(state == .answered ? .settledByArticle : .dropped, at: now)
    state = .closed
    waitingSince = nil
    resolvedAt = resolvedAt ?? now
    answeredAt = nil
    return [
      .record(TimelineEntry(.merged(.init(into: other, reason: reason, unanswered: unanswered)), by: hand.actor)),
      .link(TicketLink(to: other, .mergedInto, by: hand.agent)),
    ] + freed + [.notify(.ticketClosed, summary()), .archive]
  }

  private func requireDecided() throws(TicketRefusal) {
    try require(.triage, .queued, .offered, .assigned, .pending, .answered, .resolved)
  }
}
