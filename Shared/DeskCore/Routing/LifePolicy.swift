/// What operators decide about answers, reclaiming, closing and learning.
public struct LifePolicy: Hashable, Sendable {
  /// After how long without a reply a ticket is taken from its agent, by queue; queues that are missing never do.
  public var reclaimAfter: [QueueID: Duration]
  /// How settled tickets are confirmed, rated and closed.
  public var closing: ClosingPolicy
  /// What answers by itself, and what agents are shown.
  public var answers: AnswerPolicy
  /// What is gathered for the product team, and when a kind of question is hot.
  public var learning: LearningPolicy

  /// Collects the decisions.
  public init(
    reclaimAfter: [QueueID: Duration] = [:], closing: ClosingPolicy = ClosingPolicy(),
    answers: AnswerPolicy = AnswerPolicy(), learning: LearningPolicy = LearningPolicy()
  ) {
    self.reclaimAfter = reclaimAfter
    self.closing = closing
    self.answers = answers
    self.learning = learning
  }
}

/// How settled tickets are confirmed, rated and closed.
public struct ClosingPolicy: Hashable, Sendable {
  /// How long the customer may say whether it is solved. A ticket that nobody confirms closes then, or when its reopen window has
  /// passed, whichever is later.
  public var confirmWithin: Duration
  /// Ratings below this are followed up by the team's lead, 1 to 6; 1 follows none up.
  public var lowRatingBelow: Int

  /// Describes the ending.
  public init(confirmWithin: Duration = .zero, lowRatingBelow: Int = 3) {
    self.confirmWithin = confirmWithin
    self.lowRatingBelow = lowRatingBelow
  }
}

/// What answers by itself, and what agents are shown.
public struct AnswerPolicy: Hashable, Sendable {
  /// Articles by name.
  public var articles: [ArticleID: Article]
  /// The least share of a message's weight, 0 to 1, that an article must cover to answer by itself.
  public var confidentFrom: Double
  /// The channels on which an article may answer by itself.
  public var channels: Set<ChannelID>

  /// Describes the answers.
  public init(articles: [ArticleID: Article] = [:], confidentFrom: Double = 0.6, channels: Set<ChannelID> = []) {
    self.articles = articles
    self.confidentFrom = confidentFrom
    self.channels = channels
  }
}

/// An answer to a kind of question, in one or more languages, and what an agent does about it.
public struct Article: Hashable, Sendable {
  /// What an article says in one language.
  public struct Version: Hashable, Sendable {
    /// The headline.
    public let title: String
    /// What the customer is told.
    public let answer: String
    /// Questions that it answers, in customers' ways of asking.
    public let questions: [String]
    /// What an agent does, step by step; empty for an article that is only told.
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
  /// The channels on which it may; empty means each that allows it.
  public let channels: Set<ChannelID>
  /// Its versions by the beginning of a language's name, such as `zh` or `en`.
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

  /// The version that fits a message's language: that language, else the first by name.
  public func version(for language: String) -> Version? {
    let base = language.prefix { $0 != "-" }
    return versions[language] ?? versions[String(base)] ?? versions.min { $0.key < $1.key }?.value
  }

  /// Whether it is told in the message's own language.
  public func speaks(_ language: String) -> Bool {
    versions[language] != nil || versions[String(language.prefix { $0 != "-" })] != nil
  }
}

/// An article that may fit a message.
public struct ArticleSuggestion: Hashable, Sendable {
  /// The article.
  public let article: ArticleID
  /// The share of the message's weight that it covers, 0 to 1.
  public let coverage: Double

  /// Describes a suggestion.
  public init(_ article: ArticleID, coverage: Double) {
    self.article = article
    self.coverage = coverage
  }
}

extension Policy {
  /// Who leads the team that serves a queue: the first lead among its teams, by name.
  public func lead(of queue: QueueID?) -> AgentID? {
    guard let queue = queue.flatMap({ queues[$0] }) else { return nil }
    return queue.teams.sorted().lazy.compactMap { teams[$0]?.lead }.first
  }

  /// How long a settled ticket stays open for the customer's word.
  public func settledTime(of ticket: Ticket) -> Duration {
    let window = reopenWindow(of: ticket.channel)
    return ticket.confirmedAt == nil ? max(window, life.closing.confirmWithin) : window
  }

  /// The article that answers a message without a person, nil when one is needed.
  ///
  /// Only a label that the desk trusts, a calm customer, an article for that category told in the customer's language, and a match
  /// that covers enough of the message will do: a wrong answer costs more than a waiting person.
  public func answer(to facts: RoutingFacts, suggested: [ArticleSuggestion]) -> ArticleID? {
    let labels = facts.labels
    guard life.answers.channels.contains(facts.channel), labels.confidence >= triageThreshold,
      labels.urgency < .high, labels.sentiment != .negative, let best = suggested.first,
      best.coverage >= life.answers.confidentFrom, let article = life.answers.articles[best.article],
      article.answersByItself, article.channels.isEmpty || article.channels.contains(facts.channel),
      article.speaks(labels.language),
      article.categories.isEmpty || article.categories.contains(labels.category)
    else { return nil }
    return article.id
  }
}
