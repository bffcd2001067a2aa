import DeskCore

// MARK: - Rules on what agents write

extension PolicyReader {
  /// Reads `reply_rules:`, the terms that agents' replies must not contain, by name and in order.
  mutating func replyRules(_ place: PolicyNode?) -> ReplyRules {
    var rules: [ReplyRule] = []
    var (terms, patterns) = (0, 0)
    for entry in named(place, limit: PolicyLimits.replyRules) {
      guard let rule = replyRule(entry) else { continue }
      terms += rule.terms.count
      patterns += rule.patterns.count
      rules.append(rule)
    }
    if let place, terms > PolicyLimits.replyTerms {
      report(place, "the rules have \(terms) terms together", remedy: "write at most \(PolicyLimits.replyTerms) terms")
    }
    if let place, patterns > PolicyLimits.replyPatterns {
      report(
        place, "the rules have \(patterns) patterns together",
        remedy: "write at most \(PolicyLimits.replyPatterns) patterns")
    }
    return ReplyRules(rules)
  }

  private static let replyActions = ReplyRule.Action.allCases.map { (name: $0.rawValue, value: $0) }

  private mutating func replyRule(_ entry: PolicyEntry) -> ReplyRule? {
    guard let fields = fields(of: entry.value, known: ["action", "languages", "terms", "patterns", "message"]) else {
      return nil
    }
    let action = needed("action", in: fields).flatMap { word($0, among: PolicyReader.replyActions) }
    let languages = (fields["languages"].map { itemsOrOne($0) } ?? []).compactMap { text($0) }
    let patterns = fields["patterns"].map { replyPatterns($0) } ?? []
    let terms: [String] =
      if fields["patterns"] != nil, fields["terms"] == nil { [] } else {
        needed("terms", in: fields).map { replyTerms($0) } ?? []
      }
    let messages = fields["message"].map { staffTexts($0, isComplete: action != .note) } ?? [:]
    if let action, action != .note, fields["message"] == nil {
      report(
        entry.value, "'message' is missing",
        remedy: "add `message: { zh: …, en: … }`, what the agent is shown when a reply is refused")
    }
    guard let action else { return nil }
    return ReplyRule(
      id: ReplyRuleID(entry.name), action: action, languages: Set(languages), terms: terms, patterns: patterns,
      messages: messages)
  }

  /// Reads the terms of a rule. Reports those that no reply can contain, that almost any reply contains, and repetitions.
  private mutating func replyTerms(_ place: PolicyNode) -> [String] {
    var terms: [String] = []
    var seen: Set<[UInt32]> = []
    let items = itemsOrOne(place, limit: PolicyLimits.replyTerms)
    if items.isEmpty { report(place, "the rule has no terms", remedy: "list at least one term") }
    for item in items {
      guard let term = text(item) else { continue }
      let folded = FoldedText(term).scalars
      guard folded.count > 1 else {
        report(
          item, "the term \(quoted(term)) has fewer than two visible characters",
          remedy: "write a longer term: one character is part of too many ordinary words")
        continue
      }
      guard seen.insert(folded).inserted else {
        report(
          item, "\(quoted(term)) is listed twice", remedy: "list it once; width, case and script do not matter")
        continue
      }
      terms.append(term)
    }
    return terms
  }

  private mutating func replyPatterns(_ place: PolicyNode) -> [String] {
    let items = itemsOrOne(place, limit: PolicyLimits.replyPatterns)
    if items.isEmpty { report(place, "the rule has no patterns", remedy: "list at least one, or remove `patterns`") }
    return items.compactMap { item in
      guard let pattern = text(item) else { return nil }
      guard ReplyRule.isPattern(pattern) else {
        report(
          item,
          "\(quoted(pattern)) is not a pattern of at least two characters that begins and ends with one or with `#`",
          remedy:
            "write `#` for a digit, `?` for any character, `*` for up to ten; at most 63 characters, `*` counts ten")
        return nil
      }
      return pattern
    }
  }

  /// Reads a text for the staff, `{zh: …, en: …}`.
  /// - Parameter isComplete: whether it must have every language.
  mutating func staffTexts(_ place: PolicyNode, isComplete: Bool) -> [StaffLanguage: String] {
    let languages = StaffLanguage.allCases
    guard let fields = fields(of: place, known: languages.map(\.rawValue)) else { return [:] }
    var messages: [StaffLanguage: String] = [:]
    for language in languages {
      let value = isComplete ? needed(language.rawValue, in: fields) : fields[language.rawValue]
      messages[language] = value.flatMap { text($0) }
    }
    return messages
  }
}
