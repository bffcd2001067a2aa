/// When a figure of the desk is worth someone's attention: for `frontdesk status` and the wallboard.
public enum AttentionLimits {
  /// Age in seconds of an undecided message: sweeps of the database fallback run after 3 s, so this is more than a hiccup.
  public static let undecidedSeconds = 10.0
  /// The same when customers notice.
  public static let undecidedUrgentSeconds = 60.0
  /// Age in seconds of the oldest ticket not offered to any agent.
  public static let queuedSeconds = 300.0
}
