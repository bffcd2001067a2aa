// What the timeline keeps of call-backs.

extension TimelineEvent {
  /// A step of a call-back, with the call-back as it is after the ticket's step: the store's list of call-backs follows these entries.
  public struct CallBackStep: TimelinePayload {
    /// Counts the call-backs of the ticket, from 1.
    public internal(set) var number: Int32?
    /// Why it was promised.
    public internal(set) var origin: CallBack.Origin?
    /// What has become of it.
    public internal(set) var state: CallBack.State?
    /// The agent who calls.
    public internal(set) var owner: AgentID?
    /// The owner before the step; nil unless it was handed over.
    public internal(set) var formerOwner: AgentID?
    /// When it was promised.
    public internal(set) var promisedAt: Instant?
    /// Until when it must be done.
    public internal(set) var dueAt: Instant?
    /// The next time at which it warns or breaks.
    public internal(set) var checkAt: Instant?
    /// How often the due time was moved.
    public internal(set) var moves: Int32?
    /// When it was broken.
    public internal(set) var brokenAt: Instant?
    /// When nothing remained to be done.
    public internal(set) var endedAt: Instant?
    /// The queue of the ticket.
    public internal(set) var queue: QueueID?
    /// The leads of the queue's teams.
    public internal(set) var leads: [AgentID]?
    /// The reason that the person gave.
    public internal(set) var reason: String?

    init() {}

    /// What is kept of a step.
    public init(_ callBack: CallBack, queue: QueueID?, from former: AgentID?, leads: [AgentID], reason: String?) {
      number = callBack.number
      origin = callBack.origin
      state = callBack.state
      owner = callBack.owner
      formerOwner = former == callBack.owner ? nil : former
      promisedAt = callBack.promisedAt
      dueAt = callBack.dueAt
      checkAt = callBack.nextCheckAt
      moves = callBack.moves
      brokenAt = callBack.brokenAt
      endedAt = callBack.endedAt
      self.queue = queue
      self.leads = leads
      self.reason = reason
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("number", &number)
      members.member("origin", &origin)
      members.member("state", &state)
      members.member("owner", &owner)
      members.member("former_owner", &formerOwner)
      members.member("promised_at_us", &promisedAt)
      members.member("due_at_us", &dueAt)
      members.member("check_at_us", &checkAt)
      members.member("moves", &moves)
      members.member("broken_at_us", &brokenAt)
      members.member("ended_at_us", &endedAt)
      members.member("queue", &queue)
      members.member("leads", &leads)
      members.member("reason", &reason)
    }
  }
}

extension CallBack.Origin: TimelineValue {}
extension CallBack.State: TimelineValue {}
