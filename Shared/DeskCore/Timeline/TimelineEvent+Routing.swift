// What the timeline keeps of decisions about a ticket's labels, queue and priority.

extension TimelineEvent {
  /// The rules' decision: about the message that opened the ticket, of an entry `queued`, `triaged` or `answered`, or about the
  /// conversation, of one `rerouted` or `move_suggested`.
  public var routed: Routed? {
    switch self {
    case .queued(let routed), .triaged(let routed): routed
    case .answered(let answered): answered.routed
    case .rerouted(let rerouted): rerouted.routed
    case .moveSuggested(let suggested): suggested.routed
    default: nil
    }
  }

  /// A routing decision: enough to replay it without the customer's text.
  public struct Routed: TimelinePayload {
    /// The message decided on.
    public internal(set) var message: MessageID?
    /// The queue.
    public internal(set) var queue: QueueID?
    /// The priority class.
    public internal(set) var priority: Priority?
    /// The rule that matched; nil when none did.
    public internal(set) var rule: String?
    /// The service level that matched; nil when none did.
    public internal(set) var serviceLevel: String?
    /// The members of `labels`.
    public internal(set) var category: String?
    public internal(set) var intent: String?
    public internal(set) var confidence: Double?
    public internal(set) var urgency: Urgency?
    public internal(set) var sentiment: Sentiment?
    public internal(set) var language: String?
    public internal(set) var modelVersion: String?
    /// The version of the policy that decided.
    public internal(set) var policyVersion: Int32?
    /// The skills that an agent needs.
    public internal(set) var skills: [SkillRequirement]?
    /// How much of an agent's capacity the ticket takes; `TicketWeight.whole` for all of it.
    public internal(set) var weight: Int32 = 1
    /// The full queue that the ticket overflowed from.
    public internal(set) var overflowedFrom: QueueID?
    /// Whether the customer was promised a callback, because the queue was full.
    public internal(set) var promisesCallback = false
    /// The members of `basis`.
    public internal(set) var channel: ChannelID?
    public internal(set) var tier: CustomerTier?
    public internal(set) var openedAt: Instant?
    public internal(set) var productLine: String?
    public internal(set) var found: [Int] = []
    public internal(set) var full: [QueueID] = []
    public internal(set) var met: [Int] = []
    /// Articles that may help the agent, best first; without those that cover next to nothing of the message.
    public internal(set) var suggestions: [ArticleSuggestion] = []
    /// The model's best labels, best first, if there is more than one worth showing; empty in entries of builds that did not keep them.
    public internal(set) var guesses: [LabelGuess] = []

    init() {}

    /// What is kept of a decision.
    public init(_ decision: RoutingDecision) {
      message = decision.message
      queue = decision.queue
      priority = decision.priority
      rule = decision.rule
      serviceLevel = decision.targets.policy
      category = decision.labels.category
      intent = decision.labels.intent
      confidence = decision.labels.confidence
      urgency = decision.labels.urgency
      sentiment = decision.labels.sentiment
      language = decision.labels.language
      modelVersion = decision.labels.modelVersion
      policyVersion = decision.policyVersion
      skills = decision.skills
      weight = decision.weight
      overflowedFrom = decision.overflowedFrom
      promisesCallback = decision.promisesCallback
      if let basis = decision.basis {
        channel = basis.channel
        tier = basis.tier
        openedAt = basis.openedAt
        productLine = basis.productLine.isEmpty ? nil : basis.productLine
        found = basis.found
        full = basis.full
        met = basis.met
      }
      suggestions = decision.suggestions.filter(\.isWorthKeeping)
      guesses = decision.guesses.filter(\.isWorthKeeping)
      if guesses.count == 1 { guesses = [] }
    }

    /// The labels decided on; nil in an entry that lacks one of them.
    public var labels: Labels? {
      guard let category, let intent, let confidence, let urgency, let sentiment, let language, let modelVersion else {
        return nil
      }
      return Labels(
        category: category, intent: intent, confidence: confidence, urgency: urgency, sentiment: sentiment,
        language: language, modelVersion: modelVersion)
    }

    /// The facts other than the labels; nil in an entry of a build that did not keep them.
    public var basis: RoutingDecision.Basis? {
      guard let channel, let tier, let openedAt else { return nil }
      return RoutingDecision.Basis(
        channel: channel, tier: tier, openedAt: openedAt, productLine: productLine ?? "", found: found, full: full,
        met: met)
    }

    // Members that most decisions do not have, and values that most decisions share, are left out: there are many decisions.
    mutating func visit(_ members: inout some TimelineMembers) {
      members.nullable("message", &message)
      members.member("queue", &queue)
      members.member("priority", &priority)
      members.nullable("rule", &rule)
      members.nullable("service_level", &serviceLevel)
      members.member("category", &category)
      var finer = intent.flatMap { isCategory($0) ? nil : $0 }
      members.member("intent", &finer)
      intent = finer ?? category
      members.member("confidence", &confidence)
      members.member("urgency", unless: category == nil ? nil : .normal, &urgency)
      members.member("sentiment", unless: category == nil ? nil : .neutral, &sentiment)
      members.member("language", &language)
      members.member("model", &modelVersion)
      members.member("policy", &policyVersion)
      members.member("skills", &skills)
      var share = weight == 1 ? nil : StoredWeight(weight: weight)
      members.member("weight", &share)
      weight = share?.weight ?? 1
      members.member("overflowed_from", &overflowedFrom)
      members.flag("promises_callback", &promisesCallback)
      members.member("channel", &channel)
      members.member("tier", unless: channel == nil ? nil : .standard, &tier)
      members.member("opened_at_us", &openedAt)
      members.member("product_line", &productLine)
      members.list("found", &found)
      members.list("full", &full)
      members.list("fields_met", &met)
      members.list("articles", &suggestions)
      members.list("guesses", &guesses)
    }

    /// An intent that repeats the category is none.
    private func isCategory(_ intent: String) -> Bool { category?.hasSameBytes(as: intent) == true }

    /// A number, or `whole`.
    private struct StoredWeight: TimelineValue {
      let weight: Int32

      init(weight: Int32) {
        self.weight = weight
      }

      var timelineValue: JSONValue { weight == TicketWeight.whole ? "whole" : weight.timelineValue }

      init?(timelineValue: JSONValue) {
        guard let weight = timelineValue == "whole" ? TicketWeight.whole : Int32(timelineValue: timelineValue) else {
          return nil
        }
        self.weight = weight
      }
    }
  }

  /// A routing decision, and the article that answered instead of a person.
  public struct Answered: TimelinePayload {
    /// The decision.
    public internal(set) var routed = Routed()
    /// The article.
    public internal(set) var article: ArticleID?
    /// The message that carries the article to the customer.
    public internal(set) var reply: MessageID?

    init() {}

    /// What is kept of an answer.
    public init(_ routed: Routed, article: ArticleID, reply: MessageID) {
      self.routed = routed
      self.article = article
      self.reply = reply
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      routed.visit(&members)
      members.member("article", &article)
      members.member("reply", &reply)
    }
  }

  /// A person's label.
  public struct Labelled: TimelinePayload {
    /// The message that the label is about.
    public internal(set) var message: MessageID?
    /// The former category; nil when there was none.
    public internal(set) var formerCategory: String?
    /// The category.
    public internal(set) var category: String?
    /// The version of the model whose label is replaced.
    public internal(set) var modelVersion: String?
    /// The agent's words.
    public internal(set) var reason: String?
    /// The queue it was moved to; nil when it stayed where it was.
    public internal(set) var queue: QueueID?
    /// The decision of the rules for the label; nil when the ticket stayed where it was.
    public internal(set) var decision: Routed?

    init() {}

    /// What is kept of a correction.
    /// - Parameter decision: the decision that moved the ticket; nil when it stayed where it was.
    public init(
      _ correction: Correction, from former: String?, to category: String, reason: String, decision: RoutingDecision?
    ) {
      message = correction.message
      formerCategory = former
      self.category = category
      modelVersion = correction.modelVersion
      self.reason = reason
      queue = decision?.queue
      self.decision = decision.map { Routed($0) }
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("corrected_message", &message)
      members.nullable("was", &formerCategory)
      members.member("category", &category)
      members.member("model", &modelVersion)
      members.member("reason", &reason)
      members.member("queue", &queue)
      members.member("decision", &decision)
    }
  }

  /// A ticket that could not be handled.
  public struct Rejected: TimelinePayload {
    /// Why, in the words of the dead letter.
    public internal(set) var reason: String?
    /// The SLA targets left unmet.
    public internal(set) var unanswered: [ServiceLevelClocks.Name] = []

    init() {}

    /// What is kept of a rejection.
    public init(reason: String, unanswered: [ServiceLevelClocks.Name]) {
      self.reason = reason
      self.unanswered = unanswered
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("reason", &reason)
      members.list("unanswered", &unanswered)
    }
  }
}

extension TimelineEvent.Routed: TimelineValue {
  var timelineValue: JSONValue { detail }

  init?(timelineValue: JSONValue) {
    guard case .object = timelineValue else { return nil }
    self.init(reading: timelineValue)
  }
}
