/// Whoever moves a ticket by hand.
public struct Hand: Hashable, Sendable {
  /// The agent who acts.
  public let agent: AgentID
  /// Whether the agent leads, and may so move what others have.
  public let leads: Bool

  /// Names who acts.
  public init(_ agent: AgentID, leads: Bool) {
    self.agent = agent
    self.leads = leads
  }

  var actor: TimelineEntry.Actor { .agent(agent) }
}

/// Where a ticket is handed to.
public enum TransferDestination: Hashable, Sendable {
  /// A queue, with what it asks of an agent.
  case queue(QueueID, skills: [SkillRequirement])
  /// One agent, by an offer: nobody gets what they are not there for, or have no room for.
  case agent(Offer)
}

/// What a person said of a label.
public struct Correction: Hashable, Sendable {
  /// The message that the label is about.
  public let message: MessageID
  /// The category that is right.
  public let category: String
  /// Who says so.
  public let by: Hand
  /// The version of the model whose label it replaces.
  public let modelVersion: String

  /// Describes a correction.
  public init(message: MessageID, category: String, by: Hand, modelVersion: String) {
    self.message = message
    self.category = category
    self.by = by
    self.modelVersion = modelVersion
  }
}

/// That a ticket has to do with another one.
public struct TicketTie: Hashable, Sendable {
  /// How it has to do with it; the raw value is what the store keeps.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// The two belong together.
    case related
    /// It became part of the other.
    case mergedInto = "merged_into"
  }

  /// The other ticket.
  public let other: TicketID
  /// How.
  public let kind: Kind
  /// Who said so.
  public let by: AgentID

  /// Describes a tie.
  public init(to other: TicketID, _ kind: Kind, by agent: AgentID) {
    self.other = other
    self.kind = kind
    self.by = agent
  }
}
