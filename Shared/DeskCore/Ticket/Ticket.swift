/// One concern of one customer, and its state in the lifecycle.
///
/// A ticket is a value. It changes only through `handle(_:now:)`, which refuses steps that the lifecycle does not allow and returns the
/// effects to carry out. The store writes the changed value with a compare-and-set on `version`, so that of two services that took the
/// same step only one has an effect (promise I2).
public struct Ticket: Hashable, Sendable {
  /// The ticket's identifier; its timestamp is the opening time.
  public let id: TicketID
  /// Counts the steps taken; the store's compare-and-set uses it.
  public internal(set) var version: Int32
  /// Where it is in the lifecycle; `state`, `offer`, `agent` and the times that go with them are read from here.
  public internal(set) var phase: TicketPhase
  /// The channel on which it was opened.
  public let channel: ChannelID
  /// The customer's external id on that channel.
  public let customer: String
  /// The customer who wrote last, if it is another customer whose ticket was merged into this one; nil for the ticket's own.
  public internal(set) var guest: Correspondent?
  /// The customer's tier when the ticket was opened.
  public let tier: CustomerTier
  /// When the first message was accepted.
  public let openedAt: Instant

  /// The queue it waits in or came from.
  public internal(set) var queue: QueueID?
  /// The priority class.
  public internal(set) var priority: Priority
  /// The skills that an agent needs to take it.
  public internal(set) var skills: [SkillRequirement]
  /// How much of an agent's capacity it takes.
  public internal(set) var weight: Int32
  /// Whether a person must still label it; it then waits in `triage` instead of `queued`, also after offers.
  public internal(set) var needsTriage: Bool
  /// The labels of the conversation; see `ConversationState.labels(after:_:following:reopens:under:)`.
  public internal(set) var labels: Labels?
  /// What the next message is read in the light of.
  public internal(set) var conversation: ConversationState
  /// The notices of its progress to the customer.
  public internal(set) var progress: ProgressState
  /// What the customer answered to the desk's questions.
  public package(set) var fields: TicketFields

  /// Agents who declined it or let its offer expire; offered it again only when no other agent can take it.
  public internal(set) var refusedBy: [AgentID]
  /// Agents who released it, and until when each is not offered it; kept until an agent works on it.
  public internal(set) var pauses: [OfferPause]
  /// The agent who had it last; a reopened ticket goes back to them if possible.
  public internal(set) var lastAgent: AgentID?

  /// The newest promise to call the customer back; nil when there never was one.
  public internal(set) var callBack: CallBack?
  /// The SLA clocks.
  public internal(set) var clocks: ServiceLevelClocks
  /// How often it was reopened.
  public internal(set) var reopenCount: Int32
  /// The version of the policy that the last decision followed.
  public internal(set) var policyVersion: Int32

  /// Creates a ticket as intake opens it with its first message: version 1, `received`.
  public init(id: TicketID, channel: ChannelID, customer: String, tier: CustomerTier, openedAt: Instant) {
    self.init(
      id: id, version: 1, phase: .received, channel: channel, customer: customer, tier: tier, openedAt: openedAt,
      queue: nil, priority: .normal, skills: [], weight: 1, needsTriage: false, labels: nil, refusedBy: [],
      lastAgent: nil, clocks: ServiceLevelClocks(), reopenCount: 0, policyVersion: 0)
  }

  /// Creates a ticket as the store holds it.
  public init(
    id: TicketID, version: Int32, phase: TicketPhase, channel: ChannelID, customer: String, tier: CustomerTier,
    openedAt: Instant, queue: QueueID?, priority: Priority, skills: [SkillRequirement], weight: Int32,
    needsTriage: Bool, labels: Labels?, refusedBy: [AgentID], lastAgent: AgentID?, clocks: ServiceLevelClocks,
    reopenCount: Int32, policyVersion: Int32, guest: Correspondent? = nil, pauses: [OfferPause] = [],
    conversation: ConversationState = ConversationState(), progress: ProgressState = ProgressState(),
    callBack: CallBack? = nil, fields: TicketFields = TicketFields()
  ) {
    self.id = id
    self.version = version
    self.phase = phase
    self.channel = channel
    self.customer = customer
    self.tier = tier
    self.openedAt = openedAt
    self.queue = queue
    self.priority = priority
    self.skills = skills
    self.weight = weight
    self.needsTriage = needsTriage
    self.labels = labels
    self.refusedBy = refusedBy
    self.lastAgent = lastAgent
    self.clocks = clocks
    self.reopenCount = reopenCount
    self.policyVersion = policyVersion
    self.guest = guest
    self.pauses = pauses
    self.conversation = conversation
    self.progress = progress
    self.callBack = callBack
    self.fields = fields
  }

  /// The queue order kept by the store's index: priority class first, tier second; smaller goes first.
  public var rank: Int16 { Ticket.rank(priority, tier) }

  /// The rank of a priority class and a tier.
  public static func rank(_ priority: Priority, _ tier: CustomerTier) -> Int16 {
    Int16(priority.rawValue * 4 + tier.rank)
  }
}

/// The states of the ticket lifecycle by name (see `TicketPhase` for what belongs to each).
public enum TicketState: String, Hashable, Sendable, CaseIterable {
  /// Accepted, not yet decided.
  case received
  /// A person must label it.
  case triage
  /// Waits for an agent.
  case queued
  /// Offered to one agent for a limited time.
  case offered
  /// An agent has it.
  case assigned
  /// The agent waits for the customer.
  case pending
  /// An article was sent and the customer has not said whether it helped.
  case answered
  /// Settled; a message within the reopen window brings it back.
  case resolved
  /// Settled for good; moved out of the live table.
  case closed
  /// Could not be handled; kept as a dead letter with its reason.
  case rejected

  /// Whether the ticket can be offered to an agent.
  public var waitsForAgent: Bool { self == .queued || self == .triage }

  /// Whether the state is final.
  public var isTerminal: Bool { self == .closed || self == .rejected }
}

/// A customer's tier.
public enum CustomerTier: String, Hashable, Sendable, CaseIterable {
  case standard
  case vip
  case keyAccount = "key_account"

  /// The rank among tiers; smaller goes first.
  public var rank: Int {
    switch self {
    case .keyAccount: 0
    case .vip: 1
    case .standard: 2
    }
  }
}

/// The priority class of a ticket; smaller goes first.
public enum Priority: Int, Hashable, Sendable, CaseIterable, Comparable {
  case urgent = 1
  case high = 2
  case normal = 3
  case low = 4

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// The name used in the policy and in the user interface.
  public var name: String {
    switch self {
    case .urgent: "urgent"
    case .high: "high"
    case .normal: "normal"
    case .low: "low"
    }
  }

  /// Parses the policy's name.
  public init?(name: String) {
    guard let match = Priority.allCases.first(where: { $0.name == name }) else { return nil }
    self = match
  }
}

/// A ticket offered to one agent for a limited time.
public struct Offer: Hashable, Sendable {
  /// The offer's identifier.
  public let id: OfferID
  /// The agent it is offered to.
  public let agent: AgentID
  /// When it was made.
  public let offeredAt: Instant
  /// When it expires.
  public let expiresAt: Instant

  /// Describes an offer.
  public init(id: OfferID, agent: AgentID, offeredAt: Instant, expiresAt: Instant) {
    self.id = id
    self.agent = agent
    self.offeredAt = offeredAt
    self.expiresAt = expiresAt
  }
}
