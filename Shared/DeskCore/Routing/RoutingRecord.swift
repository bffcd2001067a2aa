/// A routing decision read back from the timeline: enough to decide again without the customer's text.
public struct RoutingRecord: Hashable, Sendable {
  /// The facts other than words, hours and limits, which can only be derived with the policy's version.
  private let labels: Labels
  private let basis: RoutingDecision.Basis
  /// The version of the policy that decided.
  public let policyVersion: Int32
  /// The entry as stored.
  private let kept: JSONValue

  /// Reads an entry of the kind `queued` or `triaged`; nil for entries of older builds that kept less.
  public init?(_ detail: JSONValue) {
    guard let category = detail["category"]?.text, let intent = detail["intent"]?.text,
      let confidence = detail["confidence"]?.number,
      let urgency = Urgency.allCases.first(where: { $0.name == detail["urgency"]?.text }),
      let sentiment = Sentiment.allCases.first(where: { $0.name == detail["sentiment"]?.text }),
      let language = detail["language"]?.text, let model = detail["model"]?.text,
      let version = detail["policy"]?.integer.flatMap({ Int32(exactly: $0) }),
      let channel = detail["channel"]?.text, let tier = detail["tier"]?.text.flatMap({ CustomerTier(rawValue: $0) }),
      let opened = detail["opened_at_us"]?.integer
    else { return nil }
    labels = Labels(
      category: category, intent: intent, confidence: confidence, urgency: urgency, sentiment: sentiment,
      language: language, modelVersion: model)
    basis = RoutingDecision.Basis(
      channel: ChannelID(channel), tier: tier, openedAt: Instant(microseconds: opened),
      productLine: detail["product_line"]?.text ?? "",
      found: (detail["found"]?.list ?? []).compactMap { $0.integer.map { Int($0) } },
      full: (detail["full"]?.list ?? []).compactMap { $0.text.map { QueueID($0) } })
    policyVersion = version
    kept = detail
  }

  /// The facts as they were, under the policy that decided.
  public func facts(under policy: Policy) -> RoutingFacts {
    let lists = basis.found.filter { policy.wordLists.indices.contains($0) }.map { policy.wordLists[$0] }
    var facts = RoutingFacts(
      channel: basis.channel, tier: basis.tier, labels: labels, found: Set(lists), openedAt: basis.openedAt,
      productLine: basis.productLine)
    facts.fullQueues = Set(basis.full)
    return facts
  }

  /// Decides again.
  /// - Parameter policy: the version that decided.
  public func replay(under policy: Policy) -> Replay {
    var decision = policy.decide(facts(under: policy))
    decision.message = kept["message"]?.text.flatMap { MessageID($0) }
    return Replay(kept: kept.only(decision.detail), replayed: decision.detail)
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

extension JSONValue {
  /// The members that another object has as well: other members of an entry are ignored.
  fileprivate func only(_ other: JSONValue) -> JSONValue {
    guard case .object(let fields) = self, case .object(let wanted) = other else { return self }
    let names = Set(wanted.map(\.name))
    return .object(fields.filter { names.contains($0.name) || RoutingDecision.optionalMembers.contains($0.name) })
  }
}

extension RoutingDecision {
  /// Members that most decisions leave out: if one was stored and is not reproduced, that is a difference.
  fileprivate static let optionalMembers: Set<String> = [
    "weight", "overflowed_from", "promises_callback", "product_line", "found", "full",
  ]
}
