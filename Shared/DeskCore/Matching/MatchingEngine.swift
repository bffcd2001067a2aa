/// What waits and who is there, kept so that one decision costs little however many there are.
///
/// Tickets with equal demands form a group that is kept in order. A decision compares the groups' first tickets, most pressing first,
/// and asks the bench for each whether anybody can take it; a group that found nobody is passed over until somebody gains room.
/// So a decision costs as many steps as there are kinds of demands and kinds of agents, not tickets and agents. What changes by the
/// mere passing of time (a promise that breaks, a step of relaxation) is found in a heap of moments.
public struct MatchingDesk: Sendable {
  private struct Entry {
    let ticket: WaitingTicket
    let group: Int
    let place: QueuePlace
  }

  private struct Group {
    let demand: Demand
    let queue: Int
    var places = SortedBuckets<QueuePlace>()
    var overdue = SortedBuckets<Overdue>()
    /// The bench's gains when the group last found nobody.
    var foundNobodyAt: Int?
  }

  /// The order among tickets that are late: the most overdue first.
  private struct Overdue: Comparable {
    let since: Instant
    let ticket: TicketID

    static func < (left: Self, right: Self) -> Bool {
      left.since != right.since ? left.since < right.since : left.ticket < right.ticket
    }
  }

  /// A ticket that was matched, and how.
  public struct Pick: Hashable, Sendable {
    /// The ticket.
    public let ticket: WaitingTicket
    /// Its queue.
    public let queue: QueueID
    /// The agent to ask.
    public let agent: AgentID
    /// Its place in the order.
    public let place: QueuePlace
    /// Whether it came first by the turn of the most overdue.
    public let isOverdueTurn: Bool
    /// What was known, and what came out: for the timeline.
    public let record: OfferRecord
  }

  private let queues: [QueuePolicy]
  private let numberOfQueue: [QueueID: Int]
  private(set) var bench = Bench()
  private var groups: [Group] = []
  private var groupOfDemand: [Demand: Int] = [:]
  private var emptyGroups: [Int] = []
  private var entries: [TicketID: Entry] = [:]
  private var moments = MomentHeap()
  /// Offers made in each queue since the last that went to the most overdue ticket.
  public private(set) var turns: [QueueID: Int]
  private var now: Instant
  /// Groups looked at since the beginning; together with the bench's looks the measure of the work.
  private var groupLooks = 0

  /// A desk without tickets and agents.
  /// - Parameter turns: how many offers each queue has made since the turn of its most overdue ticket.
  public init(queues: [QueuePolicy], turns: [QueueID: Int] = [:], now: Instant) {
    self.queues = queues
    self.turns = turns
    self.now = now
    numberOfQueue = Dictionary(uniqueKeysWithValues: queues.enumerated().map { ($1.id, $0) })
  }

  /// Steps of work since the beginning: rows, seats and groups that were looked at.
  public var steps: Int { bench.looks + groupLooks }

  /// How many tickets wait.
  public var waiting: Int { entries.count }

  // MARK: Changes

  /// Takes over an agent's situation; whoever is not at the desk leaves.
  public mutating func seat(_ status: AgentStatus) {
    bench.seat(status)
  }

  /// Leaves an agent alone for the rest of the round.
  public mutating func leaveAlone(_ agent: AgentID) {
    bench.ask(agent)
  }

  /// Adds a ticket that waits in a queue; one of a queue that is not served here is left out.
  public mutating func add(_ ticket: WaitingTicket, to queue: QueueID) {
    remove(ticket.id)
    guard let number = numberOfQueue[queue] else { return }
    place(ticket, in: number)
  }

  /// Removes a ticket; one that does not wait is no fault.
  public mutating func remove(_ id: TicketID) {
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

  /// Lets time pass: promises break, and steps of relaxation come.
  public mutating func advance(to moment: Instant) {
    now = max(now, moment)
    while let due = moments.popFirst(upTo: now) {
      guard let entry = entries[due] else { continue }
      let queue = groups[entry.group].queue
      remove(due)
      place(entry.ticket, in: queue)
    }
  }

  private mutating func place(_ ticket: WaitingTicket, in number: Int) {
    let demand = Demand(ticket, in: queues[number], now: now)
    let place = QueuePlace(ticket, now: now)
    let group = group(of: demand, in: number)
    groups[group].places.insert(place)
    if place.band == .late { groups[group].overdue.insert(Overdue(since: place.countsAsDueAt, ticket: ticket.id)) }
    entries[ticket.id] = Entry(ticket: ticket, group: group, place: place)
    if let change = Demand.nextChange(of: ticket, in: queues[number], after: now) {
      moments.insert(ticket.id, at: change)
    }
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

  /// Decides once: the most pressing ticket that somebody can take, and who. The ticket leaves, and the agent is left alone for
  /// the rest of the round.
  /// - Returns: nil when nobody can take anything.
  public mutating func next() -> Pick? {
    guard !bench.isEmpty else { return nil }
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

  private mutating func decide(_ id: TicketID, of group: Int) -> (ticket: TicketID, agent: AgentID)? {
    if groups[group].foundNobodyAt == bench.gains { return nil }
    guard let entry = entries[id] else { return nil }
    groupLooks += 1
    guard
      let agent = bench.choice(
        for: entry.ticket, groups[group].demand, in: queues[groups[group].queue])
    else {
      groups[group].foundNobodyAt = bench.gains
      return nil
    }
    return (id, agent)
  }

  /// The most overdue ticket of a queue that somebody can take.
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
      guard groups[group].queue == queue, group != entry.group, groups[group].foundNobodyAt == bench.gains else {
        return count
      }
      return count + groups[group].places.count(before: entry.place)
    }
    let record = OfferRecord(
      of: entry.ticket, groups[entry.group].demand, in: queues[queue], to: agent, from: &bench, now: now,
      isOverdueTurn: isOverdueTurn, passedOver: passedOver)
    remove(id)
    bench.ask(agent)
    return Pick(
      ticket: entry.ticket, queue: queues[queue].id, agent: agent, place: entry.place, isOverdueTurn: isOverdueTurn,
      record: record)
  }
}

/// Tickets by the moment at which they change by themselves, soonest first. Entries of tickets that have gone stay until their moment.
private struct MomentHeap: Sendable {
  private var entries: [(at: Instant, ticket: TicketID)] = []

  mutating func insert(_ ticket: TicketID, at moment: Instant) {
    entries.append((moment, ticket))
    var child = entries.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard entries[child].at < entries[parent].at else { return }
      entries.swapAt(child, parent)
      child = parent
    }
  }

  mutating func popFirst(upTo now: Instant) -> TicketID? {
    guard let first = entries.first, first.at <= now else { return nil }
    let last = entries.removeLast()
    if !entries.isEmpty {
      entries[0] = last
      var parent = 0
      while true {
        var child = 2 * parent + 1
        guard child < entries.count else { break }
        if child + 1 < entries.count, entries[child + 1].at < entries[child].at { child += 1 }
        guard entries[child].at < entries[parent].at else { break }
        entries.swapAt(child, parent)
        parent = child
      }
    }
    return first.ticket
  }
}
