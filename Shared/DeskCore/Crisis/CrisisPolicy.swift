/// When a crisis case opens, and what it begins with. Without settings none opens by itself.
public struct CrisisPolicy: Hashable, Sendable {
  /// Grave words of one topic, such as recalls or injuries.
  public struct Topic: Hashable, Sendable {
    /// The topic's name.
    public let name: String
    /// Its words, in every language that customers write.
    public let words: WordList
    /// How many tickets must mention one of them within the window, 1 or more.
    public let least: Int

    /// Describes a topic.
    public init(name: String, words: WordList, least: Int) {
      self.name = name
      self.words = words
      self.least = least
    }
  }

  /// When so many customers are angry that a case opens.
  public struct Anger: Hashable, Sendable {
    /// The minimum number of angry tickets in the window.
    public var least: Int
    /// The minimum share of angry tickets among all of the window, 0 to 1.
    public var share: Double

    /// Describes the rule.
    public init(least: Int, share: Double) {
      self.least = least
      self.share = share
    }
  }

  /// An answer that was prepared before the crisis, which a lead switches on.
  public struct Answer: Hashable, Sendable {
    /// The answer's name.
    public let name: String
    /// The messages that it answers; nil: those that the case is about.
    public let condition: Condition?
    /// The text by the beginning of a language code, such as `zh` or `en`.
    public let texts: [String: String]

    /// Describes an answer.
    public init(name: String, condition: Condition? = nil, texts: [String: String]) {
      self.name = name
      self.condition = condition
      self.texts = texts
    }

    /// The text in a message's language; otherwise the first by the name of its language.
    public func text(in language: String) -> String? { texts.entry(forLanguage: language) }
  }

  /// A point of the checklist, in the languages of the staff.
  public struct Point: Hashable, Sendable, ExpressibleByStringLiteral {
    /// The text for readers in whose language there is none.
    public let text: String
    /// The texts by language, `zh` and `en`; empty if there is one for all.
    public let texts: [String: String]

    /// Describes a point with one text for all.
    public init(_ text: String) {
      self.text = text
      texts = [:]
    }

    /// Describes a point in several languages; nil without a text.
    public init?(texts: [String: String]) {
      guard let text = texts["en"] ?? texts.min(by: { $0.key < $1.key })?.value else { return nil }
      self.text = text
      self.texts = texts
    }

    /// Describes a point with one text for all.
    public init(stringLiteral text: String) { self.init(text) }
  }

  /// Who owns a case that the desk opens; nil: the leads share it.
  public var owner: AgentID?
  /// How many kinds must be hot at once; nil: such a case never opens by itself.
  public var hotKinds: Int?
  /// When all kinds together are too many; nil: never.
  public var surge: HotIssueRule?
  /// When too many customers are angry; nil: never.
  public var anger: Anger?
  /// The grave words.
  public var topics: [Topic]
  /// How long after the end of a case no other opens by itself for the same cause.
  public var rest: Duration
  /// What is to be done in every case, in order.
  public var checklist: [Point]
  /// The prepared answers, in the order in which the first that fits is sent.
  public var answers: [Answer]

  /// Creates the settings.
  public init(
    owner: AgentID? = nil, hotKinds: Int? = nil, surge: HotIssueRule? = nil, anger: Anger? = nil, topics: [Topic] = [],
    rest: Duration = .seconds(3_600), checklist: [Point] = [], answers: [Answer] = []
  ) {
    self.owner = owner
    self.hotKinds = hotKinds
    self.surge = surge
    self.anger = anger
    self.topics = topics
    self.rest = rest
    self.checklist = checklist
    self.answers = answers
  }

  /// The topics that a message mentions.
  public func topics(in text: FoldedText) -> [String] {
    topics.filter { $0.words.found(in: text) != nil }.map(\.name)
  }
}

// MARK: - Detection

/// What the desk has seen in the window, a quarter of an hour.
public struct CrisisSignals: Hashable, Sendable {
  /// How often a topic was mentioned.
  public struct Mentions: Hashable, Sendable {
    /// The number of tickets.
    public var tickets: Int64
    /// The first mention.
    public var firstSeen: Instant
    /// Some of the tickets.
    public var examples: [TicketID]

    /// Describes mentions.
    public init(tickets: Int64, firstSeen: Instant, examples: [TicketID]) {
      self.tickets = tickets
      self.firstSeen = firstSeen
      self.examples = examples
    }
  }

  /// The categories with an open alert.
  public var hotKinds: [String]
  /// The new tickets of all kinds, the angry ones among them, and what was expected; nil without history.
  public var tickets: Int64
  public var angry: Int64
  public var expectation: HotIssueRule.Expectation?
  /// When the window began.
  public var windowStart: Instant
  /// Some tickets of the window, newest first.
  public var examples: [TicketID]
  /// Mentions of grave words by topic.
  public var topics: [String: Mentions]

  /// Collects the signals.
  public init(
    hotKinds: [String] = [], tickets: Int64 = 0, angry: Int64 = 0, expectation: HotIssueRule.Expectation? = nil,
    windowStart: Instant, examples: [TicketID] = [], topics: [String: Mentions] = [:]
  ) {
    self.hotKinds = hotKinds
    self.tickets = tickets
    self.angry = angry
    self.expectation = expectation
    self.windowStart = windowStart
    self.examples = examples
    self.topics = topics
  }
}

/// What a case was opened on.
public struct CrisisEvidence: Hashable, Sendable {
  /// The tickets of the window, or those that mention the topic.
  public var tickets: Int64
  /// The angry ones among them.
  public var angry: Int64
  /// How many tickets were expected; nil where no number is.
  public var expected: Double?
  /// The categories that were hot; empty for other causes.
  public var kinds: [String]
  /// The first message that the case is about.
  public var firstSeen: Instant
  /// Some of the tickets.
  public var examples: [TicketID]
  /// Why a person opened it.
  public var reason: String?

  /// Describes the evidence.
  public init(
    tickets: Int64 = 0, angry: Int64 = 0, expected: Double? = nil, kinds: [String] = [], firstSeen: Instant,
    examples: [TicketID] = [], reason: String? = nil
  ) {
    self.tickets = tickets
    self.angry = angry
    self.expected = expected
    self.kinds = kinds
    self.firstSeen = firstSeen
    self.examples = examples
    self.reason = reason
  }
}

extension CrisisPolicy {
  /// The causes that the signals show, gravest first.
  public func causes(in signals: CrisisSignals) -> [(cause: CrisisCause, evidence: CrisisEvidence)] {
    var found: [(cause: CrisisCause, evidence: CrisisEvidence)] = []
    for topic in topics {
      guard let mentions = signals.topics[topic.name], mentions.tickets >= topic.least else { continue }
      found.append(
        (
          .words(topic.name),
          CrisisEvidence(tickets: mentions.tickets, firstSeen: mentions.firstSeen, examples: mentions.examples)
        ))
    }
    let window = CrisisEvidence(
      tickets: signals.tickets, angry: signals.angry, expected: signals.expectation?.mean,
      firstSeen: signals.windowStart, examples: signals.examples)
    let hot = Set(signals.hotKinds).sorted()
    if let hotKinds, hot.count >= hotKinds {
      var evidence = window
      evidence.kinds = hot
      found.append((.hotKinds, evidence))
    }
    if let surge, let expectation = signals.expectation, surge.isHot(Int(clamping: signals.tickets), expectation) {
      found.append((.surge, window))
    }
    if let anger, signals.angry >= anger.least, signals.tickets > 0,
      Double(signals.angry) / Double(signals.tickets) >= anger.share
    {
      found.append((.anger, window))
    }
    return found
  }
}
