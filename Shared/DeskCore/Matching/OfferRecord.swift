/// The inputs and the result of an offer decision: enough to reproduce the choice bit by bit.
///
/// A desk can have ten thousand agents, so not all are kept: those who rank first, some of those without free capacity, and every agent
/// named by the ticket. Agents cut off would have ranked behind those kept.
public struct OfferRecord: Hashable, Sendable {
  /// An agent as the choice saw them.
  public struct ConsideredAgent: Hashable, Sendable {
    /// The agent.
    public let agent: AgentID
    /// Whether available or in reserve.
    public let presence: Presence
    /// The load carried.
    public let load: Int32
    /// Since when idle.
    public let idleSince: Instant
    /// Whether offered another ticket in the same round.
    public let wasAsked: Bool
  }

  /// The ticket as it waited.
  public let ticket: WaitingTicket
  /// The queue.
  public let queue: QueueID
  /// The time of the choice.
  public let now: Instant
  /// The agents considered.
  public let witnesses: [ConsideredAgent]
  /// Whether it was chosen in the turn of the most overdue ticket.
  public let isOverdueTurn: Bool
  /// How many tickets of the queue rank before it but could be taken by no agent.
  public let passedOver: Int
  /// How many present agents could take it, had no free capacity, were asked in this round, and do not match.
  public let able: Int
  public let full: Int
  public let asked: Int
  public let unfit: Int
  /// The result.
  public let result: OfferChoice

  /// Considered agents kept: of the eligible ones, and of those who lack only free capacity.
  static let ableKept = 24
  static let busyKept = 16

  init(
    of ticket: WaitingTicket, _ demand: Demand, in queue: QueuePolicy, to agent: AgentID,
    from agentIndex: inout AgentIndex, headStarts: HeadStarts,
    now: Instant, isOverdueTurn: Bool, passedOver: Int
  ) {
    self.ticket = ticket
    self.queue = queue.id
    self.now = now
    self.isOverdueTurn = isOverdueTurn
    self.passedOver = passedOver
    let census = agentIndex.census(demand, in: queue)
    (able, full, asked, unfit) = (census.able, census.full, census.asked, census.unfit)
    var names = agentIndex.ranking(demand, in: queue, limit: OfferRecord.ableKept).map(\.agent)
    names += agentIndex.busy(demand, in: queue, limit: OfferRecord.busyKept).map(\.profile.id)
    names += [agent, ticket.dedicatedAgent, ticket.lastAgent].compactMap { $0 } + ticket.refusedBy + demand.paused
    var seen: Set<AgentID> = []
    let statuses = names.filter { seen.insert($0).inserted }.compactMap { agentIndex.status(of: $0) }
    witnesses = statuses.map { status in
      ConsideredAgent(
        agent: status.profile.id, presence: status.presence, load: status.load, idleSince: status.idleSince,
        wasAsked: agentIndex.wasAsked(status.profile.id))
    }
    let profiles = Dictionary(uniqueKeysWithValues: statuses.map { ($0.profile.id, $0.profile) })
    result = OfferChoice(
      ticket, in: queue, among: witnesses, profiles: profiles, headStarts: headStarts, now: now)
  }

  init(
    ticket: WaitingTicket, queue: QueueID, now: Instant, witnesses: [ConsideredAgent], isOverdueTurn: Bool,
    passedOver: Int,
    census: (able: Int, full: Int, asked: Int, unfit: Int), result: OfferChoice
  ) {
    self.ticket = ticket
    self.queue = queue
    self.now = now
    self.witnesses = witnesses
    self.isOverdueTurn = isOverdueTurn
    self.passedOver = passedOver
    (able, full, asked, unfit) = census
    self.result = result
  }
}

/// A choice among agents: who, why, and who ranked next.
public struct OfferChoice: Hashable, Sendable {
  /// The deciding criteria, first to last.
  public enum Reason: String, Hashable, Sendable {
    case dedicated
    case knowsCustomer = "knows_customer"
    case onlyOne = "only_one"
    case qualification, presence, occupancy, idle, name
  }

  /// The chosen agent; nil when there is none.
  public let agent: AgentID?
  /// The deciding criterion.
  public let reason: Reason?
  /// Relaxation steps that had passed.
  public let steps: Int
  /// The eligible agents, best first; the agent who knows the customer is listed at their rank in the general order.
  public let ranking: [AgentID]
  /// The ticket's band in the queue order.
  public let band: QueueRank.Band
  /// The time at which the ticket counts as due.
  public let countsAsDueAt: Instant

  /// Makes the choice. Pure: the same arguments always give the same choice.
  /// - Parameter profiles: the policy's profiles of the considered agents; agents without one are left out.
  init(
    _ ticket: WaitingTicket, in queue: QueuePolicy, among witnesses: [OfferRecord.ConsideredAgent],
    profiles: [AgentID: AgentProfile], headStarts: HeadStarts, now: Instant
  ) {
    var agentIndex = AgentIndex()
    for witness in witnesses {
      guard let profile = profiles[witness.agent] else { continue }
      agentIndex.upsert(
        AgentStatus(profile: profile, presence: witness.presence, load: witness.load, idleSince: witness.idleSince))
      if witness.wasAsked { agentIndex.ask(witness.agent) }
    }
    let demand = Demand(ticket, in: queue, now: now)
    let place = QueueRank(ticket, headStarts: headStarts, now: now)
    let ranked = agentIndex.ranking(demand, in: queue, limit: witnesses.count)
    let chosen = agentIndex.choice(for: ticket, demand, in: queue)
    agent = chosen
    steps = demand.steps
    ranking = ranked.map(\.agent)
    band = place.band
    countsAsDueAt = place.countsAsDueAt
    reason = chosen.map { OfferChoice.reason(for: $0, of: ticket, demand, ranked) }
  }

  private static func reason(
    for agent: AgentID, of ticket: WaitingTicket, _ demand: Demand, _ ranked: [AgentIndex.Candidate]
  ) -> Reason {
    if agent == demand.dedicatedAgent { return .dedicated }
    if agent == ticket.lastAgent, !ticket.refusedBy.contains(agent) { return .knowsCustomer }
    let willing = ranked.filter { !ticket.refusedBy.contains($0.agent) }
    let field = willing.isEmpty ? ranked : willing
    guard field.count > 1, let winner = field.first else { return .onlyOne }
    let second = field[1]
    if winner.rank.step != second.rank.step { return .qualification }
    if winner.rank.isReserve != second.rank.isReserve { return .presence }
    if winner.rank.occupancy != second.rank.occupancy { return .occupancy }
    return winner.rank.idleSince != second.rank.idleSince ? .idle : .name
  }
}
