/// One round of matching: the waiting tickets and present agents at one moment, indexed so that one decision costs little however many
/// there are.
///
/// Tickets with equal demands form a group that is kept in order. A decision compares the groups' first tickets, most pressing first, and
/// asks the agent index for each whether an agent can take it; a group that found no agent is skipped until an agent becomes eligible or
/// gains free capacity. So a decision costs as many steps as there are kinds of demands and kinds of agents, not tickets and agents.
///
/// A router creates an engine for each round from what it reads then, because the database is the only place that knows of every change;
/// nothing in it follows the time. Whoever knows of every change, as a simulation does, may keep one (`isKept`) from round to round: it is
/// told of changes and of the time (`MatchingEngine+Kept.swift`), and decides what a new one would.
public struct MatchingEngine: Sendable {
  struct Entry {
    let ticket: WaitingTicket
    let group: Int
    let place: QueueRank
    /// When its demand or its place changes without any event; nil in an engine that is not kept.
    let changesAt: Instant?
  }

  struct Group {
    let demand: Demand
    let queue: Int
    var places = SortedBuckets<QueueRank>()
    var overdue = SortedBuckets<Overdue>()
    /// The agent index's gains when the group last found no agent.
    var foundNoOneAt: Int?
  }

  /// The order among late tickets: the most overdue first.
  struct Overdue: Comparable {
    let since: Instant
    let ticket: TicketID

    static func < (left: Self, right: Self) -> Bool {
      left.since != right.since ? left.since < right.since : left.ticket < right.ticket
    }
  }

  /// A group by its first ticket: the order in which groups are asked.
  private struct Head: Comparable {
    let place: QueueRank
    let group: Int

    static func < (left: Self, right: Self) -> Bool { left.place < right.place }
  }

  /// A ticket by the time at which its demand or its place changes.
  struct Change: Comparable {
    let at: Instant
    let ticket: TicketID

    static func < (left: Self, right: Self) -> Bool {
      left.at != right.at ? left.at < right.at : left.ticket < right.ticket
    }
  }

  /// A decision: a ticket, and the agent to offer it to.
  public struct Match: Sendable {
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

  let queues: [QueuePolicy]
  let numberOfQueue: [QueueID: Int]
  var agentIndex = AgentIndex()
  private(set) var groups: [Group] = []
  private(set) var groupOfDemand: [Demand: Int] = [:]
  private var emptyGroups: [Int] = []
  private var heads = SortedBuckets<Head>()
  private(set) var entries: [TicketID: Entry] = [:]
  /// How many tickets wait in each queue.
  private(set) var countInQueue: [Int]
  let isKept: Bool
  /// The tickets that change with time, in an engine that is kept.
  var changes = SortedBuckets<Change>()
  /// Offers made in each queue since the last one that went to the most overdue ticket.
  public private(set) var turns: [QueueID: Int]
  private let headStarts: HeadStarts
  var now: Instant
  /// The agent index's gains when no agent could take any ticket, until a ticket is added that some agent might take.
  private(set) var foundNothingAt: Int?
  /// Groups visited in total; together with the agent index's looks the measure of the work.
  private var groupLooks = 0

  /// Creates an engine without tickets and agents.
  /// - Parameters:
  ///   - headStarts: those of the policy.
  ///   - turns: how many offers each queue has made since the last turn of its most overdue ticket.
  ///   - isKept: whether it will be kept for further rounds.
  public init(
    queues: [QueuePolicy], headStarts: HeadStarts, turns: [QueueID: Int] = [:], now: Instant, isKept: Bool = false
  ) {
    self.queues = queues
    self.isKept = isKept
    countInQueue = Array(repeating: 0, count: queues.count)
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
  public mutating func remove(_ id: TicketID) {
    guard let entry = entries.removeValue(forKey: id) else { return }
    countInQueue[groups[entry.group].queue] -= 1
    if let at = entry.changesAt { changes.remove(Change(at: at, ticket: id)) }
    let isHead = groups[entry.group].places.first == entry.place
    if isHead { heads.remove(Head(place: entry.place, group: entry.group)) }
    groups[entry.group].places.remove(entry.place)
    if entry.place.band == .late {
      groups[entry.group].overdue.remove(Overdue(since: entry.place.countsAsDueAt, ticket: id))
    }
    if let next = groups[entry.group].places.first {
      if isHead { heads.insert(Head(place: next, group: entry.group)) }
    } else {
      groupOfDemand[groups[entry.group].demand] = nil
      emptyGroups.append(entry.group)
    }
  }

  mutating func place(_ ticket: WaitingTicket, in number: Int) {
    let demand = Demand(ticket, in: queues[number], now: now)
    let place = QueueRank(ticket, headStarts: headStarts, now: now)
    let group = group(of: demand, in: number)
    let first = groups[group].places.first
    if first.map({ place < $0 }) ?? true {
      if let first { heads.remove(Head(place: first, group: group)) }
      heads.insert(Head(place: place, group: group))
    }
    groups[group].places.insert(place)
    if place.band == .late { groups[group].overdue.insert(Overdue(since: place.countsAsDueAt, ticket: ticket.id)) }
    let changesAt = isKept ? nextChange(of: ticket, demand, in: queues[number]) : nil
    if let changesAt { changes.insert(Change(at: changesAt, ticket: ticket.id)) }
    entries[ticket.id] = Entry(ticket: ticket, group: group, place: place, changesAt: changesAt)
    countInQueue[number] += 1
    if groups[group].foundNoOneAt != agentIndex.gains { foundNothingAt = nil }
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
    guard let decision = decide() else { return nil }
    let queue = groups[decision.entry.group].queue
    let passedOver = groupOfDemand.values.reduce(0) { count, group in
      guard groups[group].queue == queue, group != decision.entry.group, groups[group].foundNoOneAt == agentIndex.gains
      else { return count }
      return count + groups[group].places.count(before: decision.entry.place)
    }
    let record = OfferRecord(
      of: decision.entry.ticket, groups[decision.entry.group].demand, in: queues[queue], to: decision.agent,
      from: &agentIndex, headStarts: headStarts, now: now, isOverdueTurn: decision.isOverdueTurn, passedOver: passedOver
    )
    let match = carryOut(decision)
    return Pick(
      ticket: match.ticket, queue: match.queue, agent: match.agent, place: match.place,
      isOverdueTurn: match.isOverdueTurn, record: record)
  }

  /// Makes one decision, as `next` does, without a record of it.
  public mutating func nextMatch() -> Match? { decide().map { carryOut($0) } }

  private struct Decision {
    let entry: Entry
    let agent: AgentID
    var isOverdueTurn = false
  }

  private mutating func decide() -> Decision? {
    guard !agentIndex.isEmpty, foundNothingAt != agentIndex.gains else { return nil }
    guard let pressing = mostPressing() else {
      foundNothingAt = agentIndex.gains
      return nil
    }
    let queue = queues[groups[pressing.entry.group].queue]
    guard pressing.entry.place.band == .inTime || pressing.entry.place.band == .late else { return pressing }
    let turn = turns[queue.id, default: 0] + 1
    turns[queue.id] = turn % queue.overdueTurn
    guard turn >= queue.overdueTurn, var overdue = mostOverdue(in: groups[pressing.entry.group].queue) else {
      return pressing
    }
    overdue.isOverdueTurn = true
    return overdue
  }

  private mutating func mostPressing() -> Decision? {
    for head in heads {
      groupLooks += 1
      if let decision = decide(head.place.ticket, of: head.group) { return decision }
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

  private mutating func decide(_ id: TicketID, of group: Int) -> Decision? {
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
    return Decision(entry: entry, agent: agent)
  }

  /// The most overdue ticket of a queue that an agent can take.
  private mutating func mostOverdue(in queue: Int) -> Decision? {
    let live = groupOfDemand.values.filter { groups[$0].queue == queue }.compactMap { group in
      groups[group].overdue.first.map { (overdue: $0, group: group) }
    }
    groupLooks += live.count
    for (overdue, group) in live.sorted(by: { $0.overdue < $1.overdue }) {
      if let decided = decide(overdue.ticket, of: group) { return decided }
    }
    return nil
  }

  private mutating func carryOut(_ decision: Decision) -> Match {
    let queue = queues[groups[decision.entry.group].queue].id
    remove(decision.entry.ticket.id)
    agentIndex.ask(decision.agent)
    return Match(
      ticket: decision.entry.ticket, queue: queue, agent: decision.agent, place: decision.entry.place,
      isOverdueTurn: decision.isOverdueTurn)
  }
}
