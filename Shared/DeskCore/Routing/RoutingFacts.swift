/// The facts that a rule can use.
public struct RoutingFacts: Hashable, Sendable {
  /// The channel.
  public var channel: ChannelID
  /// The customer's tier.
  public var tier: CustomerTier
  /// The labels of the message.
  public var labels: Labels
  /// The product line that the channel named; empty when it named none.
  public var productLine: String
  /// When the ticket was opened.
  public var openedAt: Instant
  /// The source of word matches. Never stored itself: an explanation stores which of the policy's lists were found.
  public var wording: Wording
  /// The source of opening hours.
  public var hours: Hours = .calendars([:])
  /// Queues that had reached their limit.
  public var fullQueues: Set<QueueID> = []
  /// The source of field tests. Values never enter a timeline: an explanation keeps which of the policy's tests were met.
  public var answers: Answers = .values(TicketFields())

  /// Answers whether the message contains a word list's words.
  public enum Wording: Hashable, Sendable {
    /// From the message itself.
    case text(FoldedText)
    /// From the lists found when the message was available: for replays, and to try what other words would have changed.
    case found(Set<WordList>)
  }

  /// Answers whether a calendar is open.
  public enum Hours: Hashable, Sendable {
    /// From the policy's calendars and `openedAt`.
    case calendars([CalendarID: BusinessCalendar])
    /// From an assumption: to try what another time would have changed.
    case open(Set<CalendarID>)
  }

  /// Answers whether the ticket's fields meet a test.
  public enum Answers: Hashable, Sendable {
    /// From the fields themselves.
    case values(TicketFields)
    /// From the tests met when the fields were available: for replays, and to try what other answers would have changed.
    case met(Set<FieldTest>)
  }

  /// Collects the facts.
  public init(
    channel: ChannelID, tier: CustomerTier, labels: Labels, text: String, openedAt: Instant, productLine: String = ""
  ) {
    self.channel = channel
    self.tier = tier
    self.labels = labels
    self.productLine = productLine
    self.openedAt = openedAt
    wording = .text(FoldedText(text))
  }

  /// Collects the facts of a message whose text is no longer available.
  public init(
    channel: ChannelID, tier: CustomerTier, labels: Labels, found: Set<WordList>, openedAt: Instant,
    productLine: String = ""
  ) {
    self.channel = channel
    self.tier = tier
    self.labels = labels
    self.productLine = productLine
    self.openedAt = openedAt
    wording = .found(found)
  }

  /// The value of a field that rules compare by name.
  public func value(of field: Condition.Field) -> String {
    switch field {
    case .channel: channel.rawValue
    case .category: labels.category
    case .intent: labels.intent
    case .language: labels.language
    case .tier: tier.rawValue
    case .urgency: labels.urgency.name
    case .sentiment: labels.sentiment.name
    case .productLine: productLine
    }
  }

  /// Whether the message contains one of the words.
  public func mentions(_ list: WordList) -> Bool {
    switch wording {
    case .text(let text): list.found(in: text) != nil
    case .found(let lists): lists.contains(list)
    }
  }

  /// Whether the ticket's fields meet a test.
  public func meets(_ test: FieldTest) -> Bool {
    switch answers {
    case .values(let fields): test.holds(for: fields)
    case .met(let tests): tests.contains(test)
    }
  }

  /// Whether a calendar was open when the ticket was opened. An undeclared calendar is never open.
  public func isOpen(_ calendar: CalendarID) -> Bool {
    switch hours {
    case .calendars(let calendars):
      (calendars[calendar]?.openTime(from: openedAt, to: openedAt + .microseconds(1)) ?? .zero) > .zero
    case .open(let open): open.contains(calendar)
    }
  }
}
