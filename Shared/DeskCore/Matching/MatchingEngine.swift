/// One round of matching: the waiting tickets and present agents at one moment, indexed so that one decision costs little however many
/// there are.
///
/// Tickets with equal demands form a group that is kept in order. A decision compares the groups' first tickets, most pressing first, and
/// asks the agent index for each whether an agent can take it; a group that found no agent is skipped until an agent becomes eligible or
/// gains free capacity. So a decision costs as many steps as there are kinds of demands and kinds of agents, not tickets and agents.
///
/// A router creates an engine for each round from what it reads then, because the database is the only place that knows of every change;
/// nothing in it follows the time.
public struct MatchingEngine: Sendable {
  private struct Entry {
    let ticket: WaitingTicket
    let group: Int
    let place: QueueRank
  }

  private struct Group {
    let demand: Demand
    let queue: Int
    var places = SortedBuckets<QueueRank>()
    var overdue = SortedBuckets<Overdue>()
    /// The agent index's gains when the group last found no agent.
    var foundNoOneAt: Int?
  }

  /// The order among late tickets: the most overdue first.
  private struct Overdue: Comparable {
    let since: Instant
    let ticket: TicketID

    static func < (left: Self, right: Self) -> Bool {
      left.since != right.since ? left.since < right.since : left.ticket < right.ticket
    }
  }

  /// A matched ticket, and how it was matched.
  public struct Pick: Hashable, Sendable {
    /// The ticket.
    public let ticket: WaitingTicket
    /// Its queue.
    public let queue: QueueID
    /// The agent to offer it to.
    public let agent: AgentID
    /// Its place in the order.
    public let place: QueueRank
    /// Whether it was chosen in the turn of the most overdue ticket.
    public let isOverdueTurn: Bool
    /// The inputs and the result, for the timeline.
    public let record: OfferRecord
  }

  private let queues: [QueuePolicy]
  private let numberOfQueue: [QueueID: Int]
  private(set) var agentIndex = AgentIndex()
  private var groups: [Group] = []
  private var groupOfDemand: [Demand: Int] = [:]
  private var emptyGroups: [Int] = []
  private var entries: [TicketID: Entry] = [:]
  /// Offers made in each queue since the last one that went to the most overdue ticket.
  public private(set) var turns: [QueueID: Int]
  private let headStarts: HeadStarts
  private let now: Instant
  /// Groups visited in total; together with the agent index's looks the measure of the work.
  private var groupLooks = 0

  /// Creates an engine without tickets and agents.
  /// - Parameters:
  ///   - headStarts: those of the policy.
  ///   - turns: how many offers each queue has made since the last turn of its most overdue ticket.
  public init(queues: [QueuePolicy], headStarts: HeadStarts, turns: [QueueID: Int] = [:], now: Instant) {
    self.queues = queues
    self.headStarts = headStarts
    self.turns = turns
    self.now = now
    numberOfQueue = Dictionary(uniqueKeysWithValues: queues.enumerated().map { ($1.id, $0) })
  }

  /// Steps of work in total: rows, seats and groups that were visited.
  public var steps: Int { agentIndex.looks + groupLooks }

  // MARK: Changes

  /// Updates an agent's status; absent agents are removed.
  public mutating func upsert(_ status: AgentStatus) {
    agentIndex.upsert(status)
  }

  /// Skips an agent for the rest of the round.
  public mutating func leaveAlone(_ agent: AgentID) {
    agentIndex.ask(agent)
  }

  /// Adds a ticket that waits in a queue; a ticket of a queue that is not served here is ignored.
  public mutating func add(_ ticket: WaitingTicket, to queue: QueueID) {
    remove(ticket.id)
    guard let number = numberOfQueue[queue] else { return }
    place(ticket, in: number)
  }

  /// Removes a ticket; one that does not wait is ignored.
  private mutating func remove(_ id: TicketID) {
    guard let entry = entries.removeValue(forKey: id) else { return }
    groups[entry.group].places.remove(entry.place)
    if entry.place.band == .late {
      groups[entry.group].overdue.remove(Overdue(since: entry.place.countsAsDueAt, ticket: id))
    }
    if groups[entry.group].places.isEmpty {
      groupOfDemand[groups[entry.group].demand] = nil
      emptyGroups.append(entry.group)
    }
  }

  private mutating func place(_ ticket: WaitingTicket, in number: Int) {
    let demand = Demand(ticket, in: queues[number], now: now)
    let place = QueueRank(ticket, headStarts: headStarts, now: now)
    let group = group(of: demand, in: number)
    groups[group].places.insert(place)
    if place.band == .late { groups[group].overdue.insert(Overdue(since: place.countsAsDueAt, ticket: ticket.id)) }
    entries[ticket.id] = Entry(ticket: ticket, group: group, place: place)
  }

  private mutating func group(of demand: Demand, in number: Int) -> Int {
    if let known = groupOfDemand[demand] { return known }
    let fresh = Group(demand: demand, queue: number)
    let group: Int
    if let reused = emptyGroups.popLast() {
      groups[reused] = fresh
      group = reused
    } else {
      groups.append(fresh)
      group = groups.count - 1
    }
    groupOfDemand[demand] = group
    return group
  }

  // MARK: Decisions

  /// Makes one decision: the most pressing ticket that an agent can take, and that agent. The ticket is removed, and the agent is skipped
  /// for the rest of the round.
  /// - Returns: nil when no agent can take any ticket.
  public mutating func next() -> Pick? {
    guard !agentIndex.isEmpty else { return nil }
    let live = groupOfDemand.values.compactMap { group in groups[group].places.first.map { (place: $0, group: group) } }
    groupLooks += live.count
    for (place, group) in live.sorted(by: { $0.place < $1.place }) {
      guard let (id, agent) = decide(place.ticket, of: group) else { continue }
      let queue = queues[groups[group].queue]
      if place.band == .inTime || place.band == .late {
        let turn = turns[queue.id, default: 0] + 1
        turns[queue.id] = turn % queue.overdueTurn
        if turn >= queue.overdueTurn, let overdue = mostOverdue(in: groups[group].queue) {
          return take(overdue.ticket, overdue.agent, isOverdueTurn: true)
        }
      }
      return take(id, agent, isOverdueTurn: false)
    }
    return nil
  }

  /// Makes decisions until no agent can take any ticket.
  /// - Parameter limit: the maximum number of decisions.
  /// - Returns: the decisions, the most pressing ticket first.
  public mutating func picks(limit: Int) -> [Pick] {
    var picks: [Pick] = []
    while picks.count < limit, let pick = next() { picks.append(pick) }
    return picks
  }

  private mutating func decide(_ id: TicketID, of group: Int) -> (ticket: TicketID, agent: AgentID)? {
    if groups[group].foundNoOneAt == agentIndex.gains { return nil }
    guard let entry = entries[id] else { return nil }
    groupLooks += 1
    guard
      let agent = agentIndex.choice(
        for: entry.ticket, groups[group].demand, in: queues[groups[group].queue])
    else {
      groups[group].foundNoOneAt = agentIndex.gains
      return nil
    }
    return (id, agent)
  }

  /// The most overdue ticket of a queue that an agent can take.
  private mutating func mostOverdue(in queue: Int) -> (ticket: TicketID, agent: AgentID)? {
    let live = groupOfDemand.values.filter { groups[$0].queue == queue }.compactMap { group in
      groups[group].overdue.first.map { (overdue: $0, group: group) }
    }
    groupLooks += live.count
    for (overdue, group) in live.sorted(by: { $0.overdue < $1.overdue }) {
      if let decided = decide(overdue.ticket, of: group) { return decided }
    }
    return nil
  }

  private mutating func take(_ id: TicketID, _ agent: AgentID, isOverdueTurn: Bool) -> Pick? {
    guard let entry = entries[id] else { return nil }
    let queue = groups[entry.group].queue
    let passedOver = groupOfDemand.values.reduce(0) { count, group in
      guard groups[group].queue == queue, group != entry.group, groups[group].foundNoOneAt == agentIndex.gains else {
        return count
      }
      return count + groups[group].places.count(before: entry.place)
    }
    let record = OfferRecord(
      of: entry.ticket, groups[entry.group].demand, in: queues[queue], to: agent, from: &agentIndex,
      headStarts: headStarts, now: now, isOverdueTurn: isOverdueTurn, passedOver: passedOver)
    remove(id)
    agentIndex.ask(agent)
    return Pick(
      ticket: entry.ticket, queue: queues[queue].id, agent: agent, place: entry.place, isOverdueTurn: isOverdueTurn,
      record: record)
  }
}
