/// A question about a ticket to a colleague, or to the interface people of a product line. The ticket stays with who has it.
///
/// It is answered once: by the agent who was asked, or by the first of the product line's interface people. Every step is a step of the
/// ticket too, so that two of them never meet: the ticket's version decides.
public struct Consult: Hashable, Sendable {
  /// Who is asked.
  public enum Recipient: Hashable, Sendable {
    /// One agent.
    case agent(AgentID)
    /// Whoever is an interface person of the product line by the policy in force.
    case productLine(ProductLineID)
  }

  /// What has become of it.
  public enum Phase: Hashable, Sendable {
    /// Neither answered nor withdrawn, and the ticket is not settled.
    case open
    /// Answered with an internal note on the ticket.
    case answered(by: AgentID, note: MessageID, at: Instant)
    /// No longer needed.
    case withdrawn(at: Instant)
    /// The ticket was settled or ended first.
    case ended(at: Instant)
  }

  /// The phases by name.
  public enum State: String, Hashable, Sendable, CaseIterable {
    case open, answered, withdrawn, ended
  }

  /// The identifier; it begins with the time.
  public let id: ConsultID
  /// The agent who asks.
  public let asker: AgentID
  /// Who is asked.
  public let recipient: Recipient
  /// The question; nil when the customer was erased.
  public package(set) var question: String?
  /// When it was asked.
  public let askedAt: Instant
  /// What has become of it.
  public private(set) var phase: Phase

  /// Creates a consult, as it is asked or as the store has it.
  public init(
    id: ConsultID, asker: AgentID, recipient: Recipient, question: String?, askedAt: Instant, phase: Phase = .open
  ) {
    self.id = id
    self.asker = asker
    self.recipient = recipient
    self.question = question
    self.askedAt = askedAt
    self.phase = phase
  }

  /// The name of the phase.
  public var state: State {
    switch phase {
    case .open: .open
    case .answered: .answered
    case .withdrawn: .withdrawn
    case .ended: .ended
    }
  }

  /// When it was answered, withdrawn or ended.
  public var endedAt: Instant? {
    switch phase {
    case .open: nil
    case .answered(_, _, let moment), .withdrawn(let moment), .ended(let moment): moment
    }
  }

  /// Whether it is put to this agent. Who asks a product line is not asked, even as one of its interface people.
  public func isPut(to agent: AgentID, under policy: Policy) -> Bool {
    guard agent != asker else { return false }
    switch recipient {
    case .agent(let asked): return asked == agent
    case .productLine(let line): return policy.isInterface(agent, of: line)
    }
  }
}

/// The identifier of a consult.
public typealias ConsultID = Identifier<Consult>

// MARK: - Steps

extension Consult {
  /// What people do about a consult that was asked.
  public enum Event: Hashable, Sendable {
    /// Answered, with an internal note of this identifier.
    case answered(MessageID, by: AgentID)
    /// Withdrawn by the agent who asked, the one who has the ticket now, or a lead.
    case withdrawn(by: ActingAgent)
  }

  /// Why a step is refused.
  public enum Refusal: Error, Hashable, Sendable {
    /// It was answered, withdrawn or ended before.
    case isOver(State)
    /// It was not put to this agent.
    case notPutTo(AgentID)
    /// Only who asked, who has the ticket, and leads withdraw it.
    case notYours
  }

  /// Takes a step.
  /// - Parameter holder: who has the ticket.
  /// - Returns: whether anything changed: a repeated withdrawal changes nothing.
  /// - Throws: a refusal; the consult is then unchanged.
  public mutating func handle(
    _ event: Event, holder: AgentID?, under policy: Policy, now: Instant
  ) throws(Refusal) -> Bool {
    switch event {
    case .answered(let note, let agent):
      guard isPut(to: agent, under: policy) else { throw .notPutTo(agent) }
      guard phase == .open else { throw .isOver(state) }
      phase = .answered(by: agent, note: note, at: now)
    case .withdrawn(let hand):
      guard hand.leads || hand.agent == asker || hand.agent == holder else { throw .notYours }
      if case .withdrawn = phase { return false }
      guard phase == .open else { throw .isOver(state) }
      phase = .withdrawn(at: now)
    }
    return true
  }
}
