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
    var fields: [JSONValue.Field] = [
      .init("corrected_message", .text(correction.message.description)),
      .init("was", labels.map { .text($0.category) } ?? .null), .init("category", .text(decision.labels.category)),
      .init("model", .text(correction.modelVersion)), .init("reason", .text(reason)),
    ]
    labels = decision.labels
    needsTriage = false
    guard isMoved else {
      return [.record(TimelineEntry(.labelled, by: correction.by.actor, .object(fields))), .correct(correction)]
    }
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
    fields += [.init("queue", .text(decision.queue.rawValue)), .init("decision", decision.detail)]
    return [
      .record(TimelineEntry(.labelled, by: correction.by.actor, .object(fields))), .correct(correction),
    ] + freed + [.notify(.ticketQueued, summary()), .wakeQueue(decision.queue)]
  }

  /// Only the agent who has the ticket or its offer, and leads, may take it away from an agent.
  private func requireHold(_ hand: ActingAgent) throws(TicketRefusal) {
    guard hand.leads || capacityHolder == hand.agent else { throw .notYours(owner: capacityHolder) }
  }

  /// Releases the ticket from its agent. It waits from then on, and keeps its age if it waited before.
  private mutating func letGo(now: Instant) -> [TicketEffect] {
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
    var fields: [JSONValue.Field] = [
      .init("reason", .text(reason)), .init("from_agent", former.map { .text($0.rawValue) } ?? .null),
      .init("from_queue", queue.map { .text($0.rawValue) } ?? .null),
    ]
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
      // The agent who gives it away is not the one who knows the customer best.
      lastAgent = nil
      refusedBy = former.map { [$0] } ?? []
      fields.append(.init("to_queue", .text(target.rawValue)))
      next = [.wakeQueue(target)]
    case .agent(let made):
      guard made.agent != former else { throw .changesNothing }
      freed = letGo(now: now)
      state = .offered
      offer = made
      refusedBy = former.map { [$0] } ?? []
      fields += [
        .init("to_agent", .text(made.agent.rawValue)), .init("offer", .text(made.id.description)),
        .init("expires_at_us", .integer(made.expiresAt.microseconds)),
      ]
      next = [.changeLoad(made.agent, by: weight)]
    }
    return [.record(TimelineEntry(.transferred, by: hand.actor, .object(fields)))] + freed + [
      .notify(.ticketTransferred, summary())
    ] + next
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
    let detail = JSONValue.object(
      [
        .init("agent", .text(holder.rawValue)), .init("reason", "no_reply"),
        .init("owed_since_us", .integer(owed.microseconds)),
      ] + pause(holder, at: now).fields)
    return [.record(TimelineEntry(.reclaimed, by: .service("router"), detail))] + freed
      + (queue.map { [.wakeQueue($0)] } ?? [])
  }
}

// MARK: - Notes and links

extension Ticket {
  mutating func note(_ message: MessageID, by author: AgentID) throws(TicketRefusal) -> [TicketEffect] {
    try requireDecided()
    return [
      .record(TimelineEntry(.noted, by: .agent(author), .object([.init("note", .text(message.description))])))
    ]
  }

  mutating func link(to other: TicketID, by hand: ActingAgent, reason: String) throws(TicketRefusal) -> [TicketEffect] {
    try requireDecided()
    guard other != id else { throw .changesNothing }
    return [
      .record(TimelineEntry(.linked, by: hand.actor, .object(naming(other, reason)))),
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
    var fields = naming(other, reason)
    if let author { receive(from: author) }
    var woken: [TicketEffect] = []
    if isReplyDue {
      clocks.receive(at: now)
      woken = oweReply(now: now)
      fields.append(.init("reply_due_since_us", .integer(now.microseconds)))
    }
    return [
      .record(TimelineEntry(.absorbed, by: hand.actor, .object(fields))), .notify(.ticketMerged, summary()),
    ] + woken
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
      .record(TimelineEntry(.merged, by: hand.actor, .object(naming(other, reason) + saying(unanswered)))),
      .link(TicketLink(to: other, .mergedInto, by: hand.agent)),
    ] + freed + [.notify(.ticketClosed, summary()), .archive]
  }

  private func requireDecided() throws(TicketRefusal) {
    try require(.triage, .queued, .offered, .assigned, .pending, .answered, .resolved)
  }

  private func naming(_ other: TicketID, _ reason: String) -> [JSONValue.Field] {
    [.init("ticket", .text(other.description)), .init("reason", .text(reason))]
  }
}
