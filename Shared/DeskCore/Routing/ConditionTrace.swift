/// A condition evaluated against the facts of one message, part by part: what was required, what was found, and whether it held.
public struct ConditionTrace: Hashable, Sendable {
  /// The requirement.
  public let requirement: Phrase
  /// The actual value; nil where the parts say it. Never the customer's text.
  public let found: Phrase?
  /// Whether it held.
  public let holds: Bool
  /// The parts of `all`, `any` and `not`.
  public let parts: [ConditionTrace]

  /// A description of the requirement.
  public var asked: String { requirement.text }
  /// A description of the actual value.
  public var seen: String? { found?.text }

  /// The leaf parts that made it fail; empty when it holds.
  public var failures: [ConditionTrace] {
    if holds { return [] }
    let failed = parts.flatMap(\.failures)
    return failed.isEmpty ? [self] : failed
  }

  /// The form shown in the timeline and the console.
  public var detail: JSONValue {
    var fields: [JSONValue.Field] = [
      .init("asked", .text(asked)), .init("holds", .flag(holds)), .init("requirement", requirement.coded),
    ]
    if let found { fields += [.init("seen", .text(found.text)), .init("found", found.coded)] }
    if !parts.isEmpty { fields.append(.init("parts", .list(parts.map(\.detail)))) }
    return .object(fields)
  }
}

extension Condition {
  /// Evaluates the condition against the facts, every part of it.
  public func trace(for facts: RoutingFacts) -> ConditionTrace {
    let parts: [ConditionTrace] =
      switch self {
      case .all(let parts), .any(let parts): parts.map { $0.trace(for: facts) }
      case .not(let part): [part.trace(for: facts)]
      default: []
      }
    return ConditionTrace(requirement: phrase, found: found(in: facts), holds: holds(for: facts), parts: parts)
  }

  /// A description of the condition.
  public var text: String {
    switch self {
    case .always: "always"
    case .all: "all of these"
    case .any: "any of these"
    case .not(let part): "not (\(part.text))"
    case .oneOf(let field, let values): "\(field.title) is \(values.sorted().listed(with: "or"))"
    case .confidence(let least): "confidence is \(least) or more"
    case .urgency(let least): "urgency is \(least.name) or more"
    case .tier(let least): "tier is \(least.rawValue) or more"
    case .words(let list): "text contains \(list.words.map { "“\($0)”" }.listed(with: "or"))"
    case .during(let calendar): "within the hours of \(calendar)"
    case .field(let test): test.text
    }
  }

  func seen(in facts: RoutingFacts) -> String? {
    switch self {
    case .always, .all, .any, .not, .words, .field: return nil
    case .oneOf(let field, _):
      let value = facts.value(of: field)
      return value.isEmpty ? "none" : value
    case .confidence: return "\(facts.labels.confidence)"
    case .urgency: return facts.labels.urgency.name
    case .tier: return facts.tier.rawValue
    case .during(let calendar): return facts.isOpen(calendar) ? "open" : "closed"
    }
  }
}

extension Condition.Field {
  /// The field's display name.
  public var title: String { self == .productLine ? "product line" : rawValue }
}

extension [String] {
  /// `a, b or c`; long lists are truncated.
  public func listed(with conjunction: String, limit: Int = 8) -> String {
    guard count > 1 else { return first ?? "nothing" }
    if count > limit { return prefix(limit).joined(separator: ", ") + " \(conjunction) \(count - limit) more" }
    return dropLast().joined(separator: ", ") + " \(conjunction) " + self[count - 1]
  }
}
