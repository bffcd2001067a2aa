/// Where tickets of a kind wait for a team.
public struct QueuePolicy: Hashable, Sendable {
  /// The queue's name.
  public let id: QueueID
  /// The teams that serve it; empty means everybody.
  public let teams: Set<TeamID>
  /// What every ticket in it asks of an agent, besides what its rule asks.
  public let skills: [SkillRequirement]
  /// How long an agent has to answer an offer.
  public let offerTime: Duration
  /// After these times of waiting, fewer things are asked; cumulative, in order.
  public let relaxation: [RelaxationStep]
  /// How long a ticket waits for its customer's dedicated agent who is at the desk and busy; others are asked after that.
  public let dedicatedWait: Duration
  /// Every so manieth offer goes to the ticket that is most overdue, so that demotion starves nobody; 1 or more.
  public let overdueTurn: Int
  /// How many tickets may wait; nil: any number.
  public let limit: Int?
  /// Where tickets go while this queue is full; nil: they wait here and are promised a call back.
  public let overflow: QueueID?

  /// Every tenth offer, where the policy does not say otherwise.
  public static let usualOverdueTurn = 10

  /// Describes a queue.
  public init(
    id: QueueID, teams: Set<TeamID>, skills: [SkillRequirement], offerTime: Duration, relaxation: [RelaxationStep],
    dedicatedWait: Duration = .zero, overdueTurn: Int = QueuePolicy.usualOverdueTurn, limit: Int? = nil,
    overflow: QueueID? = nil
  ) {
    precondition(overdueTurn > 0, "a turn comes after one offer at least")
    self.id = id
    self.teams = teams
    self.skills = skills
    self.offerTime = offerTime
    self.relaxation = relaxation
    self.dedicatedWait = dedicatedWait
    self.overdueTurn = overdueTurn
    self.limit = limit
    self.overflow = overflow
  }
}

/// One step by which a queue asks for less after a time of waiting.
public struct RelaxationStep: Hashable, Sendable {
  /// What the step gives up.
  public enum Easing: Hashable, Sendable {
    /// Proficiency may be lower by this much.
    case proficiency(by: Int)
    /// Skills are no longer asked.
    case anySkill
    /// Other teams join.
    case teams(Set<TeamID>)
    /// Agents in reserve are asked as well.
    case reserve
    /// Anyone of the queue's own teams, whatever they know and speak.
    case anyone

    /// The word used in explanations.
    public var text: String {
      switch self {
      case .proficiency(let less): "proficiency lower by \(less)"
      case .anySkill: "no skills asked"
      case .teams(let teams): "teams join: \(teams.map(\.rawValue).sorted().joined(separator: ", "))"
      case .reserve: "the reserve joins"
      case .anyone: "anyone of the team"
      }
    }
  }

  /// The waiting time from which the step holds.
  public let after: Duration
  /// What it gives up.
  public let easing: Easing

  /// Describes a step.
  public init(after: Duration, easing: Easing) {
    self.after = after
    self.easing = easing
  }
}
