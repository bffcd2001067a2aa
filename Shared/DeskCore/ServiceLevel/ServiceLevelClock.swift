/// What one clock of a service level promises.
public struct ServiceLevelTarget: Hashable, Sendable {
  /// The time allowed, in the calendar's hours.
  public let allowed: Duration
  /// The moments, counted from the clock's start through the calendar, at which each share of `allowed` is used up.
  ///
  /// Handed in ready-made, because finding them needs the calendar and the clock needs only the moments.
  public let schedule: [ServiceLevelShare: Instant]

  /// Describes a promise.
  public init(allowed: Duration, schedule: [ServiceLevelShare: Instant]) {
    self.allowed = allowed
    self.schedule = schedule
  }

  /// The promise of `allowed` counted from `start` through `calendar`.
  public init(allowed: Duration, from start: Instant, in calendar: BusinessCalendar) {
    var schedule: [ServiceLevelShare: Instant] = [:]
    for share in ServiceLevelShare.allCases {
      schedule[share] = calendar.instant(after: allowed * share.rawValue / 100, from: start)
    }
    self.init(allowed: allowed, schedule: schedule)
  }
}

/// The shares of the allowed time at which the desk speaks up; the last one is the breach.
public enum ServiceLevelShare: Int, Hashable, Sendable, CaseIterable {
  case early = 75
  case late = 90
  case breach = 100
}

/// One clock of a service level: runs, pauses, stops, and tells each share once.
///
/// It works on moments alone: `warnAt` and `dueAt` are where the shares fall while it runs. A pause shifts them by its own
/// length when it ends.
public struct ServiceLevelClock: Hashable, Sendable {
  /// When three quarters of the time are used up.
  public internal(set) var earlyAt: Instant?
  /// When nine tenths are used up.
  public internal(set) var lateAt: Instant?
  /// When all of it is used up. Nil: the clock was never started.
  public internal(set) var dueAt: Instant?
  /// Since when the clock stands still.
  public internal(set) var pausedAt: Instant?
  /// When the promise was kept, or the clock stopped otherwise.
  public internal(set) var metAt: Instant?
  /// How far the desk has spoken up: 0, 75, 90 or 100.
  public internal(set) var toldPercent: Int16

  /// A clock that has not started.
  public init() {
    self.init(earlyAt: nil, lateAt: nil, dueAt: nil, pausedAt: nil, metAt: nil, toldPercent: 0)
  }

  /// A clock as the store holds it.
  public init(
    earlyAt: Instant?, lateAt: Instant?, dueAt: Instant?, pausedAt: Instant?, metAt: Instant?, toldPercent: Int16
  ) {
    self.earlyAt = earlyAt
    self.lateAt = lateAt
    self.dueAt = dueAt
    self.pausedAt = pausedAt
    self.metAt = metAt
    self.toldPercent = toldPercent
  }

  /// Whether time counts now.
  public var isRunning: Bool { dueAt != nil && pausedAt == nil && metAt == nil }

  /// The next moment at which the desk must speak up, nil when none is ahead.
  public var nextAt: Instant? {
    guard isRunning else { return nil }
    if toldPercent < 75 { return earlyAt }
    if toldPercent < 90 { return lateAt }
    if toldPercent < 100 { return dueAt }
    return nil
  }

  mutating func start(_ target: ServiceLevelTarget) {
    guard dueAt == nil else { return }
    earlyAt = target.schedule[.early]
    lateAt = target.schedule[.late]
    dueAt = target.schedule[.breach]
  }

  mutating func pause(at now: Instant) {
    if isRunning { pausedAt = now }
  }

  mutating func resume(at now: Instant) {
    guard metAt == nil, let since = pausedAt else { return }
    shift(by: now - since)
    pausedAt = nil
  }

  mutating func meet(at now: Instant) {
    if dueAt != nil, metAt == nil { metAt = now }
  }

  /// Goes on after a stop: the time between does not count.
  mutating func goOn(at now: Instant) {
    guard let since = metAt else { return }
    metAt = nil
    if pausedAt == nil {
      shift(by: now - since)
    } else {
      resume(at: now)
    }
  }

  private mutating func shift(by pause: Duration) {
    earlyAt = earlyAt.map { $0 + pause }
    lateAt = lateAt.map { $0 + pause }
    dueAt = dueAt.map { $0 + pause }
  }

  /// The highest share reached and not told yet; marks it told.
  mutating func tell(at now: Instant) -> Int? {
    guard isRunning, let dueAt else { return nil }
    let reached: Int16 =
      if now >= dueAt { 100 } else if let lateAt, now >= lateAt { 90 } else if let earlyAt, now >= earlyAt { 75 } else {
        0
      }
    guard reached > toldPercent else { return nil }
    toldPercent = reached
    return Int(reached)
  }
}

/// The clocks that a ticket carries.
public struct ServiceLevelClocks: Hashable, Sendable {
  /// Opening to the first public reply of an agent.
  public internal(set) var firstResponse: ServiceLevelClock
  /// Opening to settled.
  public internal(set) var resolution: ServiceLevelClock
  /// Whether the resolution clock stands still while we wait for the customer.
  public internal(set) var pausesWhilePending: Bool

  /// Clocks that have not started.
  public init() {
    self.init(firstResponse: ServiceLevelClock(), resolution: ServiceLevelClock(), pausesWhilePending: true)
  }

  /// Clocks as the store holds them.
  public init(firstResponse: ServiceLevelClock, resolution: ServiceLevelClock, pausesWhilePending: Bool) {
    self.firstResponse = firstResponse
    self.resolution = resolution
    self.pausesWhilePending = pausesWhilePending
  }

  /// Which clock is meant.
  public enum Name: String, Hashable, Sendable, CaseIterable {
    case firstResponse = "first_response"
    case resolution
  }

  /// What the desk must say about one clock.
  public struct Notice: Hashable, Sendable {
    /// The clock.
    public let clock: Name
    /// The share of the allowed time that is used up: 75, 90 or 100.
    public let sharePercent: Int
    /// When the promise is or was due.
    public let dueAt: Instant
  }

  /// The next moment at which any clock speaks up; the store indexes it for the sla-watcher.
  public var nextCheckAt: Instant? {
    switch (firstResponse.nextAt, resolution.nextAt) {
    case (let first?, let second?): min(first, second)
    case (let first, let second): first ?? second
    }
  }

  mutating func start(_ targets: ServiceLevelTargets, from opened: Instant) {
    if let target = targets.firstResponse { firstResponse.start(target) }
    if let target = targets.resolution { resolution.start(target) }
    pausesWhilePending = targets.pausesWhilePending
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

  mutating func stop(at now: Instant) {
    firstResponse.meet(at: now)
    resolution.meet(at: now)
  }

  mutating func reopen(at now: Instant) {
    resolution.goOn(at: now)
  }

  mutating func tell(at now: Instant) -> [Notice] {
    var notices: [Notice] = []
    if let share = firstResponse.tell(at: now), let due = firstResponse.dueAt {
      notices.append(Notice(clock: .firstResponse, sharePercent: share, dueAt: due))
    }
    if let share = resolution.tell(at: now), let due = resolution.dueAt {
      notices.append(Notice(clock: .resolution, sharePercent: share, dueAt: due))
    }
    return notices
  }
}

/// What a service-level policy promises one ticket.
public struct ServiceLevelTargets: Hashable, Sendable {
  /// The policy that was chosen, nil when none matched.
  public let policy: String?
  /// The promise of a first response.
  public let firstResponse: ServiceLevelTarget?
  /// The promise of a resolution.
  public let resolution: ServiceLevelTarget?
  /// Whether the resolution clock stands still while we wait for the customer.
  public let pausesWhilePending: Bool

  /// Collects the promises.
  public init(
    policy: String?, firstResponse: ServiceLevelTarget?, resolution: ServiceLevelTarget?, pausesWhilePending: Bool
  ) {
    self.policy = policy
    self.firstResponse = firstResponse
    self.resolution = resolution
    self.pausesWhilePending = pausesWhilePending
  }

  /// No promise at all.
  public static let none = ServiceLevelTargets(
    policy: nil, firstResponse: nil, resolution: nil, pausesWhilePending: true)
}
