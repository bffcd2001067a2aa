/// How the sweeps of the database rest between looks that found nothing. With much in the inbox such a look reads all of it, so it rests
/// the longer the longer it took: no sweep takes more than a twentieth of a core for nothing, and none comes later than `most`.
public enum SweepPace {
  /// How many times as long as the look took.
  static let times = 19
  static let least: Duration = .milliseconds(500)
  static let most: Duration = .seconds(3)

  /// - Parameter took: how long the look took.
  /// - Returns: the rest, between half a second and three.
  public static func rest(after took: Duration) -> Duration { rest(after: took, least: least, most: most) }

  /// The same within bounds of the caller's, for looks that may come later than sweeps.
  public static func rest(after took: Duration, least: Duration, most: Duration) -> Duration {
    min(max(least, took * times), most)
  }
}
