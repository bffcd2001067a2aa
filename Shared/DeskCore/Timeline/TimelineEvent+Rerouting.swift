// What the timeline keeps of the rules being run again for a conversation.

extension TimelineEvent {
  /// The rules' decision about a conversation, and what it changed.
  public struct Rerouted: TimelinePayload {
    /// The decision, and the message that led to it.
    public internal(set) var routed = Routed()
    /// The queue it was in.
    public internal(set) var fromQueue: QueueID?
    /// The agent who had it and let it move; nil when no one worked on it.
    public internal(set) var fromAgent: AgentID?
    /// The former priority class.
    public internal(set) var fromPriority: Priority?
    /// The queue and the priority that apply, where people or an escalation had chosen others than the decision; nil as decided.
    public internal(set) var keptQueue: QueueID?
    public internal(set) var keptPriority: Priority?
    /// The agent's words, if any.
    public internal(set) var reason: String?

    init() {}

    /// What is kept of it.
    /// - Parameters:
    ///   - queue: the queue that applies now.
    ///   - priority: the priority that applies now.
    public init(
      _ decision: RoutingDecision, fromQueue: QueueID?, fromAgent: AgentID?, fromPriority: Priority, queue: QueueID?,
      priority: Priority, reason: String?
    ) {
      routed = Routed(decision)
      self.fromQueue = fromQueue
      self.fromAgent = fromAgent
      self.fromPriority = fromPriority
      keptQueue = queue == decision.queue ? nil : queue
      keptPriority = priority == decision.priority ? nil : priority
      self.reason = reason
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      routed.visit(&members)
      members.member("from_queue", &fromQueue)
      members.member("from_agent", &fromAgent)
      members.member("from_priority", &fromPriority)
      members.member("kept_queue", &keptQueue)
      members.member("kept_priority", &keptPriority)
      members.member("reason", &reason)
    }
  }

  /// A move suggested to the agent who has the ticket.
  public struct MoveSuggested: TimelinePayload {
    /// The decision, and the message that led to it.
    public internal(set) var routed = Routed()
    /// The agent.
    public internal(set) var agent: AgentID?

    init() {}

    /// What is kept of a suggestion.
    public init(_ decision: RoutingDecision, to agent: AgentID) {
      routed = Routed(decision)
      self.agent = agent
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      routed.visit(&members)
      members.member("agent", &agent)
    }
  }

  /// A suggestion that the agent declined.
  public struct MoveDeclined: TimelinePayload {
    /// The queue and the priority that were suggested.
    public internal(set) var queue: QueueID?
    public internal(set) var priority: Priority?
    /// The agent's words, if any.
    public internal(set) var reason: String?

    init() {}

    /// What is kept of it.
    public init(_ suggestion: ConversationState.Suggestion, reason: String?) {
      queue = suggestion.queue
      priority = suggestion.priority
      self.reason = reason
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("queue", &queue)
      members.member("priority", &priority)
      members.member("reason", &reason)
    }
  }
}
