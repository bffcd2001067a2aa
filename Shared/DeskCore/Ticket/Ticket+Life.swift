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
    let phase = try nextPhase(after: event, now: now)
    var next = self
    var effects = next.take(event, to: phase, now: now, under: policy)
    effects += next.followSuggestion(under: policy, now: now)
    effects += next.followCallBack(after: event, under: policy, now: now)
    effects += next.endQuestions(after: event)
    next.settleClocks(under: policy, now: now)
    next.followProgress(of: event, since: self, under: policy, now: now)
    next.version += 1
    self = next
    return effects
  }

  /// Enters the phase that follows an event, and changes what else the event concerns.
  private mutating func take(
    _ event: TicketEvent, to next: TicketPhase, now: Instant, under policy: Policy
  ) -> [TicketEffect] {
    switch event {
    case .routed(let decision): route(decision, under: policy, to: next, now: now)
    case .customerWrote(let message, let labels, let author, let evidence):
      receive(message, labels, from: author ?? owner, evidence, under: policy, to: next, now: now)
    case .moveAnswered(let accepts, let hand, let reason):
      answerMove(accepts, by: hand, reason: reason, under: policy, now: now)
    case .offered(let offer): open(offer, to: next)
    case .accepted(let id, let agent, let reason): accept(id, by: agent, reason: reason, to: next)
    case .declined(_, let agent, let reason):
      takeBack(TimelineEvent.declined, to: next, by: .agent(agent), refused: true, pausingAt: now, reason: reason)
    case .offerTimedOut: timeOut(to: next, now: now)
    case .offerWithdrawn(_, let reason):
      takeBack(
        TimelineEvent.offerWithdrawn, to: next, by: .service("router"), refused: false, pausingAt: now, reason: reason)
    case .replied(let message, let agent, _): reply(message, by: agent, to: next, now: now)
    case .resolved(let agent, let reason): resolve(by: agent, reason: reason, to: next, now: now)
    case .agentLeft(let agent): release(from: agent, to: next, now: now)
    case .reopenWindowPassed: close(to: next)
    case .deadlineReached: checkClocks(under: policy, now: now)
    case .callBackChanged(let change, let hand, let reason):
      changeCallBack(change, by: hand, reason: reason, under: policy, now: now)
    case .callBackDue: checkCallBack(under: policy, now: now)
    case .priorityChanged(let priority, let actor, let reason): changePriority(to: priority, by: actor, reason: reason)
    case .queueRemoved(let target, let asked): move(to: target, asking: asked)
    case .rejected(let reason): reject(reason: reason, to: next, now: now)
    case .labelled(let decision, let correction, let reason):
      label(decision, correction, reason: reason, to: next, now: now)
    case .transferred(let destination, let hand, let reason):
      transfer(to: destination, by: hand, reason: reason, entering: next, now: now)
    case .noted(let message, let author): note(message, by: author)
    case .consulted(let consult, let hand): keep(consult, by: hand)
    case .reclaimed(let agent): reclaim(from: agent, to: next, now: now)
    case .repliesFailed(let replies): failToReach(with: replies, to: next, now: now)
    case .linked(let other, let hand, let reason): link(to: other, by: hand, reason: reason)
    case .absorbed(let other, let hand, let reason, let author, let isReplyDue, let promised):
      absorb(other, by: hand, reason: reason, addressing: author, isReplyDue: isReplyDue, to: next, now: now)
        + adopt(promised, by: hand, under: policy, now: now)
    case .merged(let other, let hand, let reason): merge(into: other, by: hand, reason: reason, to: next, now: now)
    case .answered(let decision, let article, let message):
      answer(decision, with: article, in: message, under: policy, to: next, now: now)
    case .feedbackReceived(let feedback): receive(feedback, to: next, now: now)
    case .progressDue(let message, let language): settleProgress(message, in: language, under: policy, now: now)
    }
  }
}

// MARK: - Routing

extension Ticket {
  private mutating func route(
    _ decision: RoutingDecision, under policy: Policy, to next: TicketPhase, now: Instant
  ) -> [TicketEffect] {
    needsTriage = decision.needsTriage
    phase = next
    queue = decision.queue
    priority = decision.priority
    skills = decision.skills
    weight = decision.weight
    labels = decision.labels
    policyVersion = decision.policyVersion
    clocks.start(decision.targets, from: openedAt)
    let greeted = beginConversation(with: decision, under: policy, now: now)
    let answered = decision.crisis.map { answerInCrisis($0, policyVersion: decision.policyVersion) } ?? []
    let event = TimelineEvent.Routed(decision)
    var effects: [TicketEffect] = []
    effects.reserveCapacity(3)
    effects.append(
      .record(TimelineEntry(decision.needsTriage ? .triaged(event) : .queued(event), by: .service("router"))))
    effects.append(.notify(.ticketQueued, summary(extra: decision.customerNotice)))
    effects += greeted
    effects += promiseCallBack(because: decision, under: policy, now: now)
    effects += answered
    effects += beginQuestions(with: decision, under: policy, now: now)
    effects.append(.wakeQueue(decision.queue))
    return effects
  }

  /// Marks a reply to the customer as pending: a `pending` ticket resumes.
  mutating func oweReply(to next: TicketPhase, now: Instant) -> [TicketEffect] {
    let isResumed = state == .pending
    phase = next
    guard isResumed else { return [] }
    clocks.resume(at: now)
    return state.waitsForAgent ? wakeQueue() : []
  }

  /// Reopens a settled ticket: the customer wrote, or said that it is not solved, or a reply did not reach them.
  mutating func reopen(
    with message: MessageID?, by actor: TimelineEntry.Actor = .customer, to next: TicketPhase, now: Instant
  ) -> [TicketEffect] {
    // A person or an article has dealt with it once, so it no longer needs to be labelled.
    needsTriage = false
    reopenCount += 1
    conversation.isPlacedByHand = false
    conversation.isPrioritisedByHand = false
    refusedBy = []
    pauses = []
    if state == .answered { clocks.resumeAfterAnswer(at: now) }
    phase = next
    clocks.reopen(at: now)
    return [
      .record(TimelineEntry(.reopened(.init(times: reopenCount)), by: actor)),
      .notify(.ticketReopened, summary(message: message)),
    ] + wakeQueue()
  }

  func wakeQueue() -> [TicketEffect] { queue.map { [.wakeQueue($0)] } ?? [] }
}

// MARK: - Offers

extension Ticket {
  private mutating func open(_ made: Offer, to next: TicketPhase) -> [TicketEffect] {
    phase = next
    return [
      .record(TimelineEntry(.offered(.init(made)), by: .service("router"))),
      .changeLoad(made.agent, by: weight),
    ]
  }

  private mutating func accept(
    _ id: OfferID, by taker: AgentID, reason: String?, to next: TicketPhase
  ) -> [TicketEffect] {
    phase = next
    lastAgent = taker
    refusedBy = []
    return [
      .record(TimelineEntry(.accepted(.init(offer: id, reason: reason)), by: .agent(taker))),
      .notify(.ticketAssigned, summary()),
    ]
  }

  private mutating func timeOut(to next: TicketPhase, now: Instant) -> [TicketEffect] {
    let asked = offer?.agent
    return takeBack(TimelineEvent.offerTimedOut, to: next, by: .service("router"), refused: true, pausingAt: now)
      + (asked.map { [.setAway($0)] } ?? [])
  }

  /// Puts the ticket back into its queue and keeps its age.
  /// - Parameters:
  ///   - event: how the offer ended.
  ///   - moment: when the agent released it, which starts a pause; nil when the release was not the agent's doing.
  mutating func takeBack(
    _ event: (TimelineEvent.OfferEnded) -> TimelineEvent, to next: TicketPhase, by actor: TimelineEntry.Actor,
    refused: Bool, pausingAt moment: Instant?, reason: String? = nil
  ) -> [TicketEffect] {
    guard let open = offer else { return [] }
    phase = next
    if refused, !refusedBy.contains(open.agent) { refusedBy.append(open.agent) }
    let pause = moment.map { self.pause(open.agent, at: $0) }
    return [
      .record(TimelineEntry(event(.init(open, pause: pause, reason: reason)), by: actor)),
      .changeLoad(open.agent, by: -weight),
    ] + wakeQueue()
  }
}

// MARK: - An agent's work

extension Ticket {
  private mutating func reply(
    _ message: MessageID, by replier: AgentID, to next: TicketPhase, now: Instant
  ) -> [TicketEffect] {
    clocks.reply(at: now)
    pauses = []
    var effects: [TicketEffect] = [
      .record(TimelineEntry(.replied(.init(message)), by: .agent(replier)))
    ]
    let former = state
    phase = next
    if former == .assigned, state == .pending {
      clocks.pauseForCustomer(at: now)
      effects.append(.record(TimelineEntry(.pending, by: .agent(replier))))
    } else if former == .pending, state == .assigned {
      clocks.resume(at: now)
    }
    // Sent last, so that subscribers see the state that results from the reply.
    effects.append(.notify(.messageReplied, summary(to: addressee, message: message)))
    return effects
  }

  /// Replies did not reach the customer, who still waits for an answer: a settled ticket is reopened, a pending one resumes.
  private mutating func failToReach(
    with replies: [MessageID], to next: TicketPhase, now: Instant
  ) -> [TicketEffect] {
    let isSettled = state == .answered || state == .resolved
    var effects: [TicketEffect] = replies.map {
      .record(TimelineEntry(.replyFailed(.init($0)), by: .service("router")))
    }
    clocks.receive(at: now)
    effects +=
      isSettled ? reopen(with: nil, by: .service("router"), to: next, now: now) : oweReply(to: next, now: now)
    effects += replies.map { .notify(.replyFailed, summary(message: $0)) }
    return effects + [.returned(replies)]
  }

  private mutating func resolve(
    by resolver: AgentID, reason: String?, to next: TicketPhase, now: Instant
  ) -> [TicketEffect] {
    phase = next
    lastAgent = resolver
    pauses = []
    let unanswered = clocks.stop(.settled, at: now)
    return [
      .record(TimelineEntry(.resolved(.init(reason: reason, unanswered: unanswered)), by: .agent(resolver))),
      .notify(.ticketResolved, summary(extra: [.init("resolved_by", .text(resolver.rawValue))])),
      .notify(.confirmationAsked, summary(to: addressee)),
      .changeLoad(resolver, by: -weight),
    ]
  }

  private mutating func release(from leaver: AgentID, to next: TicketPhase, now: Instant) -> [TicketEffect] {
    if offer != nil {
      return takeBack(
        TimelineEvent.offerWithdrawn, to: next, by: .service("console"), refused: false, pausingAt: now,
        reason: TimelineEvent.ServiceReason.agentLeft.rawValue)
    }
    phase = next
    lastAgent = leaver
    return [
      .record(TimelineEntry(.requeued(.init(from: leaver, reason: .agentLeft)), by: .service("console"))),
      .changeLoad(leaver, by: -weight),
    ] + (state.waitsForAgent ? wakeQueue() : [])
  }
}

// MARK: - Ends

extension Ticket {
  private mutating func close(to next: TicketPhase) -> [TicketEffect] {
    let event = TimelineEvent.closed(.init(from: state, isConfirmed: confirmedAt != nil))
    let isByArticle = state == .answered
    phase = next
    // No clock runs on a resolved ticket.
    if let resolvedAt { _ = clocks.stop(isByArticle ? .settledByArticle : .settled, at: resolvedAt) }
    return [
      .record(TimelineEntry(event, by: .service("sla-watcher"))), .notify(.ticketClosed, summary()), .archive,
    ]
  }

  private mutating func reject(reason: String, to next: TicketPhase, now: Instant) -> [TicketEffect] {
    phase = next
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
