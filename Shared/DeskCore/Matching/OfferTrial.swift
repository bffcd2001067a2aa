/// Finds what would have made an agent the chosen one.
///
/// Everything that makes an agent ineligible is changed first, each by as little as suffices; where others would still rank first, the
/// load is lowered or the idle time lengthened. Every reported result has been verified by repeating the choice with the changes.
struct OfferTrial {
  /// A change to an agent or to what is known of them.
  enum Change: Hashable {
    case team(TeamID)
    case skill(SkillRequirement)
    case language(String)
    case present
    case available
    case notAsked
    case notRefused
    case notPaused
    case capacity(Int32)
    case load(Int32)
    case idleSince(Instant, ofOther: AgentID)
    case otherAbsent(AgentID)
  }

  let record: OfferRecord
  let queue: QueuePolicy
  let policy: Policy

  /// Returns the fewest changes after which the agent is chosen; nil when none of those tried suffices.
  func smallestChanges(for agent: AgentID) -> [Change]? {
    guard let profile = policy.agents[agent] else { return nil }
    let witness = record.witnesses.first { $0.agent == agent }
    let needed = obstacles(for: profile, witness)
    var tries: [[Change]] = [needed]
    let room = TicketWeight.room(for: record.ticket.weight, of: profile.capacity)
    if witness.map({ $0.load > room }) ?? false {
      // Free capacity can come from a larger capacity or from a smaller load.
      let without = needed.filter { if case .capacity = $0 { false } else { true } }
      tries.append(without + [.load(max(0, room))])
    }
    if let winner = record.witnesses.first(where: { $0.agent == record.result.agent }) {
      tries += tries.flatMap { ahead(of: winner, profile, $0) }
      tries.append(needed + [.otherAbsent(winner.agent)])
    }
    return tries.filter { isAsked(agent, after: $0) }.min { $0.count < $1.count }
  }

  private func obstacles(for profile: AgentProfile, _ witness: OfferRecord.ConsideredAgent?) -> [Change] {
    var changes: [Change] = []
    let asked = AgentRequirements(record.ticket.skills, in: queue, after: record.result.steps)
    if !asked.teams.isEmpty, asked.teams.isDisjoint(with: profile.teams), let team = asked.teams.min() {
      changes.append(.team(team))
    }
    changes += asked.skills.filter { (profile.skills[$0.skill] ?? 0) < $0.proficiency }.map { .skill($0) }
    if asked.language, !profile.speaks(record.ticket.language) { changes.append(.language(record.ticket.language)) }
    if record.ticket.refusedBy.contains(profile.id) {
      changes.append(.notRefused)
    } else if record.ticket.pauses.contains(where: { $0.agent == profile.id && $0.until > record.now }) {
      changes.append(.notPaused)
    }
    // For agents who do not match, it is not recorded whether they were present.
    guard let witness else { return changes.isEmpty ? [.present] : changes }
    if witness.wasAsked { changes.append(.notAsked) }
    if witness.presence == .reserve, !asked.reserve { changes.append(.available) }
    // No capacity is large enough if the agent has a ticket that takes a whole agent, or any load while this ticket takes one.
    let needed = witness.load + record.ticket.weight
    let isCountable = record.ticket.weight < TicketWeight.whole && witness.load < TicketWeight.whole
    if isCountable, needed > profile.capacity { changes.append(.capacity(needed)) }
    return changes
  }

  /// Further changes that rank an agent before the chosen one, by occupancy or by idle time.
  private func ahead(
    of winner: OfferRecord.ConsideredAgent, _ profile: AgentProfile, _ changes: [Change]
  ) -> [[Change]] {
    guard let other = policy.agents[winner.agent] else { return [] }
    var capacity = profile.capacity
    var load = record.witnesses.first { $0.agent == profile.id }?.load ?? 0
    var rest = changes
    for change in changes {
      switch change {
      case .capacity(let more): capacity = more
      case .load(let less): load = less
      default: continue
      }
      rest.removeAll { $0 == change }
    }
    var more: [[Change]] = []
    // Shares of capacities are compared by cross-multiplication, in whole numbers.
    let (winnerLoad, winnerCapacity) = (Int64(winner.load), Int64(max(1, other.capacity)))
    let product = winnerLoad * Int64(profile.capacity)
    // The largest load that leaves the agent less occupied than the other, and the one that leaves them equal.
    let less = Int32(clamping: (product - 1) / winnerCapacity)
    if product > 0, less < load { more.append(rest + [.load(less)]) }
    if winnerLoad > 0 {
      let larger = Int32(clamping: Int64(load) * winnerCapacity / winnerLoad + 1)
      if larger > capacity { more.append(rest + [.capacity(larger)]) }
    }
    let longer = Change.idleSince(winner.idleSince - .microseconds(1), ofOther: winner.agent)
    more.append(changes + [longer])
    let equal = Int32(clamping: product / winnerCapacity)
    if equal < load { more.append(rest + [.load(equal), longer]) }
    return more
  }

  private func isAsked(_ agent: AgentID, after changes: [Change]) -> Bool {
    var profiles = policy.agents
    guard var profile = profiles[agent] else { return false }
    var refused = record.ticket.refusedBy
    var pauses = record.ticket.pauses
    var witness =
      record.witnesses.first { $0.agent == agent }
      ?? OfferRecord.ConsideredAgent(
        agent: agent, presence: .available, load: 0, idleSince: record.now, wasAsked: false)
    var witnesses = record.witnesses.filter { $0.agent != agent }
    for change in changes {
      switch change {
      case .team(let team): profile = profile.with(teams: profile.teams.union([team]))
      case .skill(let requirement):
        profile = profile.with(
          skills: profile.skills.merging([requirement.skill: requirement.proficiency]) { max($0, $1) })
      case .language(let language): profile = profile.with(languages: profile.languages.union([language]))
      case .capacity(let capacity): profile = profile.with(capacity: capacity)
      case .present, .available: witness = witness.with(presence: .available)
      case .notAsked: witness = witness.with(wasAsked: false)
      case .notRefused, .notPaused:
        refused.removeAll { $0 == agent }
        pauses.removeAll { $0.agent == agent }
      case .load(let load): witness = witness.with(load: load)
      case .idleSince(let moment, _): witness = witness.with(idleSince: moment)
      case .otherAbsent(let other): witnesses.removeAll { $0.agent == other }
      }
    }
    profiles[agent] = profile
    let ticket = record.ticket.with(refusedBy: refused, pauses: pauses)
    let choice = OfferChoice(
      ticket, in: queue, among: witnesses + [witness], profiles: profiles, headStarts: policy.headStarts,
      now: record.now)
    return choice.agent == agent
  }
}

extension AgentProfile {
  fileprivate func with(
    teams: Set<TeamID>? = nil, skills: [SkillID: Int]? = nil, languages: Set<String>? = nil, capacity: Int32? = nil
  ) -> AgentProfile {
    AgentProfile(
      id: id, teams: teams ?? self.teams, skills: skills ?? self.skills, languages: languages ?? self.languages,
      capacity: capacity ?? self.capacity)
  }
}

extension OfferRecord.ConsideredAgent {
  fileprivate func with(
    presence: Presence? = nil, load: Int32? = nil, idleSince: Instant? = nil, wasAsked: Bool? = nil
  ) -> OfferRecord.ConsideredAgent {
    OfferRecord.ConsideredAgent(
      agent: agent, presence: presence ?? self.presence, load: load ?? self.load,
      idleSince: idleSince ?? self.idleSince, wasAsked: wasAsked ?? self.wasAsked)
  }
}

extension WaitingTicket {
  fileprivate func with(refusedBy: [AgentID], pauses: [OfferPause]) -> WaitingTicket {
    WaitingTicket(
      id: id, version: version, priority: priority, tier: tier, skills: skills, weight: weight, language: language,
      waitingSince: waitingSince, dueAt: dueAt, refusedBy: refusedBy, lastAgent: lastAgent,
      dedicatedAgent: dedicatedAgent, pauses: pauses, duty: duty, customer: customer)
  }
}
