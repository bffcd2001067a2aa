/// The consecutive failures of one background task, and what is reported to operators. Pure: timestamps are arguments.
///
/// A single failure is what any database restart looks like, and not worth a log line. A repeated one is: it is reported once, then
/// again at long intervals, and once when it is over.
public struct FailureStreak: Sendable, Equatable {
  /// What must be logged now.
  public enum Report: Sendable, Equatable {
    /// Nothing relevant to an operator.
    case quiet
    /// The task keeps failing; `lasting` counts from the first failure of this streak.
    case warning(failures: Int, lasting: Duration)
    /// The task works again after failures that were reported.
    case recovery(failures: Int, lasting: Duration)
  }

  /// Failures since the last success.
  public private(set) var failures = 0
  /// The time of the first of them.
  public private(set) var since: ContinuousClock.Instant?
  private var nextWarning: ContinuousClock.Instant?

  /// No failure yet.
  public init() {}

  /// Whether these failures have been reported.
  public var isReported: Bool { nextWarning != nil }

  /// Records a failure.
  public mutating func fail(at now: ContinuousClock.Instant) -> Report {
    failures += 1
    let began = since ?? now
    since = began
    let lasting = now - began
    if let nextWarning {
      guard now >= nextWarning else { return .quiet }
    } else if failures < TaskBounds.failuresBeforeWarning, lasting < TaskBounds.longestSilence {
      return .quiet
    }
    nextWarning = now + TaskBounds.warningPause
    return .warning(failures: failures, lasting: lasting)
  }

  /// Records a success, which ends the streak.
  public mutating func succeed(at now: ContinuousClock.Instant) -> Report {
    defer { self = FailureStreak() }
    guard isReported, let since else { return .quiet }
    return .recovery(failures: failures, lasting: now - since)
  }
}
