/// One clock of a service level: runs, pauses, is met or ends unmet, and notifies once per threshold.
///
/// It stores the open time used and the time since which it counts. Every predicted time follows from those two and the calendar, so that
/// closed hours inside a pause, after it, or between settling and reopening are never counted as time, and an open hour is never counted
/// as closed.
///
/// Starting, pausing and stopping only record the time, because they know no calendar; `settle` then counts and predicts. Code that takes
/// a lifecycle step settles once, at its end.
public struct ServiceLevelClock: Hashable, Sendable {
  /// The open time of the SLA target; nil: no target at this priority, but time is counted in case that changes.
  public internal(set) var allowed: Duration?
  /// The open time used up before `since`.
  public internal(set) var used: Duration
  /// Since when time counts; nil while the clock is stopped or was never started.
  public internal(set) var since: Instant?
  /// When all of `allowed` is used up, as far as known: a stopped clock keeps its last value. Nil: there is no target, or the calendar
  /// does not open long enough.
  public internal(set) var dueAt: Instant?
  /// Since when the clock is paused.
  public internal(set) var pausedAt: Instant?
  /// When the target was met.
  public internal(set) var metAt: Instant?
  /// How the clock ended without being met; nil while it runs or is paused, and once it was met.
  public internal(set) var ending: Ending?
  /// The highest threshold notified: 0, a warning percentage, or 100.
  public internal(set) var notifiedPercent: Int16

  /// The end of a clock that was never met: the target is neither met nor breached.
  public struct Ending: Hashable, Sendable {
    /// Why the target no longer applies; the raw value is what the store keeps.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
      /// The ticket ended before the target was met.
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

  /// Creates a clock that has not started.
  public init() {
    self.init(allowed: nil, used: .zero, since: nil, dueAt: nil, pausedAt: nil, metAt: nil, notifiedPercent: 0)
  }

  /// Creates a clock as the store holds it.
  public init(
    allowed: Duration?, used: Duration, since: Instant?, dueAt: Instant?, pausedAt: Instant?, metAt: Instant?,
    notifiedPercent: Int16, ending: Ending? = nil
  ) {
    self.allowed = allowed
    self.used = used
    self.since = since
    self.dueAt = dueAt
    self.pausedAt = pausedAt
    self.metAt = metAt
    self.notifiedPercent = notifiedPercent
    self.ending = ending
  }

  /// When it was met or ended otherwise; nil before.
  public var stoppedAt: Instant? { metAt ?? ending?.at }

  /// Whether it was ever started.
  public var isStarted: Bool { since != nil || pausedAt != nil || stoppedAt != nil }

  /// Whether time counts now.
  public var isRunning: Bool { since != nil && pausedAt == nil && stoppedAt == nil }

  /// Whether there is a target that the calendar does not open long enough for: such a target can be neither met nor breached.
  public var isUnreachable: Bool { isStarted && allowed != nil && dueAt == nil }

  /// A percentage of a time, to the microsecond.
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
    // Not settled yet: it was paused in this very step, so it just continues.
    since = since ?? now
  }

  mutating func meet(at now: Instant) {
    if isStarted, stoppedAt == nil { metAt = now }
  }

  /// - Returns: whether it had a target to meet until now.
  mutating func end(at now: Instant, _ reason: Ending.Reason) -> Bool {
    guard isStarted, stoppedAt == nil else { return false }
    ending = Ending(at: now, reason)
    return allowed != nil
  }

  /// Continues after a stop, even one during a pause, with the time used before: the ticket was reopened.
  mutating func restart(at now: Instant) {
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

  /// Counts the time used until a stop, and predicts when the rest will be used up.
  mutating func settle(in calendar: BusinessCalendar) {
    guard let from = since else { return }
    if let stop = earliestStop {
      used += calendar.openTime(from: from, to: stop)
      since = nil
    } else if let allowed {
      // A breached target keeps its due time.
      if notifiedPercent < 100, used < allowed || dueAt == nil {
        dueAt = moment(of: allowed, in: calendar, from: from)
      }
    } else {
      dueAt = nil
    }
  }

  /// When all of the allowed time would be used up in a calendar, if the clock keeps running; nil while it is stopped, without a target,
  /// or when the calendar does not open long enough.
  func due(in calendar: BusinessCalendar) -> Instant? {
    guard isRunning, let since, let allowed else { return nil }
    return moment(of: allowed, in: calendar, from: since)
  }

  /// When `total` is used up, if the clock keeps running from `start`; `start` itself if it already is, whether open or closed.
  private func moment(of total: Duration, in calendar: BusinessCalendar, from start: Instant) -> Instant? {
    total <= used ? start : calendar.instant(after: total - used, from: start)
  }

  /// Sets another target from now on; the time used is kept.
  ///
  /// A breached target stays breached: another priority can neither repair it nor breach it again. Thresholds already notified that are
  /// now above the clock's percentage are notified again when it reaches them, since they warn of another deadline.
  mutating func promise(_ newlyAllowed: Duration?, at now: Instant, under level: ServiceLevel) {
    guard isStarted, stoppedAt == nil, newlyAllowed != allowed else { return }
    let counted = used(at: now, in: level.calendar)
    if let allowed, notifiedPercent >= 100 || counted >= allowed { return }
    allowed = newlyAllowed
    guard let newlyAllowed else {
      dueAt = nil
      notifiedPercent = 0
      return
    }
    let reached = level.shares.last { counted >= ServiceLevelClock.share($0, of: newlyAllowed) } ?? 0
    notifiedPercent = min(notifiedPercent, Int16(reached))
    dueAt = moment(of: newlyAllowed, in: level.calendar, from: since ?? pausedAt ?? now)
  }
}

// MARK: - Notifications

extension ServiceLevelClock {
  /// Returns the highest threshold reached and not yet notified, and marks it as notified.
  mutating func notify(at now: Instant, under level: ServiceLevel) -> Int? {
    guard isRunning, let allowed else { return nil }
    let counted = used(at: now, in: level.calendar)
    guard let reached = level.shares.last(where: { counted >= ServiceLevelClock.share($0, of: allowed) }),
      reached > notifiedPercent
    else { return nil }
    notifiedPercent = Int16(reached)
    return reached
  }

  /// How long the target has been breached, in open time; nil while it is not breached, or the clock is stopped.
  func overrun(at now: Instant, in calendar: BusinessCalendar) -> Duration? {
    guard isRunning, notifiedPercent >= 100, let allowed else { return nil }
    return used(at: now, in: calendar) - allowed
  }

  /// The next time at which a notification or an escalation step is due; nil when none is ahead.
  func nextAt(under level: ServiceLevel, escalationSteps: Int) -> Instant? {
    guard isRunning, let since, let allowed else { return nil }
    let threshold: Duration
    if let share = level.shares.first(where: { $0 > notifiedPercent }) {
      threshold = ServiceLevelClock.share(share, of: allowed)
    } else if escalationSteps < level.escalation.count {
      threshold = allowed + level.escalation[escalationSteps].after
    } else {
      return nil
    }
    return moment(of: threshold, in: level.calendar, from: since)
  }
}
