import ServiceHealth

/// Limits of the router's work.
enum RouterBounds {
  /// Items held and granted over all links together: two batches are decided while the third is on its way.
  static let creditWindow = 1_536
  /// Queues whose counter of decisions is at hand; the decisions for others look theirs up.
  static let countedQueues = 500
  /// Items that are decided and committed together, at most.
  static let itemsPerDecision = 512
  /// How often a decision is repeated because another step came first.
  static let decisionRounds = 8
  /// Pauses between attempts while the database is unreachable: the first, doubled up to the longest. Half of each is random.
  static let firstPause: Duration = .milliseconds(50)
  static let longestPause: Duration = .seconds(2)
  /// Attempts before a batch is returned to its sender.
  static let attemptsPerBatch = 12
  /// Age at which an undecided message with labels is fetched from the database, independent of the links.
  static let sweepAge: Duration = .seconds(3)
  /// Individual attempts for a message that was tried too often together with others.
  static let lastAttempts: Int16 = 5
  /// Such messages per sweep: each is decided individually, and all before the claim ends.
  static let poisonPerSweep = 16
  /// Between two counts of the queues that decide whether one is full, how long one may take, and how much of the time all may.
  static let depthPause: Duration = .milliseconds(500)
  static let depthTimeout: Duration = .milliseconds(500)
  static let depthShare = WorkShare(0.02, longestRest: .seconds(10))
  /// Maximum age of the list of crisis cases that answer, and its length.
  static let crisisPause: Duration = .seconds(1)
  static let openCrises = 16
  /// How often the queues' paces are written.
  static let pacePause: Duration = .seconds(2)
  /// The time after which a ticket with a predicted wait is no longer tracked.
  static let predictionLifetime: Duration = .seconds(3_600)
  /// Waiting tickets considered per queue in one round of matching.
  static let ticketsPerMatching = 128
  /// The same when no agent fits the first ones: they must not hide the others forever.
  static let ticketsPerDeepMatching = 4_096
  /// Attempts in one round of matching: the first, and those after offers that conflicted with other steps.
  static let matchingAttempts = 8
  /// Pause after a round of matching, so that a stream of wake-ups does not become a stream of queries.
  static let shortestMatchingPause: Duration = .milliseconds(10)
  /// How much of the time rounds may take that end without an offer: on a busy desk, every message would cause one.
  static let matchingShare = WorkShare(0.05, longestRest: .milliseconds(80), idleRoundsOnly: true)
  /// The pause between checks of the positions of a queue's first tickets, how many of those are checked, and the minimum time between two
  /// notices to a customer.
  static let placePause: Duration = .seconds(5)
  /// How much of the time the checks may take whose cost grows with what waits or is assigned.
  static let checkingShare = WorkShare(0.05, longestRest: .seconds(30))
  static let positionsNotified = 128
  static let placeRest: Duration = .seconds(15)
  /// The interval of matching rounds when no hint arrives.
  static let matchingPause: Duration = .milliseconds(500)
  /// Offers and absences handled in one batch.
  static let rowsPerKeeping = 256
  /// Pause between checks for expired offers and absent agents.
  static let keepingPause: Duration = .milliseconds(500)
  /// Pause between checks for replies that failed.
  static let failedReplyPause: Duration = .seconds(1)
  /// Pause between checks for agents with overdue replies; its cost is proportional to the assigned tickets.
  static let reclaimPause: Duration = .seconds(2)
  /// An agent whose client was silent for this long counts as offline.
  static let agentSilence: Duration = .seconds(45)
  /// How long held work may take to finish at shutdown.
  static let drainTime: Duration = .seconds(10)
}
