// How a ticket reads the messages after the first: in the light of its conversation.

// MARK: - The first message

extension Ticket {
  /// Remembers what later messages are read in the light of.
  /// - Returns: what happens to a greeting.
  mutating func beginConversation(
    with decision: RoutingDecision, under policy: Policy, now: Instant
  ) -> [TicketEffect] {
    if let basis = decision.basis {
      conversation.add(basis.lists(of: policy), under: policy)
      conversation.productLine = basis.productLine
    }
    guard let greeting = decision.greeting else { return [] }
    conversation.awaitsConcern = true
    conversation.heldUntil = greeting.wait > .zero ? now + greeting.wait : nil
    let event = TimelineEvent.greeted(
      .init(greeting, threshold: policy.life.conversation.greetingFrom, heldUntil: conversation.heldUntil))
    let recorded = TicketEffect.record(TimelineEntry(event, by: .service("router")))
    guard let reply = greeting.reply else { return [recorded] }
    return [recorded, .notify(.messageReplied, summary(message: reply, extra: [.init("asks", "concern")]))]
  }
}

// MARK: - Later messages

extension Ticket {
  mutating func receive(
    _ message: MessageID, _ newest: Labels, from author: Correspondent, _ evidence: MessageEvidence,
    under policy: Policy, to next: TicketPhase, now: Instant
  ) -> [TicketEffect] {
    let reading = evidence.reading
    let reopens = state == .answered || state == .resolved
    receive(from: author)
    let wrote = TimelineEvent.customerWrote(.init(message, in: state, labels: newest, reading: reading))
    var effects: [TicketEffect] = [.record(TimelineEntry(wrote, by: .customer))]
    if isConfirmed(by: evidence) {
      return effects + confirm(with: message, share: reading.share, under: policy, to: next, now: now)
    }
    clocks.receive(at: now)
    // Before the ticket is reopened: the timeline shows what the customer got first.
    if let reply = evidence.crisis { effects += answerInCrisis(reply, policyVersion: policy.version) }
    let former = Reading(labels: labels, conversation: conversation, fields: fields)
    conversation.add(evidence.found, under: policy)
    if !evidence.productLine.isEmpty { conversation.productLine = evidence.productLine }
    let answered = keep(evidence.fields, from: message)
    effects += answered.effects
    labels = conversation.labels(
      after: newest, reading.act, following: former.labels, reopens: reopens,
      isAnswer: answered.isAnswer, under: policy)
    if reopens {
      effects += reopen(with: message, to: next, now: now)
    } else {
      let woken = oweReply(to: next, now: now)
      effects.append(.notify(.customerWrote, summary(to: addressee, message: message)))
      effects += woken
    }
    if var change = ruleChange(since: former, full: evidence.fullQueues, under: policy) {
      change.after.message = message
      effects += follow(change, reopens: reopens, under: policy, now: now)
    }
    return effects + askNext(after: message, evidence, since: former, under: policy, now: now)
  }

  /// What a message is compared with: the conversation before it.
  struct Reading {
    let labels: Labels?
    let conversation: ConversationState
    let fields: TicketFields
  }

  /// Closing words on a settled ticket: they confirm, and no one has to read them.
  private mutating func confirm(
    with message: MessageID, share: Double, under policy: Policy, to next: TicketPhase, now: Instant
  ) -> [TicketEffect] {
    let confirmed = TimelineEvent.Confirmed(
      by: message, in: state, share: share, threshold: policy.life.conversation.closingFrom,
      policyVersion: policy.version)
    return [.record(TimelineEntry(.confirmed(confirmed), by: .service("router")))] + confirm(to: next, now: now)
  }
}

// MARK: - The rules, run again

extension Ticket {
  /// What the rules decide about the conversation before and after a message.
  private struct RuleChange {
    let before: RoutingDecision
    var after: RoutingDecision

    /// Whether the rules name another queue, or ask for something else there.
    var isMove: Bool {
      before.queue != after.queue || before.skills != after.skills || before.needsTriage != after.needsTriage
    }
  }

  /// - Returns: nil when the rules decide the same as before the message.
  private func ruleChange(
    since former: Reading, full: Set<QueueID>, under policy: Policy
  ) -> RuleChange? {
    guard let labels, let earlier = former.labels else { return nil }
    let isSame =
      labels == earlier && conversation.found == former.conversation.found
      && conversation.productLine == former.conversation.productLine && fields == former.fields
    if isSame { return nil }
    let change = RuleChange(
      before: decide(earlier, former.conversation, former.fields, full: full, under: policy),
      after: decide(labels, conversation, fields, full: full, under: policy))
    let isOther =
      change.isMove || change.before.priority != change.after.priority
      || change.before.targets.policy != change.after.targets.policy
    return isOther ? change : nil
  }

  /// The rules' decision about a conversation.
  private func decide(
    _ labels: Labels, _ conversation: ConversationState, _ fields: TicketFields, full: Set<QueueID>,
    under policy: Policy
  ) -> RoutingDecision {
    var facts = RoutingFacts(
      channel: channel, tier: tier, labels: labels, found: conversation.lists(of: policy), openedAt: openedAt,
      productLine: conversation.productLine)
    facts.fullQueues = full
    facts.answers = .values(fields)
    return policy.decide(facts)
  }

  private mutating func follow(
    _ change: RuleChange, reopens: Bool, under policy: Policy, now: Instant
  ) -> [TicketEffect] {
    // A person or an article has dealt with a settled ticket once, and an agent with one in progress: neither goes to triage.
    if change.after.needsTriage, reopens || agent != nil { return [] }
    guard let agent else {
      // A suggestion of which the customer's message is the end: the decision about the whole conversation replaces it.
      let isSuggested = conversation.suggestion != nil
      conversation.suggestion = nil
      return reroute(
        to: change.after, moves: change.isMove || isSuggested,
        changesPriority: isSuggested || change.before.priority != change.after.priority, by: .service("router"),
        under: policy, now: now)
    }
    let priority = priority(following: change.after)
    guard change.after.queue != queue || priority != self.priority else {
      conversation.suggestion = nil
      return []
    }
    conversation.suggestion = .init(
      queue: change.after.queue, priority: priority, rule: change.after.rule, full: change.after.basis?.full ?? [])
    return [
      .record(TimelineEntry(.moveSuggested(.init(change.after, to: agent)), by: .service("router")))
    ]
  }

  /// A priority chosen by a person or an escalation is not lowered.
  private func priority(following decision: RoutingDecision) -> Priority {
    conversation.isPrioritisedByHand ? min(priority, decision.priority) : decision.priority
  }

  /// Applies a decision of the rules to a ticket that no agent has, or whose agent accepts it. An open offer is withdrawn if the queue or
  /// its requirements change.
  ///
  /// - Parameters:
  ///   - moves: whether the decision changes the queue or its requirements.
  ///   - changesPriority: whether it changes the priority.
  ///   - former: the agent who had it.
  /// - Returns: nothing when nothing changes.
  private mutating func reroute(
    to decision: RoutingDecision, moves: Bool, changesPriority: Bool, by actor: TimelineEntry.Actor,
    from former: AgentID? = nil, reason: String? = nil, under policy: Policy, now: Instant
  ) -> [TicketEffect] {
    let formerQueue = queue
    let formerPriority = priority
    var effects: [TicketEffect] = []
    let isMoved = moves && !conversation.isPlacedByHand
    if isMoved {
      effects += takeBack(
        TimelineEvent.offerWithdrawn, to: requeued(at: now), by: actor, refused: false, pausingAt: nil,
        reason: TimelineEvent.ServiceReason.rerouted.rawValue)
      needsTriage = decision.needsTriage
      queue = decision.queue
      skills = decision.skills
      weight = decision.weight
      if queue != formerQueue {
        refusedBy = former.map { [$0] } ?? []
        pauses = []
        // Another concern needs another agent.
        lastAgent = nil
      }
    }
    if changesPriority { priority = priority(following: decision) }
    let level = decision.targets.policy ?? clocks.serviceLevel
    guard isMoved || priority != formerPriority || level != clocks.serviceLevel else { return effects }
    // The used time stays used.
    clocks.start(decision.targets, from: openedAt)
    clocks.resetTargets()
    policyVersion = decision.policyVersion
    let rerouted = TimelineEvent.Rerouted(
      decision, fromQueue: formerQueue, fromAgent: former, fromPriority: formerPriority, queue: queue,
      priority: priority, reason: reason)
    effects.append(.record(TimelineEntry(.rerouted(rerouted), by: actor)))
    if queue != formerQueue {
      effects.append(.notify(.ticketQueued, summary(extra: decision.customerNotice)))
    } else if priority != formerPriority {
      effects.append(.notify(.priorityChanged, summary(extra: [.init("former_priority", .text(formerPriority.name))])))
    }
    if isMoved { effects += promiseCallBack(because: decision, under: policy, now: now) }
    if state.waitsForAgent, let queue { effects.append(.wakeQueue(queue)) }
    return effects
  }
}

// MARK: - The suggested move

extension Ticket {
  mutating func answerMove(
    _ accepts: Bool, by hand: ActingAgent, reason: String?, under policy: Policy, now: Instant
  ) -> [TicketEffect] {
    guard let suggestion = conversation.suggestion, let labels else { return [] }
    conversation.suggestion = nil
    guard accepts else {
      conversation.isPlacedByHand = true
      return [.record(TimelineEntry(.moveDeclined(.init(suggestion, reason: reason)), by: hand.actor))]
    }
    conversation.isPlacedByHand = false
    // Decided again: the policy may have changed since the suggestion.
    let decision = decide(labels, conversation, fields, full: Set(suggestion.full), under: policy)
    guard decision.queue != queue else {
      return reroute(
        to: decision, moves: false, changesPriority: true, by: hand.actor, reason: reason, under: policy, now: now)
    }
    let former = agent
    let freed = letGo(to: requeued(at: now), now: now)
    return freed
      + reroute(
        to: decision, moves: true, changesPriority: true, by: hand.actor, from: former, reason: reason,
        under: policy, now: now)
  }

  /// A suggestion ends with the agent's work. If the ticket waits again, it goes where the rules put it.
  mutating func followSuggestion(under policy: Policy, now: Instant) -> [TicketEffect] {
    guard let suggestion = conversation.suggestion, agent == nil else { return [] }
    if state == .pending { return [] }
    conversation.suggestion = nil
    guard state.waitsForAgent, let labels else { return [] }
    return reroute(
      to: decide(labels, conversation, fields, full: Set(suggestion.full), under: policy), moves: true,
      changesPriority: true,
      by: .service("router"), under: policy, now: now)
  }
}
