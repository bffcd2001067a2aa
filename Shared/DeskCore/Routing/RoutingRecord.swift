/// A routing decision read back from the timeline: enough to decide again without the customer's text.
public struct RoutingRecord: Hashable, Sendable {
  /// The facts other than words, hours and limits, which can only be derived with the policy's version.
  private let labels: Labels
  private let basis: RoutingDecision.Basis
  /// The version of the policy that decided.
  public let policyVersion: Int32
  /// The decision as stored.
  private let kept: TimelineEvent.Routed

  /// Reads a decision of the timeline; nil for those of older builds that kept less.
  public init?(_ kept: TimelineEvent.Routed) {
    guard let labels = kept.labels, let basis = kept.basis, let version = kept.policyVersion else { return nil }
    self.labels = labels
    self.basis = basis
    policyVersion = version
    self.kept = kept
  }

  /// The facts as they were, under the policy that decided.
  public func facts(under policy: Policy) -> RoutingFacts {
    var facts = RoutingFacts(
      channel: basis.channel, tier: basis.tier, labels: labels, found: Set(basis.lists(of: policy)),
      openedAt: basis.openedAt,
      productLine: basis.productLine)
    facts.fullQueues = Set(basis.full)
    facts.answers = .met(Set(basis.tests(of: policy)))
    return facts
  }

  /// Decides again.
  /// - Parameter policy: the version that decided.
  public func replay(under policy: Policy) -> Replay {
    var decision = policy.decide(facts(under: policy))
    decision.message = kept.message
    // Suggested articles and the model's other guesses are not part of the decision.
    var kept = kept
    kept.suggestions = []
    kept.guesses = []
    return Replay(kept: kept.detail, replayed: decision.detail)
  }
}

/// A decision and the same decision repeated.
public struct Replay: Hashable, Sendable {
  /// The stored result.
  public let kept: String
  /// The repeated result.
  public let replayed: String

  init(kept: JSONValue, replayed: JSONValue) {
    self.kept = kept.canonical.json
    self.replayed = replayed.canonical.json
  }

  /// Whether both are identical, bit by bit.
  public var isEqual: Bool { kept == replayed }
}
