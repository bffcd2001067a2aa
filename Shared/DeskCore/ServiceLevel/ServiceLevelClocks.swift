/// The clocks that a ticket carries.
public struct ServiceLevelClocks: Hashable, Sendable {
  /// Which clock is meant.
  public enum Name: String, Hashable, Sendable, CaseIterable {
    case firstResponse = "first_response"
    case nextResponse = "next_response"
    case resolution
  }

  /// What the desk must say about one clock.
  public struct Notice: Hashable, Sendable {
    /// The clock.
    public let clock: Name
    /// The share of the allowed time that is used up, in percent; 100 is the breach.
    public let sharePercent: Int
    /// When the promise is or was due.
    public let dueAt: Instant
  }

  /// The service level that the ticket follows; nil when nothing is promised, and no clock was started.
  public internal(set) var serviceLevel: String?
  /// Opening to the first public reply of an agent.
  public internal(set) var firstResponse: ServiceLevelClock { didSet { isSettled = false } }
  /// Oldest unanswered message of the customer to the public reply, once the first response was given.
  public internal(set) var nextResponse: ServiceLevelClock { didSet { isSettled = false } }
  /// Opening to settled.
  public internal(set) var resolution: ServiceLevelClock { didSet { isSettled = false } }
  /// Whether the resolution clock stands still while we wait for the customer.
  public internal(set) var pausesWhilePending: Bool
  /// Rungs of the escalation ladder that the ticket has climbed.
  public internal(set) var climbed: Int
  /// The next moment at which any clock speaks up or climbs; the store indexes it for the sla-watcher.
  public internal(set) var nextCheckAt: Instant?
  /// Whether `nextCheckAt` and all that the clocks foretell follows from where they stand.
  private(set) var isSettled = true
  /// Whether another service level or priority holds from this step on.
  private var isPromisedAnew = false

  /// Clocks that have not started.
  public init() {
    self.init(
      serviceLevel: nil, firstResponse: ServiceLevelClock(), nextResponse: ServiceLevelClock(),
      resolution: ServiceLevelClock(), pausesWhilePending: true, climbed: 0, nextCheckAt: nil)
  }

  /// Clocks as the store holds them.
  public init(
    serviceLevel: String?, firstResponse: ServiceLevelClock, nextResponse: ServiceLevelClock,
    resolution: ServiceLevelClock, pausesWhilePending: Bool, climbed: Int, nextCheckAt: Instant?
  ) {
    self.serviceLevel = serviceLevel
    self.firstResponse = firstResponse
    self.nextResponse = nextResponse
    self.resolution = resolution
    self.pausesWhilePending = pausesWhilePending
    self.climbed = climbed
    self.nextCheckAt = nextCheckAt
  }

  /// The clock of a name.
  public subscript(name: Name) -> ServiceLevelClock {
    switch name {
    case .firstResponse: firstResponse
    case .nextResponse: nextResponse
    case .resolution: resolution
    }
  }
}

// MARK: - The order of a queue

extension ServiceLevelClocks {
  /// The promise that a waiting ticket is served by: when the nearest of those that run is due, nil when none runs.
  ///
  /// A resolution that is late already does not count beside an answer that is owed, since the answer can still be in time.
  public var nearestDueAt: Instant? {
    func due(_ clock: ServiceLevelClock) -> Instant? { clock.isRunning ? clock.dueAt : nil }
    guard let answer = due(firstResponse) ?? due(nextResponse) else { return due(resolution) }
    guard resolution.toldPercent < 100, let settled = due(resolution) else { return answer }
    return min(answer, settled)
  }
}

// MARK: - What a ticket's life does to them

extension ServiceLevelClocks {
  /// Starts what a ticket that is opened was promised. A ticket that is decided once more, because a person labelled it, follows the
  /// newly chosen service level with the time that it has used up.
  mutating func start(_ targets: ServiceLevelTargets, from opened: Instant) {
    guard let policy = targets.policy else { return }
    let isFirst = serviceLevel == nil
    serviceLevel = policy
    pausesWhilePending = targets.pausesWhilePending
    guard isFirst else { return promiseAnew() }
    firstResponse.start(targets.firstResponse, from: opened)
    resolution.start(targets.resolution, from: opened)
    nextCheckAt = [targets.firstResponse, targets.resolution].compactMap { $0?.firstToldAt }.min()
    isSettled = true
  }

  /// The priority or the service level changed: the end of the step promises what that allows.
  mutating func promiseAnew() {
    isPromisedAnew = true
    isSettled = false
  }

  mutating func pauseForCustomer(at now: Instant) {
    if pausesWhilePending { resolution.pause(at: now) }
  }

  mutating func resume(at now: Instant) {
    resolution.resume(at: now)
  }

  /// An article was sent: whether a person must answer depends on the customer's word, and waiting for it counts against nobody.
  mutating func pauseAfterAnswer(at now: Instant) {
    firstResponse.pause(at: now)
    resolution.pause(at: now)
  }

  mutating func resumeAfterAnswer(at now: Instant) {
    firstResponse.resume(at: now)
    resolution.resume(at: now)
  }

  /// The customer wrote. Until the first response is given, its clock answers for every message. A response that was still owed when the
  /// ticket ended goes on with the time used when the ticket reopens, and does not start again.
  mutating func hear(at now: Instant) {
    guard serviceLevel != nil, firstResponse.metAt != nil, !nextResponse.isRunning, nextResponse.ending == nil else {
      return
    }
    nextResponse = ServiceLevelClock(
      allowed: nil, used: .zero, since: now, dueAt: nil, pausedAt: nil, metAt: nil, toldPercent: 0)
  }

  /// An agent replied in public.
  mutating func reply(at now: Instant) {
    firstResponse.meet(at: now)
    nextResponse.meet(at: now)
  }

  /// How a ticket stops.
  enum Stop: Hashable, Sendable {
    /// An agent settled it.
    case settled
    /// An article did.
    case settledByArticle
    /// It became part of another ticket, or could not be handled.
    case dropped
  }

  /// The ticket stops. A settled one is resolved in time or late; a response that is still owed then was given by nobody, and stays so.
  /// - Returns: the promises that nobody will keep any more.
  mutating func stop(_ how: Stop, at now: Instant) -> [Name] {
    let reason: ServiceLevelClock.Ending.Reason = how == .settledByArticle ? .waived : .unanswered
    if how != .dropped { resolution.meet(at: now) }
    let ended = [
      firstResponse.end(at: now, reason) ? Name.firstResponse : nil,
      nextResponse.end(at: now, reason) ? .nextResponse : nil, resolution.end(at: now, reason) ? .resolution : nil,
    ]
    return reason == .unanswered ? ended.compactMap(\.self) : []
  }

  /// The ticket is back: it must be resolved once more, and a response that nobody gave is owed still.
  mutating func reopen(at now: Instant) {
    resolution.goOn(at: now)
    if firstResponse.ending != nil { firstResponse.goOn(at: now) }
    if nextResponse.ending != nil { nextResponse.goOn(at: now) }
    hear(at: now)
  }
}

// MARK: - Time

extension ServiceLevelClocks {
  /// Counts and foretells, if anything has changed since it was done last. The end of every step of a ticket's life.
  mutating func settle(under level: ServiceLevel, at priority: Priority, now: Instant) {
    if isSettled { return }
    if isPromisedAnew {
      follow(level, at: priority, now: now)
      isPromisedAnew = false
    }
    if nextResponse.isRunning, nextResponse.allowed == nil {
      if level.promises(.nextResponse) {
        nextResponse.allowed = level.allowed(.nextResponse, at: priority)
      } else {
        nextResponse = ServiceLevelClock()
      }
    }
    firstResponse.settle(in: level.calendar)
    nextResponse.settle(in: level.calendar)
    resolution.settle(in: level.calendar)
    nextCheckAt = Name.allCases.compactMap { self[$0].nextAt(under: level, climbed: climbed) }.min()
    isSettled = true
  }

  private mutating func follow(_ level: ServiceLevel, at priority: Priority, now: Instant) {
    firstResponse.promise(level.allowed(.firstResponse, at: priority), at: now, under: level)
    nextResponse.promise(level.allowed(.nextResponse, at: priority), at: now, under: level)
    resolution.promise(level.allowed(.resolution, at: priority), at: now, under: level)
  }

  /// Lets the end of the step count and foretell, whether or not a clock changes.
  mutating func checkAnew() { isSettled = false }

  /// What must be said now; each share once.
  mutating func tell(at now: Instant, under level: ServiceLevel) -> [Notice] {
    var notices: [Notice] = []
    func note(_ name: Name, _ share: Int?, _ clock: ServiceLevelClock) {
      if let share, let due = clock.dueAt { notices.append(Notice(clock: name, sharePercent: share, dueAt: due)) }
    }
    note(.firstResponse, firstResponse.tell(at: now, under: level), firstResponse)
    note(.nextResponse, nextResponse.tell(at: now, under: level), nextResponse)
    note(.resolution, resolution.tell(at: now, under: level), resolution)
    return notices
  }

  /// The next rung that is due, and the clock that leads there; the rung counts as climbed.
  mutating func climb(
    at now: Instant, under level: ServiceLevel
  ) -> (step: EscalationStep, number: Int, clock: Name)? {
    guard climbed < level.escalation.count else { return nil }
    let step = level.escalation[climbed]
    let leading = Name.allCases.first { name in
      self[name].overrun(at: now, in: level.calendar).map { $0 >= step.after } ?? false
    }
    guard let leading else { return nil }
    climbed += 1
    isSettled = false
    return (step, climbed, leading)
  }
}
