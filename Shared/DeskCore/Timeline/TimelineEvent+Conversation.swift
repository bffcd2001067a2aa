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
    public internal(set) var sentiment: Sentiment?
    /// What the message does if it raises no concern, and the share of it that says so; nil for a concern.
    public internal(set) var act: DialogueAct?
    public internal(set) var actShare: Double?

    init() {}

    /// What is kept of a message.
    public init(
      _ message: MessageID, in state: TicketState, labels: Labels, reading: DialogueActReading = .concern
    ) {
      self.message = message
      self.state = state
      category = labels.category
      urgency = labels.urgency
      language = labels.language
      sentiment = labels.sentiment
      guard reading.act != .concern else { return }
      act = reading.act
      actShare = reading.share
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("message", &message)
      members.member("state", &state)
      members.member("category", &category)
      members.member("urgency", &urgency)
      members.member("language", &language)
      members.member("sentiment", &sentiment)
      members.member("act", &act)
      members.member("act_share", &actShare)
    }
  }

  /// A first message that only greets.
  public struct Greeted: TimelinePayload {
    /// The share of the message that greetings cover, and the least that the policy asks for.
    public internal(set) var share: Double?
    public internal(set) var threshold: Double?
    /// The answer that was sent, if any.
    public internal(set) var reply: MessageID?
    /// Until when the ticket waits for the concern; nil when it does not wait.
    public internal(set) var heldUntil: Instant?

    init() {}

    /// What is kept of a greeting.
    public init(_ greeting: RoutingDecision.Greeting, threshold: Double, heldUntil: Instant?) {
      share = greeting.share
      self.threshold = threshold
      reply = greeting.reply
      self.heldUntil = heldUntil
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("share", &share)
      members.member("threshold", &threshold)
      members.member("reply", &reply)
      members.member("held_until_us", &heldUntil)
    }
  }

  /// A prepared answer of a crisis case.
  public struct CrisisAnswered: TimelinePayload {
    /// The case, and why it exists.
    public internal(set) var crisis: CrisisID?
    public internal(set) var cause: String?
    /// The answer in the policy, and the message that carried it.
    public internal(set) var crisisAnswer: String?
    public internal(set) var reply: MessageID?
    /// Why the customer's message got it.
    public internal(set) var match: CrisisReply.Match?
    /// The version of the policy.
    public internal(set) var policyVersion: Int32?

    init() {}

    /// What is kept of an answer.
    public init(_ reply: CrisisReply, policyVersion: Int32) {
      crisis = reply.crisis
      cause = reply.cause.text
      crisisAnswer = reply.answer
      self.reply = reply.reply
      match = reply.match
      self.policyVersion = policyVersion
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("crisis", &crisis)
      members.member("cause", &cause)
      members.member("crisis_answer", &crisisAnswer)
      members.member("reply", &reply)
      members.member("match", &match)
      members.member("policy", &policyVersion)
    }
  }

  /// Closing words on a settled ticket.
  public struct Confirmed: TimelinePayload {
    /// The message.
    public internal(set) var closingMessage: MessageID?
    /// The ticket's state before.
    public internal(set) var formerState: TicketState?
    /// The share of the message that closing words cover, and the least that the policy asks for.
    public internal(set) var share: Double?
    public internal(set) var threshold: Double?
    /// The version of the policy.
    public internal(set) var policyVersion: Int32?

    init() {}

    /// What is kept of a confirmation.
    public init(
      by message: MessageID, in state: TicketState, share: Double, threshold: Double, policyVersion: Int32
    ) {
      closingMessage = message
      formerState = state
      self.share = share
      self.threshold = threshold
      self.policyVersion = policyVersion
    }

    /// Why the message confirmed.
    public var explanation: JSONValue {
      .object([
        .init("message", closingMessage.map { .text($0.description) } ?? .null),
        .init("share", share.map { .number($0) } ?? .null),
        .init("threshold", threshold.map { .number($0) } ?? .null),
      ])
    }

    /// Compares the share with the threshold of the policy that decided.
    /// - Returns: nil for an entry that lacks the share.
    public func replay(under policy: Policy) -> Replay? {
      guard let share else { return nil }
      func outcome(_ threshold: Double?) -> JSONValue {
        .object([
          .init("share", .number(share)), .init("threshold", threshold.map { .number($0) } ?? .null),
          .init("confirms", threshold.map { .flag(share >= $0) } ?? .null),
        ])
      }
      return Replay(kept: outcome(threshold), replayed: outcome(policy.life.conversation.closingFrom))
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("closing_message", &closingMessage)
      members.member("was", &formerState)
      members.member("share", &share)
      members.member("threshold", &threshold)
      members.member("policy", &policyVersion)
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

  /// A reply that did not reach the customer.
  public struct ReplyFailed: TimelinePayload {
    /// The reply; the reason is kept with it.
    public internal(set) var message: MessageID?

    init() {}

    /// What is kept of it.
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
