/// The bounds of how failing background tasks are reported.
public enum TaskBounds {
  /// Failures in a row after which a warning is logged: fewer are what a restarted database or a lost connection looks like.
  public static let failuresBeforeWarning = 3
  /// After this time of nothing but failures the warning is logged all the same, for tasks that rest long between their rounds.
  public static let longestSilence: Duration = .seconds(30)
  /// Between two warnings of a failure that goes on.
  public static let warningPause: Duration = .seconds(300)
  /// Tasks that one process reports on; those beyond are logged all the same.
  public static let tasksPerProcess = 256
}
