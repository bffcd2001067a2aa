/// The SLA clocks of a ticket.
public struct ServiceLevelClocks: Hashable, Sendable {
  /// The kind of clock.
  public enum Name: String, Hashable, Sendable, CaseIterable {
    case firstResponse = "first_response"
    case nextResponse = "next_response"
    case resolution
  }

  /// A notification about one clock.
  public struct Notice: Hashable, Sendable {
    /// The clock.
    public let clock: Name
    /// The percentage of the allowed time that is used up; 100 is the breach.
    public let sharePercent: Int
    /// When the target is or was due.
    public let dueAt: Instant
  }

  /// The service level that the ticket follows; nil when there is none, and no clock was started.
  public internal(set) var serviceLevel: String?
  /// From opening to the first public reply of an agent.
  public internal(set) var firstResponse: ServiceLevelClock { didSet { isSettled = false } }
  /// From the oldest unanswered message of the customer to the public reply, once the first response was given.
  public internal(set) var nextResponse: ServiceLevelClock { didSet { isSettled = false } }
  /// From opening to settled.
  public internal(set) var resolution: ServiceLevelClock { didSet { isSettled = false } }
  /// Whether the resolution clock is paused while waiting for the customer.
  public internal(set) var pausesWhilePending: Bool
  /// Escalation steps that the ticket has already taken.
  public internal(set) var escalationSteps: Int
  /// The next time at which any clock notifies or escalates; the store indexes it for the sla-watcher.
  public internal(set) var nextCheckAt: Instant?
  /// Whether `nextCheckAt` and all predicted times follow from the current state of the clocks.
  private(set) var isSettled = true
  /// Whether another service level or priority applies from this step on.
  private var areTargetsReset = false

  /// Creates clocks that have not started.
  public init() {
    self.init(
      serviceLevel: nil, firstResponse: ServiceLevelClock(), nextResponse: ServiceLevelClock(),
      resolution: ServiceLevelClock(), pausesWhilePending: true, escalationSteps: 0, nextCheckAt: nil)
  }

  /// Creates clocks as the store holds them.
  public init(
    serviceLevel: String?, firstResponse: ServiceLevelClock, nextResponse: ServiceLevelClock,
    resolution: ServiceLevelClock, pausesWhilePending: Bool, escalationSteps: Int, nextCheckAt: Instant?
  ) {
    self.serviceLevel = serviceLevel
    self.firstResponse = firstResponse
    self.nextResponse = nextResponse
    self.resolution = resolution
    self.pausesWhilePending = pausesWhilePending
    self.escalationSteps = escalationSteps
    self.nextCheckAt = nextCheckAt
  }

  /// The clock with the given name.
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
  /// The due time by which a waiting ticket is ordered: the earliest one among the running clocks; nil when none runs.
  ///
  /// A resolution that is already late does not count while a response is pending, since the response can still be in time.
  public var nearestDueAt: Instant? {
    func due(_ clock: ServiceLevelClock) -> Instant? { clock.isRunning ? clock.dueAt : nil }
    guard let answer = due(firstResponse) ?? due(nextResponse) else { return due(resolution) }
    guard resolution.notifiedPercent < 100, let settled = due(resolution) else { return answer }
    return min(answer, settled)
  }
}

// MARK: - Lifecycle

extension ServiceLevelClocks {
  /// Starts the targets of a newly opened ticket. A ticket that is decided again, because a person labelled it, follows the newly chosen
  /// service level with the time that it has already used.
  mutating func start(_ targets: ServiceLevelTargets, from opened: Instant) {
    guard let policy = targets.policy else { return }
    let isFirst = serviceLevel == nil
    serviceLevel = policy
    pausesWhilePending = targets.pausesWhilePending
    guard isFirst else { return resetTargets() }
    firstResponse.start(targets.firstResponse, from: opened)
    resolution.start(targets.resolution, from: opened)
    nextCheckAt = [targets.firstResponse, targets.resolution].compactMap { $0?.firstNotificationAt }.min()
    isSettled = true
  }

  /// Marks that the priority or the service level changed: the end of the step sets the new targets.
  mutating func resetTargets() {
    areTargetsReset = true
    isSettled = false
  }

  mutating func pauseForCustomer(at now: Instant) {
    if pausesWhilePending { resolution.pause(at: now) }
  }

  mutating func resume(at now: Instant) {
    resolution.resume(at: now)
  }

  /// Pauses the clocks after an article was sent: whether a person must answer depends on the customer's response, and waiting for it
  /// does not count.
  mutating func pauseAfterAnswer(at now: Instant) {
    firstResponse.pause(at: now)
    resolution.pause(at: now)
  }

  mutating func resumeAfterAnswer(at now: Instant) {
    firstResponse.resume(at: now)
    resolution.resume(at: now)
  }

  /// Records that the customer wrote. Until the first response is given, its clock covers every message. A response that was still
  /// pending when the ticket ended continues with the time used when the ticket reopens, and does not start again.
  mutating func receive(at now: Instant) {
    guard serviceLevel != nil, firstResponse.metAt != nil, !nextResponse.isRunning, nextResponse.ending == nil else {
      return
    }
    nextResponse = ServiceLevelClock(
      allowed: nil, used: .zero, since: now, dueAt: nil, pausedAt: nil, metAt: nil, notifiedPercent: 0)
  }

  /// Records an agent's public reply.
  mutating func reply(at now: Instant) {
    firstResponse.meet(at: now)
    nextResponse.meet(at: now)
  }

  /// How a ticket stops.
  enum Stop: Hashable, Sendable {
    /// An agent settled it.
    case settled
    /// An article settled it.
    case settledByArticle
    /// It was merged into another ticket, or could not be handled.
    case dropped
  }

  /// Stops the clocks. The resolution of a settled ticket is met in time or late; a response that is still pending then stays unanswered.
  /// - Returns: the targets that will no longer be met.
  mutating func stop(_ how: Stop, at now: Instant) -> [Name] {
    let reason: ServiceLevelClock.Ending.Reason = how == .settledByArticle ? .waived : .unanswered
    if how != .dropped { resolution.meet(at: now) }
    let ended = [
      firstResponse.end(at: now, reason) ? Name.firstResponse : nil,
      nextResponse.end(at: now, reason) ? .nextResponse : nil, resolution.end(at: now, reason) ? .resolution : nil,
    ]
    return reason == .unanswered ? ended.compactMap(\.self) : []
  }

  /// Reopens: the ticket must be resolved again, and an unanswered response is pending again.
  mutating func reopen(at now: Instant) {
    resolution.restart(at: now)
    if firstResponse.ending != nil { firstResponse.restart(at: now) }
    if nextResponse.ending != nil { nextResponse.restart(at: now) }
    receive(at: now)
  }
}

// MARK: - Time

extension ServiceLevelClocks {
  /// Counts and predicts, if anything has changed since the last time. Called at the end of every lifecycle step.
  mutating func settle(under level: ServiceLevel, at priority: Priority, now: Instant) {
    if isSettled { return }
    if areTargetsReset {
      follow(level, at: priority, now: now)
      areTargetsReset = false
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
    nextCheckAt = Name.allCases.compactMap { self[$0].nextAt(under: level, escalationSteps: escalationSteps) }.min()
    isSettled = true
  }

  private mutating func follow(_ level: ServiceLevel, at priority: Priority, now: Instant) {
    firstResponse.promise(level.allowed(.firstResponse, at: priority), at: now, under: level)
    nextResponse.promise(level.allowed(.nextResponse, at: priority), at: now, under: level)
    resolution.promise(level.allowed(.resolution, at: priority), at: now, under: level)
  }

  /// Forces the end of the step to count and predict, whether or not a clock changes.
  mutating func invalidateNextCheck() { isSettled = false }

  /// Returns the notifications that are due; each threshold once.
  mutating func notify(at now: Instant, under level: ServiceLevel) -> [Notice] {
    var notices: [Notice] = []
    func note(_ name: Name, _ share: Int?, _ clock: ServiceLevelClock) {
      if let share, let due = clock.dueAt { notices.append(Notice(clock: name, sharePercent: share, dueAt: due)) }
    }
    note(.firstResponse, firstResponse.notify(at: now, under: level), firstResponse)
    note(.nextResponse, nextResponse.notify(at: now, under: level), nextResponse)
    note(.resolution, resolution.notify(at: now, under: level), resolution)
    return notices
  }

  /// Returns the next escalation step that is due, and the clock that leads to it; the step counts as taken.
  mutating func climb(
    at now: Instant, under level: ServiceLevel
  ) -> (step: EscalationStep, number: Int, clock: Name)? {
    guard escalationSteps < level.escalation.count else { return nil }
    let step = level.escalation[escalationSteps]
    let leading = Name.allCases.first { name in
      self[name].overrun(at: now, in: level.calendar).map { $0 >= step.after } ?? false
    }
    guard let leading else { return nil }
    escalationSteps += 1
    isSettled = false
    return (step, escalationSteps, leading)
  }
}
