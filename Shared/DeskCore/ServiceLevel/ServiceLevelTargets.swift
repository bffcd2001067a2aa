/// The target of one clock of a service level for a newly opened ticket.
public struct ServiceLevelTarget: Hashable, Sendable {
  /// The time allowed, in the calendar's hours.
  public let allowed: Duration
  /// When it is used up; nil when the calendar does not open long enough.
  public let dueAt: Instant?
  /// When the first notification is due.
  public let firstNotificationAt: Instant?

  /// The target `allowed`, counted from `start` through `calendar`; `shares` are the percentages at which notifications are sent.
  public init(
    allowed: Duration, from start: Instant, in calendar: BusinessCalendar,
    shares: [Int] = ServiceLevelPolicy.usualWarningPercents
  ) {
    self.allowed = allowed
    dueAt = calendar.instant(after: allowed, from: start)
    firstNotificationAt = calendar.instant(
      after: ServiceLevelClock.share(shares.first ?? 100, of: allowed), from: start)
  }
}

/// The SLA targets of one ticket.
public struct ServiceLevelTargets: Hashable, Sendable {
  /// The policy that was chosen, nil when none matched.
  public let policy: String?
  /// The first response target.
  public let firstResponse: ServiceLevelTarget?
  /// The resolution target.
  public let resolution: ServiceLevelTarget?
  /// Whether the resolution clock is paused while waiting for the customer.
  public let pausesWhilePending: Bool

  /// Collects the targets.
  public init(
    policy: String?, firstResponse: ServiceLevelTarget?, resolution: ServiceLevelTarget?, pausesWhilePending: Bool
  ) {
    self.policy = policy
    self.firstResponse = firstResponse
    self.resolution = resolution
    self.pausesWhilePending = pausesWhilePending
  }

  /// No targets.
  public static let none = ServiceLevelTargets(
    policy: nil, firstResponse: nil, resolution: nil, pausesWhilePending: true)
}
