/// An agent who performs a manual action on a ticket.
public struct ActingAgent: Hashable, Sendable {
  /// The agent.
  public let agent: AgentID
  /// Whether the agent is a lead, who may move tickets held by others.
  public let leads: Bool

  /// Names the acting agent.
  public init(_ agent: AgentID, leads: Bool) {
    self.agent = agent
    self.leads = leads
  }

  var actor: TimelineEntry.Actor { .agent(agent) }
}

/// The destination of a transfer.
public enum TransferDestination: Hashable, Sendable {
  /// A queue, with the skills that it requires.
  case queue(QueueID, skills: [SkillRequirement])
  /// One agent, by an offer: an agent who is absent or has no free capacity gets nothing.
  case agent(Offer)
}

/// A person's correction of a label.
public struct Correction: Hashable, Sendable {
  /// The message that the label is about.
  public let message: MessageID
  /// The correct category.
  public let category: String
  /// The agent who made the correction.
  public let by: ActingAgent
  /// The version of the model whose label is replaced.
  public let modelVersion: String

  /// Describes a correction.
  public init(message: MessageID, category: String, by: ActingAgent, modelVersion: String) {
    self.message = message
    self.category = category
    self.by = by
    self.modelVersion = modelVersion
  }
}

/// A link from a ticket to another one.
public struct TicketLink: Hashable, Sendable {
  /// The kind of link; the raw value is what the store keeps.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// The two tickets are related.
    case related
    /// The ticket was merged into the other.
    case mergedInto = "merged_into"
  }

  /// The other ticket.
  public let other: TicketID
  /// The kind of link.
  public let kind: Kind
  /// The agent who made the link.
  public let by: AgentID

  /// Describes a link.
  public init(to other: TicketID, _ kind: Kind, by agent: AgentID) {
    self.other = other
    self.kind = kind
    self.by = agent
  }
}
