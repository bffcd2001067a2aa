public import DeskCore

/// The live tickets that a person asks for. Empty lists and nil match every ticket; everything that is set must match.
public struct TicketFilter: Sendable, Hashable {
  /// The tickets that an agent may see: those that the agent has, had last or is offered, and those in queues that the agent's teams serve.
  public struct Sight: Sendable, Hashable {
    public let agent: AgentID
    public let queues: [QueueID]

    public init(agent: AgentID, queues: [QueueID]) {
      self.agent = agent
      self.queues = queues
    }
  }

  public var states: [TicketState] = []
  public var queues: [QueueID] = []
  /// The agents who have the ticket or are offered it.
  public var agents: [AgentID] = []
  public var priorities: [Priority] = []
  /// Whether a clock that runs is past its due time.
  public var isLate: Bool?
  /// Whether a step of the escalation ladder has been taken.
  public var isEscalated: Bool?
  /// Opened at or after this time.
  public var openedFrom: Instant?
  /// Opened before this time.
  public var openedBefore: Instant?
  public var channel: ChannelID?
  /// The customer's id on `channel`, which must be set as well. It also matches tickets that the customer shares since a merge.
  public var customer: String?
  /// Text in the subject or body of one of the newest `StoreBounds.messagesSearchedPerTicket` messages, replies and notes, ignoring case.
  public var text: String?
  /// Nil if all tickets may be seen.
  public var sight: Sight?

  public init() {}
}

/// A page of a list of tickets, newest first.
public struct TicketPage: Sendable {
  public let tickets: [Ticket]
  /// The position from which the next page is read; nil when there are no more tickets.
  public let next: TicketID?

  public init(tickets: [Ticket], next: TicketID?) {
    self.tickets = tickets
    self.next = next
  }
}
