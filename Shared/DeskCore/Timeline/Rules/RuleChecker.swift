/// Checks timelines against the rules of the desk. It needs all entries of each ticket in order; tickets may come in any order.
package struct RuleChecker {
  /// The maximum weight of each agent; agents not listed are not checked.
  package let capacities: [AgentID: Int32]
  package private(set) var tickets = 0
  package private(set) var entries = 0
  package private(set) var offers = 0
  /// The number of entries of each kind.
  package private(set) var kinds: [String: Int] = [:]
  package private(set) var unknownKinds: Set<String> = []
  package private(set) var breaches: [RuleBreach] = []
  private var walk: TimelineInvariantChecker?
  private var holdings: [AgentID: [TimelineInvariantChecker.Holding]] = [:]
  private var waitings: [TimelineInvariantChecker.Waiting.Likeness: [TimelineInvariantChecker.Waiting]] = [:]

  package init(capacities: [AgentID: Int32]) {
    self.capacities = capacities
  }

  package mutating func take(_ fact: TimelineFact) {
    entries += 1
    kinds[fact.kind, default: 0] += 1
    if walk?.ticket != fact.ticket {
      endWalk()
      walk = TimelineInvariantChecker(fact.ticket)
    }
    walk?.take(fact)
  }

  /// Checks the rules that need all tickets. No entries may be added afterwards.
  package mutating func finish() {
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

  /// Adds up an agent's load over time.
  private mutating func checkCapacity(of agent: AgentID, _ held: [TimelineInvariantChecker.Holding]) {
    guard let capacity = capacities[agent] else { return }
    // Each period is taken slightly shorter than recorded, so that the order of commits cannot cause a violation.
    let changes = held.flatMap { holding -> [(at: Instant, sign: Int, holding: TimelineInvariantChecker.Holding)] in
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
      // An agent on a call has nothing else, whatever their capacity is.
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

  /// An offer violates the rule when a comparable ticket had waited longer, and did so all the time that the offer took: from before its
  /// round began, whose time the decision records, until the offer was made, because what was decided on was read in between. Nor had the
  /// agent declined that one.
  private mutating func checkOvertaking(among alike: [TimelineInvariantChecker.Waiting]) {
    for taken in alike {
      guard let agent = taken.offeredTo, let at = taken.decidedAt else { continue }
      let offeredAt = max(at, taken.to ?? at)
      let end = max(at + RuleTolerance.order, offeredAt)
      let overtaken = alike.first { other in
        other.ticket != taken.ticket && other.since < taken.since - RuleTolerance.order
          && other.from < at - RuleTolerance.order && (other.to.map { $0 > end } ?? true)
          && (other.lateFrom.map { $0 > offeredAt } ?? true) && !other.refusedBy.contains(agent)
      }
      if let overtaken {
        let queue = taken.likeness.queue?.rawValue ?? "no queue"
        breaches.append(
          RuleBreach(
            rule: .overtaking, ticket: taken.ticket, at: at,
            text:
              "\(overtaken.ticket) had waited longer in \(queue) and was not offered to \(agent.rawValue)"
          ))
      }
    }
  }
}
