/// Operator settings for feedback and hot issues.
public struct LearningPolicy: Hashable, Sendable {
  /// The categories whose messages are collected for the product team.
  public var feedbackCategories: Set<String>
  /// The similarity from which two messages count as one concern, 0 to 1.
  public var alikeFrom: Double
  /// When a category counts as hot.
  public var hotIssues: HotIssueRule

  /// Creates the settings.
  public init(
    feedbackCategories: Set<String> = [], alikeFrom: Double = 0.4, hotIssues: HotIssueRule = HotIssueRule()
  ) {
    self.feedbackCategories = feedbackCategories
    self.alikeFrom = alikeFrom
    self.hotIssues = hotIssues
  }

  /// Whether a group of this size is worth reporting: 5, 10, 20, 50, 100, 200, 500 and so on.
  public static func isMilestone(_ count: Int64) -> Bool {
    var rest = count
    while rest >= 10, rest % 10 == 0 { rest /= 10 }
    return (rest == 1 && count >= 10) || (rest == 2 && count >= 20) || rest == 5
  }
}
