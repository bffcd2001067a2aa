/// An agent in reserve who was called to help in a queue.
///
/// The call is an invitation: the agent accepts it by becoming available, and nobody else changes that. Sending back is the all-clear: an
/// agent who has no ticket and no offer then is in reserve again.
public struct ReserveCall: Hashable, Sendable {
  /// Why an agent is called.
  public enum Reason: String, Hashable, Sendable, CaseIterable {
    /// Waiting tickets will miss their targets at the pace of those who work.
    case latenessExpected = "lateness_expected"
    /// The oldest ticket has waited too long, whatever its target.
    case oldestWaits = "oldest_waits"
    /// Nobody who serves the queue is available.
    case unstaffed
  }

  /// How a call ended.
  public enum Outcome: String, Hashable, Sendable, CaseIterable {
    /// The agent had come, had nothing left to do, and was sent back.
    case released
    /// The queue was calm before the agent came.
    case withdrawn
    /// The agent went away, offline or back to the reserve.
    case left
  }

  /// Who was called.
  public let agent: AgentID
  /// The team of the agent that serves the queue; nil where the queue is everybody's.
  public let team: TeamID?
  /// The queue that needs help.
  public let queue: QueueID
  /// Why.
  public let reason: Reason
  /// The ticket that waited longest then.
  public let example: TicketID
  /// When, by the database's clock.
  public let calledAt: Instant
  /// When the agent was first seen available.
  public let acceptedAt: Instant?
  /// When it ended; nil while it is open.
  public let endedAt: Instant?

  /// Describes a call.
  public init(
    agent: AgentID, team: TeamID?, queue: QueueID, reason: Reason, example: TicketID, calledAt: Instant,
    acceptedAt: Instant? = nil, endedAt: Instant? = nil
  ) {
    self.agent = agent
    self.team = team
    self.queue = queue
    self.reason = reason
    self.example = example
    self.calledAt = calledAt
    self.acceptedAt = acceptedAt
    self.endedAt = endedAt
  }
}

/// What changes about a call.
public enum ReserveDecision: Hashable, Sendable {
  /// Call an agent to a queue.
  case call(AgentID, team: TeamID?, to: ReserveNeed)
  /// The agent has come.
  case accepted(ReserveCall)
  /// The call ends.
  case end(ReserveCall, ReserveCall.Outcome)
}
