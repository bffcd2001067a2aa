import DeskCore

/// Follows what was told of a ticket's service level.
struct PromiseWalk {
  /// The highest share told of each clock since it began anew.
  private var told: [String: Int64] = [:]
  private(set) var isAnyBroken = false
  private var isAnswered = false
  /// Whether the ticket is settled: no clock of it runs then.
  private var isSettled = false

  /// - Returns: what is wrong with an entry; nil when nothing is.
  mutating func take(_ fact: TimelineFact) -> String? {
    switch fact.kind {
    case "sla_warned", "sla_breached": return tell(fact)
    case "replied":
      isAnswered = true
      told["next_response"] = nil
    case "customer_wrote":
      told["next_response"] = nil
    case "resolved", "closed", "merged", "rejected":
      isSettled = true
      return end(fact)
    case "reopened":
      isSettled = false
      told = [:]
    case "escalated", "priority_changed", "labelled", "transferred", "judged", "pending":
      // From here on other times may hold.
      told = [:]
    default: break
    }
    return nil
  }

  /// A first response that was given cannot end unanswered, nor what a settled ticket was resolved by.
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

  private mutating func tell(_ fact: TimelineFact) -> String? {
    guard let clock = fact.text("clock"), let share = fact.number("share_percent"),
      let due = fact.moment("due_at_us")
    else { return "\(fact.kind) does not say what of" }
    defer { told[clock] = share }
    if share >= 100 { isAnyBroken = true }
    if isSettled { return "\(share) % of \(clock) was notified after the ticket was settled" }
    if clock == "first_response", isAnswered {
      return "the first response was given, and \(share) % of its time was told"
    }
    if let before = told[clock], share <= before { return "\(share) % of \(clock) was told after \(before) %" }
    let isBreach = fact.kind == "sla_breached"
    if isBreach != (share >= 100) { return "\(fact.kind) tells \(share) %" }
    if isBreach, fact.at < due - RuleTolerance.moments { return "a breach of \(clock) was told \(due - fact.at) early" }
    return nil
  }
}
