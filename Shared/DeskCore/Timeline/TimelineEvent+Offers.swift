// What the timeline keeps of offers, and of tickets taken from their agents.

extension TimelineEvent {
  /// An offer to one agent.
  public struct Offered: TimelinePayload {
    /// The offer.
    public internal(set) var offer: OfferID?
    /// The agent it was made to.
    public internal(set) var agent: AgentID?
    /// When it expires.
    public internal(set) var expiresAt: Instant?
    /// The version of the policy under which the agent was chosen; nil when that was not recorded.
    public internal(set) var policyVersion: Int32?
    /// The inputs and the result of the choice; nil when they were not recorded, or by a build that kept less.
    public internal(set) var choice: OfferRecord?
    /// When the agent was chosen, which is before the offer was made: a router decides for all its queues and then makes the offers one
    /// after the other.
    public internal(set) var decidedAt: Instant?

    init() {}

    /// What is kept of an offer.
    public init(_ offer: Offer) {
      self.offer = offer.id
      agent = offer.agent
      expiresAt = offer.expiresAt
    }

    /// The same offer with the reason why its agent was chosen.
    public func explained(by choice: OfferRecord, policyVersion: Int32) -> Offered {
      var explained = self
      explained.policyVersion = policyVersion
      explained.choice = choice
      explained.decidedAt = choice.now
      return explained
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("offer", &offer)
      members.member("agent", &agent)
      members.member("expires_at_us", &expiresAt)
      members.member("policy", &policyVersion)
      var why = choice.map { StoredChoice($0) }
      members.member("why", &why)
      (choice, decidedAt) = (why?.record, why?.decidedAt)
    }

    private struct StoredChoice: TimelineValue {
      let record: OfferRecord?
      let decidedAt: Instant?

      init(_ record: OfferRecord) {
        self.record = record
        decidedAt = record.now
      }

      var timelineValue: JSONValue { record?.detail ?? .null }

      init?(timelineValue: JSONValue) {
        record = OfferRecord(timelineValue)
        decidedAt = OfferRecord.decidedAt(timelineValue)
      }
    }
  }

  /// The agent's acceptance.
  public struct Accepted: TimelinePayload {
    /// The offer.
    public internal(set) var offer: OfferID?
    /// The agent's words, if any.
    public internal(set) var reason: String?

    init() {}

    /// What is kept of an acceptance.
    public init(offer: OfferID, reason: String?) {
      self.offer = offer
      self.reason = reason
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("offer", &offer)
      members.member("reason", &reason)
    }
  }

  /// The end of an offer that was not accepted.
  public struct OfferEnded: TimelinePayload {
    /// The offer.
    public internal(set) var offer: OfferID?
    /// The agent it was made to.
    public internal(set) var agent: AgentID?
    /// How many times in a row the agent has released the ticket; nil when it was not the agent's doing.
    public internal(set) var times: Int32?
    /// The agent is not offered the ticket before this time; nil as `times`.
    public internal(set) var notBefore: Instant?
    /// The agent's words, or a `ServiceReason`, if any.
    public internal(set) var reason: String?

    init() {}

    /// What is kept of an ended offer.
    public init(_ offer: Offer, pause: OfferPause?, reason: String?) {
      self.offer = offer.id
      agent = offer.agent
      times = pause?.times
      notBefore = pause?.until
      self.reason = reason
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("offer", &offer)
      members.member("agent", &agent)
      members.member("times", &times)
      members.member("not_before_us", &notBefore)
      members.member("reason", &reason)
    }
  }

  /// A ticket taken from an agent who left, or by an escalation.
  public struct Requeued: TimelinePayload {
    /// The agent who had it.
    public internal(set) var agent: AgentID?
    /// A `ServiceReason`, or the word of a later build.
    public internal(set) var reason: String?

    init() {}

    /// What is kept of it.
    public init(from agent: AgentID, reason: ServiceReason) {
      self.agent = agent
      self.reason = reason.rawValue
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("agent", &agent)
      members.member("reason", &reason)
    }
  }

  /// A ticket taken from an agent who did not reply in time.
  public struct Reclaimed: TimelinePayload {
    /// The agent who had it.
    public internal(set) var agent: AgentID?
    /// `ServiceReason.noReply`.
    public internal(set) var reason: String?
    /// When the oldest message without a reply was received.
    public internal(set) var owedSince: Instant?
    /// How many times in a row the agent has released the ticket.
    public internal(set) var times: Int32?
    /// The agent is not offered the ticket before this time.
    public internal(set) var notBefore: Instant?

    init() {}

    /// What is kept of it.
    public init(owedSince: Instant, pause: OfferPause) {
      agent = pause.agent
      reason = ServiceReason.noReply.rawValue
      self.owedSince = owedSince
      times = pause.times
      notBefore = pause.until
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("agent", &agent)
      members.member("reason", &reason)
      members.member("owed_since_us", &owedSince)
      members.member("times", &times)
      members.member("not_before_us", &notBefore)
    }
  }
}
