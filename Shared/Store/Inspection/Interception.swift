public import DeskCore

/// A reply in which a rule of the policy found something, as it is recorded when an agent tries to send it.
public struct Interception: Sendable, Hashable {
  /// Its identifier; the sealed text is bound to it.
  public let id: InterceptionID
  /// The ticket.
  public let ticket: TicketID
  /// Who wrote the reply.
  public let agent: AgentID
  /// The ticket's queue at that time.
  public let queue: QueueID?
  /// The reply; nil if it was refused.
  public let message: MessageID?
  /// What was found, at least one.
  public let findings: [ReplyFinding]
  /// The encrypted text; nil if it is not kept.
  public let sealed: SealedContact?

  /// Describes an interception.
  public init(
    id: InterceptionID, ticket: TicketID, agent: AgentID, queue: QueueID?, message: MessageID?,
    findings: [ReplyFinding], sealed: SealedContact?
  ) {
    self.id = id
    self.ticket = ticket
    self.agent = agent
    self.queue = queue
    self.message = message
    self.findings = findings
    self.sealed = sealed
  }

  /// Whether the reply was not sent.
  public var isRefused: Bool { message == nil }
}

/// The identifier of an interception.
public typealias InterceptionID = Identifier<Interception>

/// A recorded interception.
public struct StoredInterception: Sendable, Hashable {
  public let interception: Interception
  /// When the reply was inspected.
  public let at: Instant
}

/// How often a rule found a term in an agent's replies on the tickets of a queue.
public struct InterceptionFigures: Sendable, Hashable {
  public let agent: AgentID
  public let queue: QueueID?
  public let rule: ReplyRuleID
  public let term: String
  public let action: String
  /// Attempts that were refused.
  public let refused: Int64
  /// Replies that were sent.
  public let sent: Int64
}
