/// The router's decision about a message that opened a ticket.
public struct RoutingDecision: Hashable, Sendable {
  /// The queue.
  public let queue: QueueID
  /// The priority class.
  public let priority: Priority
  /// The skills that an agent needs, from queue and rule together.
  public let skills: [SkillRequirement]
  /// How much capacity it takes.
  public let weight: Int32
  /// The labels it is based on.
  public let labels: Labels
  /// Whether a person must label it first.
  public let needsTriage: Bool
  /// The SLA targets.
  public let targets: ServiceLevelTargets
  /// The rule that matched; nil when none did.
  public let rule: String?
  /// The version of the policy it followed.
  public let policyVersion: Int32
  /// The queue that the rule named, if it was full and the ticket overflowed to another.
  public var overflowedFrom: QueueID?
  /// Whether the queue was over its limit without an overflow queue: the ticket waits there, and the customer is promised a call-back.
  public var promisesCallback = false
  /// The facts it is based on; the timeline keeps them, without the text, so that the decision can be replayed.
  public var basis: Basis?
  /// The message decided on; the timeline names it, so that the ledger can follow each message to its decision.
  public var message: MessageID?
  /// Articles that may help the agent, best first.
  public var suggestions: [ArticleSuggestion] = []
  /// The model's best labels, best first, for the person who corrects the label. No decision depends on them.
  public var guesses: [LabelGuess] = []
  /// What happens to a message that only greets; nil for any other.
  public var greeting: Greeting?
  /// The prepared answer that the customer gets first, because of a crisis.
  public var crisis: CrisisReply?
  /// What the message says about the ticket's fields.
  public var fields = FieldEvidence()

  /// A first message that only greets.
  public struct Greeting: Hashable, Sendable {
    /// The share of the message that greetings cover, 0 to 1.
    public let share: Double
    /// How long the ticket waits for the concern before it is offered to an agent.
    public let wait: Duration
    /// The message that answers the greeting, if the channel has an answer.
    public var reply: MessageID?

    /// Describes a greeting.
    public init(share: Double, wait: Duration, reply: MessageID?) {
      self.share = share
      self.wait = wait
      self.reply = reply
    }
  }

  /// The facts other than the labels.
  public struct Basis: Hashable, Sendable {
    /// The channel.
    public var channel: ChannelID
    /// The customer's tier.
    public var tier: CustomerTier
    /// When the ticket was opened.
    public var openedAt: Instant
    /// The product line that the channel named; empty when it named none.
    public var productLine: String
    /// The indices of the policy's word lists that were found in the message.
    public var found: [Int]
    /// The queues with a limit that were full.
    public var full: [QueueID]
    /// The indices of the policy's field tests that the ticket's fields met.
    public var met: [Int] = []

    /// The field tests that were met, under the policy that decided.
    func tests(of policy: Policy) -> [FieldTest] {
      met.filter(policy.fieldTests.indices.contains).map { policy.fieldTests[$0] }
    }

    /// The word lists that were found, under the policy that decided.
    func lists(of policy: Policy) -> [WordList] {
      found.filter(policy.wordLists.indices.contains).map { policy.wordLists[$0] }
    }
  }

  /// What the customer is informed of in addition to the queue.
  var customerNotice: [JSONValue.Field] { promisesCallback ? [.init("promises_callback", .flag(true))] : [] }

  /// The form kept in the timeline, and shown in explanations.
  public var detail: JSONValue { TimelineEvent.Routed(self).detail }
}

extension Policy {
  /// Decides queue, priority, skills and SLA targets for a message that opens a ticket. Pure: the same policy and the same facts always
  /// give the same decision.
  public func decide(_ given: RoutingFacts) -> RoutingDecision {
    var facts = given
    if case .calendars = facts.hours { facts.hours = .calendars(calendars) }
    // The text is searched once, for all rules and service levels that mention lists, and for the timeline.
    var found: [Int] = []
    if !wordLists.isEmpty {
      found = lists(in: facts.wording)
      facts.wording = .found(found.isEmpty ? [] : Set(found.map { wordLists[$0] }))
    }
    let met = fieldTests.indices.filter { facts.meets(fieldTests[$0]) }
    let labels = facts.labels
    let needsTriage = labels.confidence < triageThreshold
    let rule = needsTriage ? nil : rules.first { $0.condition.holds(for: facts) }
    let named = needsTriage ? triageQueue : rule?.queue ?? defaultQueue
    let open = queueWithRoom(from: named, full: facts.fullQueues)
    let queueID = open ?? named
    let priority = rule?.priority ?? Priority.following(labels.urgency)
    // In an overflow queue, that queue's requirements apply, not those of the rule for the full one.
    var asked = queues[queueID]?.skills ?? []
    if queueID == named, let more = rule?.skills, !more.isEmpty { asked += more }
    var decision = RoutingDecision(
      queue: queueID, priority: priority, skills: asked.count > 1 ? Policy.combined(asked) : asked,
      weight: channels[facts.channel]?.weight ?? 1, labels: labels, needsTriage: needsTriage,
      targets: targets(for: facts, priority: priority), rule: rule?.name, policyVersion: version)
    decision.overflowedFrom = queueID == named ? nil : named
    decision.promisesCallback = open == nil
    decision.basis = RoutingDecision.Basis(
      channel: facts.channel, tier: facts.tier, openedAt: facts.openedAt, productLine: facts.productLine, found: found,
      full: facts.fullQueues.sorted(), met: met)
    return decision
  }

  /// One requirement for each skill, the highest, in the order of skills.
  private static func combined(_ asked: [SkillRequirement]) -> [SkillRequirement] {
    var highest: [SkillID: Int] = [:]
    for requirement in asked {
      highest[requirement.skill] = max(highest[requirement.skill] ?? 0, requirement.proficiency)
    }
    return highest.map { SkillRequirement($0.key, proficiency: $0.value) }.sorted { $0.skill < $1.skill }
  }

  /// The indices of the word lists that were found, in ascending order.
  private func lists(in wording: RoutingFacts.Wording) -> [Int] {
    switch wording {
    case .text(let text): wordSearch.lists(in: text)
    case .found(let lists): lists.isEmpty ? [] : wordLists.indices.filter { lists.contains(wordLists[$0]) }
    }
  }

  /// The first queue with room, from `queue` along the overflow queues; nil when all of them are full.
  private func queueWithRoom(from queue: QueueID, full: Set<QueueID>) -> QueueID? {
    if full.isEmpty { return queue }
    var seen: Set<QueueID> = []
    var next: QueueID? = queue
    while let candidate = next, seen.insert(candidate).inserted {
      if !full.contains(candidate) { return candidate }
      next = queues[candidate]?.overflow
    }
    return nil
  }

  /// The targets of the first service level that matches.
  public func targets(for facts: RoutingFacts, priority: Priority) -> ServiceLevelTargets {
    guard let level = serviceLevels.first(where: { $0.condition.holds(for: facts) }) else { return .none }
    let calendar = level.calendar.flatMap { calendars[$0] } ?? .always
    func target(_ allowed: Duration?) -> ServiceLevelTarget? {
      allowed.map {
        ServiceLevelTarget(allowed: $0, from: facts.openedAt, in: calendar, shares: level.warningPercents)
      }
    }
    return ServiceLevelTargets(
      policy: level.name, firstResponse: target(level.firstResponse[priority]),
      resolution: target(level.resolution[priority]), pausesWhilePending: level.pausesWhilePending)
  }
}

extension Priority {
  /// The priority class of a ticket when no rule sets one.
  public static func following(_ urgency: Urgency) -> Priority {
    switch urgency {
    case .high: .high
    case .normal: .normal
    case .low: .low
    }
  }
}
