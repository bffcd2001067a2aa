/// Decides from the answers of `/livez` when a process hangs and is to be replaced. Pure: moments are handed in.
struct HangWatch: Sendable, Equatable {
  private let startedAt: ContinuousClock.Instant
  /// Whether the process has ever answered well.
  private(set) var hasAnswered = false
  /// Answers in a row that did not come or were not good.
  private(set) var failures = 0

  /// - Parameter startedAt: when the process was started.
  init(startedAt: ContinuousClock.Instant) {
    self.startedAt = startedAt
  }

  /// Takes what came of one question.
  /// - Returns: whether the process hangs: it has answered before and not answered so many times in a row, or has never answered in all
  ///   the time that a start may take. Counted in questions, so that a stop of our own is not taken for one of theirs.
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
