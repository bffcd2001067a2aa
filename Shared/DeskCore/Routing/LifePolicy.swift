/// Operator settings for answers, reclaiming, closing, learning, conversations and crises.
public struct LifePolicy: Hashable, Sendable {
  /// The time without a reply after which a ticket is taken from its agent, by queue; missing queues never reclaim.
  public var reclaimAfter: [QueueID: Duration]
  /// How settled tickets are confirmed, rated and closed.
  public var closing: ClosingPolicy
  /// Automatic answers, and the articles shown to agents.
  public var answers: AnswerPolicy
  /// Collection of feedback for the product team, and when a category is hot.
  public var learning: LearningPolicy
  /// How the messages of a conversation are read together.
  public var conversation: ConversationPolicy
  /// What customers are notified of while their tickets are worked on.
  public var progress: ProgressPolicy
  /// How call-backs are promised.
  public var callBacks: CallBackPolicy
  /// When a queue in which tickets wait counts as stuck.
  public var stuckQueues: StuckQueueRule
  /// When a crisis case opens, and what it begins with.
  public var crisis: CrisisPolicy
  /// Reports that are made at set times, by name.
  public var reportSchedules: [ReportSchedule]
  /// What customers are asked before an agent gets their ticket.
  public var questions: QuestionPolicy
  /// Customers whose dedicated agents follow a rota.
  public var keyAccounts: KeyAccounts
  /// Who is consulted about product lines.
  public var interfaces: [ProductLineID: InterfacePeople] = [:]
  /// When agents in reserve are called, and sent back.
  public var reserveCalls = ReserveCallRule()
  /// How the numbers of routers, classifiers and intakes follow the load.
  public var capacity = CapacityPolicy()

  /// Creates the settings.
  public init(
    reclaimAfter: [QueueID: Duration] = [:], closing: ClosingPolicy = ClosingPolicy(),
    answers: AnswerPolicy = AnswerPolicy(), learning: LearningPolicy = LearningPolicy(),
    conversation: ConversationPolicy = ConversationPolicy(), progress: ProgressPolicy = ProgressPolicy(),
    callBacks: CallBackPolicy = CallBackPolicy(),
    stuckQueues: StuckQueueRule = StuckQueueRule(), crisis: CrisisPolicy = CrisisPolicy(),
    reportSchedules: [ReportSchedule] = [], questions: QuestionPolicy = QuestionPolicy(),
    keyAccounts: KeyAccounts = KeyAccounts()
  ) {
    self.reclaimAfter = reclaimAfter
    self.closing = closing
    self.answers = answers
    self.learning = learning
    self.conversation = conversation
    self.progress = progress
    self.callBacks = callBacks
    self.stuckQueues = stuckQueues
    self.crisis = crisis
    self.reportSchedules = reportSchedules
    self.questions = questions
    self.keyAccounts = keyAccounts
  }
}

/// How settled tickets are confirmed, rated and closed.
public struct ClosingPolicy: Hashable, Sendable {
  /// How long the customer may say whether it is solved. An unconfirmed ticket closes then, or when its reopen window has passed,
  /// whichever is later.
  public var confirmWithin: Duration
  /// Ratings below this are followed up by the team's lead, 1 to 6; 1 disables follow-ups.
  public var lowRatingBelow: Int

  /// Creates a closing policy.
  public init(confirmWithin: Duration = .zero, lowRatingBelow: Int = 3) {
    self.confirmWithin = confirmWithin
    self.lowRatingBelow = lowRatingBelow
  }
}

/// Automatic answers, and the articles shown to agents.
public struct AnswerPolicy: Hashable, Sendable {
  /// Articles by name.
  public var articles: [ArticleID: Article]
  /// How well an article must answer a message's question, 0 to 1, to answer automatically.
  public var confidentFrom: Double
  /// The channels on which an article may answer automatically.
  public var channels: Set<ChannelID>

  /// Creates an answer policy.
  public init(articles: [ArticleID: Article] = [:], confidentFrom: Double = 0.6, channels: Set<ChannelID> = []) {
    self.articles = articles
    self.confidentFrom = confidentFrom
    self.channels = channels
  }
}

/// An answer to a category of question, in one or more languages, and the steps for an agent.
public struct Article: Hashable, Sendable {
  /// The content of an article in one language.
  public struct Version: Hashable, Sendable {
    /// The headline.
    public let title: String
    /// The answer sent to the customer.
    public let answer: String
    /// Questions that it answers, as customers phrase them.
    public let questions: [String]
    /// The steps for an agent; empty for an article that is only sent.
    public let steps: [String]

    /// Describes a version.
    public init(title: String, answer: String, questions: [String], steps: [String]) {
      self.title = title
      self.answer = answer
      self.questions = questions
      self.steps = steps
    }
  }

  /// The article's name.
  public let id: ArticleID
  /// The categories it is for; empty means any.
  public let categories: Set<String>
  /// Whether it may answer without a person, on channels that allow it.
  public let answersByItself: Bool
  /// The channels on which it may; empty means every channel that allows it.
  public let channels: Set<ChannelID>
  /// Its versions by the beginning of a language code, such as `zh` or `en`.
  public let versions: [String: Version]

  /// Describes an article.
  public init(
    id: ArticleID, categories: Set<String>, answersByItself: Bool, channels: Set<ChannelID> = [],
    versions: [String: Version]
  ) {
    self.id = id
    self.categories = categories
    self.answersByItself = answersByItself
    self.channels = channels
    self.versions = versions
  }

  /// The version for a message's language; otherwise the first by name.
  public func version(for language: String) -> Version? {
    versions.entry(forLanguage: language)
  }

  /// Whether it exists in the message's own language.
  public func speaks(_ language: String) -> Bool {
    versions[language] != nil || versions[String(language.prefix { $0 != "-" })] != nil
  }
}

/// An article that may match a message.
public struct ArticleSuggestion: Hashable, Sendable {
  /// The article.
  public let article: ArticleID
  /// How well it answers the message's question, 0 to 1.
  public let coverage: Double

  /// Describes a suggestion.
  public init(_ article: ArticleID, coverage: Double) {
    self.article = article
    self.coverage = coverage
  }
}

extension Policy {
  /// The lead for a queue: the first lead among its teams, by name.
  public func lead(of queue: QueueID?) -> AgentID? {
    guard let queue = queue.flatMap({ queues[$0] }) else { return nil }
    return queue.teams.sorted().lazy.compactMap { teams[$0]?.lead }.first
  }

  /// How long a settled ticket stays open for the customer's response.
  public func settledTime(of ticket: Ticket) -> Duration {
    let window = reopenWindow(of: ticket.channel)
    return ticket.confirmedAt == nil ? max(window, life.closing.confirmWithin) : window
  }

  /// The article that answers a message without a person; nil when a person is needed.
  ///
  /// It requires a trusted label, a customer who is not upset, an article for that category in the customer's language, and a
  /// question that it answers well enough: a wrong answer costs more than a wait for a person.
  public func answer(to facts: RoutingFacts, suggested: [ArticleSuggestion]) -> ArticleID? {
    let labels = facts.labels
    guard life.answers.channels.contains(facts.channel), labels.confidence >= triageThreshold,
      labels.urgency < .high, labels.sentiment != .negative,
      let best = suggested.max(by: { $0.coverage < $1.coverage }),
      best.coverage >= life.answers.confidentFrom, let article = life.answers.articles[best.article],
      article.answersByItself, article.channels.isEmpty || article.channels.contains(facts.channel),
      article.speaks(labels.language),
      article.categories.isEmpty || article.categories.contains(labels.category)
    else { return nil }
    return article.id
  }
}
