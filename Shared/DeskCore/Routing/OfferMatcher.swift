/// Who can take a ticket now.
public struct AgentStatus: Hashable, Sendable {
  /// What the policy says of the agent.
  public let profile: AgentProfile
  /// Whether the agent is at the desk.
  public let presence: Presence
  /// The weight of what the agent has and is asked for.
  public let load: Int32
  /// Since when the agent has not been given anything.
  public let idleSince: Instant

  /// Describes an agent's situation.
  public init(profile: AgentProfile, presence: Presence, load: Int32, idleSince: Instant) {
    self.profile = profile
    self.presence = presence
    self.load = load
    self.idleSince = idleSince
  }

  /// The share of the capacity that is used, 0 to 1 and above.
  public var occupancy: Double { Double(load) / Double(max(1, profile.capacity)) }
}

/// Whether an agent is at the desk.
public enum Presence: String, Hashable, Sendable, CaseIterable {
  case offline, away, available, reserve
}

/// A ticket that waits, as far as matching looks at it.
public struct WaitingTicket: Hashable, Sendable {
  /// The ticket.
  public let id: TicketID
  /// The version that the offer must meet.
  public let version: Int32
  /// The priority class.
  public let priority: Priority
  /// The customer's standing.
  public let tier: CustomerTier
  /// What an agent must know.
  public let skills: [SkillRequirement]
  /// How much capacity it takes.
  public let weight: Int32
  /// The language of the newest message.
  public let language: String
  /// Since when it waits.
  public let waitingSince: Instant
  /// When the first response is due, nil when nothing is promised.
  public let dueAt: Instant?
  /// Who turned it down.
  public let refusedBy: [AgentID]
  /// The agent who knows the customer.
  public let lastAgent: AgentID?

  /// Describes a waiting ticket.
  public init(
    id: TicketID, version: Int32, priority: Priority, tier: CustomerTier, skills: [SkillRequirement], weight: Int32,
    language: String, waitingSince: Instant, dueAt: Instant?, refusedBy: [AgentID], lastAgent: AgentID?
  ) {
    self.id = id
    self.version = version
    self.priority = priority
    self.tier = tier
    self.skills = skills
    self.weight = weight
    self.language = language
    self.waitingSince = waitingSince
    self.dueAt = dueAt
    self.refusedBy = refusedBy
    self.lastAgent = lastAgent
  }
}

/// A ticket and the agent to ask for it, and why.
public struct Match: Hashable, Sendable {
  /// The ticket.
  public let ticket: WaitingTicket
  /// The agent.
  public let agent: AgentID
  /// Why this one: how many could, how many were passed over for each reason, and what decided.
  public let detail: Detail
}

/// Puts the tickets of one queue before agents: the most pressing ticket first, each to the agent who fits best.
///
/// Nobody is given more than the capacity, an agent is asked for at most one ticket in a round, and a ticket that nobody can take
/// now does not hold up those behind it.
public struct OfferMatcher: Sendable {
  /// The queue that is served.
  public let queue: QueuePolicy

  /// Serves a queue.
  public init(queue: QueuePolicy) {
    self.queue = queue
  }

  /// The tickets in the order in which they are served.
  ///
  /// Priority class first, tier second. Inside those, tickets that can still be in time go first, by deadline. Those already
  /// late and those without a promise follow together, by deadline and by age: nothing can be saved there, and so neither
  /// kind starves the other. The identifier settles ties, so the order is total.
  public static func ordered(_ tickets: [WaitingTicket], now: Instant) -> [WaitingTicket] {
    tickets.sorted { left, right in
      let leftKey = key(left, now: now)
      let rightKey = key(right, now: now)
      return leftKey == rightKey ? left.id < right.id : leftKey < rightKey
    }
  }

  private static func key(_ ticket: WaitingTicket, now: Instant) -> (Int, Int, Int, Int64) {
    guard let due = ticket.dueAt else {
      return (ticket.priority.rawValue, ticket.tier.rank, 1, ticket.waitingSince.microseconds)
    }
    return (ticket.priority.rawValue, ticket.tier.rank, due > now ? 0 : 1, due.microseconds)
  }

  /// One round of matching.
  ///
  /// - Parameters:
  ///   - tickets: what waits in the queue, in any order.
  ///   - agents: everybody who serves the desk.
  ///   - now: the moment of the decision.
  /// - Returns: the matches, most pressing ticket first.
  public func matches(for tickets: [WaitingTicket], among agents: [AgentStatus], now: Instant) -> [Match] {
    let present = agents.filter { $0.presence == .available }
    var free = present.filter { $0.load < $0.profile.capacity }
    var matches: [Match] = []
    for ticket in OfferMatcher.ordered(tickets, now: now) {
      if free.isEmpty { break }
      guard let (position, detail) = best(for: ticket, among: free, of: present, now: now) else { continue }
      matches.append(Match(ticket: ticket, agent: free[position].profile.id, detail: detail))
      free.remove(at: position)
    }
    return matches
  }

  private func best(
    for ticket: WaitingTicket, among free: [AgentStatus], of present: [AgentStatus], now: Instant
  ) -> (position: Int, detail: Detail)? {
    let asked = relaxed(for: ticket, now: now)
    var passedOver = (team: 0, skill: 0, language: 0, capacity: 0)
    var able: [Int] = []
    for (position, agent) in free.enumerated() {
      if !asked.teams.isEmpty, asked.teams.isDisjoint(with: agent.profile.teams) {
        passedOver.team += 1
      } else if !agent.profile.masters(asked.skills) {
        passedOver.skill += 1
      } else if !agent.profile.speaks(ticket.language) {
        passedOver.language += 1
      } else if agent.load + ticket.weight > agent.profile.capacity {
        passedOver.capacity += 1
      } else {
        able.append(position)
      }
    }
    // Who refused is asked again only when nobody else at the desk could take it, now or when there is room again;
    // otherwise a refusal would come back at once whenever the others are busy.
    let willing = able.filter { !ticket.refusedBy.contains(free[$0].profile.id) }
    let somebodyElse =
      able.count > willing.count
      && present.contains { agent in
        !ticket.refusedBy.contains(agent.profile.id) && agent.profile.capacity >= ticket.weight
          && (asked.teams.isEmpty || !asked.teams.isDisjoint(with: agent.profile.teams))
          && agent.profile.masters(asked.skills) && agent.profile.speaks(ticket.language)
      }
    let candidates = somebodyElse ? willing : able
    guard let winner = candidates.min(by: { prefers(free[$0], free[$1], for: ticket) }) else { return nil }
    let agent = free[winner]
    return (
      winner,
      .object([
        .init("agent", .text(agent.profile.id.rawValue)), .init("occupancy", .number(agent.occupancy)),
        .init("idle_since_us", .integer(agent.idleSince.microseconds)),
        .init("knows_customer", .flag(agent.profile.id == ticket.lastAgent)),
        .init("present", .integer(Int64(present.count))), .init("free", .integer(Int64(free.count))),
        .init("able", .integer(Int64(able.count))),
        .init(
          "passed_over",
          .object([
            .init("team", .integer(Int64(passedOver.team))), .init("skill", .integer(Int64(passedOver.skill))),
            .init("language", .integer(Int64(passedOver.language))),
            .init("capacity", .integer(Int64(passedOver.capacity))),
            .init("refused", .integer(Int64(able.count - willing.count))),
          ])),
      ])
    )
  }

  /// Who knows the customer first, then the lowest occupancy, then the longest idle; the name settles ties.
  private func prefers(_ left: AgentStatus, _ right: AgentStatus, for ticket: WaitingTicket) -> Bool {
    func key(_ agent: AgentStatus) -> (Int, Double, Int64) {
      (agent.profile.id == ticket.lastAgent ? 0 : 1, agent.occupancy, agent.idleSince.microseconds)
    }
    let leftKey = key(left)
    let rightKey = key(right)
    return leftKey == rightKey ? left.profile.id < right.profile.id : leftKey < rightKey
  }

  private func relaxed(for ticket: WaitingTicket, now: Instant) -> (teams: Set<TeamID>, skills: [SkillRequirement]) {
    var teams = queue.teams
    var skills = ticket.skills
    for step in queue.relaxation where now - ticket.waitingSince >= step.after {
      switch step.easing {
      case .anySkill: skills = []
      case .teams(let joining): if !teams.isEmpty { teams.formUnion(joining) }
      case .proficiency(let less):
        skills = skills.map { SkillRequirement($0.skill, proficiency: max(1, $0.proficiency - less)) }
      }
    }
    return (teams, skills)
  }
}
