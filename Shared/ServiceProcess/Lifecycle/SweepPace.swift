public import ServiceHealth

/// The pace of database sweeps for work that the links did not bring. With a full inbox a scan that finds nothing reads all of it: no sweep
/// wastes more than a twentieth of a core, and none is delayed beyond three seconds.
public enum SweepPace {
  /// Between two scans.
  public static let interval: Duration = .milliseconds(500)
  /// What scans that find nothing may take. Scans that find work follow each other at once.
  public static let share = WorkShare(0.05, longestRest: .seconds(3), idleRoundsOnly: true)
}
