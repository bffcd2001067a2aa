/// The bounds of the router's work.
enum RouterBounds {
  /// Items held and granted over all links together. Two batches are decided while the third is on its way.
  static let creditWindow = 1_536
  /// Items that are decided and committed together.
  static let itemsPerDecision = 512
  /// Batches that are decided at the same time.
  static let decisionsAtOnce = 1
  /// How long messages gather after a small batch's decision began, and what is small: a commit of two costs nearly as much as one of
  /// fifty.
  static let gatheringTime: Duration = .milliseconds(5)
  static let itemsWorthACommit = 64
  /// How often a decision is made again because another step came first.
  static let decisionRounds = 8
  /// Pauses between attempts while the database is away: the first, doubled up to the longest.
  static let firstPause: Duration = .milliseconds(50)
  static let longestPause: Duration = .seconds(2)
  /// Attempts before a batch is handed back to where it came from.
  static let attemptsPerBatch = 12
  /// Age at which an undecided message with labels is taken from the database, whatever the links say.
  static let sweepAge: Duration = .seconds(3)
  /// Attempts of its own that a message gets when it was tried too often together with others.
  static let lastAttempts: Int16 = 5
  /// Such messages that one sweep takes: each is decided by itself, and all before the claim ends.
  static let poisonPerSweep = 16
  /// How old the count of what waits may be by which a queue is full.
  static let depthPause: Duration = .milliseconds(500)
  /// How long a batch of decisions waits for that count at most.
  static let depthTimeout: Duration = .milliseconds(500)
  /// How often the queues' paces are kept.
  static let pacePause: Duration = .seconds(2)
  /// After what time a ticket whose wait was foretold is not waited for any more.
  static let predictionLifetime: Duration = .seconds(3_600)
  /// Waiting tickets that one round of matching looks at, for each queue.
  static let ticketsPerMatching = 128
  /// The same when nobody fits the first ones: they must not hide the others for ever.
  static let ticketsPerDeepMatching = 4_096
  /// Looks in one round of matching, the first and those after offers that met what others do.
  static let matchingAttempts = 8
  /// Pause after a round of matching, so that a stream of wake-ups is not a stream of queries.
  static let shortestMatchingPause: Duration = .milliseconds(10)
  /// Between two looks at the places of a queue's first tickets, how many those are, and how long a customer who was told one is left in
  /// peace.
  static let placePause: Duration = .seconds(5)
  static let placesTold = 128
  static let placeRest: Duration = .seconds(15)
  /// Rounds of matching for one queue before the others have their turn.
  static let matchingPause: Duration = .milliseconds(500)
  /// Offers and absences handled in one go.
  static let rowsPerKeeping = 256
  /// Pause between two looks for offers that ran out and agents that went away.
  static let keepingPause: Duration = .milliseconds(500)
  /// Pause between two looks for agents who owe a reply for too long; it costs in proportion to what agents have.
  static let reclaimPause: Duration = .seconds(2)
  /// An agent whose client was silent for this long counts as offline.
  static let agentSilence: Duration = .seconds(45)
  /// How long held work may take to finish when the router leaves.
  static let drainTime: Duration = .seconds(10)
}
