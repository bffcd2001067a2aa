/// A condition over the facts of a message.
public indirect enum Condition: Hashable, Sendable {
  /// Holds for every message.
  case always
  /// Holds when all parts hold.
  case all([Condition])
  /// Holds when any part holds.
  case any([Condition])
  /// Holds when the part does not.
  case not(Condition)
  /// Holds when the field has one of the values.
  case oneOf(Field, Set<String>)
  /// Holds when the label's confidence is at least this, 0 to 1.
  case confidence(atLeast: Double)
  /// Holds when the urgency is at least this.
  case urgency(atLeast: Urgency)
  /// Holds when the customer's tier is at least this.
  case tier(atLeast: CustomerTier)
  /// Holds when the text contains any of these words.
  case words(WordList)
  /// Holds when the ticket was opened in the hours of the calendar.
  case during(CalendarID)
  /// Holds when the ticket's fields meet the test.
  case field(FieldTest)

  /// A field whose value is a name.
  public enum Field: String, Hashable, Sendable, CaseIterable {
    case channel, category, intent, language, tier, urgency, sentiment
    case productLine = "product_line"
  }

  /// Whether the condition holds.
  public func holds(for facts: RoutingFacts) -> Bool {
    switch self {
    case .always: true
    case .all(let parts): parts.allSatisfy { $0.holds(for: facts) }
    case .any(let parts): parts.contains { $0.holds(for: facts) }
    case .not(let part): !part.holds(for: facts)
    case .oneOf(let field, let values): values.contains(facts.value(of: field))
    case .confidence(let least): facts.labels.confidence >= least
    case .urgency(let least): facts.labels.urgency >= least
    case .tier(let least): facts.tier.rank <= least.rank
    case .words(let list): facts.mentions(list)
    case .during(let calendar): facts.isOpen(calendar)
    case .field(let test): facts.meets(test)
    }
  }

  /// Every test of a field in it, in the order written.
  public var fieldTests: [FieldTest] {
    switch self {
    case .field(let test): [test]
    case .all(let parts), .any(let parts): parts.flatMap(\.fieldTests)
    case .not(let part): part.fieldTests
    default: []
    }
  }

  /// Every word list in it, in the order written.
  public var wordLists: [WordList] {
    switch self {
    case .words(let list): [list]
    case .all(let parts), .any(let parts): parts.flatMap(\.wordLists)
    case .not(let part): part.wordLists
    default: []
    }
  }
}
