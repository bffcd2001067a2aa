/// What is known when agents in reserve are called or sent back.
public struct ReserveSituation: Sendable {
  /// A queue and who serves it.
  struct Queue: Sendable {
    let id: QueueID
    /// The first waiting tickets for which nobody available has room, in the order in which they are offered.
    let uncovered: ArraySlice<WaitingTicket>
    /// Tickets that go to agents per second.
    let pace: Double
    /// Available agents who serve it; how many of them have work; how many of those were called.
    let available: Int
    let working: Int
    let workingCalled: Int
    /// Agents who were called a moment ago and may come.
    let coming: Int
  }

  let policy: Policy
  /// By name.
  let agents: [AgentID: AgentStatus]
  /// The newest call of each agent who was called in the last day.
  let calls: [AgentID: ReserveCall]
  let queues: [Queue]

  /// Describes the situation.
  /// - Parameters:
  ///   - agents: everyone of the policy, present or not.
  ///   - waiting: the first waiting tickets of each queue, in order.
  ///   - paces: tickets that go to agents per second; queues without a recent measurement are missing.
  ///   - calls: the newest call of each agent, open or not.
  public init(
    policy: Policy, agents: [AgentStatus], waiting: [QueueID: [WaitingTicket]], paces: [QueueID: Double],
    calls: [ReserveCall], now: Instant
  ) {
    self.policy = policy
    self.agents = Dictionary(agents.map { ($0.profile.id, $0) }, uniquingKeysWith: { $1 })
    let newest = Dictionary(
      calls.map { ($0.agent, $0) }, uniquingKeysWith: { $0.calledAt < $1.calledAt ? $1 : $0 })
    self.calls = newest
    queues = policy.queues.values.sorted { $0.id < $1.id }.map { queue in
      let serving = agents.filter { queue.isServed(by: $0.profile) }
      let available = serving.filter { $0.presence == .available }
      var room = available.reduce(0) { $0 + Int(max(0, $1.profile.capacity - $1.load)) }
      let tickets = waiting[queue.id] ?? []
      let uncovered = tickets.drop { ticket in
        guard room >= Int(ticket.weight) else { return false }
        room -= Int(ticket.weight)
        return true
      }
      let working = available.filter { $0.load > 0 }
      return Queue(
        id: queue.id, uncovered: uncovered, pace: paces[queue.id] ?? 0, available: available.count,
        working: working.count, workingCalled: working.count { newest[$0.profile.id]?.isOpen == true },
        coming: serving.count { newest[$0.profile.id]?.isComing(now: now) == true && $0.presence == .reserve })
    }
  }
}

extension ReserveCall {
  var isOpen: Bool { endedAt == nil }

  /// Whether the agent has neither come nor let the time to answer pass.
  func isComing(now: Instant) -> Bool {
    isOpen && acceptedAt == nil && now - calledAt < ReserveCallRule.answerTime
  }
}

extension QueuePolicy {
  /// Whether an agent serves the queue without any relaxation: by team and by the skills that all its tickets require.
  func isServed(by agent: AgentProfile) -> Bool {
    (teams.isEmpty || !teams.isDisjoint(with: agent.teams)) && agent.masters(skills)
  }
}
