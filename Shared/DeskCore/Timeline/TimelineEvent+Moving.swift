// What the timeline keeps of tickets that were moved to another queue or agent, linked and merged.

extension TimelineEvent {
  /// A ticket whose queue was removed from the policy.
  public struct QueueMoved: TimelinePayload {
    /// The former queue.
    public internal(set) var from: QueueID?
    /// The new queue.
    public internal(set) var to: QueueID?
    /// `ServiceReason.queueRemoved`.
    public internal(set) var reason: String?

    init() {}

    /// What is kept of it.
    public init(from former: QueueID?, to queue: QueueID) {
      from = former
      to = queue
      reason = ServiceReason.queueRemoved.rawValue
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.nullable("from", &from)
      members.member("to", &to)
      members.member("reason", &reason)
    }
  }

  /// A transfer by a person, to a queue or by an offer to an agent.
  public struct Transferred: TimelinePayload {
    /// The acting agent's words.
    public internal(set) var reason: String?
    /// The agent who had it or its offer; nil when it waited.
    public internal(set) var fromAgent: AgentID?
    /// The queue it was in.
    public internal(set) var fromQueue: QueueID?
    /// The queue it was transferred to; nil for a transfer to an agent.
    public internal(set) var toQueue: QueueID?
    /// The agent it was offered to; nil for a transfer to a queue.
    public internal(set) var toAgent: AgentID?
    /// The offer; nil as `toAgent`.
    public internal(set) var offer: OfferID?
    /// When the offer expires; nil as `toAgent`.
    public internal(set) var expiresAt: Instant?

    init() {}

    /// What is kept of a transfer.
    public init(
      to destination: TransferDestination, fromAgent: AgentID?, fromQueue: QueueID?, reason: String
    ) {
      self.reason = reason
      self.fromAgent = fromAgent
      self.fromQueue = fromQueue
      switch destination {
      case .queue(let queue, _): toQueue = queue
      case .agent(let made):
        toAgent = made.agent
        offer = made.id
        expiresAt = made.expiresAt
      }
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("reason", &reason)
      members.nullable("from_agent", &fromAgent)
      members.nullable("from_queue", &fromQueue)
      members.member("to_queue", &toQueue)
      members.member("to_agent", &toAgent)
      members.member("offer", &offer)
      members.member("expires_at_us", &expiresAt)
    }
  }

  /// A link to a related ticket.
  public struct Linked: TimelinePayload {
    /// The other ticket.
    public internal(set) var ticket: TicketID?
    /// The acting agent's words.
    public internal(set) var reason: String?

    init() {}

    /// What is kept of a link.
    public init(to ticket: TicketID, reason: String) {
      self.ticket = ticket
      self.reason = reason
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("ticket", &ticket)
      members.member("reason", &reason)
    }
  }

  /// Another ticket that was merged into this one.
  public struct Absorbed: TimelinePayload {
    /// The other ticket.
    public internal(set) var ticket: TicketID?
    /// The acting agent's words.
    public internal(set) var reason: String?
    /// Since when this ticket owes the reply that was pending on the other; nil when none was.
    public internal(set) var replyDueSince: Instant?

    init() {}

    /// What is kept of it.
    public init(_ ticket: TicketID, reason: String, replyDueSince: Instant?) {
      self.ticket = ticket
      self.reason = reason
      self.replyDueSince = replyDueSince
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("ticket", &ticket)
      members.member("reason", &reason)
      members.member("reply_due_since_us", formerly: "reply_owed_since_us", &replyDueSince)
    }
  }

  /// The end of a ticket that was merged into another.
  public struct Merged: TimelinePayload {
    /// The other ticket.
    public internal(set) var ticket: TicketID?
    /// The acting agent's words.
    public internal(set) var reason: String?
    /// The SLA targets left unmet.
    public internal(set) var unanswered: [ServiceLevelClocks.Name] = []

    init() {}

    /// What is kept of it.
    public init(into ticket: TicketID, reason: String, unanswered: [ServiceLevelClocks.Name]) {
      self.ticket = ticket
      self.reason = reason
      self.unanswered = unanswered
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("ticket", &ticket)
      members.member("reason", &reason)
      members.list("unanswered", &unanswered)
    }
  }
}
