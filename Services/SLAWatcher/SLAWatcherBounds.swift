import DeskCore

/// The bounds of the watcher's work.
enum SLAWatcherBounds {
  /// Tickets whose clocks are told, or that are closed, in one commit.
  static let ticketsPerRound = 256
  /// How deadlines are looked for. A deadline is told `gathering` after its moment and a commit; one that was entered less than `look`
  /// before its moment, `look` later at most. Both together stay far below the 250 ms that are promised.
  static let pace = DeadlineWindow.Pace(
    look: .milliseconds(120), ahead: .milliseconds(300), behind: .seconds(2), wholeLook: .seconds(5),
    gathering: .milliseconds(40), limit: 4_096)
  /// By how much the database's clock and this machine's monotonic one may differ between two looks.
  static let clockTolerance: Duration = .seconds(5)
  /// How long a leap of the database's clock must last before deadlines are told by it.
  static let jumpPatience: Duration = .seconds(120)
  /// Between two looks for tickets that can be closed.
  static let closingPause: Duration = .seconds(1)
  /// After a round that failed.
  static let failurePause: Duration = .seconds(1)
  /// Between two looks of other parts whether there is something to do.
  static let longestPause: Duration = .seconds(1)
  /// How often a stand-by looks whether it leads now.
  static let standByPause: Duration = .milliseconds(250)
  /// Between two looks for day partitions that are missing and instances that died long ago.
  static let housekeepingPause: Duration = .seconds(3600)
  /// The same after a failure.
  static let housekeepingRetry: Duration = .seconds(30)
  /// How many times as long as all counts took together, the next one waits at least.
  static let countingRest = 49
  /// The longest wait after a count that failed.
  static let countingRetry: Duration = .seconds(60)
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
