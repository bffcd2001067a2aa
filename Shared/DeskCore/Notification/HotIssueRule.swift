/// When a category arrives far more often than expected for its hour and weekday.
///
/// Arrivals of one category in a window vary like a Poisson count, and more if days differ; so the expectation's own deviation over the
/// past weeks is used if it is larger. The ratio keeps large categories quiet, for which a small excess would be significant; the minimum
/// count keeps small ones quiet, which two messages would double.
public struct HotIssueRule: Hashable, Sendable {
  /// Fewer tickets in the window are never hot.
  public var least: Int
  /// The minimum ratio of the count to the expectation.
  public var times: Double
  /// The minimum number of standard deviations above the expectation.
  public var deviations: Double

  /// Describes the rule.
  public init(least: Int = 10, times: Double = 3, deviations: Double = 4) {
    self.least = least
    self.times = times
    self.deviations = deviations
  }

  /// The expected count for a window.
  public struct Expectation: Hashable, Sendable {
    /// The expected number of tickets.
    public let mean: Double
    /// The usual deviation from the mean.
    public let deviation: Double
  }

  /// - Parameters:
  ///   - weeks: the counts of the same window in the previous weeks, any number of them.
  ///   - usual: the mean count of all windows of the past days, used while there are fewer than two weeks. Nil if there is no history.
  /// - Returns: nil when there is nothing to base an expectation on.
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

  /// Whether a count is normal again. Lower than the alert threshold, so that a fluctuating count is reported once.
  public func isUsual(_ count: Int, _ expectation: Expectation) -> Bool {
    count < least / 2 || Double(count) <= expectation.mean + expectation.deviation
  }
}
