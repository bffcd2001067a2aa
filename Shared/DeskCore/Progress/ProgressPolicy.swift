/// When customers are notified of the state of their tickets, and with which texts.
public struct ProgressPolicy: Hashable, Sendable {
  /// The notices of one state.
  public struct Notice: Hashable, Sendable {
    /// How long the state must last before it is sent.
    public let after: Duration
    /// The texts by the beginning of a language code, such as `zh` or `en`; at least one.
    public let texts: [String: ProgressTemplate]

    /// Describes the notices of a state.
    public init(after: Duration = .zero, texts: [String: ProgressTemplate]) {
      self.after = after
      self.texts = texts
    }
  }

  /// The channels on which customers are notified; empty switches everything off.
  public var channels: Set<ChannelID>
  /// The states of which they are notified.
  public var notices: [ProgressEvent: Notice]
  /// The language of customers whose own has no text; nil for the first by name.
  public var defaultLanguage: String?
  /// The shortest time between two notices of one ticket.
  public var interval: Duration
  /// When nothing is sent; nil for never.
  public var quietHours: QuietHours?
  /// Whether an agent without a title is named by their login; otherwise not by name.
  public var showsLogins: Bool
  /// The titles of agents, by language.
  public var agentTitles: [AgentID: [String: String]]
  /// The titles of queues, by language.
  public var queueTitles: [QueueID: [String: String]]

  /// Creates a policy.
  public init(
    channels: Set<ChannelID> = [], notices: [ProgressEvent: Notice] = [:], defaultLanguage: String? = nil,
    interval: Duration = .zero, quietHours: QuietHours? = nil, showsLogins: Bool = false,
    agentTitles: [AgentID: [String: String]] = [:], queueTitles: [QueueID: [String: String]] = [:]
  ) {
    self.channels = channels
    self.notices = notices
    self.defaultLanguage = defaultLanguage
    self.interval = interval
    self.quietHours = quietHours
    self.showsLogins = showsLogins
    self.agentTitles = agentTitles
    self.queueTitles = queueTitles
  }

  /// The text for a message's language, with the language it is in: that language, else the default one, else the first by name.
  /// - Returns: nil for a state of which nothing is sent.
  public func template(of event: ProgressEvent, for language: String) -> (language: String, template: ProgressTemplate)?
  {
    guard let texts = notices[event]?.texts else { return nil }
    let candidates = [language, String(language.prefix { $0 != "-" }), defaultLanguage].compactMap { $0 }
    let chosen = candidates.first { texts[$0] != nil } ?? texts.keys.min()
    guard let chosen, let template = texts[chosen] else { return nil }
    return (chosen, template)
  }

  /// The values for a ticket's text in a language.
  public func values(
    of ticket: Ticket, in language: String, position: Int? = nil, expectedWait: Duration? = nil
  ) -> ProgressValues {
    let agent = ticket.agent ?? ticket.lastAgent
    let title = agent.flatMap { agentTitles[$0] }.flatMap { ProgressPolicy.title($0, in: language) }
    let queue = ticket.queue.map { queue in
      queueTitles[queue].flatMap { ProgressPolicy.title($0, in: language) } ?? queue.rawValue
    }
    return ProgressValues(
      ticket: ticket.id, agent: title ?? (showsLogins ? agent?.rawValue : nil), queue: queue, position: position,
      expectedWait: expectedWait)
  }

  private static func title(_ titles: [String: String], in language: String) -> String? {
    titles[language] ?? titles[String(language.prefix { $0 != "-" })] ?? titles["und"]
      ?? titles.min { $0.key < $1.key }?.value
  }

  /// When a notice may be sent at the earliest: not before a given time, not sooner than the interval after the last one, and not in quiet
  /// hours.
  func sendingTime(from start: Instant, lastSentAt: Instant?) -> Instant {
    let moment = max(start, lastSentAt.map { $0 + interval } ?? start)
    return quietHours?.end(during: moment) ?? moment
  }
}

/// Hours of every local day in which nothing is sent; they may pass midnight.
public struct QuietHours: Hashable, Sendable {
  /// The zone's offsets from UTC.
  public let zone: ZoneOffsets
  /// The minute of the day at which they begin, 0 to 1439.
  public let from: Int
  /// The minute of the day at which they end, 0 to 1440; before `from`, it is one of the next day. Not equal to `from`.
  public let to: Int

  /// Describes quiet hours.
  public init(zone: ZoneOffsets, from: Int, to: Int) {
    precondition((0..<1440).contains(from) && (0...1440).contains(to) && from != to, "quiet hours within a day")
    self.zone = zone
    self.from = from
    self.to = to
  }

  /// When the quiet hours end in which an instant lies; nil when it lies in none. Clock changes make a night longer or shorter: only the
  /// local clock counts.
  public func end(during instant: Instant) -> Instant? {
    let today = zone.localDay(of: instant)
    for day in [today - 1, today] {
      let start = zone.instant(day: day, minute: from)
      let end = zone.instant(day: to > from ? day : day + 1, minute: to)
      if start <= instant, instant < end { return end }
    }
    return nil
  }
}
