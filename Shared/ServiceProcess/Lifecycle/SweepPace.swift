/// The pauses of database sweeps between scans that found nothing. With a full inbox such a scan reads all of it, so the pause grows
/// with the duration of the scan: no sweep wastes more than a twentieth of a core, and none is delayed beyond `most`.
public enum SweepPace {
  /// The pause as a multiple of the scan's duration.
  static let times = 19
  public static let least: Duration = .milliseconds(500)
  static let most: Duration = .seconds(3)

  /// - Parameter took: the duration of the scan.
  /// - Returns: the pause, between half a second and three seconds.
  public static func rest(after took: Duration) -> Duration { rest(after: took, least: least, most: most) }

  /// Returns the pause within the caller's bounds, for scans that may run less often than sweeps.
  public static func rest(after took: Duration, least: Duration, most: Duration) -> Duration {
    min(max(least, took * times), most)
  }
}
