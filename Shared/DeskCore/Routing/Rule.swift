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
