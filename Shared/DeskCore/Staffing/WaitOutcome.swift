/// How one ticket's wait ended: by an answer, after which nobody knows how much longer its customer would have waited (the patience is
/// censored), or because the customer gave up.
public struct WaitOutcome: Hashable, Sendable {
  /// How long it waited, in seconds.
  public let seconds: Double
  public let abandoned: Bool

  public init(seconds: Double, abandoned: Bool) {
    self.seconds = seconds
    self.abandoned = abandoned
  }

  /// Whether the wait is a time at all; others are left out of estimates.
  var isPossible: Bool { seconds >= 0 && seconds.isFinite }
}
