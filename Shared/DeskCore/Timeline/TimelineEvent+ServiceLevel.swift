// What the timeline keeps of SLA targets and their consequences.

extension TimelineEvent {
  /// A threshold of an SLA target that was reached.
  public struct TargetReached: TimelinePayload {
    /// The clock.
    public internal(set) var clock: ServiceLevelClocks.Name?
    /// The percentage of the allowed time that is used up; 100 is the breach.
    public internal(set) var sharePercent: Int?
    /// When the target is or was due.
    public internal(set) var dueAt: Instant?

    init() {}

    /// What is kept of a notification.
    public init(_ notice: ServiceLevelClocks.Notice) {
      clock = notice.clock
      sharePercent = notice.sharePercent
      dueAt = notice.dueAt
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("clock", &clock)
      members.member("share_percent", &sharePercent)
      members.member("due_at_us", &dueAt)
    }
  }

  /// An escalation step, with what it changed. What its actions did not touch is nil.
  public struct Escalated: TimelinePayload {
    /// The number of the step.
    public internal(set) var step: Int?
    /// The clock that led to it.
    public internal(set) var clock: ServiceLevelClocks.Name?
    /// The open time after the breach at which it is due.
    public internal(set) var after: Duration?
    /// The former and the new priority.
    public internal(set) var fromPriority: Priority?
    public internal(set) var toPriority: Priority?
    /// The leads who were notified.
    public internal(set) var leads: [AgentID]?
    /// How much less proficiency is required.
    public internal(set) var proficiencyLess: Int?
    /// The skills that are no longer required.
    public internal(set) var skillsDropped: [SkillID]?
    /// The queue that it was taken from; also nil when it had none.
    public internal(set) var fromQueue: QueueID?
    /// The queue that it was moved to.
    public internal(set) var toQueue: QueueID?

    init() {}

    /// What is kept of a step before its actions.
    public init(_ step: EscalationStep, number: Int, because clock: ServiceLevelClocks.Name) {
      self.step = number
      self.clock = clock
      after = step.after
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("step", &step)
      members.member("clock", &clock)
      members.member("after_seconds", &after)
      members.member("from_priority", &fromPriority)
      members.member("to_priority", &toPriority)
      members.member("leads", &leads)
      members.member("proficiency_less", &proficiencyLess)
      members.member("skills_dropped", &skillsDropped)
      if toQueue == nil {
        members.member("from_queue", &fromQueue)
      } else {
        members.nullable("from_queue", &fromQueue)
      }
      members.member("to_queue", &toQueue)
    }
  }

  /// A change of priority by a person.
  public struct PriorityChanged: TimelinePayload {
    /// The former priority.
    public internal(set) var from: Priority?
    /// The new priority.
    public internal(set) var to: Priority?
    /// The person's words.
    public internal(set) var reason: String?

    init() {}

    /// What is kept of it.
    public init(from former: Priority, to priority: Priority, reason: String) {
      from = former
      to = priority
      self.reason = reason
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("from", &from)
      members.member("to", &to)
      members.member("reason", &reason)
    }
  }
}
