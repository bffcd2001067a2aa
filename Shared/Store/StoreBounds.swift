/// The limits of what the store reads or writes at once.
public enum StoreBounds {
  /// Messages per accepting statement.
  public static let messagesPerAccept = 512
  /// Messages of its customer after which a ticket is full, and the next one opens a continuation ticket. It bounds what a reader of one
  /// ticket has to page through; no conversation with a person comes near it.
  public static let messagesPerTicket = 2_000
  /// How long accepting and deciding wait for a row that another transaction holds, before continuing without it.
  public static let lockPatience: Duration = .milliseconds(100)
  /// Open consults about one ticket. The table's check of `slot` uses the same number.
  public static let openConsultsPerTicket = 5
  /// Drafts of one agent, and drafts on one ticket that are read. The table's check of the text uses `InputBounds.textCharacters`.
  public static let draftsPerAgent = 500
  public static let draftsPerTicket = 50
  /// Messages of a ticket in which the newest product line is looked for, where a statement cannot look into them.
  static let productLinesRead = 100
  /// Rows per statement of a walk over all words.
  static let wordRowsPerPage = 200
  /// Characters of the last message that an inbox shows, and unread messages of a ticket that are counted.
  public static let excerptCharacters = 200
  public static let unreadCounted = 100
  /// Tickets per committing statement.
  public static let stepsPerCommit = 512
  /// First routings from which their own statement is worth its costs beside the statement for the other steps of a batch.
  static let decisionsWorthAStatement = 32
  /// The number of most overdue tickets of a queue that are read in addition to its first ones.
  public static let overdueTicketsPerMatching = 16
  /// How far positions in a queue are counted.
  public static let placesCounted = 10_000
  /// How long a queue's measured throughput is valid.
  public static let paceHolds: Duration = .seconds(300)
  /// How far back calls of agents in reserve are read.
  static let reserveCallsRemembered: Duration = .seconds(86_400)
  /// The maximum number of merges that are followed from a ticket.
  public static let mergesFollowed = 100
  /// Undecided messages that are counted to decide how many workers are wanted: some milliseconds.
  public static let backlogCounted = 20_000
  /// Planned peaks that have not ended.
  public static let peaksPlanned = 100
  /// Rows per sweep, adoption or claim.
  public static let rowsPerClaim = 256
  /// How often a statement is tried that met another one's uncommitted row, or was in a deadlock with it.
  public static let attemptsPerStatement = 8
  /// Attempts after which an undecided message is tried alone, no longer in a batch. The index `inbox_retried` uses the same
  /// number.
  public static let attemptsBeforeAlone: Int16 = 2
  /// Attempts after which an undecided message counts as poison.
  public static let attemptsBeforePoison: Int16 = 5
  /// How long a notifier's report that it holds a hook's deliveries is valid; the notifier repeats it while it holds them.
  public static let holdReportHolds: Duration = .seconds(120)
  /// Deliveries resumed or replayed per statement.
  public static let deliveriesPerReplay = 256
  /// Characters that are kept of the reason why a reply failed.
  public static let failureReasonCharacters = 500
  /// How far behind its last reply number a restored channel continues: more than it can have been given between the moment and the
  /// restore.
  static let repliesSkippedByRestore: Int64 = 1_000_000_000
  /// Replies of a channel that are numbered per statement.
  public static let repliesPerNumbering = 512
  /// How often the end of an outage brings the retry of one delivery forward.
  public static let wakesPerDelivery = 3
  /// How long a claim on undecided messages is exclusive.
  public static let claimTime: Duration = .seconds(10)
  /// How long a message that a live intake holds is left to the links. Longer than a link keeps an item (8 s), so that under
  /// overload the sweeps do not repeat work that is merely late.
  public static let heldTime: Duration = .seconds(12)
  /// Day partitions created in advance.
  public static let partitionDaysAhead: Int32 = 4
  /// The length of a partition.
  static let partitionLength: Duration = .seconds(86_400)
  /// Day partitions dropped per retention round; each briefly locks its table.
  public static let partitionsPerRetention = 100
  /// How long an erasure and the end of a retention round may take: both read all idempotency keys.
  public static let erasureTimeout: Duration = .seconds(50)
  /// Tickets opened within such a time span are sealed together.
  public static let sealedSpan: Duration = .seconds(600)
  /// A span is not processed before this time has passed, so that everything in progress when it ended is written.
  public static let sealedAfter: Duration = .seconds(3600)
  /// Ranges created per round: ten days of tickets without a gap.
  public static let rangesPerRound = 1440
  /// A ticket opened within this time after the customer's last one ended counts as a repeat contact: seven days, the usual value of
  /// contact centres that measure first-contact resolution.
  public static let repeatContact: Duration = .seconds(7 * 86_400)
  /// Identities of one person. A proof that more customers share joins none of them: it belongs to a company or a household.
  public static let identitiesPerPerson = 20
  /// Maximum number of rows that a process quarantines because it cannot read or write them.
  public static let rowsSetAside = 1_024
  /// How long such a row is skipped in batches: the first time, doubled each time up to the maximum. One that was not quarantined again
  /// for `quarantineMemory` is forgotten.
  public static let quarantineFirstPause: Duration = .seconds(10)
  public static let quarantineLongestPause: Duration = .seconds(600)
  public static let quarantineMemory: Duration = .seconds(600)
  /// Parts of a rejected batch that one call tries. A batch of `stepsPerCommit` with one bad step takes 19.
  public static let partsPerBatch = 64
  /// Waits for rows locked by other transactions, per call; each takes up to the connection's lock timeout.
  public static let lockTimeoutsPerBatch = 2
  /// Identity providers that a desk allows.
  public static let identityProviders = 8
  /// Problems that an instance reports to the register.
  public static let problemsPerInstance = 16
  /// Entries of one ticket's timeline that are read at once unless fewer are requested.
  public static let eventsPerPage = 1000
  /// Versions of a ticket that are searched for the routing decision about its first message: it is routed at its beginning.
  public static let versionsRouted = 64
  /// Live tickets that one page of a filtered list examines: some tens of milliseconds.
  public static let ticketsExaminedPerPage = 10_000
  /// The same when the text of their messages is searched, and the newest messages of each that are.
  public static let ticketsSearchedPerPage = 500
  public static let messagesSearchedPerTicket = 20
  /// Call-backs that one page of a filtered list examines.
  public static let callBacksExaminedPerPage = 5_000
  /// Messages that a reader of the search's index reads in one go.
  public static let messagesReadForIndex = 256
  /// Matches of a search that one page examines, of which those are shown that the searcher may see, each ticket once.
  public static let matchesExaminedPerPage = 500
  /// The newest spans of time, which a search reads before all others.
  public static let searchSpans: [Duration] = [.seconds(86_400), .seconds(7 * 86_400), .seconds(30 * 86_400)]
  /// Mentions of topics, and groups of questions, that are forgotten in one call, each; the next call continues.
  public static let questionsForgottenAtOnce = 2_000
  /// How far the time in a ticket's identifier may be from the time at which it was opened: accepting may have waited for the database,
  /// and the clocks of hosts differ.
  public static let identifierDistance: Duration = .seconds(3600)
  /// How far an answer may be dated ahead of the clock to sort after its message, which another process dated. A message from further
  /// ahead was written before the database's clock was set back.
  public static let answerDistance: Duration = .seconds(60)
  /// Bytes of text or details per page of a conversation or a timeline. A single message may be larger.
  public static let pageBytes = 512 << 10
  /// People who have one ticket open, as shown to each other, and ended leases of anyone that a renewed one deletes.
  public static let viewersPerTicket = 20
  public static let viewersDeletedAtOnce = 20
  /// Tickets of all agents together that are compared to find reassignments.
  public static let holdingsCompared = 20_000
  /// Rows of a report beyond its totals.
  public static let reportRows = 10_000
  /// Channels, labels and queues that the path of service shows by name, each; the rest is one.
  public static let pathNodes = 12
  /// How long after its opening a ticket may be queued for the first time and still count as an arrival: an article answered it before, or
  /// its customer was asked. It bounds the timelines read.
  public static let queuedAfterOpening: Duration = .seconds(86_400)
  /// How long before a period tickets may have been opened for work on them to count as occupancy in it. It bounds the timelines read.
  public static let handsLookBack: Duration = .seconds(14 * 86_400)
  /// How long the digest of one range may take.
  public static let sealTimeout: Duration = .seconds(50)
}
