/// The policy's rules on what agents write to customers, ready to be applied.
public struct ReplyRules: Hashable, Sendable {
  /// The rules, in the order of the policy.
  public let rules: [ReplyRule]
  /// The terms of all rules, rule after rule.
  private let search: TermSearch
  /// The rule of each term of `search`.
  private let ruleOfTerm: [Int]
  /// The patterns of all rules, each with its rule and as the policy writes it.
  private let patterns: [(rule: Int, text: String, pattern: TextPattern)]

  /// Prepares rules; their names differ.
  public init(_ rules: [ReplyRule] = []) {
    self.rules = rules
    search = TermSearch(rules.flatMap(\.terms))
    ruleOfTerm = rules.indices.flatMap { rule in rules[rule].terms.map { _ in rule } }
    patterns = rules.indices.flatMap { rule in
      rules[rule].patterns.compactMap { text in TextPattern(text).map { (rule, text, $0) } }
    }
  }

  public static func == (left: Self, right: Self) -> Bool { left.rules == right.rules }

  public func hash(into hasher: inout Hasher) { hasher.combine(rules) }

  /// Inspects a reply before it is sent.
  ///
  /// - Parameters:
  ///   - text: everything that the customer would read.
  ///   - language: the ticket's language by the classifier's name; nil if it is unknown.
  ///   - acknowledged: the rules whose warning the agent has read.
  public func inspect(
    _ text: String, language: String?, acknowledged: Set<ReplyRuleID> = []
  ) -> ReplyInspection {
    guard !rules.isEmpty else { return ReplyInspection(findings: [], acknowledged: []) }
    let text = FoldedText(text)
    var found: [Int: Int] = [:]
    for term in search.found(in: text) {
      let rule = ruleOfTerm[term]
      if rules[rule].applies(to: language) { found[rule] = min(term, found[rule] ?? term) }
    }
    var terms = found.mapValues { search.terms[$0] }
    for (rule, written, pattern) in patterns
    where terms[rule] == nil && rules[rule].applies(to: language) && pattern.isFound(in: text) {
      terms[rule] = written
    }
    let findings = terms.sorted { $0.key < $1.key }.map { rule, term in
      ReplyFinding(rule: rules[rule].id, action: rules[rule].action, term: term)
    }
    return ReplyInspection(findings: findings, acknowledged: acknowledged)
  }

  /// The rule with this name.
  public func rule(_ id: ReplyRuleID) -> ReplyRule? { rules.first { $0.id == id } }
}

/// A rule that a reply violates.
public struct ReplyFinding: Hashable, Sendable {
  public let rule: ReplyRuleID
  public let action: ReplyRule.Action
  /// The first of the rule's terms, or else of its patterns, that the reply contains, as the policy writes it.
  public let term: String

  /// Describes a finding.
  public init(rule: ReplyRuleID, action: ReplyRule.Action, term: String) {
    self.rule = rule
    self.action = action
    self.term = term
  }
}

/// The result of inspecting a reply.
public struct ReplyInspection: Hashable, Sendable {
  /// One for each violated rule, in the order of the policy.
  public let findings: [ReplyFinding]
  /// Those for which the reply is refused: blocked ones, and warnings that the agent has not acknowledged.
  public let objections: [ReplyFinding]

  init(findings: [ReplyFinding], acknowledged: Set<ReplyRuleID>) {
    self.findings = findings
    objections = findings.filter { finding in
      switch finding.action {
      case .note: false
      case .warn: !acknowledged.contains(finding.rule)
      case .block: true
      }
    }
  }

  /// Whether the reply must not be sent as it is.
  public var isRefused: Bool { !objections.isEmpty }

  /// Whether nothing can be acknowledged: a rule blocks the reply.
  public var isBlocked: Bool { objections.contains { $0.action == .block } }
}
