import DeskCore
import ServiceHealth

/// Limits of the watcher's work.
enum SLAWatcherBounds {
  /// Tickets processed or closed in one commit.
  static let ticketsPerRound = 256
  /// How deadlines are read. A deadline is processed `gathering` plus a commit after it is due; one that was entered less than `look`
  /// before it is due, at most `look` later. Both together stay far below the 250 ms target.
  static let pace = DeadlineWindow.Pace(
    look: .milliseconds(120), ahead: .milliseconds(300), behind: .seconds(2), wholeLook: .seconds(5),
    gathering: .milliseconds(40), limit: 4_096)
  /// The allowed difference between the database's clock and this machine's monotonic one from one reading to the next.
  static let clockTolerance: Duration = .seconds(5)
  /// How long a jump of the database's clock must last before deadlines follow it.
  static let jumpPatience: Duration = .seconds(120)
  /// Between two scans for tickets that can be closed.
  static let closingPause: Duration = .seconds(1)
  /// Between two scans for progress notices that are due.
  static let progressPause: Duration = .seconds(1)
  /// Between two decisions how many processes are wanted.
  static let capacityPause: Duration = .seconds(1)
  /// Between two checks of call-backs, and of queues in which nothing moves.
  static let callBackPause: Duration = .seconds(1)
  static let stuckQueuePause: Duration = .seconds(10)
  /// Between two looks at whether agents in reserve are needed, and the first waiting tickets of each queue that one looks at.
  static let reservePause: Duration = .seconds(10)
  static let ticketsPerReserveLook = 512
  /// After deadlines could not be processed: the first pause, and the longest of consecutive failures.
  static let firstFailurePause: Duration = .milliseconds(250)
  static let failurePause: Duration = .seconds(1)
  /// The pause between attempts to process deadlines while the clock is not trusted or no policy is in force.
  static let suspensionPause: Duration = .milliseconds(250)
  /// Between two looks for proofs of customers that came in, and how many are settled in one.
  static let proofPause: Duration = .seconds(1)
  static let proofsPerRound = 100
  /// Between two checks for missing day partitions, and for data past its retention.
  static let maintenancePause: Duration = .seconds(3600)
  /// The same after a failure: the first pause, and the longest of consecutive failures.
  static let firstMaintenanceRetry: Duration = .seconds(1)
  static let longestMaintenanceRetry: Duration = .seconds(30)
  /// How much of the time the counts may take: of the inbox, of live tickets, of ended ones and of dead letters. A fiftieth all together.
  static let inboxCountShare = 0.0025
  static let liveCountShare = 0.01
  static let endedCountShare = 0.005
  static let deadLetterCountShare = 0.0025
  /// The longest pause after a count, however long it took; shorter than the age of gauges that alerts.
  static let longestCountingRest: Duration = .seconds(240)
  /// The longest pause after consecutive failures of a count.
  static let countingRetry: Duration = .seconds(60)
  /// Between two counts of the whole system.
  static let countingPause: Duration = .seconds(5)
  /// Between two scans for timelines that can be sealed.
  static let sealingPause: Duration = .seconds(60)
  /// The pause between two sealed ranges, and how much of the time they may take: reading them must not compete with customers' requests.
  static let sealingRangePause: Duration = .milliseconds(200)
  static let sealingShare = 0.1
  /// Undecided messages that count as a backlog when the oldest has waited for so long, and how long this holds without being seen again.
  static let backlogThatWaits = 1_000
  static let ageThatWaits: Duration = .milliseconds(500)
  static let backlogSightHolds: Duration = .seconds(5)
  /// The longest pause of bulk work (`UndecidedBacklog.share`), however long its round took.
  static let longestBulkRest: Duration = .seconds(30)
  /// How much of the time the tasks may take whose work grows with the queues, and the longest pause that this causes.
  static let watchingShare = WorkShare(0.05, longestRest: .seconds(30))
  /// Between two scans of new tickets for feedback and for hot issues.
  static let learningPause: Duration = .seconds(5)
  /// How far such a scan stays behind the newest decided ticket: identifiers are created shortly before their rows are committed.
  static let decidedDistance: Duration = .seconds(5)
  /// Tickets whose first messages are grouped in one transaction.
  static let ticketsPerGathering = 512
  /// How much of the time grouping feedback may take, and the scan for hot issues.
  static let feedbackShare = 0.1
  static let hotIssueShare = 0.2
  /// Groups with which a message is compared: those that grew last.
  static let groupsCompared = 2_000
  /// New groups in memory after which a scan reads those to compare with again.
  static let groupsOpenedBeforeReading = 500
  /// Messages that are read for new kinds and grave words in one transaction, and such transactions in one round.
  static let messagesPerScan = 512
  static let scansPerRound = 20
  /// How long after its first message a kind counts as new.
  static let newKindAge: Duration = .seconds(86_400)
  /// How long a group of similar messages is remembered after its last one: a kind that comes back later is new again.
  static let groupsKept: Duration = .seconds(28 * 86_400)
  /// Tickets that are counted in one statement, and statements in one round.
  static let ticketsPerCounting = 20_000
  static let countingsPerRound = 10
  /// Between two readings of new messages for the search's index, between two of older ones, and while a reader catches up.
  static let searchPause: Duration = .seconds(1)
  static let searchAgainPause: Duration = .seconds(20)
  static let searchCatchUpPause: Duration = .milliseconds(100)
  /// How much of the time the reader of the newest messages may take, and each of those that read again.
  static let searchShare = 0.3
  static let searchAgainShare = 0.1
  /// Readings of `StoreBounds.messagesReadForIndex` messages in one round.
  static let searchReadingsPerRound = 8
  /// How far the index may be behind before `frontdesk status` shows it.
  static let searchLag: Duration = .seconds(60)

  /// Between two scans for scheduled reports that are due.
  static let schedulePause: Duration = .seconds(5)
  /// After a scheduled report failed: the first pause, and the longest of consecutive failures. A report reads whole days.
  static let firstScheduleRetry: Duration = .seconds(10)
  static let longestScheduleRetry: Duration = .seconds(300)
  /// How long each statement of a scheduled report may take.
  static let reportTimeout: Duration = .seconds(120)
  /// Bytes of a report in a delivery.
  static let reportBytes = 512 << 10
  /// Periods of one schedule that are made up after a time without a watcher: the newest ones.
  static let periodsMadeUp = 7

  /// The back-off of scheduled reports.
  static var scheduleBackOff: ExponentialBackOff {
    ExponentialBackOff(from: firstScheduleRetry, upTo: longestScheduleRetry)
  }

  /// The back-off of maintenance whose regular pause is too long for a retry.
  static var maintenanceBackOff: ExponentialBackOff {
    ExponentialBackOff(from: firstMaintenanceRetry, upTo: longestMaintenanceRetry)
  }
}
