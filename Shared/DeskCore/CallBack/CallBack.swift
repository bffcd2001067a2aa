/// A promise to call a customer back: who calls, until when, and what became of it.
///
/// A ticket has at most one that is unfinished. A promise is kept or broken once: what is done after the due time stays broken, however
/// late it is done, and what is no longer needed is withdrawn.
public struct CallBack: Hashable, Sendable {
  /// Why it was promised.
  public enum Origin: String, Hashable, Sendable, CaseIterable {
    /// An agent or a lead promised it.
    case person
    /// Every queue was full. The next public reply of an agent keeps it as well.
    case overload
  }

  /// What has become of the promise.
  public enum State: String, Hashable, Sendable, CaseIterable {
    /// Neither done nor overdue.
    case open
    /// Done in time.
    case kept
    /// Not done in time, or given up.
    case broken
    /// No longer needed: the ticket was settled, merged or rejected before it was due.
    case withdrawn
  }

  /// Counts the call-backs of a ticket, from 1.
  public let number: Int32
  /// Why it was promised.
  public let origin: Origin
  /// When it was promised.
  public let promisedAt: Instant
  /// The agent who calls; nil until an agent accepts the ticket, if the overload promised it.
  public private(set) var owner: AgentID?
  /// The time until which it must be done.
  public private(set) var dueAt: Instant
  /// When the owner is warned; nil once that has happened.
  public private(set) var warnAt: Instant?
  /// How often the due time was moved.
  public private(set) var moves: Int32
  /// When it was broken: the due time passed, or it was given up.
  public private(set) var brokenAt: Instant?
  /// When nothing remained to be done.
  public private(set) var endedAt: Instant?
  /// Whether it ended because it was no longer needed.
  public private(set) var isWithdrawn: Bool

  /// Creates a call-back as the store holds it.
  public init(
    number: Int32, origin: Origin, promisedAt: Instant, owner: AgentID?, dueAt: Instant, warnAt: Instant?,
    moves: Int32 = 0, brokenAt: Instant? = nil, endedAt: Instant? = nil, isWithdrawn: Bool = false
  ) {
    self.number = number
    self.origin = origin
    self.promisedAt = promisedAt
    self.owner = owner
    self.dueAt = dueAt
    self.warnAt = warnAt
    self.moves = moves
    self.brokenAt = brokenAt
    self.endedAt = endedAt
    self.isWithdrawn = isWithdrawn
  }

  /// Promises a call-back.
  public init(
    number: Int32, origin: Origin, owner: AgentID?, dueAt: Instant, at now: Instant, warnBefore: Duration
  ) {
    self.init(
      number: number, origin: origin, promisedAt: now, owner: owner, dueAt: dueAt,
      warnAt: CallBack.warning(of: dueAt, from: now, before: warnBefore))
  }

  /// What has become of it.
  public var state: State {
    if brokenAt != nil { return .broken }
    if endedAt == nil { return .open }
    return isWithdrawn ? .withdrawn : .kept
  }

  /// Whether the customer still waits for the call, in time or not.
  public var isUnfinished: Bool { endedAt == nil }

  /// The next time at which it warns or breaks; nil when it does neither any more.
  public var nextCheckAt: Instant? {
    guard brokenAt == nil, endedAt == nil else { return nil }
    return min(warnAt ?? dueAt, dueAt)
  }

  /// A short promise is warned of in its last quarter, not when it is made.
  private static func warning(of due: Instant, from now: Instant, before: Duration) -> Instant {
    due - min(before, max(.zero, due - now) / 4)
  }
}

// MARK: - Steps

extension CallBack {
  /// What can happen to it.
  public enum Event: Hashable, Sendable {
    /// Another due time or owner was agreed; nil leaves it as it is.
    case moved(dueAt: Instant?, owner: AgentID?, warnBefore: Duration)
    /// A time came that it waits for.
    case timeReached
    /// The customer was called.
    case done
    /// No one will call: the promise is broken.
    case givenUp
    /// It is no longer needed.
    case withdrawn
  }

  /// What a step reports.
  public enum Report: Hashable, Sendable {
    /// The due time or the owner changed; names the owner before it.
    case moved(from: AgentID?, changesDueTime: Bool)
    case warned
    case broken
    /// Nothing remains to be done; `state` says how it ended.
    case ended
  }

  /// Takes one step.
  /// - Returns: what happened, in order; nothing when the event changes nothing.
  public mutating func handle(_ event: Event, now: Instant) -> [Report] {
    guard isUnfinished else { return [] }
    switch event {
    case .moved(let due, let newOwner, let before): return move(to: due, newOwner, warnBefore: before, now: now)
    case .timeReached: return reach(now)
    case .done: return breakIfOverdue(at: now) + end(at: now)
    case .givenUp: return breakPromise(at: now) + end(at: now)
    case .withdrawn:
      let broken = breakIfOverdue(at: now)
      isWithdrawn = brokenAt == nil
      return broken + end(at: now)
    }
  }

  private mutating func move(
    to due: Instant?, _ newOwner: AgentID?, warnBefore: Duration, now: Instant
  ) -> [Report] {
    // What is overdue is broken first: a later time does not mend it.
    let broken = breakIfOverdue(at: now)
    let former = (owner: owner, due: dueAt)
    owner = newOwner ?? owner
    if let due, due != dueAt, brokenAt == nil {
      dueAt = due
      moves += 1
      warnAt = CallBack.warning(of: due, from: now, before: warnBefore)
    }
    guard owner != former.owner || dueAt != former.due else { return broken }
    return broken + [.moved(from: former.owner, changesDueTime: dueAt != former.due)]
  }

  private mutating func reach(_ now: Instant) -> [Report] {
    guard brokenAt == nil else { return [] }
    if now >= dueAt { return breakPromise(at: now) }
    guard let warnAt, now >= warnAt else { return [] }
    self.warnAt = nil
    return [.warned]
  }

  private mutating func breakIfOverdue(at now: Instant) -> [Report] { now > dueAt ? breakPromise(at: now) : [] }

  private mutating func breakPromise(at now: Instant) -> [Report] {
    guard brokenAt == nil else { return [] }
    brokenAt = now
    warnAt = nil
    return [.broken]
  }

  private mutating func end(at now: Instant) -> [Report] {
    endedAt = now
    warnAt = nil
    return [.ended]
  }
}
