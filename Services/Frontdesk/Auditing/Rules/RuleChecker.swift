import DeskCore

/// Holds timelines against the rules of the desk. Hand it all entries of each ticket, in their order; tickets in any order.
struct RuleChecker {
  /// How much weight each agent may have at once; agents who are not named are not judged.
  let capacities: [AgentID: Int32]
  private(set) var tickets = 0
  private(set) var entries = 0
  private(set) var offers = 0
  /// How often each kind of entry came.
  private(set) var kinds: [String: Int] = [:]
  private(set) var unknownKinds: Set<String> = []
  private(set) var breaches: [RuleBreach] = []
  private var walk: TicketWalk?
  private var holdings: [AgentID: [TicketWalk.Holding]] = [:]
  private var waitings: [TicketWalk.Waiting.Likeness: [TicketWalk.Waiting]] = [:]

  init(capacities: [AgentID: Int32]) {
    self.capacities = capacities
  }

  mutating func take(_ fact: TimelineFact) {
    entries += 1
    kinds[fact.kind, default: 0] += 1
    if walk?.ticket != fact.ticket {
      endWalk()
      walk = TicketWalk(fact.ticket)
    }
    walk?.take(fact)
  }

  /// Judges what only all tickets together show. Nothing may be taken afterwards.
  mutating func finish() {
    endWalk()
    for (agent, held) in holdings { checkCapacity(of: agent, held) }
    for alike in waitings.values { checkOvertaking(among: alike) }
    breaches.sort { ($0.at, $0.ticket) < ($1.at, $1.ticket) }
  }

  private mutating func endWalk() {
    guard let ended = walk else { return }
    walk = nil
    tickets += 1
    offers += ended.holdings.count
    breaches += ended.breaches
    unknownKinds.formUnion(ended.unknownKinds)
    for holding in ended.holdings { holdings[holding.agent, default: []].append(holding) }
    for waiting in ended.waitings { waitings[waiting.likeness, default: []].append(waiting) }
  }

  /// Adds up what an agent had at each moment.
  private mutating func checkCapacity(of agent: AgentID, _ held: [TicketWalk.Holding]) {
    guard let capacity = capacities[agent] else { return }
    // Each time is taken a little shorter than it was written, so that the order of commits cannot make a breach.
    let changes = held.flatMap { holding -> [(at: Instant, sign: Int, holding: TicketWalk.Holding)] in
      let from = holding.from + RuleTolerance.moments
      guard let to = holding.to else { return [(from, 1, holding)] }
      let end = to - RuleTolerance.moments
      return from < end ? [(from, 1, holding), (end, -1, holding)] : []
    }.sorted { ($0.at, $0.sign) < ($1.at, $1.sign) }
    var load = 0
    var tickets = 0
    var whole = 0
    for change in changes {
      tickets += change.sign
      switch change.holding.weight {
      case .part(let weight): load += Int(weight) * change.sign
      case .whole: whole += change.sign
      }
      guard change.sign > 0 else { continue }
      // Whoever has a call has nothing else, whatever their capacity is.
      let problem: String? =
        if whole > 0, tickets > 1 {
          "had \(tickets) tickets, one of which takes the whole agent"
        } else if load > capacity {
          "had \(load) of \(capacity)"
        } else {
          nil
        }
      if let problem {
        breaches.append(
          RuleBreach(
            rule: .capacity, ticket: change.holding.ticket, at: change.at, text: "\(agent.rawValue) \(problem)"))
      }
    }
  }

  /// An offer breaks the rule when a like ticket had waited longer, before and after the moment of its decision, and its agent had not
  /// turned that one down.
  private mutating func checkOvertaking(among alike: [TicketWalk.Waiting]) {
    for taken in alike {
      guard let agent = taken.offeredTo, let at = taken.decidedAt else { continue }
      let overtaken = alike.first { other in
        other.ticket != taken.ticket && other.since < taken.since - RuleTolerance.order
          && other.from < at - RuleTolerance.order && (other.to.map { $0 > at + RuleTolerance.order } ?? true)
          && (other.lateFrom.map { $0 > at } ?? true) && !other.refusedBy.contains(agent)
      }
      if let overtaken {
        breaches.append(
          RuleBreach(
            rule: .overtaking, ticket: taken.ticket, at: at,
            text:
              "\(overtaken.ticket) had waited longer in \(taken.likeness.queue) and was not offered to \(agent.rawValue)"
          ))
      }
    }
  }
}
