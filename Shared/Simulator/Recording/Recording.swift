public import DeskCore

/// A stretch of a real desk without any text and under pseudonyms: what came, who was there, and what became of it.
///
/// All times of a recording are whole milliseconds since `Stretch.from`; negative ones are before it.
public struct Recording: Hashable, Sendable {
  /// The stretch of time, and what held for all of it.
  public struct Stretch: Hashable, Sendable {
    /// When it begins.
    public let from: Instant
    /// When it ends, exclusive.
    public let to: Instant
    /// The desk's time zone, by its name in the tz database, as the person who recorded it said; for readers.
    public let zone: String
    /// The policy's version when it was recorded; that of each decision is with the decision.
    public let policyVersion: Int32
    /// Live processes by service, at the time of recording: a desk keeps no history of them.
    public let workers: [ExactString: Int]

    public init(from: Instant, to: Instant, zone: String, policyVersion: Int32, workers: [ExactString: Int]) {
      self.from = from
      self.to = to
      self.zone = zone
      self.policyVersion = policyVersion
      self.workers = workers
    }

    /// Its length.
    public var length: Duration { to - from }
  }

  public let stretch: Stretch
  /// The agents who were present at any time, by pseudonym.
  public let agents: [RecordedAgent]
  /// The tickets that were opened in the stretch or were open at its start, in the order in which they were opened.
  public let tickets: [RecordedTicket]

  public init(stretch: Stretch, agents: [RecordedAgent], tickets: [RecordedTicket]) {
    self.stretch = stretch
    self.agents = agents
    self.tickets = tickets
  }
}

/// An agent of a recording: the profile of the policy, and the presence over time.
public struct RecordedAgent: Hashable, Sendable {
  /// A change of presence or capacity.
  public struct Change: Hashable, Sendable {
    /// In milliseconds; the first one may be before the stretch and holds at its start.
    public let at: Int64
    public let presence: Presence
    public let capacity: Int32

    public init(at: Int64, presence: Presence, capacity: Int32) {
      self.at = at
      self.presence = presence
      self.capacity = capacity
    }
  }

  /// The profile; its name is a pseudonym.
  public let profile: AgentProfile
  /// In the order of time.
  public let changes: [Change]

  public init(profile: AgentProfile, changes: [Change]) {
    self.profile = profile
    self.changes = changes
  }
}
