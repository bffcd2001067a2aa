/// Limits of how failing background tasks are reported.
public enum TaskBounds {
  /// Consecutive failures after which a warning is logged: fewer are what a database restart or a lost connection looks like.
  public static let failuresBeforeWarning = 3
  /// After this time of nothing but failures the warning is logged anyway, for tasks with long pauses between rounds.
  public static let longestSilence: Duration = .seconds(30)
  /// The interval between two warnings about a continuing failure.
  public static let warningPause: Duration = .seconds(300)
  /// The longest pause after a failed round of a task whose regular pause is shorter.
  public static let longestBackOff: Duration = .seconds(5)
  /// The random share of a pause after a failed round.
  static let backOffJitter = 0.2
  /// How often a standby checks whether it leads now.
  public static let standByPause: Duration = .milliseconds(250)
  /// Maximum number of tasks that one process reports on; further tasks are still logged.
  public static let tasksPerProcess = 256
}
