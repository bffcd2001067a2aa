// What the timeline keeps of consults: never the texts.

extension TimelineEvent {
  /// A consult was asked, answered or withdrawn.
  public struct ConsultStep: TimelinePayload {
    /// The consult.
    public internal(set) var consult: ConsultID?
    /// The agent who asked.
    public internal(set) var asker: AgentID?
    /// The agent who was asked; nil if a product line's interface people were.
    public internal(set) var consulted: AgentID?
    /// The product line whose interface people were asked.
    public internal(set) var productLine: ProductLineID?
    /// The internal note that answers it.
    public internal(set) var note: MessageID?

    init() {}

    /// What is kept of a step: the consult as it is after it.
    public init(_ consult: Consult) {
      self.consult = consult.id
      asker = consult.asker
      switch consult.recipient {
      case .agent(let agent): consulted = agent
      case .productLine(let line): productLine = line
      }
      if case .answered(_, let message, _) = consult.phase { note = message }
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("consult", &consult)
      members.member("asker", &asker)
      members.member("consulted", &consulted)
      members.member("consulted_line", &productLine)
      members.member("note", &note)
    }
  }
}
