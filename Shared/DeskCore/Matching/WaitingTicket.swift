/// The properties of a waiting ticket that matching uses.
public struct WaitingTicket: Hashable, Sendable {
  /// The ticket.
  public let id: TicketID
  /// The version that the offer must match.
  public let version: Int32
  /// The priority class.
  public let priority: Priority
  /// The customer's tier.
  public let tier: CustomerTier
  /// The skills that an agent needs.
  public let skills: [SkillRequirement]
  /// How much capacity it takes.
  public let weight: Int32
  /// The language of the newest message.
  public let language: String
  /// Since when it waits.
  public let waitingSince: Instant
  /// The earliest due time of its targets (`ServiceLevelClocks.nearestDueAt`); nil without a target.
  public let dueAt: Instant?
  /// The agents who refused it.
  public let refusedBy: [AgentID]
  /// The agents who released it, and until when each is not offered it again.
  public let pauses: [OfferPause]
  /// The agent who knows the customer.
  public package(set) var lastAgent: AgentID?
  /// The customer's dedicated agent.
  public internal(set) var dedicatedAgent: AgentID?
  /// Why that agent is, if a key account's rota says so.
  public internal(set) var duty: RotaDuty?
  /// The customer; not kept in records.
  public let customer: Correspondent?

  /// Describes a waiting ticket.
  public init(
    id: TicketID, version: Int32, priority: Priority, tier: CustomerTier, skills: [SkillRequirement], weight: Int32,
    language: String, waitingSince: Instant, dueAt: Instant?, refusedBy: [AgentID], lastAgent: AgentID?,
    dedicatedAgent: AgentID? = nil, pauses: [OfferPause] = [], duty: RotaDuty? = nil, customer: Correspondent? = nil
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
    self.duty = duty
    self.customer = customer
  }
}
