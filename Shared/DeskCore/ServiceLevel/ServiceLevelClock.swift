/// One clock of a service level: runs, pauses, is met or ends unmet, and tells each share once.
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
  /// When what was promised was done.
  public internal(set) var metAt: Instant?
  /// How the clock ended without it; nil while it runs or stands, and once it was met.
  public internal(set) var ending: Ending?
  /// How far the desk has spoken up: 0, the percentage of a warning, or 100.
  public internal(set) var toldPercent: Int16

  /// The end of a clock that was never met: the promise is neither kept nor broken by it.
  public struct Ending: Hashable, Sendable {
    /// Why there was nothing to meet any more; the raw value is what the store keeps.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
      /// The ticket ended, and nobody had done what was promised.
      case unanswered
      /// An article settled the ticket, so that no agent had to answer.
      case waived
    }

    /// When.
    public let at: Instant
    /// Why.
    public let reason: Reason

    /// Describes an end.
    public init(at moment: Instant, _ reason: Reason) {
      at = moment
      self.reason = reason
    }
  }

  /// A clock that has not started.
  public init() {
    self.init(allowed: nil, used: .zero, since: nil, dueAt: nil, pausedAt: nil, metAt: nil, toldPercent: 0)
  }

  /// A clock as the store holds it.
  public init(
    allowed: Duration?, used: Duration, since: Instant?, dueAt: Instant?, pausedAt: Instant?, metAt: Instant?,
    toldPercent: Int16, ending: Ending? = nil
  ) {
    self.allowed = allowed
    self.used = used
    self.since = since
    self.dueAt = dueAt
    self.pausedAt = pausedAt
    self.metAt = metAt
    self.toldPercent = toldPercent
    self.ending = ending
  }

  /// When it was met or ended otherwise; nil before.
  public var stoppedAt: Instant? { metAt ?? ending?.at }

  /// Whether it was ever started.
  public var isStarted: Bool { since != nil || pausedAt != nil || stoppedAt != nil }

  /// Whether time counts now.
  public var isRunning: Bool { since != nil && pausedAt == nil && stoppedAt == nil }

  /// Whether something is promised that the calendar does not open long enough for: such a promise can be neither kept nor broken.
  public var isUnreachable: Bool { isStarted && allowed != nil && dueAt == nil }

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
    guard stoppedAt == nil, pausedAt != nil else { return }
    pausedAt = nil
    // Not settled yet: it was paused in this very step, so it just runs on.
    since = since ?? now
  }

  mutating func meet(at now: Instant) {
    if isStarted, stoppedAt == nil { metAt = now }
  }

  /// - Returns: whether it had something to meet until now.
  mutating func end(at now: Instant, _ reason: Ending.Reason) -> Bool {
    guard isStarted, stoppedAt == nil else { return false }
    ending = Ending(at: now, reason)
    return allowed != nil
  }

  /// Goes on after a stop, even one during a pause, with what was used up before: the ticket is back with us.
  mutating func goOn(at now: Instant) {
    guard stoppedAt != nil else { return }
    metAt = nil
    ending = nil
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
    guard let pausedAt, let stoppedAt else { return pausedAt ?? stoppedAt }
    return min(pausedAt, stoppedAt)
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

  /// When all of the allowed time would be used up in a calendar, if the clock runs on; nil while it stands, where nothing is promised, or
  /// where the calendar does not open long enough.
  func due(in calendar: BusinessCalendar) -> Instant? {
    guard isRunning, let since, let allowed else { return nil }
    return moment(of: allowed, in: calendar, from: since)
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
    guard isStarted, stoppedAt == nil, newlyAllowed != allowed else { return }
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
