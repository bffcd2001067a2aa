import DeskCore
import Yams

// MARK: - Conditions

extension PolicyReader {
  private static var conditionKeys: [String] {
    [
      "all", "any", "not", "channel", "category", "intent", "language", "product_line", "tier", "tier_at_least",
      "urgency",
      "urgency_at_least", "sentiment", "confidence_at_least", "confidence_below", "words", "during", "outside",
      "field", "field_given",
    ]
  }

  /// Reads `when:`; a missing one always holds. Several keys in one mapping must all hold.
  mutating func condition(_ place: PolicyNode?) -> Condition? {
    guard let place else { return .always }
    return condition(place, depth: 0)
  }

  private mutating func condition(_ place: PolicyNode, depth: Int) -> Condition? {
    guard depth < PolicyLimits.conditionDepth else {
      report(
        place, "conditions are nested deeper than \(PolicyLimits.conditionDepth)",
        remedy: "split the rule into several")
      return nil
    }
    let before = mistakes.count + omitted
    guard let fields = fields(of: place, known: PolicyReader.conditionKeys) else { return nil }
    var parts: [Condition] = []
    var isWhole = true
    // In the order of `conditionKeys`, so that equal conditions compare equal however they were written.
    for key in PolicyReader.conditionKeys {
      guard let value = fields[key] else { continue }
      if let part = part(key, value, depth: depth) { parts.append(part) } else { isWhole = false }
    }
    guard isWhole else { return nil }
    guard let first = parts.first else {
      // An unknown key has already been reported.
      guard mistakes.count + omitted == before else { return nil }
      report(place, "the condition is empty", remedy: "remove `when` to match always")
      return nil
    }
    return parts.count == 1 ? first : .all(parts)
  }

  private mutating func part(_ key: String, _ value: PolicyNode, depth: Int) -> Condition? {
    switch key {
    case "all": parts(value, depth: depth).map { .all($0) }
    case "any": parts(value, depth: depth).map { .any($0) }
    case "not": condition(value, depth: depth + 1).map { .not($0) }
    case "urgency_at_least": word(value, among: Urgency.allCases.map { ($0.name, $0) }).map { .urgency(atLeast: $0) }
    case "tier_at_least":
      word(value, among: CustomerTier.allCases.map { ($0.rawValue, $0) }).map { .tier(atLeast: $0) }
    case "confidence_at_least": share(value).map { .confidence(atLeast: $0) }
    case "confidence_below": share(value).map { .not(.confidence(atLeast: $0)) }
    case "words": words(value).map { .words(WordList($0)) }
    case "during": calendar(value).map { .during($0) }
    case "outside": calendar(value).map { .not(.during($0)) }
    case "field": fieldValues(value)
    case "field_given": fieldsGiven(value)
    default: Condition.Field(rawValue: key).flatMap { field in values(value, of: field).map { .oneOf(field, $0) } }
    }
  }

  private mutating func calendar(_ place: PolicyNode) -> CalendarID? {
    reference(place, to: "calendar", among: calendarNames)
  }

  private mutating func parts(_ place: PolicyNode, depth: Int) -> [Condition]? {
    let items = items(place, limit: PolicyLimits.conditionParts)
    let conditions = items.compactMap { condition($0, depth: depth + 1) }
    guard conditions.count == items.count else { return nil }
    return isNonEmpty(conditions, at: place)
  }

  /// Reads keywords that messages are searched for, as written. Reports those that no message can contain.
  mutating func words(_ place: PolicyNode) -> [String]? {
    let items = itemsOrOne(place, limit: PolicyLimits.conditionParts)
    let words = findable(items, called: "keyword")
    guard words.count == items.count else { return nil }
    return isNonEmpty(words, at: place)
  }

  /// Reads texts that messages are searched for, as written. Reports and leaves out those that no message can contain.
  /// - Parameter what: what they are called in the report.
  mutating func findable(_ items: [PolicyNode], called what: String) -> [String] {
    items.compactMap { item in
      guard let text = text(item) else { return nil }
      if WordList.canBeFound(text) { return text }
      report(
        item, "the \(what) has only white space and invisible characters, so no message contains it",
        remedy: "write a \(what) with a visible character, or remove it")
      return nil
    }
  }

  private mutating func isNonEmpty<Value>(_ values: [Value], at place: PolicyNode) -> [Value]? {
    if !values.isEmpty { return values }
    if case .sequence = place.node {
      report(place, "the list is empty", remedy: "list at least one, or remove the key")
    }
    return nil
  }

  /// Reads the values that a field is compared with; reports those that cannot occur.
  private mutating func values(_ place: PolicyNode, of field: Condition.Field) -> Set<String>? {
    let items = itemsOrOne(place, limit: PolicyLimits.conditionParts)
    var values: Set<String> = []
    var isWhole = true
    for item in items {
      switch self.values(item: item, of: field) {
      case let found?: values.formUnion(found)
      case nil: isWhole = false
      }
    }
    guard isWhole, isNonEmpty(items, at: place) != nil else { return nil }
    return values
  }

  private mutating func values(item: PolicyNode, of field: Condition.Field) -> [String]? {
    switch field {
    case .channel:
      let channel: ChannelID? = reference(item, to: "channel", among: channelNames)
      return channel.map { [$0.rawValue] }
    // The model defines the categories; a policy may be ahead of it.
    case .category, .intent, .productLine: return text(item).map { [$0] }
    case .language:
      let single = ["zh-Hans", "zh-Hant", "en", "mixed", "other", "und"].map { (name: $0, value: [$0]) }
      return word(item, among: [(name: "zh", value: ["zh-Hans", "zh-Hant"])] + single)
    case .tier: return word(item, among: CustomerTier.allCases.map { ($0.rawValue, [$0.rawValue]) })
    case .urgency: return word(item, among: Urgency.allCases.map { ($0.name, [$0.name]) })
    case .sentiment: return word(item, among: Sentiment.allCases.map { ($0.name, [$0.name]) })
    }
  }
}
