/// Why a message was routed as it was: every rule and which part of its condition failed, and what would have led to another outcome.
public struct RoutingExplanation: Hashable, Sendable {
  /// A rule and its outcome.
  public struct RuleVerdict: Hashable, Sendable {
    /// The outcome of a rule.
    public enum Outcome: String, Hashable, Sendable {
      /// Its condition held and it decided.
      case decided
      /// Its condition did not hold.
      case failed
      /// Its condition holds, but another rule decided before it.
      case later
      /// Its condition holds, but the label was too uncertain for any rule.
      case uncertain
    }

    /// The rule's name.
    public let rule: String
    /// The outcome.
    public let outcome: Outcome
    /// Its condition, part by part.
    public let trace: ConditionTrace
  }

  /// The decision that hypothetical changes of the facts would have led to. It has been verified by deciding again on the changed facts.
  public struct Alternative: Hashable, Sendable {
    /// The changed facts.
    public let changes: [FactChange]
    /// The rule that would have decided; nil for none.
    public let rule: String?
    /// The decision.
    public let decision: RoutingDecision

    /// A description: `with confidence 0.35, rule “refund” would have decided: queue returns, priority normal`.
    public var text: String {
      let who =
        decision.needsTriage ? "a person would have labelled it" : rule.map { "rule “\($0)” would have decided" }
      let with = changes.map(\.text).listed(with: "and")
      return
        "with \(with), \(who ?? "no rule would have matched"): queue \(decision.queue), priority \(decision.priority.name)"
    }
  }

  /// The decision.
  public let decision: RoutingDecision
  /// Every rule, in order.
  public let rules: [RuleVerdict]
  /// The nearest other outcomes, fewest changes first.
  public let alternatives: [Alternative]

  /// The maximum number of other outcomes shown, and of changes in each.
  static let alternativesShown = 5
  static let changesShown = 3
}

extension Policy {
  /// Repeats the decision and explains it. The facts are those that `decide` was given.
  public func explain(_ facts: RoutingFacts) -> RoutingExplanation {
    let decision = decide(facts)
    var facts = facts
    facts.hours = .calendars(calendars)
    let verdicts = rules.map { rule -> RoutingExplanation.RuleVerdict in
      let trace = rule.condition.trace(for: facts)
      let outcome: RoutingExplanation.RuleVerdict.Outcome =
        !trace.holds ? .failed : decision.needsTriage ? .uncertain : rule.name == decision.rule ? .decided : .later
      return .init(rule: rule.name, outcome: outcome, trace: trace)
    }
    return RoutingExplanation(
      decision: decision, rules: verdicts, alternatives: alternatives(to: decision, from: facts))
  }

  private func alternatives(
    to decision: RoutingDecision, from facts: RoutingFacts
  ) -> [RoutingExplanation.Alternative] {
    var found: [RoutingExplanation.Alternative] = []
    func attempt(_ changes: [FactChange]) {
      guard !changes.isEmpty, changes.count <= RoutingExplanation.changesShown else { return }
      let other = decide(facts.changed(by: changes, under: self))
      guard other.outcome != decision.outcome else { return }
      if let known = found.firstIndex(where: { $0.decision.outcome == other.outcome }) {
        guard found[known].changes.count > changes.count else { return }
        found.remove(at: known)
      }
      found.append(.init(changes: changes, rule: other.rule, decision: other))
    }
    let certain: [FactChange] = decision.needsTriage ? [.confidence(triageThreshold)] : []
    attempt(certain)
    if let full = decision.overflowedFrom ?? (decision.promisesCallback ? decision.queue : nil) {
      attempt([.room(full)])
    }
    // For each rule: the changes that make it hold, and those that keep the preceding rules from matching.
    var cleared: [FactChange]? = certain
    for rule in rules {
      guard let before = cleared, before.count < RoutingExplanation.changesShown else { break }
      if let more = rule.condition.fewestChanges(toHold: true, from: facts) {
        attempt(before + more.filter { !before.contains($0) })
      }
      cleared = rule.condition.fewestChanges(toHold: false, from: facts).map { more in
        before + more.filter { !before.contains($0) }
      }
    }
    if let cleared { attempt(cleared) }
    if !decision.needsTriage, triageThreshold > 0 {
      attempt([.confidence(FactChange.justBelow(triageThreshold))])
    }
    let nearest = found.enumerated().sorted {
      ($0.element.changes.count, $0.offset) < ($1.element.changes.count, $1.offset)
    }
    return nearest.prefix(RoutingExplanation.alternativesShown).map(\.element)
  }
}

extension RoutingDecision {
  /// What distinguishes two outcomes: queue, priority, skills, a promised callback, and the rule.
  fileprivate struct Outcome: Hashable {
    let queue: QueueID
    let priority: Priority
    let skills: [SkillRequirement]
    let promisesCallback: Bool
    let rule: String?
  }

  fileprivate var outcome: Outcome {
    Outcome(queue: queue, priority: priority, skills: skills, promisesCallback: promisesCallback, rule: rule)
  }
}
