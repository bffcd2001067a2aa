/// Who can take a ticket now.
public struct AgentStatus: Hashable, Sendable {
  /// What the policy says of the agent.
  public let profile: AgentProfile
  /// Whether the agent is at the desk.
  public let presence: Presence
  /// The weight of what the agent has and is asked for.
  public let load: Int32
  /// Since when the agent has not been given anything.
  public let idleSince: Instant

  /// Describes an agent's situation.
  public init(profile: AgentProfile, presence: Presence, load: Int32, idleSince: Instant) {
    self.profile = profile
    self.presence = presence
    self.load = load
    self.idleSince = idleSince
  }

  /// The share of the capacity that is used, 0 to 1 and above.
  public var occupancy: Double {
    Double(TicketWeight.used(load, of: profile.capacity)) / Double(max(1, profile.capacity))
  }

  /// Whether the agent can be asked at all: `reserve` agents are asked once a step of relaxation calls them.
  public var isPresent: Bool { presence == .available || presence == .reserve }
}

/// Whether an agent is at the desk.
public enum Presence: String, Hashable, Sendable, CaseIterable {
  case offline, away, available, reserve
}

/// A ticket that waits, as far as matching looks at it.
public struct WaitingTicket: Hashable, Sendable {
  /// The ticket.
  public let id: TicketID
  /// The version that the offer must meet.
  public let version: Int32
  /// The priority class.
  public let priority: Priority
  /// The customer's standing.
  public let tier: CustomerTier
  /// What an agent must know.
  public let skills: [SkillRequirement]
  /// How much capacity it takes.
  public let weight: Int32
  /// The language of the newest message.
  public let language: String
  /// Since when it waits.
  public let waitingSince: Instant
  /// When the nearest promise is due (`ServiceLevelClocks.nearestDueAt`), nil when nothing is promised.
  public let dueAt: Instant?
  /// Who turned it down.
  public let refusedBy: [AgentID]
  /// Who let it go, and until when each is not asked for it again.
  public let pauses: [OfferPause]
  /// The agent who knows the customer.
  public let lastAgent: AgentID?
  /// The customer's own agent.
  public let dedicatedAgent: AgentID?

  /// Describes a waiting ticket.
  public init(
    id: TicketID, version: Int32, priority: Priority, tier: CustomerTier, skills: [SkillRequirement], weight: Int32,
    language: String, waitingSince: Instant, dueAt: Instant?, refusedBy: [AgentID], lastAgent: AgentID?,
    dedicatedAgent: AgentID? = nil, pauses: [OfferPause] = []
  ) {
    self.id = id
    self.version = version
    self.priority = priority
    self.tier = tier
    self.skills = skills
    self.weight = weight
    self.language = language
    self.waitingSince = waitingSince
    self.dueAt = dueAt
    self.refusedBy = refusedBy
    self.lastAgent = lastAgent
    self.dedicatedAgent = dedicatedAgent
    self.pauses = pauses
  }
}
