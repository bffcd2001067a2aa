/// Notices when the clock that deadlines go by leaps, and holds back until the leap has lasted.
///
/// Between two looks a clock and a monotonic counter advance alike. When they do not, somebody set the clock, or it is wrong; an hour's
/// leap would break every promise of that hour at once. A leap that is taken back within `patience` breaks none; one that lasts is
/// what time it is, and is followed.
public struct ClockJumpGuard: Sendable {
  /// What to do.
  public enum Verdict: Hashable, Sendable {
    /// Go on.
    case steady
    /// Tell no deadline yet: the clock leapt by so much.
    case held(by: Duration)
    /// Go on: the clock leapt by so much, and stayed there.
    case followed(by: Duration)
  }

  /// By how much the two may differ: the uncertainty of a look, and the pace of real clocks.
  public let tolerance: Duration
  /// How long a leap must last.
  public let patience: Duration
  /// The clock less the counter, as it was believed last.
  private var believed: Int64?
  private var leaptAt: Duration?

  /// Believes the first reading.
  public init(tolerance: Duration, patience: Duration) {
    self.tolerance = tolerance
    self.patience = patience
  }

  /// Judges a reading.
  ///
  /// - Parameters:
  ///   - now: the clock.
  ///   - counter: the monotonic counter at the same moment, from any beginning.
  public mutating func judge(_ now: Instant, counter: Duration) -> Verdict {
    let distance = now.microseconds - counter.wholeMicroseconds
    guard let believed else {
      self.believed = distance
      return .steady
    }
    let leap = Duration.microseconds(distance - believed)
    if leap <= tolerance, leap >= .zero - tolerance {
      self.believed = distance
      leaptAt = nil
      return .steady
    }
    let since = leaptAt ?? counter
    if counter - since >= patience {
      self.believed = distance
      leaptAt = nil
      return .followed(by: leap)
    }
    leaptAt = since
    return .held(by: leap)
  }
}
