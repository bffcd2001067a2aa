/// One routing rule: which tickets it matches, and what it decides.
public struct Rule: Hashable, Sendable {
  /// The rule's name, shown in explanations.
  public let name: String
  /// Which tickets it matches.
  public let condition: Condition
  /// The queue it names.
  public let queue: QueueID
  /// The priority it sets; nil derives it from the urgency.
  public let priority: Priority?
  /// The skills it requires, in addition to those of the queue.
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
