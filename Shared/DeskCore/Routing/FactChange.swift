/// A hypothetical change of one fact.
public enum FactChange: Hashable, Sendable {
  /// The field has one of these values; the first one represents them.
  case value(Condition.Field, of: [String])
  /// The field has a value other than these.
  case otherValue(Condition.Field, than: [String])
  /// The label has this confidence.
  case confidence(Double)
  /// The urgency is this.
  case urgency(Urgency)
  /// The customer's tier is this.
  case tier(CustomerTier)
  /// The message contains one of the words, or none of them.
  case words(WordList, found: Bool)
  /// The ticket was opened inside the calendar's hours, or outside.
  case hours(CalendarID, open: Bool)
  /// The ticket's fields meet the test, or do not.
  case field(FieldTest, isMet: Bool)
  /// The queue has room.
  case room(QueueID)

  /// A readable number below a threshold: a hundredth less.
  static func justBelow(_ bar: Double) -> Double {
    let hundredths = Int(bar * 100)
    return Double(max(0, Double(hundredths) < bar * 100 ? hundredths : hundredths - 1)) / 100
  }

  /// A description of the change, to follow "with".
  public var text: String {
    switch self {
    case .value(let field, let values): "\(field.title) \(values.listed(with: "or"))"
    case .otherValue(let field, let values): "a \(field.title) other than \(values.listed(with: "or"))"
    case .confidence(let value): "confidence \(value)"
    case .urgency(let urgency): "urgency \(urgency.name)"
    case .tier(let tier): "tier \(tier.rawValue)"
    case .words(let list, true): "the word \(list.words.map { "“\($0)”" }.listed(with: "or"))"
    case .words(let list, false): "none of the words \(list.words.map { "“\($0)”" }.listed(with: "or"))"
    case .hours(let calendar, true): "a time within the hours of \(calendar)"
    case .hours(let calendar, false): "a time outside the hours of \(calendar)"
    case .field(let test, true): test.text
    case .field(let test, false): "not (\(test.text))"
    case .room(let queue): "room in the queue \(queue)"
    }
  }
}

extension RoutingFacts {
  /// The facts with the changes applied.
  /// - Parameter policy: supplies the word lists and calendars.
  func changed(by changes: [FactChange], under policy: Policy) -> RoutingFacts {
    var facts = self
    for change in changes {
      switch change {
      case .value(let field, let values): if let value = values.first { facts.set(field, to: value) }
      case .otherValue(let field, let values): facts.set(field, to: field.value(otherThan: Set(values)) ?? "")
      case .confidence(let value): facts.labels.confidence = value
      case .urgency(let urgency): facts.labels.urgency = urgency
      case .tier(let tier): facts.tier = tier
      case .words(let list, let found):
        var lists = Set(policy.wordLists.filter { facts.mentions($0) })
        if found { lists.insert(list) } else { lists.remove(list) }
        facts.wording = .found(lists)
      case .hours(let calendar, let isOpen):
        var open = Set(policy.calendars.keys.filter { facts.isOpen($0) })
        if isOpen { open.insert(calendar) } else { open.remove(calendar) }
        facts.hours = .open(open)
      case .field(let test, let isMet):
        var tests = Set(policy.fieldTests.filter { facts.meets($0) })
        if isMet { tests.insert(test) } else { tests.remove(test) }
        facts.answers = .met(tests)
      case .room(let queue): facts.fullQueues.remove(queue)
      }
    }
    return facts
  }

  private mutating func set(_ field: Condition.Field, to value: String) {
    switch field {
    case .channel: channel = ChannelID(value)
    case .category: labels.category = value
    case .intent: labels.intent = value
    case .language: labels.language = value
    case .tier: tier = CustomerTier(rawValue: value) ?? tier
    case .urgency: labels.urgency = Urgency.allCases.first { $0.name == value } ?? labels.urgency
    case .sentiment: labels.sentiment = Sentiment.allCases.first { $0.name == value } ?? labels.sentiment
    case .productLine: productLine = value
    }
  }
}

extension Condition.Field {
  /// A value of the field other than these; nil when it can have no other.
  func value(otherThan values: Set<String>) -> String? {
    switch self {
    case .tier: CustomerTier.allCases.map(\.rawValue).first { !values.contains($0) }
    case .urgency: Urgency.allCases.map(\.name).first { !values.contains($0) }
    case .sentiment: Sentiment.allCases.map(\.name).first { !values.contains($0) }
    // Names cannot be empty, so the empty one is always another.
    case .channel, .category, .intent, .language, .productLine: values.contains("") ? nil : ""
    }
  }
}

extension Condition {
  /// The fewest facts whose change makes the condition hold, or not hold; nil when none does.
  ///
  /// Parts are considered one by one, so two parts that need contradictory values of one field yield changes that do not work together:
  /// callers must verify them before showing them to people.
  func fewestChanges(toHold wanted: Bool, from facts: RoutingFacts) -> [FactChange]? {
    if holds(for: facts) == wanted { return [] }
    switch self {
    case .always: return nil
    case .not(let part): return part.fewestChanges(toHold: !wanted, from: facts)
    case .all(let parts): return wanted ? every(of: parts, true, facts) : easiest(of: parts, false, facts)
    case .any(let parts): return wanted ? easiest(of: parts, true, facts) : every(of: parts, false, facts)
    case .oneOf(let field, let values):
      if wanted { return values.isEmpty ? nil : [.value(field, of: values.sorted())] }
      return field.value(otherThan: values) == nil ? nil : [.otherValue(field, than: values.sorted())]
    case .confidence(let least):
      return wanted ? [.confidence(least)] : least > 0 ? [.confidence(FactChange.justBelow(least))] : nil
    case .urgency(let least):
      if wanted { return [.urgency(least)] }
      return Urgency.allCases.last { $0 < least }.map { [.urgency($0)] }
    case .tier(let least):
      if wanted { return [.tier(least)] }
      return CustomerTier.allCases.last { $0.rank > least.rank }.map { [.tier($0)] }
    case .words(let list): return list.words.isEmpty && wanted ? nil : [.words(list, found: wanted)]
    case .during(let calendar): return [.hours(calendar, open: wanted)]
    case .field(let test): return [.field(test, isMet: wanted)]
    }
  }

  private func every(of parts: [Condition], _ wanted: Bool, _ facts: RoutingFacts) -> [FactChange]? {
    var changes: [FactChange] = []
    for part in parts {
      guard let more = part.fewestChanges(toHold: wanted, from: facts) else { return nil }
      for change in more where !changes.contains(change) { changes.append(change) }
    }
    return changes
  }

  private func easiest(of parts: [Condition], _ wanted: Bool, _ facts: RoutingFacts) -> [FactChange]? {
    parts.compactMap { $0.fewestChanges(toHold: wanted, from: facts) }.min { $0.count < $1.count }
  }
}
