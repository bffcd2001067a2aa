/// Limits on what the wallboard reads, holds and sends.
enum WallboardBounds {
  /// How long all viewers share one computation of the figures.
  static let figuresLifetime: Duration = .seconds(2)
  /// The same for what reads history: messages of four hours, the tickets of a day.
  static let flowLifetime: Duration = .seconds(15)
  static let keptLifetime: Duration = .seconds(60)
  /// A computation rests this many times as long as it took: however large the desk is, one costs at most a twentieth of a core.
  static let restFactor = 20
  /// The database timeout of what reads history.
  static let historyTimeout: Duration = .seconds(20)
  /// The intervals of arrivals and answers, and their length.
  static let flowIntervals = 24
  static let flowInterval: Duration = .seconds(600)
  /// How long after its end an interval is counted again, because identifiers are made before messages are stored.
  static let flowSettles: Duration = .seconds(120)
  /// Hot issues, crisis cases and findings that are shown.
  static let issuesShown = 20
  static let crisesShown = 5
  static let findingsShown = 10
  /// Open streams of overseers in this process, and of one key or session.
  static let streams = 200
  static let streamsPerKey = 8
  /// Events that may wait for a slow reader; beyond that its stream ends, and it connects again.
  static let eventsPerStream = 256
  /// Changes of presence, and reassignments, that one look sends, each. A reader that counts them fetches the lists instead.
  static let changesPerLook = 50
  /// How often the database is asked while someone watches.
  static let lookPause: Duration = .seconds(2)
  /// The interval of keep-alives.
  static let pingPause: Duration = .seconds(10)

  /// Checks the limits once.
  static func check() {
    precondition(
      2 * changesPerLook + 2 < eventsPerStream, "a reader that keeps up with one look is not cut off by the next")
    precondition(flowLifetime > figuresLifetime && keptLifetime > flowLifetime)
  }
}
