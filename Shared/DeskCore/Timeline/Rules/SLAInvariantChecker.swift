/// Checks the notifications about a ticket's service level.
struct SLAInvariantChecker {
  /// The highest share notified for each clock since its last restart.
  private var notified: [ServiceLevelClocks.Name: Int] = [:]
  private(set) var isAnyBroken = false
  private var isAnswered = false
  /// Whether the ticket is settled: no clock of it runs then.
  private var isSettled = false

  /// - Returns: the problem with an entry; nil when there is none.
  mutating func take(_ fact: TimelineFact) -> String? {
    switch fact.event {
    case .slaWarned(let reached): return notify(fact, reached, isBreach: false)
    case .slaBreached(let reached): return notify(fact, reached, isBreach: true)
    case .replied:
      isAnswered = true
      notified[.nextResponse] = nil
    case .customerWrote, .replyFailed:
      notified[.nextResponse] = nil
    case .resolved(let resolved):
      isSettled = true
      if let problem = end(resolved.unanswered) { return problem }
      if resolved.unanswered.contains(.resolution) {
        return "the ticket was resolved, and its resolution ended as if it were not"
      }
    case .closed: isSettled = true
    case .merged(let merged):
      isSettled = true
      return end(merged.unanswered)
    case .rejected(let rejected):
      isSettled = true
      return end(rejected.unanswered)
    case .reopened:
      isSettled = false
      notified = [:]
    case .escalated, .priorityChanged, .rerouted, .labelled, .transferred, .feedbackReceived, .pending:
      // From here on different target times may apply.
      notified = [:]
    default: break
    }
    return nil
  }

  /// A first response that was given cannot end as unanswered.
  private func end(_ unanswered: [ServiceLevelClocks.Name]) -> String? {
    guard isAnswered, unanswered.contains(.firstResponse) else { return nil }
    return "the first response was given, but the ticket ended as unanswered"
  }

  private mutating func notify(
    _ fact: TimelineFact, _ reached: TimelineEvent.TargetReached, isBreach: Bool
  ) -> String? {
    guard let name = reached.clock, let share = reached.sharePercent, let due = reached.dueAt else {
      return "\(fact.kind) names no clock or share"
    }
    let clock = name.rawValue
    defer { notified[name] = share }
    if share >= 100 { isAnyBroken = true }
    if isSettled { return "\(share) % of \(clock) was notified after the ticket was settled" }
    if name == .firstResponse, isAnswered {
      return "the first response was given, and \(share) % of its time was notified after that"
    }
    if let before = notified[name], share <= before { return "\(share) % of \(clock) was notified after \(before) %" }
    if isBreach != (share >= 100) { return "\(fact.kind) reports \(share) %" }
    if isBreach, fact.at < due - RuleTolerance.moments { return "\(clock) was breached \(due - fact.at) early" }
    return nil
  }
}
