/// Detects jumps of the clock used for deadlines, and holds back notifications until a jump has lasted.
///
/// Between two readings a clock and a monotonic counter advance equally. When they do not, the clock was set or is wrong; a jump of an
/// hour would breach every target due within that hour at once. A jump that is reverted within `patience` breaches none; one that lasts
/// is the correct time, and is followed.
public struct ClockJumpGuard: Sendable {
  /// The result of a reading.
  public enum Verdict: Hashable, Sendable {
    /// Continue.
    case steady
    /// Send no deadline notifications yet: the clock jumped by this much.
    case held(by: Duration)
    /// Continue: the clock jumped by this much, and stayed there.
    case followed(by: Duration)
  }

  /// How much the two may differ: the uncertainty of a reading, and the drift of real clocks.
  public let tolerance: Duration
  /// How long a jump must last.
  public let patience: Duration
  /// The clock minus the counter, as last accepted.
  private var believed: Int64?
  private var jumpedAt: Duration?

  /// Accepts the first reading.
  public init(tolerance: Duration, patience: Duration) {
    self.tolerance = tolerance
    self.patience = patience
  }

  /// Evaluates a reading.
  ///
  /// - Parameters:
  ///   - now: the clock.
  ///   - counter: the monotonic counter at the same time, with any origin.
  public mutating func judge(_ now: Instant, counter: Duration) -> Verdict {
    let distance = now.microseconds - counter.wholeMicroseconds
    guard let believed else {
      self.believed = distance
      return .steady
    }
    let leap = Duration.microseconds(distance - believed)
    if leap <= tolerance, leap >= .zero - tolerance {
      self.believed = distance
      jumpedAt = nil
      return .steady
    }
    let since = jumpedAt ?? counter
    if counter - since >= patience {
      self.believed = distance
      jumpedAt = nil
      return .followed(by: leap)
    }
    jumpedAt = since
    return .held(by: leap)
  }
}
