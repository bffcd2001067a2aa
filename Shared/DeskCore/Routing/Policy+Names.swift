// The names that a policy uses for what messages are about.

extension Policy {
  /// The categories named by rules, service levels, articles, questionnaires and the feedback settings.
  public var categories: Set<String> {
    let named = named(.category).union(life.learning.feedbackCategories)
      .union(life.questions.questionnaires.flatMap(\.categories))
    return life.answers.articles.values.reduce(into: named) { $0.formUnion($1.categories) }
  }

  /// The intents named by rules, service levels and questionnaires.
  public var intents: Set<String> {
    named(.intent).union(life.questions.questionnaires.flatMap(\.intents))
  }

  /// The product lines named by rules, service levels and interface people.
  public var productLines: Set<String> {
    named(.productLine).union(life.interfaces.keys.map(\.rawValue))
  }

  private func named(_ field: Condition.Field) -> Set<String> {
    let conditions = rules.map(\.condition) + serviceLevels.map(\.condition)
    return conditions.reduce(into: []) { $0.formUnion($1.values(of: field)) }
  }
}

extension Condition {
  /// Every value of a field that the policy names.
  func values(of field: Field) -> Set<String> {
    switch self {
    case .oneOf(field, let values): values
    case .all(let parts), .any(let parts): parts.reduce(into: []) { $0.formUnion($1.values(of: field)) }
    case .not(let part): part.values(of: field)
    default: []
    }
  }
}
