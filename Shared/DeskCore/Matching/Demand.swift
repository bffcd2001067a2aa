/// What tickets of one kind ask of an agent at the moment: tickets with equal demands can be taken by the same agents.
struct Demand: Hashable, Sendable {
  /// The queue.
  let queue: QueueID
  /// How many steps of relaxation have passed.
  let steps: Int
  /// The skills before any relaxation.
  let skills: [SkillRequirement]
  let weight: Int32
  let language: String
  let refusedBy: [AgentID]
  /// Who is left alone with it now, by name.
  let paused: [AgentID]
  /// The customer's own agent.
  let dedicatedAgent: AgentID?
  /// Whether it still waits for that agent, should they be at the desk and busy.
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

  /// When a ticket's demand or its place next changes by itself; nil when never.
  static func nextChange(of ticket: WaitingTicket, in queue: QueuePolicy, after now: Instant) -> Instant? {
    var moments = queue.relaxation.map { ticket.waitingSince + $0.after }
    if ticket.dedicatedAgent != nil { moments.append(ticket.waitingSince + queue.dedicatedWait) }
    if let due = ticket.dueAt { moments.append(due) }
    moments += ticket.pauses.map(\.until)
    return moments.filter { $0 > now }.min()
  }
}

/// What a queue asks of an agent after some of its steps of relaxation.
public struct Asked: Hashable, Sendable {
  /// The teams that may serve; empty means everybody.
  public var teams: Set<TeamID>
  /// The skills.
  public var skills: [SkillRequirement]
  /// Whether the language must be spoken.
  public var language = true
  /// Whether agents in reserve are asked.
  public var reserve = false

  /// What is asked of agents for a ticket with these skills, after the first `steps` steps.
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

  /// Whether the same agents have what is asked, be they in reserve or not.
  func asksTheSame(as other: Asked) -> Bool {
    teams == other.teams && skills == other.skills && language == other.language
  }

  /// What an agent lacks, in the order in which it is looked at; nil when nothing.
  public func lack(of profile: AgentProfile, speaking needed: String) -> Lack? {
    if !teams.isEmpty, teams.isDisjoint(with: profile.teams) { return .team }
    if let missing = skills.first(where: { (profile.skills[$0.skill] ?? 0) < $0.proficiency }) {
      return .skill(missing, has: profile.skills[missing.skill] ?? 0)
    }
    if language, !profile.speaks(needed) { return .language }
    return nil
  }

  /// What an agent can lack.
  public enum Lack: Hashable, Sendable {
    case team
    case skill(SkillRequirement, has: Int)
    case language
  }
}
