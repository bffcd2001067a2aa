/// What a ticket remembers of its conversation, apart from the labels: enough to read the next message in the light of those before it.
///
/// Contains no customer text. A ticket of which nothing is worth remembering has the initial state.
public struct ConversationState: Hashable, Sendable {
  /// A move that the rules suggest while an agent works on the ticket.
  public struct Suggestion: Hashable, Sendable {
    /// The queue.
    public let queue: QueueID
    /// The priority class.
    public let priority: Priority
    /// The rule that matched; nil when none did.
    public let rule: String?
    /// The queues with a limit that were full when it was made: its answer is decided from the same facts.
    public let full: [QueueID]

    /// Describes a suggestion.
    public init(queue: QueueID, priority: Priority, rule: String?, full: [QueueID] = []) {
      self.queue = queue
      self.priority = priority
      self.rule = rule
      self.full = full
    }
  }

  /// Concerns in a row that were less urgent than the conversation.
  public var lessUrgentMessages: Int
  /// Concerns in a row that were calmer than the conversation.
  public var calmerMessages: Int
  /// The fingerprints of the policy's word lists that occurred so far, in ascending order. Lists that a later policy lacks are dropped.
  public var found: [UInt64]
  /// The product line that the channel last named; empty when it named none.
  public var productLine: String
  /// Whether the customer has only greeted so far.
  public var awaitsConcern: Bool
  /// Until when the ticket is not offered to agents, so that the concern after a greeting, or the answer to a question, can arrive.
  public var heldUntil: Instant?
  /// Whether a person or an escalation chose the queue: the rules no longer change it.
  public var isPlacedByHand: Bool
  /// Whether a person or an escalation chose the priority: the rules no longer lower it.
  public var isPrioritisedByHand: Bool
  /// The move that the agent who has the ticket can accept or decline.
  public var suggestion: Suggestion?
  /// The crisis cases whose prepared answer the customer got.
  public var crises: [CrisisID]
  /// The question whose answer is awaited; `heldUntil` says until when.
  public var question: QuestionFacts.Asked?
  /// The fields that the customer could not answer.
  public var skippedFields: [FieldName]
  /// How many questions the customer has been asked.
  public var questionsAsked: Int

  /// Creates a state.
  public init(
    lessUrgentMessages: Int = 0, calmerMessages: Int = 0, found: [UInt64] = [], productLine: String = "",
    awaitsConcern: Bool = false, heldUntil: Instant? = nil, isPlacedByHand: Bool = false,
    isPrioritisedByHand: Bool = false, suggestion: Suggestion? = nil, crises: [CrisisID] = [],
    question: QuestionFacts.Asked? = nil,
    skippedFields: [FieldName] = [], questionsAsked: Int = 0
  ) {
    self.lessUrgentMessages = lessUrgentMessages
    self.calmerMessages = calmerMessages
    self.found = found
    self.productLine = productLine
    self.awaitsConcern = awaitsConcern
    self.heldUntil = heldUntil
    self.isPlacedByHand = isPlacedByHand
    self.isPrioritisedByHand = isPrioritisedByHand
    self.suggestion = suggestion
    self.crises = crises
    self.question = question
    self.skippedFields = skippedFields
    self.questionsAsked = questionsAsked
  }

  /// Records that a person or an escalation chose the queue.
  mutating func placeByHand() {
    isPlacedByHand = true
    suggestion = nil
    heldUntil = nil
  }

  /// The lists of a policy that occurred in the conversation.
  func lists(of policy: Policy) -> Set<WordList> {
    found.isEmpty ? [] : Set(policy.wordLists.filter { found.contains($0.fingerprint) })
  }

  /// Adds the lists that occurred in a message.
  mutating func add(_ lists: some Sequence<WordList>, under policy: Policy) {
    var all = Set(lists.map(\.fingerprint))
    if !found.isEmpty { all.formUnion(policy.wordLists.map(\.fingerprint).filter(found.contains)) }
    found = all.sorted()
  }
}

// MARK: - Labels

extension ConversationState {
  /// Reads a message in the light of the conversation: counts it, and returns the labels of the whole.
  ///
  /// - A greeting or closing words say nothing: the labels stay.
  /// - The newest clear concern decides the category; an unclear one changes it only when nothing clear came before. A category set by a
  ///   person stays until the ticket is reopened.
  /// - Urgency and anger rise at once, and fall by one level after `calmAfter` calmer concerns in a row.
  ///
  /// - Parameters:
  ///   - newest: the labels of the message.
  ///   - earlier: the labels of the conversation before it; nil when it had none.
  ///   - reopens: whether the ticket was settled before the message.
  ///   - isAnswer: whether it does nothing but answer a question: it then says nothing about the concern or the language.
  mutating func labels(
    after newest: Labels, _ act: DialogueAct, following earlier: Labels?, reopens: Bool, isAnswer: Bool = false,
    under policy: Policy
  ) -> Labels {
    guard let earlier else { return newest }
    guard act == .concern else { return earlier }
    var labels = newest
    if isAnswer || !takesCategory(of: newest, after: earlier, reopens: reopens, under: policy) {
      labels.category = earlier.category
      labels.intent = earlier.intent
      labels.confidence = earlier.confidence
    }
    let calmAfter = policy.life.conversation.calmAfter
    if awaitsConcern {
      awaitsConcern = false
      heldUntil = nil
    } else {
      let urgency = ConversationState.level(
        newest.urgency.rawValue, after: earlier.urgency.rawValue, &lessUrgentMessages, calmAfter: calmAfter)
      labels.urgency = Urgency(rawValue: urgency) ?? newest.urgency
      // Of sentiments only anger lasts.
      let anger = ConversationState.level(
        newest.sentiment == .negative ? 1 : 0, after: earlier.sentiment == .negative ? 1 : 0, &calmerMessages,
        calmAfter: calmAfter)
      if anger > 0 { labels.sentiment = .negative }
    }
    if isAnswer || newest.language == "und" { labels.language = earlier.language }
    return labels
  }

  private func takesCategory(
    of newest: Labels, after earlier: Labels, reopens: Bool, under policy: Policy
  ) -> Bool {
    if awaitsConcern { return true }
    if earlier.confidence >= Labels.certain, !reopens { return false }
    let isClear = newest.confidence >= max(policy.life.conversation.concernFrom, policy.triageThreshold)
    return isClear || earlier.confidence < policy.triageThreshold
  }

  /// The level of a conversation after a message: rises at once, and falls by one after enough lower ones in a row.
  private static func level(_ newest: Int, after earlier: Int, _ lower: inout Int, calmAfter: Int) -> Int {
    guard newest < earlier else {
      lower = 0
      return newest
    }
    lower += 1
    guard lower >= calmAfter else { return earlier }
    lower = 0
    return earlier - 1
  }
}

extension Labels {
  /// The category of a ticket whose customer has only greeted.
  public static let greetingCategory = "greeting"

  /// The labels of a first message that only greets: they say nothing about a concern, and need no person to label them.
  /// - Parameter share: how much of the message the greeting covers, 0 to 1; the confidence, which stays below a person's.
  public func greeting(share: Double) -> Labels {
    Labels(
      category: Labels.greetingCategory, intent: Labels.greetingCategory, confidence: min(share, 0.99),
      urgency: .normal, sentiment: .neutral, language: language, modelVersion: modelVersion)
  }
}
