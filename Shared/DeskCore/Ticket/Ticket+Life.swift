extension Ticket {
  /// Takes one step of the ticket's lifecycle.
  ///
  /// - Parameters:
  ///   - event: what happened.
  ///   - now: when it happened, by the database's clock.
  ///   - policy: the current policy, for the calendars that its clocks count in.
  /// - Returns: what must be written and sent, in order.
  /// - Throws: `TicketRefusal` when the lifecycle does not allow the step; the ticket is then unchanged.
  public mutating func handle(
    _ event: TicketEvent, now: Instant, under policy: Policy
  ) throws(TicketRefusal) -> [TicketEffect] {
    var next = self
    var effects = try next.take(event, now: now, under: policy)
    effects += next.followSuggestion(under: policy, now: now)
    next.settleClocks(under: policy, now: now)
    next.version += 1
    self = next
    return effects
  }

  private mutating func take(
    _ event: TicketEvent, now: Instant, under policy: Policy
  ) throws(TicketRefusal) -> [TicketEffect] {
    switch event {
    case .routed(let decision): try route(decision, under: policy, now: now)
    case .customerWrote(let message, let labels, let author, let evidence):
      try receive(message, labels, from: author ?? owner, evidence, under: policy, now: now)
    case .moveAnswered(let accepts, let hand, let reason):
      try answerMove(accepts, by: hand, reason: reason, under: policy, now: now)
    case .offered(let offer): try open(offer)
    case .accepted(let id, let agent, let reason): try accept(id, by: agent, reason: reason, now: now)
    case .declined(let id, let agent, let reason): try decline(id, by: agent, reason: reason, now: now)
    case .offerTimedOut(let id): try timeOut(id, now: now)
    case .offerWithdrawn(let id, let reason): try withdraw(id, reason: reason, now: now)
    case .replied(let message, let agent, let awaitsCustomer):
      try reply(message, by: agent, awaitsCustomer: awaitsCustomer, now: now)
    case .resolved(let agent, let reason): try resolve(by: agent, reason: reason, now: now)
    case .agentLeft(let agent): try release(from: agent, now: now)
    case .reopenWindowPassed: try close()
    case .deadlineReached: try checkClocks(under: policy, now: now)
    case .priorityChanged(let priority, let actor, let reason):
      try changePriority(to: priority, by: actor, reason: reason)
    case .queueRemoved(let next, let asked): try move(to: next, asking: asked)
    case .rejected(let reason): try reject(reason: reason, now: now)
    case .labelled(let decision, let correction, let reason):
      try label(decision, correction, reason: reason, now: now)
    case .transferred(let destination, let hand, let reason):
      try transfer(to: destination, by: hand, reason: reason, now: now)
    case .noted(let message, let author): try note(message, by: author)
    case .reclaimed(let agent): try reclaim(from: agent, now: now)
    case .linked(let other, let hand, let reason): try link(to: other, by: hand, reason: reason)
    case .absorbed(let other, let hand, let reason, let author, let isReplyDue):
      try absorb(other, by: hand, reason: reason, addressing: author, isReplyDue: isReplyDue, now: now)
    case .merged(let other, let hand, let reason): try merge(into: other, by: hand, reason: reason, now: now)
    case .answered(let decision, let article, let message):
      try answer(decision, with: article, in: message, under: policy, now: now)
    case .feedbackReceived(let feedback): try receive(feedback, now: now)
    }
  }

  func require(_ states: TicketState...) throws(TicketRefusal) {
    guard states.contains(state) else { throw .notInState(state, needed: states) }
  }
}

// MARK: - Routing

extension Ticket {
  private mutating func route(
    _ decision: RoutingDecision, under policy: Policy, now: Instant
  ) throws(TicketRefusal) -> [TicketEffect] {
    try require(.received, .triage, .queued)
    needsTriage = decision.needsTriage
    state = waitingState
    queue = decision.queue
    priority = decision.priority
    skills = decision.skills
    weight = decision.weight
    waitingSince = waitingSince ?? openedAt
    labels = decision.labels
    policyVersion = decision.policyVersion
    clocks.start(decision.targets, from: openedAt)
    let greeted = beginConversation(with: decision, under: policy, now: now)
    return [
      .record(
        TimelineEntry(
          decision.needsTriage ? .triaged(.init(decision)) : .queued(.init(decision)), by: .service("router"))),
      .notify(.ticketQueued, summary(extra: decision.customerNotice)),
    ] + greeted + [.wakeQueue(decision.queue)]
  }

  /// Marks a reply to the customer as pending: a `pending` ticket resumes.
  mutating func oweReply(now: Instant) -> [TicketEffect] {
    switch state {
    case .pending where agent == nil:
      // The agent left while the ticket was pending; an absent agent gets nothing, so it waits for another one.
      state = waitingState
      waitingSince = now
      clocks.resume(at: now)
      return queue.map { [.wakeQueue($0)] } ?? []
    case .pending:
      state = .assigned
      clocks.resume(at: now)
      replyDueSince = now
    case .assigned:
      // The oldest message without a reply counts.
      replyDueSince = replyDueSince ?? now
    default: break
    }
    return []
  }

  /// Reopens a settled ticket: the customer wrote, or said that it is not solved.
  mutating func reopen(with message: MessageID?, now: Instant) -> [TicketEffect] {
    // A person or an article has dealt with it once, so it no longer needs to be labelled.
    needsTriage = false
    state = .queued
    reopenCount += 1
    resolvedAt = nil
    confirmedAt = nil
    conversation.isPlacedByHand = false
    conversation.isPrioritisedByHand = false
    lastAgent = agent ?? lastAgent
    agent = nil
    refusedBy = []
    pauses = []
    waitingSince = now
    if answeredAt != nil { clocks.resumeAfterAnswer(at: now) }
    answeredAt = nil
    clocks.reopen(at: now)
    var effects: [TicketEffect] = [
      .record(TimelineEntry(.reopened(.init(times: reopenCount)), by: .customer)),
      .notify(.ticketReopened, summary(message: message)),
    ]
    if let queue { effects.append(.wakeQueue(queue)) }
    return effects
  }
}

// MARK: - Offers

extension Ticket {
  private mutating func open(_ made: Offer) throws(TicketRefusal) -> [TicketEffect] {
    try require(.queued, .triage)
    state = .offered
    offer = made
    return [
      .record(TimelineEntry(.offered(.init(made)), by: .service("router"))),
      .changeLoad(made.agent, by: weight),
    ]
  }

  private func openOffer(_ id: OfferID) throws(TicketRefusal) -> Offer {
    guard state == .offered, let offer, offer.id == id else { throw .offerIsOver }
    return offer
  }

  private mutating func accept(
    _ id: OfferID, by taker: AgentID, reason: String?, now: Instant
  ) throws(TicketRefusal) -> [TicketEffect] {
    let open = try openOffer(id)
    guard open.agent == taker else { throw .notYours(owner: open.agent) }
    state = .assigned
    offer = nil
    agent = taker
    lastAgent = taker
    waitingSince = nil
    replyDueSince = now
    refusedBy = []
    return [
      .record(TimelineEntry(.accepted(.init(offer: id, reason: reason)), by: .agent(taker))),
      .notify(.ticketAssigned, summary()),
    ]
  }

  private mutating func decline(
    _ id: OfferID, by refuser: AgentID, reason: String?, now: Instant
  ) throws(TicketRefusal) -> [TicketEffect] {
    let open = try openOffer(id)
    guard open.agent == refuser else { throw .notYours(owner: open.agent) }
    return takeBack(open, TimelineEvent.declined, by: .agent(refuser), refused: true, pausingAt: now, reason: reason)
  }

  private mutating func timeOut(_ id: OfferID, now: Instant) throws(TicketRefusal) -> [TicketEffect] {
    let open = try openOffer(id)
    return takeBack(open, TimelineEvent.offerTimedOut, by: .service("router"), refused: true, pausingAt: now) + [
      .setAway(open.agent)
    ]
  }

  private mutating func withdraw(
    _ id: OfferID, reason: String, now: Instant
  ) throws(TicketRefusal) -> [TicketEffect] {
    let open = try openOffer(id)
    return takeBack(
      open, TimelineEvent.offerWithdrawn, by: .service("router"), refused: false, pausingAt: now, reason: reason)
  }

  /// The state in which the ticket waits when no agent has it.
  var waitingState: TicketState { needsTriage ? .triage : .queued }

  /// Puts the ticket back into its queue and keeps its age.
  /// - Parameters:
  ///   - event: how the offer ended.
  ///   - moment: when the agent released it, which starts a pause; nil when the release was not the agent's doing.
  mutating func takeBack(
    _ open: Offer, _ event: (TimelineEvent.OfferEnded) -> TimelineEvent, by actor: TimelineEntry.Actor, refused: Bool,
    pausingAt moment: Instant?, reason: String? = nil
  ) -> [TicketEffect] {
    state = waitingState
    offer = nil
    if refused, !refusedBy.contains(open.agent) { refusedBy.append(open.agent) }
    let pause = moment.map { self.pause(open.agent, at: $0) }
    var effects: [TicketEffect] = [
      .record(TimelineEntry(event(.init(open, pause: pause, reason: reason)), by: actor)),
      .changeLoad(open.agent, by: -weight),
    ]
    if let queue { effects.append(.wakeQueue(queue)) }
    return effects
  }
}

// MARK: - An agent's work

extension Ticket {
  func requireOwner(_ acting: AgentID) throws(TicketRefusal) {
    guard agent == acting else { throw .notYours(owner: agent) }
  }

  private mutating func reply(
    _ message: MessageID, by replier: AgentID, awaitsCustomer: Bool, now: Instant
  ) throws(TicketRefusal) -> [TicketEffect] {
    try require(.assigned, .pending)
    try requireOwner(replier)
    clocks.reply(at: now)
    replyDueSince = nil
    pauses = []
    var effects: [TicketEffect] = [
      .record(TimelineEntry(.replied(.init(message)), by: .agent(replier)))
    ]
    if awaitsCustomer, state == .assigned {
      state = .pending
      clocks.pauseForCustomer(at: now)
      effects.append(.record(TimelineEntry(.pending, by: .agent(replier))))
    } else if !awaitsCustomer, state == .pending {
      state = .assigned
      clocks.resume(at: now)
    }
    // Sent last, so that subscribers see the state that results from the reply.
    effects.append(.notify(.messageReplied, summary(to: addressee, message: message)))
    return effects
  }

  private mutating func resolve(
    by resolver: AgentID, reason: String?, now: Instant
  ) throws(TicketRefusal) -> [TicketEffect] {
    try require(.assigned, .pending)
    try requireOwner(resolver)
    state = .resolved
    resolvedAt = now
    lastAgent = resolver
    agent = nil
    replyDueSince = nil
    pauses = []
    let unanswered = clocks.stop(.settled, at: now)
    return [
      .record(TimelineEntry(.resolved(.init(reason: reason, unanswered: unanswered)), by: .agent(resolver))),
      .notify(.ticketResolved, summary(extra: [.init("resolved_by", .text(resolver.rawValue))])),
      .notify(.confirmationAsked, summary(to: addressee)),
      .changeLoad(resolver, by: -weight),
    ]
  }

  private mutating func release(from leaver: AgentID, now: Instant) throws(TicketRefusal) -> [TicketEffect] {
    try require(.offered, .assigned, .pending)
    if let open = offer {
      guard open.agent == leaver else { throw .notYours(owner: open.agent) }
      return takeBack(
        open, TimelineEvent.offerWithdrawn, by: .service("console"), refused: false, pausingAt: now,
        reason: TimelineEvent.ServiceReason.agentLeft.rawValue)
    }
    try requireOwner(leaver)
    lastAgent = leaver
    agent = nil
    replyDueSince = nil
    // A ticket that waits for its customer needs no agent until the customer writes.
    let goesBack = state == .assigned
    if goesBack {
      state = waitingState
      waitingSince = now
    }
    var effects: [TicketEffect] = [
      .record(TimelineEntry(.requeued(.init(from: leaver, reason: .agentLeft)), by: .service("console"))),
      .changeLoad(leaver, by: -weight),
    ]
    if goesBack, let queue { effects.append(.wakeQueue(queue)) }
    return effects
  }
}

// MARK: - Ends

extension Ticket {
  private mutating func close() throws(TicketRefusal) -> [TicketEffect] {
    try require(.answered, .resolved)
    let event = TimelineEvent.closed(.init(from: state, isConfirmed: confirmedAt != nil))
    let settledAt = resolvedAt ?? answeredAt ?? openedAt
    // No clock runs on a resolved ticket.
    _ = clocks.stop(state == .answered ? .settledByArticle : .settled, at: settledAt)
    state = .closed
    resolvedAt = settledAt
    answeredAt = nil
    return [
      .record(TimelineEntry(event, by: .service("sla-watcher"))), .notify(.ticketClosed, summary()), .archive,
    ]
  }

  private mutating func reject(reason: String, now: Instant) throws(TicketRefusal) -> [TicketEffect] {
    try require(.received)
    state = .rejected
    let unanswered = clocks.stop(.dropped, at: now)
    return [
      .record(TimelineEntry(.rejected(.init(reason: reason, unanswered: unanswered)), by: .service("router"))),
      .deadLetter(reason: reason), .archive,
    ]
  }

  /// The queue position sent to a customer on a chat channel while the ticket waits.
  /// - Parameters:
  ///   - position: the position in the queue, from 1.
  ///   - expectedWait: nil when no ticket has gone to an agent recently.
  public func place(_ position: Int, expectedWait: Duration?) -> JSONValue {
    summary(
      to: addressee,
      extra: [
        .init("queue_position", .integer(Int64(position))),
        .init("expected_wait_seconds", expectedWait.map { .integer(Int64($0.inSeconds.rounded(.up))) } ?? .null),
      ])
  }

  /// The summary of a ticket sent to subscribers: never contains the customer's text.
  /// - Parameter addressee: the customer whom the notice is for, if it is for one; nil for news about the ticket.
  func summary(
    to addressee: Correspondent? = nil, message: MessageID? = nil, extra: [JSONValue.Field] = []
  ) -> JSONValue {
    let named = addressee ?? owner
    var fields: [JSONValue.Field] = [
      .init("ticket", .text(id.description)), .init("channel", .text(named.channel.rawValue)),
      .init("customer", .text(named.customer)), .init("state", .text(state.rawValue)),
      .init("queue", queue.map { .text($0.rawValue) } ?? .null), .init("priority", .text(priority.name)),
      .init("agent", capacityHolder.map { .text($0.rawValue) } ?? .null),
      .init("category", labels.map { .text($0.category) } ?? .null),
    ]
    if let message { fields.append(.init("message", .text(message.description))) }
    return .object(fields + extra)
  }
}
