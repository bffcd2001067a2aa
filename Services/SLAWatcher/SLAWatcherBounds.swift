/// The bounds of the watcher's work.
enum SLAWatcherBounds {
  /// Tickets whose clocks are told, or that are closed, in one commit.
  static let ticketsPerRound = 256
  /// Pause before the next look when the next moment is near, and when nothing is ahead.
  static let shortestPause: Duration = .milliseconds(50)
  static let longestPause: Duration = .seconds(1)
  /// How often a stand-by looks whether it leads now.
  static let standByPause: Duration = .milliseconds(250)
  /// Between two looks for day partitions that are missing and instances that died long ago.
  static let housekeepingPause: Duration = .seconds(3600)
  /// The same after a failure.
  static let housekeepingRetry: Duration = .seconds(30)
  /// Between two countings of the whole desk.
  static let countingPause: Duration = .seconds(5)
  /// Between two looks for timelines that are over and can be sealed.
  static let sealingPause: Duration = .seconds(60)
  /// Between two ranges that are sealed: reading them must not crowd out what customers wait for.
  static let sealingBreath: Duration = .milliseconds(200)
  /// Between two looks at new tickets for feedback and for hot issues.
  static let learningPause: Duration = .seconds(5)
  /// How far such a look stays behind the newest ticket that is decided: identifiers are made a moment before their rows are committed.
  static let decidedDistance: Duration = .seconds(5)
  /// Tickets whose first messages are gathered in one transaction.
  static let ticketsPerGathering = 512
  /// Groups that a message is held against: those that grew last.
  static let groupsCompared = 2_000
  /// Tickets that are counted in one statement, and statements in one round.
  static let ticketsPerCounting = 20_000
  static let countingsPerRound = 10
}
