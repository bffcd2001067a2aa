/// Decides from the answers of `/livez` when a process hangs and must be replaced. Pure: times are passed in.
struct HangWatch: Sendable, Equatable {
  private let startedAt: ContinuousClock.Instant
  /// Whether the process has ever answered successfully.
  private(set) var hasAnswered = false
  /// The number of consecutive missing or bad answers.
  private(set) var failures = 0

  /// - Parameter startedAt: when the process was started.
  init(startedAt: ContinuousClock.Instant) {
    self.startedAt = startedAt
  }

  /// Records the result of one probe.
  /// - Returns: whether the process hangs: it has answered before and now missed too many probes in a row, or has not answered within
  ///   the time allowed for a start. Counted in probes, so that a suspension of our own process is not mistaken for a hang.
  mutating func take(isAlive: Bool, at now: ContinuousClock.Instant) -> Bool {
    guard !isAlive else {
      hasAnswered = true
      failures = 0
      return false
    }
    failures += 1
    guard failures >= UpBounds.hangFailures else { return false }
    return hasAnswered || now - startedAt >= UpBounds.startPatience
  }
}
