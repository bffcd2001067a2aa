/// When a queue in which tickets wait counts as stuck: no one who could take a ticket is there, or nothing has moved for a time.
public struct StuckQueueRule: Hashable, Sendable {
  /// How long the oldest ticket must have waited, and how long after an episode the next one can begin.
  public var after: Duration

  /// Describes the rule.
  public init(after: Duration = .seconds(15 * 60)) {
    self.after = after
  }

  /// What is known of a queue at some moment.
  public struct Observation: Hashable, Sendable {
    /// Since when the oldest ticket waits; nil when none waits.
    public let oldestSince: Instant?
    /// Whether an agent who may serve the queue is available or in reserve, free or busy.
    public let isStaffed: Bool
    /// Whether a ticket is offered to an agent now, or went to one in the last minutes.
    public let moves: Bool
    /// Whether it is stuck already.
    public let isStuck: Bool
    /// When it was stuck last; nil if never, or while it is.
    public let lastEndedAt: Instant?

    /// Describes an observation.
    public init(oldestSince: Instant?, isStaffed: Bool, moves: Bool, isStuck: Bool, lastEndedAt: Instant?) {
      self.oldestSince = oldestSince
      self.isStaffed = isStaffed
      self.moves = moves
      self.isStuck = isStuck
      self.lastEndedAt = lastEndedAt
    }
  }

  /// Why a queue is stuck.
  public enum Reason: String, Hashable, Sendable, CaseIterable {
    /// No agent who may serve it is there.
    case unstaffed
    /// Agents are there, but no ticket goes to any of them.
    case standstill
  }

  /// What changes.
  public enum Change: Hashable, Sendable {
    case begins(Reason)
    case ends
  }

  /// Whether an episode begins or ends now; nil when neither.
  ///
  /// It ends as soon as no ticket waits, or tickets move and someone is there. One that begins again at once is not reported again:
  /// an offer that no one answers every few minutes would make a row of episodes.
  public func change(_ seen: Observation, now: Instant) -> Change? {
    guard let oldest = seen.oldestSince else { return seen.isStuck ? .ends : nil }
    let isHealthy = seen.isStaffed && seen.moves
    if seen.isStuck { return isHealthy ? .ends : nil }
    guard !isHealthy, now - oldest >= after else { return nil }
    if let ended = seen.lastEndedAt, now - ended < after { return nil }
    return .begins(seen.isStaffed ? .standstill : .unstaffed)
  }
}

extension Policy {
  /// Whether any of these agents may serve a queue, by their teams and at any step of its relaxation.
  public func staffs(_ queue: QueuePolicy, with present: some Sequence<AgentID>) -> Bool {
    var teams = queue.teams
    for step in queue.relaxation {
      if case .teams(let others) = step.easing { teams.formUnion(others) }
    }
    // A queue without teams is served by all.
    return present.contains { agent in
      guard let profile = agents[agent] else { return false }
      return queue.teams.isEmpty || !profile.teams.isDisjoint(with: teams)
    }
  }
}
