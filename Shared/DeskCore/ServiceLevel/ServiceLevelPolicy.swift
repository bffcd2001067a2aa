/// The SLA targets of matching tickets.
public struct ServiceLevelPolicy: Hashable, Sendable {
  /// The policy's name; tickets that follow it store it.
  public let name: String
  /// Which tickets it applies to.
  public let condition: Condition
  /// The business hours that count.
  public let calendar: CalendarID?
  /// Time to the first response, by priority.
  public let firstResponse: [Priority: Duration]
  /// Time from the oldest unanswered message to the reply, by priority; the first message belongs to the first response.
  public let nextResponse: [Priority: Duration]
  /// Time to the resolution, by priority.
  public let resolution: [Priority: Duration]
  /// Whether the resolution clock is paused while waiting for the customer.
  public let pausesWhilePending: Bool
  /// The percentages of the target time at which a warning is sent, 1 to 99, ascending.
  public let warningPercents: [Int]
  /// What happens after a breach, by ascending time.
  public let escalation: [EscalationStep]

  /// The default when the policy does not specify warnings.
  public static let usualWarningPercents = [75, 90]

  /// Creates a service level. `warningPercents` and `escalation` must be ascending.
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

/// One step of the escalation ladder that a ticket climbs after an SLA breach.
///
/// A ticket takes each step at most once, whichever of its clocks leads to it. The time counts like the clock's own: in the calendar's
/// hours, and not while the clock is paused.
public struct EscalationStep: Hashable, Sendable {
  /// What a step does.
  public enum Action: Hashable, Sendable {
    /// Raises the priority to this class, unless it is already higher.
    case raisePriority(to: Priority)
    /// Names the leads of the queue's teams in the timeline and in the notice.
    case tellLead
    /// Lowers every required proficiency by this much, to no less than 1.
    case lowerProficiency(by: Int)
    /// Drops all skill requirements.
    case anySkill
    /// Moves the ticket to this queue, taking it from its current agent.
    case hand(to: QueueID)
  }

  /// Open time after the breach.
  public let after: Duration
  /// The actions, in order.
  public let actions: [Action]

  /// Creates an escalation step.
  public init(after: Duration, actions: [Action]) {
    self.after = after
    self.actions = actions
  }
}

/// A service level as a ticket's clocks use it: with its calendar resolved and its thresholds complete.
public struct ServiceLevel: Hashable, Sendable {
  /// The business hours that count.
  public let calendar: BusinessCalendar
  /// The percentages at which notifications are sent, ascending; the last is 100, the breach.
  public let shares: [Int]
  /// What happens after a breach.
  public let escalation: [EscalationStep]
  private let allowances: [ServiceLevelClocks.Name: [Priority: Duration]]

  /// Creates a service level from a policy's one.
  public init(_ policy: ServiceLevelPolicy, in calendar: BusinessCalendar) {
    self.calendar = calendar
    shares = policy.warningPercents + [100]
    escalation = policy.escalation
    allowances = [
      .firstResponse: policy.firstResponse, .nextResponse: policy.nextResponse, .resolution: policy.resolution,
    ]
  }

  /// For tickets whose service level is not in any known version of the policy: their time counts at all hours, and nothing escalates.
  public static let abandoned = ServiceLevel(
    ServiceLevelPolicy(
      name: "", condition: .always, calendar: nil, firstResponse: [:], resolution: [:], pausesWhilePending: true),
    in: .always)

  /// The time that a clock allows at a priority; nil when there is no target.
  public func allowed(_ clock: ServiceLevelClocks.Name, at priority: Priority) -> Duration? {
    allowances[clock]?[priority]
  }

  /// Whether a clock has a target at any priority.
  func promises(_ clock: ServiceLevelClocks.Name) -> Bool { allowances[clock]?.isEmpty == false }
}

extension ServiceLevelPolicy {
  /// A clock's target times, by priority.
  func times(_ clock: ServiceLevelClocks.Name) -> [Priority: Duration] {
    switch clock {
    case .firstResponse: firstResponse
    case .nextResponse: nextResponse
    case .resolution: resolution
    }
  }
}

/// A target time for which the calendar does not open long enough within `BusinessCalendar.horizonDays`.
///
/// A ticket with such a target has no deadline there: the target is neither met nor breached, and nothing warns of it. A policy with such
/// a target is rejected when it is applied; one already in force is used, and the problem is reported.
public struct UnreachableTarget: Hashable, Sendable {
  /// The service level.
  public let serviceLevel: String
  /// The clock.
  public let clock: ServiceLevelClocks.Name
  /// The priority.
  public let priority: Priority
  /// The time that it allows.
  public let allowed: Duration
  /// The calendar.
  public let calendar: CalendarID
  /// The longest open time that the calendar has.
  public let longest: Duration

  /// A description: `service level “slow” targets a resolution within 5000 h at priority normal, but calendar office is open only 4698 h
  /// in ten years`.
  public var text: String {
    func hours(_ time: Duration) -> Int64 { time.components.seconds / 3_600 }
    return
      "service level “\(serviceLevel)” targets a \(clock.words) within \(hours(allowed)) h at priority \(priority.name), but calendar \(calendar) is open only \(hours(longest)) h in ten years"
  }
}

extension Policy {
  /// The targets that no calendar of the policy can satisfy, in its order.
  public var unreachablePromises: [UnreachableTarget] {
    serviceLevels.flatMap { level -> [UnreachableTarget] in
      guard let name = level.calendar, let longest = calendars[name]?.longestPromise else { return [] }
      return ServiceLevelClocks.Name.allCases.flatMap { clock in
        Priority.allCases.compactMap { priority in
          guard let allowed = level.times(clock)[priority], allowed > longest else { return nil }
          return UnreachableTarget(
            serviceLevel: level.name, clock: clock, priority: priority, allowed: allowed, calendar: name,
            longest: longest)
        }
      }
    }
  }

  /// Returns the service level that a ticket follows, by the name that it stores.
  ///
  /// It is taken from this policy, not from the one in force when the ticket was opened: a holiday announced today applies to open
  /// tickets too, from the next time at which one of their clocks starts, stops or notifies. The target times stay as they were set. A
  /// service level that this policy no longer has is used as it was last (`formerServiceLevels`).
  public func serviceLevel(named name: String?) -> ServiceLevel {
    guard let name else { return .abandoned }
    if let level = serviceLevels.first(where: { $0.name == name }) { return serviceLevel(level) }
    return formerServiceLevels[name] ?? .abandoned
  }

  /// Resolves a service level with its calendar.
  public func serviceLevel(_ level: ServiceLevelPolicy) -> ServiceLevel {
    ServiceLevel(level, in: level.calendar.flatMap { calendars[$0] } ?? .always)
  }

  /// Keeps the service levels of an earlier version that this one no longer has, for the tickets that follow them. Their calendars are
  /// this policy's where it has them.
  /// - Parameter names: the names that are needed; nil for all.
  public mutating func keepServiceLevels(of earlier: Policy, named names: Set<String>? = nil) {
    let known = Set(serviceLevels.map(\.name))
    for level in earlier.serviceLevels where !known.contains(level.name) && names?.contains(level.name) ?? true {
      guard formerServiceLevels[level.name] == nil else { continue }
      let calendar = level.calendar.flatMap { calendars[$0] ?? earlier.calendars[$0] } ?? .always
      formerServiceLevels[level.name] = ServiceLevel(level, in: calendar)
    }
  }
}
