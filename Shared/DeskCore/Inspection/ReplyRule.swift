/// A rule on what agents write to customers: terms that a reply must not contain, and what happens when it does.
public struct ReplyRule: Hashable, Sendable {
  /// What happens to a reply in which a term was found, from the mildest to the strictest.
  public enum Action: String, Sendable, Hashable, CaseIterable, Comparable {
    /// It is sent, and recorded.
    case note
    /// It is refused until the agent acknowledges the rule.
    case warn
    /// It is refused.
    case block

    private var strictness: Int {
      switch self {
      case .note: 0
      case .warn: 1
      case .block: 2
      }
    }

    public static func < (left: Self, right: Self) -> Bool { left.strictness < right.strictness }
  }

  /// The rule's name, by which agents acknowledge it and reports count it.
  public let id: ReplyRuleID
  public let action: Action
  /// The languages of tickets that it applies to, by the classifier's names; empty means all. See `applies(to:)`.
  public let languages: Set<String>
  /// What it looks for, as the policy writes it.
  public let terms: [String]
  /// What it looks for with wildcards, as the policy writes it; see `isPattern(_:)`.
  public let patterns: [String]
  /// What the agent is shown; complete for rules that can refuse a reply.
  public let messages: [StaffLanguage: String]

  /// Describes a rule.
  public init(
    id: ReplyRuleID, action: Action, languages: Set<String> = [], terms: [String], patterns: [String] = [],
    messages: [StaffLanguage: String] = [:]
  ) {
    self.id = id
    self.action = action
    self.languages = languages
    self.terms = terms
    self.patterns = patterns
    self.messages = messages
  }

  /// Whether a text can be a pattern: `#` is a digit, `?` any character, `*` up to ten characters; at most 63 characters, of which `*`
  /// counts ten, and no wildcard but `#` at the ends.
  public static func isPattern(_ text: String) -> Bool { TextPattern(text) != nil }

  /// Whether the rule applies to replies on a ticket in this language. It does if the ticket's language is unknown or mixed.
  public func applies(to language: String?) -> Bool {
    guard !languages.isEmpty, let language, !["und", "other", "mixed", ""].contains(language) else { return true }
    return languages.contains(language) || languages.contains(String(language.prefix { $0 != "-" }))
  }
}

/// The name of a reply rule.
public typealias ReplyRuleID = Key<ReplyRule>

/// The languages in which the desk addresses its staff.
public enum StaffLanguage: String, Sendable, Hashable, CaseIterable {
  case chinese = "zh"
  case english = "en"

  /// The language for an agent: the first of the request's `Accept-Language` that the desk has (RFC 9110, section 12.5.4; weights are
  /// ignored except for 0, because clients list languages in order of preference); otherwise Chinese for an agent who serves customers in
  /// Chinese and not in English; otherwise English.
  public init(accepting header: String?, of agent: AgentProfile?) {
    for range in (header ?? "").split(separator: ",") {
      let parts = range.split(separator: ";").map { part in part.filter { $0 != " " && $0 != "\t" } }
      guard let tag = parts.first, !parts.dropFirst().contains(where: { $0 == "q=0" || $0.hasPrefix("q=0.000") }),
        let language = StaffLanguage(rawValue: tag.prefix { $0 != "-" }.lowercased())
      else { continue }
      self = language
      return
    }
    let served = agent?.languages ?? []
    let servesChinese = served.contains { $0.prefix { $0 != "-" } == "zh" }
    self = servesChinese && !served.contains("en") ? .chinese : .english
  }
}
