/// The named limits and time-outs of links and hints.
public enum MessagingBounds {
  /// Items that a source holds: waiting, in flight, and finished but not yet taken by the service.
  public static let itemsPerSource = 20_000

  /// Items in one WORK message.
  public static let itemsPerBatch = 256

  /// Bytes of the items in one WORK message, after which it is closed; a larger item is sent alone.
  public static let bytesPerBatch = 1 << 20

  /// Bytes of one item. A larger one is reported as failed.
  public static let bytesPerItem = 3 << 20

  /// Items below which a batch is not split among idle workers: further splitting costs more than it saves.
  public static let itemsWorthSplitting = 64

  /// Items that a worker holds before small batches go to the next one instead.
  public static let itemsBeforeNextWorker = 128

  /// A worker that holds items and has finished none for this long is behind: its rounds are long, and small batches go to the next one.
  public static let longestBriefRound: Duration = .milliseconds(20)

  /// Credit that one worker can hold, whatever it grants.
  public static let creditPerWorker = 65_536

  /// Workers of one source.
  public static let workersPerSource = 1024

  /// Upstream instances of one sink.
  public static let upstreamsPerSink = 1024

  /// Items that a worker process holds or has granted, over all upstream instances.
  public static let creditWindow = 512

  /// Deliveries of one item before it is reported as failed.
  public static let handOutsPerItem = 3

  /// Age at which an item is reported as expired and forgotten; the sweep of the database finds it again.
  public static let itemAge: Duration = .seconds(8)

  /// After sending nothing for this long, a side sends a heartbeat.
  public static let heartbeatInterval: Duration = .milliseconds(400)

  /// After receiving nothing for this long, the other side counts as lost.
  public static let silenceLimit: Duration = .milliseconds(1500)

  /// Without an answer to HELLO for this long, a worker reconnects.
  public static let greetingLimit: Duration = .seconds(2)

  /// Pause of a worker that received BYE, before it sends HELLO again.
  public static let restInterval: Duration = .milliseconds(300)

  /// How long a leaving worker waits for the answers to its BYE.
  public static let farewellLimit: Duration = .milliseconds(500)

  /// How often a link checks its time-outs.
  public static let tickInterval: Duration = .milliseconds(100)

  /// Messages that wait for a worker's connection; beyond it the connection is replaced.
  public static let messagesAwaitingConnection = 256

  /// Different hints that wait for the next flush, from which on they are flushed at once, and how many wait at most.
  public static let hintsAwaitingFlush = 1024
  public static let hintsKept = 4 * hintsAwaitingFlush

  /// Time within which equal hints are merged.
  public static let hintFlushInterval: Duration = .milliseconds(1)

  /// The shortest time between two flushes: a stream of hints costs its subscribers no more than that.
  public static let hintFlushPause: Duration = .milliseconds(20)

  /// Bytes of a frame from a worker to a source: the largest is a DONE or NACK body (`WireBounds.completionBodyBytes`).
  public static let upstreamFrameBytes: Int64 = 128 << 10

  /// Bytes of a frame of a hint, or of a hint subscription.
  public static let hintFrameBytes: Int64 = 4 << 10

  /// Hints that wait for a subscriber's task; beyond it new ones are dropped, as hints may be lost.
  public static let hintsAwaitingTask = 4096
}
