/// What was known when a ticket was put before an agent, and what came out: enough to make the choice again, bit by bit.
///
/// A desk can have ten thousand agents, so not all are kept: those who come first in the order, some of those who had no room, and
/// everybody whom the ticket names. Who was cut off would have come behind those who were kept.
public struct OfferRecord: Hashable, Sendable {
  /// An agent as the choice found them.
  public struct Witness: Hashable, Sendable {
    /// The agent.
    public let agent: AgentID
    /// Whether available or in reserve.
    public let presence: Presence
    /// The weight carried.
    public let load: Int32
    /// Since when idle.
    public let idleSince: Instant
    /// Whether asked for another ticket in the same round.
    public let wasAsked: Bool
  }

  /// The ticket as it waited.
  public let ticket: WaitingTicket
  /// The queue.
  public let queue: QueueID
  /// The moment of the choice.
  public let now: Instant
  /// The agents who count.
  public let witnesses: [Witness]
  /// Whether the ticket came first by the turn of the most overdue.
  public let isOverdueTurn: Bool
  /// How many tickets of the queue come before it by rule, which nobody could take.
  public let passedOver: Int
  /// How many at the desk could take it, had no room, were asked in this round, and do not fit.
  public let able: Int
  public let full: Int
  public let asked: Int
  public let unfit: Int
  /// What came out.
  public let result: OfferChoice

  /// Witnesses kept: of those who could take it, and of those who would do but for room.
  static let ableKept = 24
  static let hinderedKept = 16

  init(
    of ticket: WaitingTicket, _ demand: Demand, in queue: QueuePolicy, to agent: AgentID, from bench: inout Bench,
    now: Instant, isOverdueTurn: Bool, passedOver: Int
  ) {
    self.ticket = ticket
    self.queue = queue.id
    self.now = now
    self.isOverdueTurn = isOverdueTurn
    self.passedOver = passedOver
    let census = bench.census(demand, in: queue)
    (able, full, asked, unfit) = (census.able, census.full, census.asked, census.unfit)
    var names = bench.ranking(demand, in: queue, limit: OfferRecord.ableKept).map(\.agent)
    names += bench.hindered(demand, in: queue, limit: OfferRecord.hinderedKept).map(\.profile.id)
    names += [agent, ticket.dedicatedAgent, ticket.lastAgent].compactMap { $0 } + ticket.refusedBy + demand.paused
    var seen: Set<AgentID> = []
    let statuses = names.filter { seen.insert($0).inserted }.compactMap { bench.status(of: $0) }
    witnesses = statuses.map { status in
      Witness(
        agent: status.profile.id, presence: status.presence, load: status.load, idleSince: status.idleSince,
        wasAsked: bench.wasAsked(status.profile.id))
    }
    let profiles = Dictionary(uniqueKeysWithValues: statuses.map { ($0.profile.id, $0.profile) })
    result = OfferChoice(ticket, in: queue, among: witnesses, profiles: profiles, now: now)
  }

  init(
    ticket: WaitingTicket, queue: QueueID, now: Instant, witnesses: [Witness], isOverdueTurn: Bool, passedOver: Int,
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

/// A choice among agents: who, why, and who came next.
public struct OfferChoice: Hashable, Sendable {
  /// What decided, first to last.
  public enum Reason: String, Hashable, Sendable {
    case dedicated
    case knowsCustomer = "knows_customer"
    case onlyOne = "only_one"
    case qualification, presence, occupancy, idle, name
  }

  /// Who is asked; nil when nobody can be.
  public let agent: AgentID?
  /// What decided.
  public let reason: Reason?
  /// Steps of relaxation that had passed.
  public let steps: Int
  /// Those who could be asked, best first; who knows the customer stands where the general order puts them.
  public let ranking: [AgentID]
  /// The ticket's place in the order.
  public let band: QueuePlace.Band
  /// The moment at which the ticket counts as due.
  public let countsAsDueAt: Instant

  /// Chooses. Pure: the same arguments always give the same choice.
  /// - Parameter profiles: what the policy says of the witnesses; those without are left out.
  init(
    _ ticket: WaitingTicket, in queue: QueuePolicy, among witnesses: [OfferRecord.Witness],
    profiles: [AgentID: AgentProfile], now: Instant
  ) {
    var bench = Bench()
    for witness in witnesses {
      guard let profile = profiles[witness.agent] else { continue }
      bench.seat(
        AgentStatus(profile: profile, presence: witness.presence, load: witness.load, idleSince: witness.idleSince))
      if witness.wasAsked { bench.ask(witness.agent) }
    }
    let demand = Demand(ticket, in: queue, now: now)
    let place = QueuePlace(ticket, now: now)
    let ranked = bench.ranking(demand, in: queue, limit: witnesses.count)
    let chosen = bench.choice(for: ticket, demand, in: queue)
    agent = chosen
    steps = demand.steps
    ranking = ranked.map(\.agent)
    band = place.band
    countsAsDueAt = place.countsAsDueAt
    reason = chosen.map { OfferChoice.reason(for: $0, of: ticket, demand, ranked) }
  }

  private static func reason(
    for agent: AgentID, of ticket: WaitingTicket, _ demand: Demand, _ ranked: [Bench.Candidate]
  ) -> Reason {
    if agent == demand.dedicatedAgent { return .dedicated }
    if agent == ticket.lastAgent, !ticket.refusedBy.contains(agent) { return .knowsCustomer }
    let willing = ranked.filter { !ticket.refusedBy.contains($0.agent) }
    let field = willing.isEmpty ? ranked : willing
    guard field.count > 1, let winner = field.first else { return .onlyOne }
    let second = field[1]
    if winner.standing.step != second.standing.step { return .qualification }
    if winner.standing.isReserve != second.standing.isReserve { return .presence }
    if winner.standing.occupancy != second.standing.occupancy { return .occupancy }
    return winner.standing.idleSince != second.standing.idleSince ? .idle : .name
  }
}
