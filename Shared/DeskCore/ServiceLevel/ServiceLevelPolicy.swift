/// What is promised to tickets that match.
public struct ServiceLevelPolicy: Hashable, Sendable {
  /// The policy's name; tickets that follow it keep it.
  public let name: String
  /// Which tickets it is for.
  public let condition: Condition
  /// The hours that count.
  public let calendar: CalendarID?
  /// Time to the first response, by priority.
  public let firstResponse: [Priority: Duration]
  /// Time from the oldest unanswered message to the reply, by priority; the first message belongs to the first response.
  public let nextResponse: [Priority: Duration]
  /// Time to the resolution, by priority.
  public let resolution: [Priority: Duration]
  /// Whether the resolution clock stands still while we wait for the customer.
  public let pausesWhilePending: Bool
  /// At which percentages of a time the desk warns, 1 to 99, rising.
  public let warningPercents: [Int]
  /// What happens after a breach, by rising time.
  public let escalation: [EscalationStep]

  /// Where the policy says nothing about warnings.
  public static let usualWarningPercents = [75, 90]

  /// Describes a service level. `warningPercents` and `escalation` must rise.
  public init(
    name: String, condition: Condition, calendar: CalendarID?, firstResponse: [Priority: Duration],
    nextResponse: [Priority: Duration] = [:], resolution: [Priority: Duration], pausesWhilePending: Bool,
    warningPercents: [Int] = ServiceLevelPolicy.usualWarningPercents, escalation: [EscalationStep] = []
  ) {
    self.name = name
    self.condition = condition
    self.calendar = calendar
    self.firstResponse = firstResponse
    self.nextResponse = nextResponse
    self.resolution = resolution
    self.pausesWhilePending = pausesWhilePending
    self.warningPercents = warningPercents
    self.escalation = escalation
  }
}

/// One rung of the ladder that a ticket climbs when a promise to it was broken.
///
/// A ticket climbs each rung once in its life, whichever of its clocks leads there. The time counts like the clock's own: in the
/// calendar's hours, not while the clock stands.
public struct EscalationStep: Hashable, Sendable {
  /// What a rung does.
  public enum Action: Hashable, Sendable {
    /// The priority becomes this class, unless it is higher already.
    case raisePriority(to: Priority)
    /// The leads of the queue's teams are named in the timeline and in the notice.
    case tellLead
    /// Every proficiency asked falls by this much, to 1 at least.
    case lowerProficiency(by: Int)
    /// Skills are no longer asked.
    case anySkill
    /// It waits in this queue, taken from whoever has it.
    case hand(to: QueueID)
  }

  /// Open time after the breach.
  public let after: Duration
  /// What is done then, in order.
  public let actions: [Action]

  /// Describes a rung.
  public init(after: Duration, actions: [Action]) {
    self.after = after
    self.actions = actions
  }
}

/// A service level as a ticket's clocks follow it: its calendar found, its shares complete.
public struct ServiceLevel: Hashable, Sendable {
  /// The hours that count.
  public let calendar: BusinessCalendar
  /// The percentages at which the desk speaks up, rising; the last is 100, the breach.
  public let shares: [Int]
  /// What happens after a breach.
  public let escalation: [EscalationStep]
  private let allowances: [ServiceLevelClocks.Name: [Priority: Duration]]

  /// Completes a policy's service level.
  public init(_ policy: ServiceLevelPolicy, in calendar: BusinessCalendar) {
    self.calendar = calendar
    shares = policy.warningPercents + [100]
    escalation = policy.escalation
    allowances = [
      .firstResponse: policy.firstResponse, .nextResponse: policy.nextResponse, .resolution: policy.resolution,
    ]
  }

  /// For tickets whose service level no version of the policy is known to have: their times count on at all hours, and nothing escalates.
  public static let abandoned = ServiceLevel(
    ServiceLevelPolicy(
      name: "", condition: .always, calendar: nil, firstResponse: [:], resolution: [:], pausesWhilePending: true),
    in: .always)

  /// The time that a clock allows at a priority; nil when nothing is promised.
  public func allowed(_ clock: ServiceLevelClocks.Name, at priority: Priority) -> Duration? {
    allowances[clock]?[priority]
  }

  /// Whether a clock promises something at any priority.
  func promises(_ clock: ServiceLevelClocks.Name) -> Bool { allowances[clock]?.isEmpty == false }
}

extension ServiceLevelPolicy {
  /// The times that a clock promises, by priority.
  func times(_ clock: ServiceLevelClocks.Name) -> [Priority: Duration] {
    switch clock {
    case .firstResponse: firstResponse
    case .nextResponse: nextResponse
    case .resolution: resolution
    }
  }
}

/// A time that a service level promises and its calendar does not open for within `BusinessCalendar.horizonDays`.
///
/// A ticket that is promised it has no deadline there: the promise is neither kept nor broken, and nothing warns of it. A policy with
/// such a promise is refused where it is applied; one that is in force since before is worked by, and told of.
public struct UnreachablePromise: Hashable, Sendable {
  /// The service level.
  public let serviceLevel: String
  /// What it promises.
  public let clock: ServiceLevelClocks.Name
  /// At this priority.
  public let priority: Priority
  /// The time that it allows.
  public let allowed: Duration
  /// The calendar.
  public let calendar: CalendarID
  /// The longest time that the calendar has.
  public let longest: Duration

  /// In words: `service level “slow” promises a resolution within 5000 h at priority normal, and calendar office opens 4698 h in ten years`.
  public var text: String {
    func hours(_ time: Duration) -> Int64 { time.components.seconds / 3_600 }
    return
      "service level “\(serviceLevel)” promises a \(clock.words) within \(hours(allowed)) h at priority \(priority.name), and calendar \(calendar) opens \(hours(longest)) h in ten years"
  }
}

extension Policy {
  /// The promises that no calendar of the policy can keep, in its order.
  public var unreachablePromises: [UnreachablePromise] {
    serviceLevels.flatMap { level -> [UnreachablePromise] in
      guard let name = level.calendar, let longest = calendars[name]?.longestPromise else { return [] }
      return ServiceLevelClocks.Name.allCases.flatMap { clock in
        Priority.allCases.compactMap { priority in
          guard let allowed = level.times(clock)[priority], allowed > longest else { return nil }
          return UnreachablePromise(
            serviceLevel: level.name, clock: clock, priority: priority, allowed: allowed, calendar: name,
            longest: longest)
        }
      }
    }
  }

  /// The service level that a ticket follows, by the name it keeps.
  ///
  /// It is this policy's, not the one of the day on which the ticket was opened: a holiday that is announced today holds for
  /// tickets that are open already, from the next moment at which one of their clocks starts, stops or speaks up. The times that
  /// were promised stay. One that this policy has no more is followed as it was last (`formerServiceLevels`).
  public func serviceLevel(named name: String?) -> ServiceLevel {
    guard let name else { return .abandoned }
    if let level = serviceLevels.first(where: { $0.name == name }) { return serviceLevel(level) }
    return formerServiceLevels[name] ?? .abandoned
  }

  /// A service level with its calendar.
  public func serviceLevel(_ level: ServiceLevelPolicy) -> ServiceLevel {
    ServiceLevel(level, in: level.calendar.flatMap { calendars[$0] } ?? .always)
  }

  /// Keeps the service levels of an earlier version that this one has no more, for the tickets that follow them. Their calendars are this
  /// policy's where it has them.
  /// - Parameter names: those that are wanted; nil for all.
  public mutating func keepServiceLevels(of earlier: Policy, named names: Set<String>? = nil) {
    let known = Set(serviceLevels.map(\.name))
    for level in earlier.serviceLevels where !known.contains(level.name) && names?.contains(level.name) ?? true {
      guard formerServiceLevels[level.name] == nil else { continue }
      let calendar = level.calendar.flatMap { calendars[$0] ?? earlier.calendars[$0] } ?? .always
      formerServiceLevels[level.name] = ServiceLevel(level, in: calendar)
    }
  }
}
