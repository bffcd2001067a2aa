// What the timeline keeps of messages, and of a ticket's ends.

extension TimelineEvent {
  /// A later message of a customer.
  public struct CustomerWrote: TimelinePayload {
    /// The message.
    public internal(set) var message: MessageID?
    /// The ticket's state when it was received.
    public internal(set) var state: TicketState?
    /// The labels of the message that matter afterwards.
    public internal(set) var category: String?
    public internal(set) var urgency: Urgency?
    public internal(set) var language: String?

    init() {}

    /// What is kept of a message.
    public init(_ message: MessageID, in state: TicketState, labels: Labels) {
      self.message = message
      self.state = state
      category = labels.category
      urgency = labels.urgency
      language = labels.language
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("message", &message)
      members.member("state", &state)
      members.member("category", &category)
      members.member("urgency", &urgency)
      members.member("language", &language)
    }
  }

  /// An agent's public reply.
  public struct Replied: TimelinePayload {
    /// The reply.
    public internal(set) var message: MessageID?

    init() {}

    /// What is kept of a reply.
    public init(_ message: MessageID) {
      self.message = message
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("message", &message)
    }
  }

  /// An agent's internal note.
  public struct Noted: TimelinePayload {
    /// The note, a message that the customer does not see.
    public internal(set) var note: MessageID?

    init() {}

    /// What is kept of a note.
    public init(_ note: MessageID) {
      self.note = note
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("note", &note)
    }
  }

  /// A settled ticket.
  public struct Resolved: TimelinePayload {
    /// What settled a ticket that no agent did.
    public enum Settler: String, TimelineValue {
      /// An article, as the customer confirmed.
      case article
    }

    /// The agent's words, if any.
    public internal(set) var reason: String?
    /// The SLA targets left unmet.
    public internal(set) var unanswered: [ServiceLevelClocks.Name] = []
    /// What settled it; nil when the acting agent did.
    public internal(set) var by: Settler?

    init() {}

    /// What is kept of an agent's resolution.
    public init(reason: String?, unanswered: [ServiceLevelClocks.Name]) {
      self.reason = reason
      self.unanswered = unanswered
    }

    /// What is kept of a resolution without an agent.
    public init(by settler: Settler) {
      by = settler
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("reason", &reason)
      members.list("unanswered", &unanswered)
      members.member("by", &by)
    }
  }

  /// A settled ticket that came back.
  public struct Reopened: TimelinePayload {
    /// How often it was reopened, this time included.
    public internal(set) var times: Int32?

    init() {}

    /// What is kept of it.
    public init(times: Int32) {
      self.times = times
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("times", &times)
    }
  }

  /// A ticket settled for good.
  public struct Closed: TimelinePayload {
    /// Its state before.
    public internal(set) var formerState: TicketState?
    /// Whether the customer confirmed that it is solved.
    public internal(set) var isConfirmed: Bool?

    init() {}

    /// What is kept of it.
    public init(from state: TicketState, isConfirmed: Bool) {
      formerState = state
      self.isConfirmed = isConfirmed
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("was", &formerState)
      members.member("confirmed", &isConfirmed)
    }
  }

  /// A customer's feedback.
  public struct FeedbackReceived: TimelinePayload {
    /// Whether the customer says that it is solved.
    public internal(set) var isSolved: Bool?
    /// The ticket's state before.
    public internal(set) var formerState: TicketState?
    /// The rating, in `Feedback.ratings`, if any.
    public internal(set) var rating: Int?
    /// The message that holds the comment, if any.
    public internal(set) var comment: MessageID?
    /// The agent who served the ticket; nil for one that an article answered.
    public internal(set) var servedBy: AgentID?

    init() {}

    /// What is kept of feedback.
    public init(_ feedback: Feedback, in state: TicketState, servedBy agent: AgentID?) {
      isSolved = feedback.solved
      formerState = state
      rating = feedback.rating
      comment = feedback.comment
      servedBy = agent
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("solved", &isSolved)
      members.member("was", &formerState)
      members.nullable("rating", &rating)
      members.nullable("comment", &comment)
      members.nullable("served_by", &servedBy)
    }
  }

  /// A follow-up on a dissatisfied customer.
  public struct FollowUpOpened: TimelinePayload {
    /// The lead who is to follow up; nil if the team has none.
    public internal(set) var lead: AgentID?
    /// The rating that caused it.
    public internal(set) var rating: Int?

    init() {}

    /// What is kept of a follow-up.
    public init(lead: AgentID?, rating: Int) {
      self.lead = lead
      self.rating = rating
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.nullable("lead", &lead)
      members.member("rating", &rating)
    }
  }
}
