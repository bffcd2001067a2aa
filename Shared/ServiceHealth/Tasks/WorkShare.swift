/// The share of its time that a periodic task may spend in its rounds.
///
/// After a round that took t, a task with the share s pauses for at least t · (1 − s) / s, whatever the round asks for and whoever wakes
/// it. So work that grows with the desk is done less often instead of taking more of the machine. The time that a round waits counts as
/// work, because it cannot be told apart: on a saturated machine such tasks yield by themselves. No pause is longer than `longestRest` for
/// this reason, so that no task starves.
public struct WorkShare: Sendable {
  private let share: Double
  private let longestRest: Duration
  private let idleRoundsOnly: Bool
  private var yielded: (share: Double, isDue: @Sendable () -> Bool)?

  /// - Parameters:
  ///   - share: more than 0, at most 1.
  ///   - longestRest: the longest pause that the share itself causes.
  ///   - idleRoundsOnly: whether a round that found more work (`PeriodicTask.Pause.none`) is followed by the next at once all the same: for
  ///     sweeps, whose work may not wait, but whose search may.
  public init(_ share: Double, longestRest: Duration, idleRoundsOnly: Bool = false) {
    precondition(share > 0 && share <= 1, "a task with no share of the time would never run")
    self.share = share
    self.longestRest = longestRest
    self.idleRoundsOnly = idleRoundsOnly
  }

  /// Returns the same bound, lowered while something more urgent waits. `longestRest` stays, so the task goes on, more slowly.
  public func yielding(to share: Double, while isDue: @escaping @Sendable () -> Bool) -> WorkShare {
    precondition(share > 0 && share <= self.share, "a task that yields works less, but works")
    var lowered = self
    lowered.yielded = (share, isDue)
    return lowered
  }

  /// The shortest pause after a turn that took so long.
  func rest(after turn: PeriodicTask.Turn, taking time: Duration) -> Duration {
    if turn == .standBy || idleRoundsOnly && turn == .done(.none) { return .zero }
    let share = yielded.flatMap { $0.isDue() ? $0.share : nil } ?? share
    return min(max(.zero, time) * ((1 - share) / share), longestRest)
  }
}
