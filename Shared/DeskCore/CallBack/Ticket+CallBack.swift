// How a ticket's call-back is promised, moved and done, and what the other steps of the ticket mean for it.

/// What a person does about a ticket's call-back.
public enum CallBackChange: Hashable, Sendable {
  /// Promises one; the ticket must have no other that is unfinished.
  case promise(dueAt: Instant, owner: AgentID)
  /// Moves the unfinished one to another time or hands it over to another agent; nil leaves that as it is.
  case move(dueAt: Instant?, owner: AgentID?)
  /// Finishes it: the customer was called, or no one will call.
  case finish(isDone: Bool)
}

// MARK: - Steps by people

extension Ticket {
  /// Whether a person may take this step: whoever has the ticket or the call-back, and leads.
  func requireCallBack(_ change: CallBackChange, by hand: ActingAgent) throws(TicketRefusal) {
    let isOwner = callBack?.isUnfinished == true && callBack?.owner == hand.agent
    guard hand.leads || capacityHolder == hand.agent || isOwner else { throw .notYours(owner: capacityHolder) }
    switch change {
    case .promise: if callBack?.isUnfinished == true { throw .changesNothing }
    case .move(let due, let owner):
      guard let callBack, callBack.isUnfinished else { throw .changesNothing }
      let movesDueTime = due.map { $0 != callBack.dueAt && callBack.brokenAt == nil } ?? false
      let changesOwner = owner.map { $0 != callBack.owner } ?? false
      guard movesDueTime || changesOwner else { throw .changesNothing }
    case .finish: guard callBack?.isUnfinished == true else { throw .changesNothing }
    }
  }

  mutating func changeCallBack(
    _ change: CallBackChange, by hand: ActingAgent, reason: String?, under policy: Policy, now: Instant
  ) -> [TicketEffect] {
    switch change {
    case .promise(let due, let owner):
      promiseCallBack(.person, to: due, owner: owner, by: hand.actor, reason: reason, under: policy, now: now)
    case .move(let due, let owner):
      stepCallBack(
        .moved(dueAt: due, owner: owner, warnBefore: policy.life.callBacks.warnBefore), by: hand.actor, reason: reason,
        under: policy, now: now)
    case .finish(let isDone):
      stepCallBack(isDone ? .done : .givenUp, by: hand.actor, reason: reason, under: policy, now: now)
    }
  }
}

// MARK: - Steps by the desk

extension Ticket {
  /// Promises a call-back because every queue is full, unless one is promised already.
  mutating func promiseCallBack(
    because decision: RoutingDecision, under policy: Policy, now: Instant
  ) -> [TicketEffect] {
    guard decision.promisesCallback, callBack?.isUnfinished != true else { return [] }
    return promiseCallBack(
      .overload, to: policy.callBackDue(from: now), owner: agent, by: .service("router"), under: policy, now: now)
  }

  /// Takes over the call-back of a ticket that is merged into this one, unless this one has its own.
  mutating func adopt(_ other: CallBack?, by hand: ActingAgent, under policy: Policy, now: Instant) -> [TicketEffect] {
    guard let other, other.state == .open, callBack?.isUnfinished != true else { return [] }
    let adopted = CallBack(
      number: nextCallBackNumber, origin: other.origin, promisedAt: other.promisedAt, owner: other.owner,
      dueAt: other.dueAt, warnAt: other.warnAt, moves: other.moves)
    callBack = adopted
    // The customer has been informed of it before.
    return [record(TimelineEvent.callBackPromised, of: adopted, by: hand.actor, under: policy)]
  }

  /// Whether a time came that the call-back waits for.
  func needsCallBackCheck(at now: Instant) -> Bool {
    callBack?.nextCheckAt.map { $0 <= now } ?? false
  }

  /// The time of a warning or the due time came. A call-back of a settled ticket, which a build without call-backs may have left, ends.
  mutating func checkCallBack(under policy: Policy, now: Instant) -> [TicketEffect] {
    let isSettled = state == .answered || state == .resolved
    return stepCallBack(isSettled ? .withdrawn : .timeReached, by: .service("sla-watcher"), under: policy, now: now)
  }

  /// What a step of the ticket means for its call-back: a settled ticket needs none, the agent who takes a ticket calls its customer, and
  /// an agent's reply is what an overload promised.
  mutating func followCallBack(after event: TicketEvent, under policy: Policy, now: Instant) -> [TicketEffect] {
    guard let callBack, callBack.isUnfinished else { return [] }
    switch event {
    case .resolved(let agent, _): return stepCallBack(.withdrawn, by: .agent(agent), under: policy, now: now)
    case .merged(_, let hand, _): return stepCallBack(.withdrawn, by: hand.actor, under: policy, now: now)
    case .accepted(_, let agent, _) where callBack.owner == nil:
      let taken = CallBack.Event.moved(dueAt: nil, owner: agent, warnBefore: policy.life.callBacks.warnBefore)
      return stepCallBack(taken, by: .agent(agent), under: policy, now: now)
    case .replied(_, let agent, _) where callBack.origin == .overload:
      return stepCallBack(.done, by: .agent(agent), under: policy, now: now)
    default: break
    }
    return resolvedAt != nil || state == .rejected
      ? stepCallBack(.withdrawn, by: .service("router"), under: policy, now: now) : []
  }
}

// MARK: - Effects

extension Ticket {
  private var nextCallBackNumber: Int32 { (callBack?.number ?? 0) + 1 }

  private mutating func promiseCallBack(
    _ origin: CallBack.Origin, to due: Instant, owner: AgentID?, by actor: TimelineEntry.Actor, reason: String? = nil,
    under policy: Policy, now: Instant
  ) -> [TicketEffect] {
    let promised = CallBack(
      number: nextCallBackNumber, origin: origin, owner: owner, dueAt: due, at: now,
      warnBefore: policy.life.callBacks.warnBefore)
    callBack = promised
    return [
      record(TimelineEvent.callBackPromised, of: promised, by: actor, reason: reason, under: policy),
      notifyCustomer(.callBackPromised, of: promised, under: policy),
    ]
  }

  private mutating func stepCallBack(
    _ event: CallBack.Event, by actor: TimelineEntry.Actor, reason: String? = nil, under policy: Policy, now: Instant
  ) -> [TicketEffect] {
    guard var changed = callBack else { return [] }
    let reports = changed.handle(event, now: now)
    callBack = changed
    return reports.flatMap { report -> [TicketEffect] in
      switch report {
      case .moved(let former, let changesDueTime):
        let moved = record(
          TimelineEvent.callBackMoved, of: changed, from: former, by: actor, reason: reason, under: policy)
        // The customer is informed of another time, not of another owner.
        return changesDueTime ? [moved, notifyCustomer(.callBackMoved, of: changed, under: policy)] : [moved]
      case .warned:
        return [
          record(TimelineEvent.callBackWarned, of: changed, by: actor, under: policy),
          .notify(.callBackWarned, summary(extra: [.init("call_back", changed.detail)])),
        ]
      case .broken:
        return [
          record(TimelineEvent.callBackBroken, of: changed, by: actor, reason: reason, under: policy),
          .notify(.callBackBroken, summary(extra: [.init("call_back", changed.detail)])),
        ]
      case .ended:
        return [
          record(TimelineEvent.callBackEnded, of: changed, by: actor, reason: reason, under: policy),
          .notify(.callBackEnded, summary(extra: [.init("call_back", changed.detail)])),
        ]
      }
    }
  }

  private func record(
    _ event: (TimelineEvent.CallBackStep) -> TimelineEvent, of callBack: CallBack, from former: AgentID? = nil,
    by actor: TimelineEntry.Actor, reason: String? = nil, under policy: Policy
  ) -> TicketEffect {
    let step = TimelineEvent.CallBackStep(
      callBack, queue: queue, from: former, leads: policy.leads(of: queue), reason: reason)
    return .record(TimelineEntry(event(step), by: actor))
  }

  private func notifyCustomer(_ kind: NoticeKind, of callBack: CallBack, under policy: Policy) -> TicketEffect {
    let text = policy.callBackText(due: callBack.dueAt, language: labels?.language ?? "und")
    return .notify(
      kind,
      summary(
        to: addressee,
        extra: [.init("call_back", callBack.detail), .init("text", text.map { .text($0) } ?? .null)]))
  }
}

extension CallBack {
  /// What subscribers and readers of the ticket are shown.
  public var detail: JSONValue {
    func time(_ instant: Instant?) -> JSONValue { instant.map { .text(RFC3339.text($0)) } ?? .null }
    return .object([
      .init("number", .integer(Int64(number))), .init("state", .text(state.rawValue)),
      .init("origin", .text(origin.rawValue)), .init("owner", owner.map { .text($0.rawValue) } ?? .null),
      .init("due_at", time(dueAt)), .init("moves", .integer(Int64(moves))),
      .init("promised_at", time(promisedAt)), .init("broken_at", time(brokenAt)), .init("ended_at", time(endedAt)),
    ])
  }
}
