/// The current requirements of tickets of one kind: tickets with equal demands can be taken by the same agents.
struct Demand: Hashable, Sendable {
  /// The queue.
  let queue: QueueID
  /// How many relaxation steps have passed.
  let steps: Int
  /// The skills before any relaxation.
  let skills: [SkillRequirement]
  let weight: Int32
  let language: String
  let refusedBy: [AgentID]
  /// The agents whose pause is in effect, by name.
  let paused: [AgentID]
  /// The customer's dedicated agent.
  let dedicatedAgent: AgentID?
  /// Whether it still waits for that agent, if they are present and busy.
  let holdsForDedicated: Bool

  init(_ ticket: WaitingTicket, in queue: QueuePolicy, now: Instant) {
    self.queue = queue.id
    steps = queue.relaxation.prefix { now - ticket.waitingSince >= $0.after }.count
    skills = ticket.skills
    weight = ticket.weight
    language = ticket.language
    refusedBy = ticket.refusedBy
    paused = ticket.pauses.filter { $0.until > now }.map(\.agent).sorted()
    dedicatedAgent = ticket.dedicatedAgent.flatMap { ticket.refusedBy.contains($0) ? nil : $0 }
    holdsForDedicated = dedicatedAgent != nil && now - ticket.waitingSince < queue.dedicatedWait
  }
}

/// A queue's requirements for an agent after some of its relaxation steps.
public struct AgentRequirements: Hashable, Sendable {
  /// The teams that may serve; empty means any.
  public var teams: Set<TeamID>
  /// The skills.
  public var skills: [SkillRequirement]
  /// Whether the agent must speak the language.
  public var language = true
  /// Whether agents in reserve are included.
  public var reserve = false

  /// Creates the requirements for a ticket with these skills, after the first `steps` steps.
  public init(_ skills: [SkillRequirement], in queue: QueuePolicy, after steps: Int) {
    teams = queue.teams
    self.skills = skills
    for step in queue.relaxation.prefix(steps) {
      switch step.easing {
      case .anySkill: self.skills = []
      case .teams(let joining): if !teams.isEmpty { teams.formUnion(joining) }
      case .proficiency(let less):
        self.skills = self.skills.map { SkillRequirement($0.skill, proficiency: max(1, $0.proficiency - less)) }
      case .reserve: reserve = true
      case .anyone:
        self.skills = []
        language = false
      }
    }
  }

  /// Whether the same agents meet the requirements, regardless of the reserve.
  func asksTheSame(as other: AgentRequirements) -> Bool {
    teams == other.teams && skills == other.skills && language == other.language
  }

  /// Returns the agent's first unmet requirement, in the order of checking; nil when all are met.
  public func lack(of profile: AgentProfile, speaking needed: String) -> Mismatch? {
    if !teams.isEmpty, teams.isDisjoint(with: profile.teams) { return .team }
    if let missing = skills.first(where: { (profile.skills[$0.skill] ?? 0) < $0.proficiency }) {
      return .skill(missing, has: profile.skills[missing.skill] ?? 0)
    }
    if language, !profile.speaks(needed) { return .language }
    return nil
  }

  /// An unmet requirement.
  public enum Mismatch: Hashable, Sendable {
    case team
    case skill(SkillRequirement, has: Int)
    case language
  }
}
