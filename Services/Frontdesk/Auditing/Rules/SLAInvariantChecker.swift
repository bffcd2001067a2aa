import DeskCore

/// Checks the notifications about a ticket's service level.
struct SLAInvariantChecker {
  /// The highest share notified for each clock since its last restart.
  private var notified: [String: Int64] = [:]
  private(set) var isAnyBroken = false
  private var isAnswered = false
  /// Whether the ticket is settled: no clock of it runs then.
  private var isSettled = false

  /// - Returns: the problem with an entry; nil when there is none.
  mutating func take(_ fact: TimelineFact) -> String? {
    switch fact.kind {
    case "sla_warned", "sla_breached": return notify(fact)
    case "replied":
      isAnswered = true
      notified["next_response"] = nil
    case "customer_wrote":
      notified["next_response"] = nil
    case "resolved", "closed", "merged", "rejected":
      isSettled = true
      return end(fact)
    case "reopened":
      isSettled = false
      notified = [:]
    case "escalated", "priority_changed", "labelled", "transferred", "feedback_received", "judged", "pending":
      // From here on different target times may apply.
      notified = [:]
    default: break
    }
    return nil
  }

  /// A first response that was given cannot end as unanswered, nor can the resolution of a settled ticket.
  private func end(_ fact: TimelineFact) -> String? {
    let unanswered = fact.texts("unanswered")
    if isAnswered, unanswered.contains("first_response") {
      return "the first response was given, but the ticket ended as unanswered"
    }
    if fact.kind == "resolved", unanswered.contains("resolution") {
      return "the ticket was resolved, and its resolution ended as if it were not"
    }
    return nil
  }

  private mutating func notify(_ fact: TimelineFact) -> String? {
    guard let clock = fact.text("clock"), let share = fact.number("share_percent"),
      let due = fact.moment("due_at_us")
    else { return "\(fact.kind) names no clock or share" }
    defer { notified[clock] = share }
    if share >= 100 { isAnyBroken = true }
    if isSettled { return "\(share) % of \(clock) was notified after the ticket was settled" }
    if clock == "first_response", isAnswered {
      return "the first response was given, and \(share) % of its time was notified after that"
    }
    if let before = notified[clock], share <= before { return "\(share) % of \(clock) was notified after \(before) %" }
    let isBreach = fact.kind == "sla_breached"
    if isBreach != (share >= 100) { return "\(fact.kind) reports \(share) %" }
    if isBreach, fact.at < due - RuleTolerance.moments { return "\(clock) was breached \(due - fact.at) early" }
    return nil
  }
}
