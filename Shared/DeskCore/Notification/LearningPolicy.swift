/// What operators decide about feedback and hot issues.
public struct LearningPolicy: Hashable, Sendable {
  /// The categories whose messages are gathered for the product team.
  public var feedbackCategories: Set<String>
  /// How alike two messages must be to be one concern, 0 to 1.
  public var alikeFrom: Double
  /// When a category counts as hot.
  public var hotIssues: HotIssueRule

  /// Collects the decisions.
  public init(
    feedbackCategories: Set<String> = [], alikeFrom: Double = 0.4, hotIssues: HotIssueRule = HotIssueRule()
  ) {
    self.feedbackCategories = feedbackCategories
    self.alikeFrom = alikeFrom
    self.hotIssues = hotIssues
  }

  /// Whether a group that has grown to so many is worth telling of: 5, 10, 20, 50, 100, 200, 500 and so on.
  public static func isMilestone(_ count: Int64) -> Bool {
    var rest = count
    while rest >= 10, rest % 10 == 0 { rest /= 10 }
    return (rest == 1 && count >= 10) || (rest == 2 && count >= 20) || rest == 5
  }
}

/// When a kind of question comes far more often than its own hour and weekday foretell.
///
/// Arrivals of one kind in a window scatter like a Poisson count, and more where days differ; so the expectation's own scatter over the
/// past weeks is taken where it is larger. A ratio keeps large categories quiet that a small excess would make significant, a least
/// number small ones that two messages would double.
public struct HotIssueRule: Hashable, Sendable {
  /// Fewer tickets in the window are never hot.
  public var least: Int
  /// How many times the expectation it must be.
  public var times: Double
  /// How many standard deviations above the expectation it must be.
  public var deviations: Double

  /// Describes the rule.
  public init(least: Int = 10, times: Double = 3, deviations: Double = 4) {
    self.least = least
    self.times = times
    self.deviations = deviations
  }

  /// What the past foretells for a window.
  public struct Expectation: Hashable, Sendable {
    /// How many tickets.
    public let mean: Double
    /// How far a usual count may lie from it.
    public let deviation: Double
  }

  /// - Parameters:
  ///   - weeks: the counts of the same window in the weeks before, any number of them.
  ///   - usual: the mean count of all windows of the past days; what is gone by while there are fewer than two weeks. Nil where
  ///     there is no past at all.
  /// - Returns: nil when nothing can be foretold.
  public func expectation(weeks: [Int], usual: Double?) -> Expectation? {
    guard weeks.count >= 2 else { return usual.map { Expectation(mean: $0, deviation: max($0, 1).squareRoot()) } }
    let mean = Double(weeks.reduce(0, +)) / Double(weeks.count)
    let squares = weeks.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    let variance = squares / Double(weeks.count - 1)
    return Expectation(mean: mean, deviation: max(mean, variance, 1).squareRoot())
  }

  /// Whether a count is hot.
  public func isHot(_ count: Int, _ expectation: Expectation) -> Bool {
    count >= least && Double(count) >= times * expectation.mean
      && Double(count) > expectation.mean + deviations * expectation.deviation
  }

  /// Whether a count is usual again. Lower than where an alert begins, so that one that wavers is told once.
  public func isUsual(_ count: Int, _ expectation: Expectation) -> Bool {
    count < least / 2 || Double(count) <= expectation.mean + expectation.deviation
  }
}
