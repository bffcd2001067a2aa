/// One clock of a service level: runs, pauses, stops, and tells each share once.
///
/// It keeps the open time that is used up, and since when it counts. Every moment that it foretells follows from those two and the
/// calendar, so that closed hours inside a pause, after it, or between a settling and a reopening are never taken for time, and an
/// open hour never for a closed one.
///
/// Starting, pausing and stopping only note their moment, because they know no calendar; `settle` then counts and foretells. Whoever
/// takes a step of a ticket's life settles once, at its end.
public struct ServiceLevelClock: Hashable, Sendable {
  /// The open time that was promised; nil: nothing is promised at this priority, but time is counted in case that changes.
  public internal(set) var allowed: Duration?
  /// The open time used up before `since`.
  public internal(set) var used: Duration
  /// Since when time counts; nil while the clock stands or was never started.
  public internal(set) var since: Instant?
  /// When all of `allowed` is used up, as far as that is known: a clock that stands keeps what held before. Nil: nothing is promised,
  /// or the calendar does not open long enough.
  public internal(set) var dueAt: Instant?
  /// Since when the clock stands still.
  public internal(set) var pausedAt: Instant?
  /// When the promise was kept, or the clock stopped otherwise.
  public internal(set) var metAt: Instant?
  /// How far the desk has spoken up: 0, the percentage of a warning, or 100.
  public internal(set) var toldPercent: Int16

  /// A clock that has not started.
  public init() {
    self.init(allowed: nil, used: .zero, since: nil, dueAt: nil, pausedAt: nil, metAt: nil, toldPercent: 0)
  }

  /// A clock as the store holds it.
  public init(
    allowed: Duration?, used: Duration, since: Instant?, dueAt: Instant?, pausedAt: Instant?, metAt: Instant?,
    toldPercent: Int16
  ) {
    self.allowed = allowed
    self.used = used
    self.since = since
    self.dueAt = dueAt
    self.pausedAt = pausedAt
    self.metAt = metAt
    self.toldPercent = toldPercent
  }

  /// Whether it was ever started.
  public var isStarted: Bool { since != nil || pausedAt != nil || metAt != nil }

  /// Whether time counts now.
  public var isRunning: Bool { since != nil && pausedAt == nil && metAt == nil }

  /// So many hundredths of a time, to the microsecond.
  static func share(_ percent: Int, of allowed: Duration) -> Duration {
    .microseconds(allowed.wholeMicroseconds * Int64(percent) / 100)
  }
}

// MARK: - Starting and stopping

extension ServiceLevelClock {
  mutating func start(_ target: ServiceLevelTarget?, from start: Instant) {
    guard !isStarted else { return }
    since = start
    allowed = target?.allowed
    dueAt = target?.dueAt
  }

  mutating func pause(at now: Instant) {
    if isRunning { pausedAt = now }
  }

  mutating func resume(at now: Instant) {
    guard metAt == nil, pausedAt != nil else { return }
    pausedAt = nil
    // Not settled yet: it was paused in this very step, so it just runs on.
    since = since ?? now
  }

  mutating func meet(at now: Instant) {
    if isStarted, metAt == nil { metAt = now }
  }

  /// Goes on after a stop, even one during a pause: the ticket is back with us.
  mutating func goOn(at now: Instant) {
    guard metAt != nil else { return }
    metAt = nil
    pausedAt = nil
    since = since ?? now
  }
}

// MARK: - Counting

extension ServiceLevelClock {
  /// The open time used up by `now`.
  public func used(at now: Instant, in calendar: BusinessCalendar) -> Duration {
    guard let since else { return used }
    return used + calendar.openTime(from: since, to: earliestStop ?? now)
  }

  private var earliestStop: Instant? {
    guard let pausedAt, let metAt else { return pausedAt ?? metAt }
    return min(pausedAt, metAt)
  }

  /// Counts what was used up to a stop, and foretells when the rest will be.
  mutating func settle(in calendar: BusinessCalendar) {
    guard let from = since else { return }
    if let stop = earliestStop {
      used += calendar.openTime(from: from, to: stop)
      since = nil
    } else if let allowed {
      // What is broken keeps the moment at which it broke.
      if toldPercent < 100, used < allowed || dueAt == nil {
        dueAt = moment(of: allowed, in: calendar, from: from)
      }
    } else {
      dueAt = nil
    }
  }

  /// When so much is used up in all, if the clock runs on from `start`; at once when it is already, be the desk open or closed.
  private func moment(of total: Duration, in calendar: BusinessCalendar, from start: Instant) -> Instant? {
    total <= used ? start : calendar.instant(after: total - used, from: start)
  }

  /// Promises another time from now on; what is used up stays used.
  ///
  /// A broken promise stays broken: it can be neither mended nor broken once more by another priority. Of the shares that were told,
  /// those that the clock falls back under are told again when it reaches them again, since they warn of another deadline.
  mutating func promise(_ newlyAllowed: Duration?, at now: Instant, under level: ServiceLevel) {
    guard isStarted, metAt == nil, newlyAllowed != allowed else { return }
    let counted = used(at: now, in: level.calendar)
    if let allowed, toldPercent >= 100 || counted >= allowed { return }
    allowed = newlyAllowed
    guard let newlyAllowed else {
      dueAt = nil
      toldPercent = 0
      return
    }
    let reached = level.shares.last { counted >= ServiceLevelClock.share($0, of: newlyAllowed) } ?? 0
    toldPercent = min(toldPercent, Int16(reached))
    dueAt = moment(of: newlyAllowed, in: level.calendar, from: since ?? pausedAt ?? now)
  }
}

// MARK: - Speaking up

extension ServiceLevelClock {
  /// The highest share reached and not told yet; marks it told.
  mutating func tell(at now: Instant, under level: ServiceLevel) -> Int? {
    guard isRunning, let allowed else { return nil }
    let counted = used(at: now, in: level.calendar)
    guard let reached = level.shares.last(where: { counted >= ServiceLevelClock.share($0, of: allowed) }),
      reached > toldPercent
    else { return nil }
    toldPercent = Int16(reached)
    return reached
  }

  /// How long ago the promise was broken, in open time; nil while it is not, or the clock stands.
  func overrun(at now: Instant, in calendar: BusinessCalendar) -> Duration? {
    guard isRunning, toldPercent >= 100, let allowed else { return nil }
    return used(at: now, in: calendar) - allowed
  }

  /// The next moment at which the desk must speak up or climb, nil when none is ahead.
  func nextAt(under level: ServiceLevel, climbed: Int) -> Instant? {
    guard isRunning, let since, let allowed else { return nil }
    let threshold: Duration
    if let share = level.shares.first(where: { $0 > toldPercent }) {
      threshold = ServiceLevelClock.share(share, of: allowed)
    } else if climbed < level.escalation.count {
      threshold = allowed + level.escalation[climbed].after
    } else {
      return nil
    }
    return moment(of: threshold, in: level.calendar, from: since)
  }
}
