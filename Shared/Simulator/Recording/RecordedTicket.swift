public import DeskCore

/// A ticket of a recording, its times in milliseconds since the start of the stretch.
public struct RecordedTicket: Hashable, Sendable {
  /// A pseudonym.
  public let id: String
  /// The customer's pseudonym: the same for all tickets of one customer on one channel.
  public let customer: String
  public let channel: ChannelID
  public let tier: CustomerTier
  /// The customer's dedicated agent, a pseudonym.
  public let dedicatedAgent: AgentID?
  /// When it was opened.
  public let opened: Int64
  /// The first decision; nil for a ticket that was not decided.
  public let decision: Decision?
  /// When the first response was due, as the clock stood last; nil without such a target.
  public let firstDue: Int64?
  /// Whether the target of the first response was breached.
  public let isFirstLate: Bool
  public let messages: [Message]
  public let offers: [Offer]
  public let hands: [Hands]
  /// How it ended; nil while it was open when it was recorded.
  public let end: End?

  public init(
    id: String, customer: String, channel: ChannelID, tier: CustomerTier, dedicatedAgent: AgentID?, opened: Int64,
    decision: Decision?, firstDue: Int64?, isFirstLate: Bool, messages: [Message], offers: [Offer], hands: [Hands],
    end: End?
  ) {
    self.id = id
    self.customer = customer
    self.channel = channel
    self.tier = tier
    self.dedicatedAgent = dedicatedAgent
    self.opened = opened
    self.decision = decision
    self.firstDue = firstDue
    self.isFirstLate = isFirstLate
    self.messages = messages
    self.offers = offers
    self.hands = hands
    self.end = end
  }

  /// What the rules decided about the message that opened it, and from what.
  public struct Decision: Hashable, Sendable {
    /// When it was decided.
    public let at: Int64
    /// The version of the policy that decided.
    public let policyVersion: Int32
    /// The labels of the model; category and intent are among the model's, never a person's words.
    public let labels: Labels
    /// The product line, if the policy names it, else a pseudonym; empty for none.
    public let productLine: String
    /// The indices of that version's word lists and field tests that were met.
    public let found: [Int]
    public let met: [Int]
    public let queue: QueueID
    public let priority: Priority
    public let skills: [SkillRequirement]
    public let weight: Int32
    /// Whether the label was too uncertain, and a person had to label it.
    public let needsTriage: Bool
    /// Whether an article answered it.
    public let isByArticle: Bool

    public init(
      at: Int64, policyVersion: Int32, labels: Labels, productLine: String, found: [Int], met: [Int], queue: QueueID,
      priority: Priority, skills: [SkillRequirement], weight: Int32, needsTriage: Bool, isByArticle: Bool
    ) {
      self.at = at
      self.policyVersion = policyVersion
      self.labels = labels
      self.productLine = productLine
      self.found = found
      self.met = met
      self.queue = queue
      self.priority = priority
      self.skills = skills
      self.weight = weight
      self.needsTriage = needsTriage
      self.isByArticle = isByArticle
    }
  }

  /// The time of a message; of its content nothing is recorded.
  public struct Message: Hashable, Sendable {
    public enum Author: String, Hashable, Sendable, CaseIterable {
      case customer, agent, article
    }

    public let at: Int64
    public let author: Author

    public init(at: Int64, author: Author) {
      self.at = at
      self.author = author
    }
  }

  /// An offer and its answer.
  public struct Offer: Hashable, Sendable {
    public enum Answer: String, Hashable, Sendable, CaseIterable {
      case accepted, declined, timedOut = "timed_out", withdrawn
    }

    public let at: Int64
    public let agent: AgentID
    /// Nil while it was open when it was recorded.
    public let answer: Answer?
    /// When it was answered; nil as `answer`.
    public let answeredAt: Int64?

    public init(at: Int64, agent: AgentID, answer: Answer?, answeredAt: Int64?) {
      self.at = at
      self.agent = agent
      self.answer = answer
      self.answeredAt = answeredAt
    }
  }

  /// A time in which one agent had it.
  public struct Hands: Hashable, Sendable {
    public let agent: AgentID
    /// When the agent accepted it.
    public let since: Int64
    /// Milliseconds in which the agent worked on it, and in which the customer was waited for.
    public let handled: Int64
    public let pended: Int64
    /// The kind of timeline entry that ended it, such as `resolved`; nil while it lasted when it was recorded.
    public let endedBy: String?

    public init(agent: AgentID, since: Int64, handled: Int64, pended: Int64, endedBy: String?) {
      self.agent = agent
      self.since = since
      self.handled = handled
      self.pended = pended
      self.endedBy = endedBy
    }
  }

  /// An end.
  public struct End: Hashable, Sendable {
    public enum How: String, Hashable, Sendable, CaseIterable {
      /// An agent settled it.
      case resolved
      /// An article settled it, and nobody had it.
      case article
      /// It ended without an agent having had it, an article, a merge or a rejection: the customer gave up.
      case abandoned
      case merged, rejected
    }

    /// When it was settled last.
    public let at: Int64
    public let how: How

    public init(at: Int64, how: How) {
      self.at = at
      self.how = how
    }
  }
}
