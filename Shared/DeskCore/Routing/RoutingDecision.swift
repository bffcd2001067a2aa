/// What the router decided about a message that opened a ticket.
public struct RoutingDecision: Hashable, Sendable {
  /// The queue.
  public let queue: QueueID
  /// The priority class.
  public let priority: Priority
  /// What an agent must know, from queue and rule together.
  public let skills: [SkillRequirement]
  /// How much capacity it takes.
  public let weight: Int32
  /// The labels it rests on.
  public let labels: Labels
  /// Whether a person must label it first.
  public let needsTriage: Bool
  /// What is promised.
  public let targets: ServiceLevelTargets
  /// The rule that matched; nil when none did.
  public let rule: String?
  /// The version of the policy it followed.
  public let policyVersion: Int32
  /// The message that was decided on; the timeline names it, so that the ledger can follow each message to its decision.
  public var message: MessageID?
  /// Articles that may help the agent, best first.
  public var suggestions: [ArticleSuggestion] = []

  /// What the timeline keeps, enough to replay the decision without the customer's words.
  public var detail: Detail {
    var fields: [Detail.Field] = [
      .init("message", message.map { .text($0.description) } ?? .null),
      .init("queue", .text(queue.rawValue)), .init("priority", .text(priority.name)),
      .init("rule", rule.map { .text($0) } ?? .null), .init("service_level", targets.policy.map { .text($0) } ?? .null),
      .init("category", .text(labels.category)), .init("intent", .text(labels.intent)),
      .init("confidence", .number(labels.confidence)), .init("urgency", .text(labels.urgency.name)),
      .init("sentiment", .text(labels.sentiment.name)), .init("language", .text(labels.language)),
      .init("model", .text(labels.modelVersion)), .init("policy", .integer(Int64(policyVersion))),
      .init("skills", .list(skills.map { .text("\($0.skill.rawValue):\($0.proficiency)") })),
    ]
    if !suggestions.isEmpty {
      fields.append(
        .init(
          "articles",
          .list(
            suggestions.map {
              .object([.init("article", .text($0.article.rawValue)), .init("coverage", .number($0.coverage))])
            })))
    }
    return .object(fields)
  }
}

extension Policy {
  /// Decides queue, priority, skills and promises for a message that opens a ticket. Pure: the same policy and the same facts
  /// always give the same decision.
  public func decide(_ facts: RoutingFacts) -> RoutingDecision {
    let labels = facts.labels
    let needsTriage = labels.confidence < triageThreshold
    let rule = needsTriage ? nil : rules.first { $0.condition.holds(for: facts) }
    let queueID = needsTriage ? triageQueue : rule?.queue ?? defaultQueue
    let priority = rule?.priority ?? Priority.following(labels.urgency)
    var skills: [SkillID: Int] = [:]
    for requirement in (queues[queueID]?.skills ?? []) + (rule?.skills ?? []) {
      skills[requirement.skill] = max(skills[requirement.skill] ?? 0, requirement.proficiency)
    }
    return RoutingDecision(
      queue: queueID, priority: priority,
      skills: skills.map { SkillRequirement($0.key, proficiency: $0.value) }.sorted { $0.skill < $1.skill },
      weight: channels[facts.channel]?.weight ?? 1, labels: labels, needsTriage: needsTriage,
      targets: targets(for: facts, priority: priority), rule: rule?.name, policyVersion: version)
  }

  /// The promises of the first service level that matches.
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
  /// The class that a ticket gets when no rule says otherwise.
  public static func following(_ urgency: Urgency) -> Priority {
    switch urgency {
    case .high: .high
    case .normal: .normal
    case .low: .low
    }
  }
}
