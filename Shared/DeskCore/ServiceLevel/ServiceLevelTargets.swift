/// What one clock of a service level promises a ticket that is opened.
public struct ServiceLevelTarget: Hashable, Sendable {
  /// The time allowed, in the calendar's hours.
  public let allowed: Duration
  /// When it is used up; nil when the calendar does not open long enough.
  public let dueAt: Instant?
  /// When the desk first speaks up.
  public let firstToldAt: Instant?

  /// The promise of `allowed` counted from `start` through `calendar`; `shares` are the percentages at which the desk speaks up.
  public init(
    allowed: Duration, from start: Instant, in calendar: BusinessCalendar,
    shares: [Int] = ServiceLevelPolicy.usualWarningPercents
  ) {
    self.allowed = allowed
    dueAt = calendar.instant(after: allowed, from: start)
    firstToldAt = calendar.instant(after: ServiceLevelClock.share(shares.first ?? 100, of: allowed), from: start)
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
