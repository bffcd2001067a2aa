/// Which ended tickets are inspected, and the form with which inspectors score them.
///
/// Selecting is a pure function of the plan, the ticket and the time at which it ended: a retry, a restart and another process select the
/// same tickets. The seed keeps agents, who see identifiers of tickets, from computing which ones are selected.
public struct InspectionPlan: Hashable, Sendable {
  /// Part of the hash that selects tickets.
  public let seed: String
  /// The share of ended tickets that is inspected, 0 to 1, where neither queue nor agent has a share.
  public let share: Double
  /// The shares of queues; 1 inspects every agent who replied on one of its tickets.
  public let queueShares: [QueueID: Double]
  /// The shares of agents, which take precedence over those of queues below 1; 0 exempts an agent from the sample.
  public let agentShares: [AgentID: Double]
  /// New agents, of whose tickets all are inspected, and until when.
  public let newUntil: [AgentID: Instant]
  /// The criteria of the form, in order; at least one.
  public let form: [InspectionCriterion]
  /// How long after the result the agent may appeal.
  public let appealTime: Duration
  /// Whether a lead may decide the appeal against a result of their own.
  public let inspectorDecidesAppeals: Bool

  /// Describes a plan.
  public init(
    seed: String, share: Double, queueShares: [QueueID: Double] = [:], agentShares: [AgentID: Double] = [:],
    newUntil: [AgentID: Instant] = [:], form: [InspectionCriterion], appealTime: Duration,
    inspectorDecidesAppeals: Bool = false
  ) {
    self.seed = seed
    self.share = share
    self.queueShares = queueShares
    self.agentShares = agentShares
    self.newUntil = newUntil
    self.form = form
    self.appealTime = appealTime
    self.inspectorDecidesAppeals = inspectorDecidesAppeals
  }

  /// Selects from a ticket that ends.
  /// - Returns: nil if no agent is inspected, whoever replied on it.
  public func sample(of ticket: TicketID, in queue: QueueID?, at end: Instant) -> InspectionSample? {
    let mark = InspectionPlan.mark(of: ticket, seed: seed)
    let ofQueue = queue.flatMap { queueShares[$0] }
    let isFull = ofQueue == 1
    var selected: [AgentID: InspectionCause] = [:]
    var exempt: Set<AgentID> = []
    for (agent, share) in agentShares where !isFull {
      if share == 1 {
        selected[agent] = .agent
      } else if mark < share {
        selected[agent] = .share
      } else {
        exempt.insert(agent)
      }
    }
    for (agent, until) in newUntil where end < until {
      selected[agent] = .newAgent
      exempt.remove(agent)
    }
    let others: InspectionCause? = isFull ? .queue : mark < ofQueue ?? share ? .share : nil
    guard others != nil || !selected.isEmpty else { return nil }
    return InspectionSample(others: others, selected: selected, exempt: exempt)
  }

  /// The place of a ticket in the sample, 0 to 1: tickets below a share belong to it, so that a greater share only adds tickets.
  static func mark(of ticket: TicketID, seed: String) -> Double {
    // FNV-1a, then SplitMix64 to spread the identifier's few random bits.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in Array(seed.utf8) + ticket.bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    var generator = SeededGenerator(seed: hash)
    return Double(generator.next() >> 11) * 0x1p-53
  }
}

/// One criterion of the form.
public struct InspectionCriterion: Hashable, Sendable {
  /// Its name, by which reports count it.
  public let id: CriterionID
  /// What inspectors and agents read; complete.
  public let titles: [StaffLanguage: String]
  /// How much it counts in the result, 1 or more.
  public let weight: Int
  /// The best score; the worst is 0.
  public let scale: Int

  /// Describes a criterion.
  public init(id: CriterionID, titles: [StaffLanguage: String], weight: Int, scale: Int) {
    self.id = id
    self.titles = titles
    self.weight = weight
    self.scale = scale
  }
}

/// The name of a criterion.
public typealias CriterionID = Key<InspectionCriterion>

/// Whose work on an ended ticket is inspected, among the agents who replied on it.
public struct InspectionSample: Hashable, Sendable {
  /// Why agents are inspected who are neither selected nor exempt; nil: they are not.
  public let others: InspectionCause?
  /// Agents who are inspected in any case.
  public let selected: [AgentID: InspectionCause]
  /// Agents who are not.
  public let exempt: Set<AgentID>

  /// Describes a sample.
  public init(others: InspectionCause?, selected: [AgentID: InspectionCause] = [:], exempt: Set<AgentID> = []) {
    self.others = others
    self.selected = selected
    self.exempt = exempt
  }
}

/// Why an agent's work on a ticket is inspected.
public enum InspectionCause: String, Hashable, Sendable, CaseIterable {
  /// The ticket is in the sample.
  case share
  /// All tickets of the queue are inspected.
  case queue
  /// All tickets of the agent are inspected.
  case agent
  /// The agent is new.
  case newAgent = "new_agent"
}
