/// The bounds of everything the store reads or writes at once.
public enum StoreBounds {
  /// Messages that one accepting statement takes.
  public static let messagesPerAccept = 512
  /// Messages of its customer after which a ticket is full, and the next one opens a ticket that continues it. It bounds what a reader of one
  /// ticket has to page through; no conversation with a person comes near it.
  public static let messagesPerTicket = 2_000
  /// How long accepting and deciding wait for a row that another transaction holds, before they go on without it.
  public static let lockPatience: Duration = .milliseconds(100)
  /// Tickets that one committing statement changes.
  public static let stepsPerCommit = 512
  /// The most overdue tickets of a queue that are read besides its first ones.
  public static let overdueTicketsPerMatching = 16
  /// How far places in a queue are counted.
  public static let placesCounted = 10_000
  /// How long a queue's pace holds after it was measured.
  public static let paceHolds: Duration = .seconds(300)
  /// How many times a ticket that became part of another is followed to where that one went.
  public static let mergesFollowed = 100
  /// Rows that a sweep, an adoption or a claim takes at once.
  public static let rowsPerClaim = 256
  /// How often a statement is tried that met another one's uncommitted row, or waited with it in a circle.
  public static let attemptsPerStatement = 8
  /// Attempts after which an undecided message is tried alone, no longer in a batch. The index `inbox_suspect` names the same
  /// number.
  public static let attemptsBeforeAlone: Int16 = 2
  /// Attempts after which an undecided message counts as poison.
  public static let attemptsBeforePoison: Int16 = 5
  /// How long a notifier's word that it holds what a hook is owed counts; it repeats it while it does.
  public static let holdReportHolds: Duration = .seconds(120)
  /// Deliveries to resume or replay that one statement puts back to work.
  public static let deliveriesPerReplay = 256
  /// How long a claim on undecided messages holds before others may take them.
  public static let claimTime: Duration = .seconds(10)
  /// How long a message that a living intake holds is left to the links. Longer than a link keeps an item (8 s), so that under
  /// overload the sweeps do not do once more what is only late.
  public static let heldTime: Duration = .seconds(12)
  /// Day partitions that are made ahead.
  public static let partitionDaysAhead: Int32 = 14
  /// Day partitions that one round of retention drops; each locks its table for a moment.
  public static let partitionsPerRetention = 100
  /// How long an erasure and the end of a round of retention may take: both read the idempotency keys whole.
  public static let erasureTimeout: Duration = .seconds(50)
  /// Tickets that were opened within such a span of time are sealed together.
  public static let sealedSpan: Duration = .seconds(600)
  /// A span is not looked at before this time has passed, so that whatever was under way when it ended is written.
  public static let sealedAfter: Duration = .seconds(3600)
  /// Ranges that are marked out in one round: ten days of tickets without a gap.
  public static let rangesPerRound = 1440
  /// Who opens a ticket within this time after their last one had ended is counted as a repeated contact: seven days, as contact
  /// centres do who measure whether a first contact settled it.
  public static let repeatContact: Duration = .seconds(7 * 86_400)
  /// Rows that a process holds set aside because it cannot read or write them.
  public static let rowsSetAside = 1_024
  /// How long such a row is left out of batches: the first time, doubled each time up to the longest. One that was not set aside again
  /// for `quarantineMemory` is forgotten.
  public static let quarantineFirstPause: Duration = .seconds(10)
  public static let quarantineLongestPause: Duration = .seconds(600)
  public static let quarantineMemory: Duration = .seconds(600)
  /// Parts of a refused batch that one call tries. A batch of `stepsPerCommit` with one bad step takes 19.
  public static let partsPerBatch = 64
  /// Waits for rows that somebody else holds locked, in one call; each takes as long as the connection waits for locks.
  public static let lockTimeoutsPerBatch = 2
  /// Problems that an instance tells the register of.
  public static let problemsPerInstance = 16
  /// Entries of one ticket's timeline that are read at once where no one asks for fewer.
  public static let eventsPerPage = 1000
  /// Versions of a ticket in which a router's decision about its first message is looked for: it is routed at its beginning.
  public static let versionsRouted = 64
  /// Bytes of words or particulars in one page of a conversation or a timeline. One message alone may be larger.
  public static let pageBytes = 512 << 10
  /// How long the digest of one range may take.
  public static let sealTimeout: Duration = .seconds(50)
}
