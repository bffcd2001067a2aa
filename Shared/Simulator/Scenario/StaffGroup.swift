public import DeskCore

/// Agents who work the same hours and behave alike.
public struct StaffGroup: Hashable, Sendable {
  /// Hours of some weekdays.
  public struct Shift: Hashable, Sendable {
    /// The weekdays, Monday (0) to Sunday (6).
    public var weekdays: Set<Int>
    /// The minutes of those days, 0 to 1440.
    public var hours: BusinessCalendar.Hours
    /// Minutes in which a break is taken.
    public var breaks: BusinessCalendar.Hours

    /// Describes a shift.
    public init(weekdays: Set<Int> = Set(0..<7), hours: BusinessCalendar.Hours, breaks: BusinessCalendar.Hours = []) {
      self.weekdays = weekdays
      self.hours = hours
      self.breaks = breaks
    }
  }

  /// A recorded beginning or end of presence.
  public struct PresenceStep: Hashable, Sendable {
    /// When, from the start of the scenario; may be before it.
    public var after: Duration
    /// Whether they are present from then on.
    public var isOnDuty: Bool

    /// Describes a step.
    public init(after: Duration, isOnDuty: Bool) {
      self.after = after
      self.isOnDuty = isOnDuty
    }
  }

  /// Its name, which rules of handling use.
  public var name: String
  /// The agents.
  public var agents: [AgentProfile]
  /// When they work; empty: always.
  public var shifts: [Shift] = []
  /// When they were present in a recording, by time; empty: as the shifts say.
  public var presence: [PresenceStep] = []
  /// Whether they are in reserve instead of available while they work.
  public var isReserve = false
  /// How they respond to offers.
  public var behaviour = OfferBehaviour()
  /// How much longer than others they take: 1 for the same, 2 for twice as long.
  public var pace = 1.0
  /// By how much each ticket that an agent has already lengthens the handling of the next: 0 for not at all.
  public var slowdown = 0.0

  /// Describes a group.
  public init(name: String, agents: [AgentProfile]) {
    self.name = name
    self.agents = agents
  }
}

/// How agents respond to offers.
public struct OfferBehaviour: Hashable, Sendable {
  /// The time until they accept or decline.
  public var response = Variate.constant(0)
  /// The share of offers that they decline, 0 to 1.
  public var declines = 0.0
  /// The share of offers that they let time out, 0 to 1.
  public var ignores = 0.0
  /// After an offer timed out they are away for this time.
  public var absence = Variate.constant(120)

  /// Describes agents who accept every offer at once.
  public init() {}
}

/// How long agents work on tickets.
public struct HandlingRule: Hashable, Sendable {
  /// The categories that it applies to; empty: all.
  public var categories: Set<String> = []
  /// The groups of agents that it applies to; empty: all.
  public var groups: Set<String> = []
  /// The time from accepting to resolving.
  public var time: Variate
  /// The time from accepting to the first reply to the customer.
  public var firstReply = Variate.constant(0)

  /// Describes a rule for all tickets and agents.
  public init(time: Variate) {
    self.time = time
  }
}

/// How long customers wait before they give up.
public struct PatienceRule: Hashable, Sendable {
  /// The channels that it applies to; empty: all.
  public var channels: Set<ChannelID> = []
  /// The categories that it applies to; empty: all.
  public var categories: Set<String> = []
  /// The time from opening the ticket.
  public var time: Variate

  /// Describes a rule for all customers.
  public init(time: Variate) {
    self.time = time
  }
}
