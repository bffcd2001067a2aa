/// The failures in a row of one background task, and what operators hear of them. Pure: moments are arguments.
///
/// A single failure is what any restart of the database looks like, and not worth a line. One that repeats is: it is reported once, then
/// slowly again, and once when it is over.
public struct FailureStreak: Sendable, Equatable {
  /// What is to be logged now.
  public enum Report: Sendable, Equatable {
    /// Nothing that an operator needs.
    case quiet
    /// The task fails again and again; `lasting` counts from its first failure in this row.
    case warning(failures: Int, lasting: Duration)
    /// The task works again after failures that were reported.
    case recovery(failures: Int, lasting: Duration)
  }

  /// Failures since the last success.
  public private(set) var failures = 0
  /// When the first of them was.
  public private(set) var since: ContinuousClock.Instant?
  private var nextWarning: ContinuousClock.Instant?

  /// No failure yet.
  public init() {}

  /// Whether operators have been told of these failures.
  public var isReported: Bool { nextWarning != nil }

  /// Notes a failure.
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

  /// Notes a success, which ends the row.
  public mutating func succeed(at now: ContinuousClock.Instant) -> Report {
    defer { self = FailureStreak() }
    guard isReported, let since else { return .quiet }
    return .recovery(failures: failures, lasting: now - since)
  }
}
