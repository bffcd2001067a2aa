/// A condition held against the facts of one message, part by part: what was asked, what was seen, and whether it held.
public struct ConditionTrace: Hashable, Sendable {
  /// What was asked, in words.
  public let asked: String
  /// What the message had instead or indeed; nil where the parts say it. Never the customer's own words.
  public let seen: String?
  /// Whether it held.
  public let holds: Bool
  /// The parts of `all`, `any` and `not`.
  public let parts: [ConditionTrace]

  /// The parts that decided against it, as leaves; empty when it holds.
  public var failures: [ConditionTrace] {
    if holds { return [] }
    let failed = parts.flatMap(\.failures)
    return failed.isEmpty ? [self] : failed
  }

  /// As the timeline and the console show it.
  public var detail: Detail {
    var fields: [Detail.Field] = [.init("asked", .text(asked)), .init("holds", .flag(holds))]
    if let seen { fields.append(.init("seen", .text(seen))) }
    if !parts.isEmpty { fields.append(.init("parts", .list(parts.map(\.detail)))) }
    return .object(fields)
  }
}

extension Condition {
  /// Holds the condition against the facts, every part of it.
  public func trace(for facts: RoutingFacts) -> ConditionTrace {
    let parts: [ConditionTrace] =
      switch self {
      case .all(let parts), .any(let parts): parts.map { $0.trace(for: facts) }
      case .not(let part): [part.trace(for: facts)]
      default: []
      }
    return ConditionTrace(asked: text, seen: seen(in: facts), holds: holds(for: facts), parts: parts)
  }

  /// The condition in words.
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
    case .words(let list): "says \(list.words.map { "“\($0)”" }.listed(with: "or"))"
    case .during(let calendar): "in the hours of \(calendar)"
    }
  }

  private func seen(in facts: RoutingFacts) -> String? {
    switch self {
    case .always, .all, .any, .not, .words: return nil
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
  /// The field's name for people.
  public var title: String { self == .productLine ? "product line" : rawValue }
}

extension [String] {
  /// `a, b or c`; long lists are cut.
  func listed(with conjunction: String, limit: Int = 8) -> String {
    guard count > 1 else { return first ?? "nothing" }
    if count > limit { return prefix(limit).joined(separator: ", ") + " \(conjunction) \(count - limit) more" }
    return dropLast().joined(separator: ", ") + " \(conjunction) " + self[count - 1]
  }
}
