/// A queue in which tickets wait for a team.
public struct QueuePolicy: Hashable, Sendable {
  /// The queue's name.
  public let id: QueueID
  /// The teams that serve it; empty means any.
  public let teams: Set<TeamID>
  /// The skills that every ticket in it requires, in addition to those of its rule.
  public let skills: [SkillRequirement]
  /// How long an agent has to respond to an offer.
  public let offerTime: Duration
  /// Requirements that are dropped after these waiting times; cumulative, in order.
  public let relaxation: [RelaxationStep]
  /// How long a ticket waits for its customer's dedicated agent who is present and busy; after that it is offered to others.
  public let dedicatedWait: Duration
  /// Every n-th offer goes to the most overdue ticket, so that demotion starves none; 1 or more.
  public let overdueTurn: Int
  /// How many tickets may wait; nil: no limit.
  public let limit: Int?
  /// The queue to use while this one is full; nil: tickets wait here and the customer is promised a callback.
  public let overflow: QueueID?

  /// Every tenth offer, unless the policy says otherwise.
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

/// A step that drops one requirement of a queue after a waiting time.
public struct RelaxationStep: Hashable, Sendable {
  /// What the step drops.
  public enum Relaxation: Hashable, Sendable {
    /// Lowers the required proficiency by this much.
    case proficiency(by: Int)
    /// Drops all skill requirements.
    case anySkill
    /// Adds other teams.
    case teams(Set<TeamID>)
    /// Includes agents in reserve.
    case reserve
    /// Any agent of the queue's own teams, whatever their skills and languages.
    case anyone

    /// The description used in explanations.
    public var text: String {
      switch self {
      case .proficiency(let less): "proficiency lower by \(less)"
      case .anySkill: "no skills required"
      case .teams(let teams): "teams join: \(teams.map(\.rawValue).sorted().joined(separator: ", "))"
      case .reserve: "the reserve joins"
      case .anyone: "any agent of the team"
      }
    }
  }

  /// The waiting time from which the step applies.
  public let after: Duration
  /// What it drops.
  public let easing: Relaxation

  /// Describes a step.
  public init(after: Duration, easing: Relaxation) {
    self.after = after
    self.easing = easing
  }
}
