/// One routing rule: for which tickets, and what it decides.
public struct Rule: Hashable, Sendable {
  /// The rule's name, shown in explanations.
  public let name: String
  /// For which tickets.
  public let condition: Condition
  /// The queue it names.
  public let queue: QueueID
  /// The priority it sets; nil leaves it to the urgency.
  public let priority: Priority?
  /// What it asks of an agent, besides what the queue asks.
  public let skills: [SkillRequirement]

  /// Describes a rule.
  public init(name: String, condition: Condition, queue: QueueID, priority: Priority?, skills: [SkillRequirement]) {
    self.name = name
    self.condition = condition
    self.queue = queue
    self.priority = priority
    self.skills = skills
  }
}

/// What a rule may look at.
public struct RoutingFacts: Hashable, Sendable {
  /// The way in.
  public let channel: ChannelID
  /// The customer's standing.
  public let tier: CustomerTier
  /// The labels of the message.
  public let labels: Labels
  /// The message, for rules that look for words. Never stored in an explanation.
  public let text: String
  /// When the ticket was opened.
  public let openedAt: Instant

  /// Collects the facts.
  public init(channel: ChannelID, tier: CustomerTier, labels: Labels, text: String, openedAt: Instant) {
    self.channel = channel
    self.tier = tier
    self.labels = labels
    self.text = text
    self.openedAt = openedAt
  }
}

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
  /// Holds when the text contains any of these words, in any case. A word that begins or ends with an ASCII letter or
  /// digit must begin or end there in the text as well (`sue` is not in `issue`); other scripts are looked for anywhere.
  case words([String])

  /// A field with a name for a value.
  public enum Field: String, Hashable, Sendable, CaseIterable {
    case channel, category, intent, language, tier, urgency, sentiment
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
    case .words(let words): facts.mentions(anyOf: words)
    }
  }
}

extension RoutingFacts {
  fileprivate func value(of field: Condition.Field) -> String {
    switch field {
    case .channel: channel.rawValue
    case .category: labels.category
    case .intent: labels.intent
    case .language: labels.language
    case .tier: tier.rawValue
    case .urgency: labels.urgency.name
    case .sentiment: labels.sentiment.name
    }
  }

  fileprivate func mentions(anyOf words: [String]) -> Bool {
    let haystack = Array(text.lowercased().utf8)
    return words.contains { word in
      let needle = Array(word.lowercased().utf8)
      guard !needle.isEmpty, needle.count <= haystack.count else { return false }
      return (0...(haystack.count - needle.count)).contains { start in
        let end = start + needle.count
        return haystack[start] == needle[0] && haystack[start..<end].elementsEqual(needle)
          && (start == 0 || !joins(haystack[start - 1], needle[0]))
          && (end == haystack.count || !joins(needle[needle.count - 1], haystack[end]))
      }
    }
  }
}

/// Whether two neighbouring bytes of lower-case text belong to one word of ASCII letters and digits.
private func joins(_ left: UInt8, _ right: UInt8) -> Bool {
  func isWordPart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: false
    }
  }
  return isWordPart(left) && isWordPart(right)
}
