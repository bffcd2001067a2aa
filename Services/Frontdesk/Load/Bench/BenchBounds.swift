/// The named bounds of a measurement.
enum BenchBounds {
  /// Runs of which the median is told; one with --quick.
  static let runs = 3
  /// Messages of a run at full speed.
  static let saturationMessages = 60_000
  static let quickSaturationMessages = 15_000
  /// Messages in one request of a run at full speed, and requests under way.
  static let saturationBatch = 500
  static let saturationConnections = 8
  /// How long a rate is held.
  static let rateTime: Duration = .seconds(15)
  static let quickRateTime: Duration = .seconds(5)
  /// Requests a second at an offered rate, at most: beyond it several messages go in one, as channels under load send them.
  static let requestsPerSecond = 1000.0
  static let rateConnections = 64
  /// How long the raw limit is measured.
  static let rawTime: Duration = .seconds(8)
  static let quickRawTime: Duration = .seconds(4)
  /// Loops that write at once for the raw limit, and rows of one statement of theirs.
  static let rawLoops = 2
  static let rawBatch = 500
  /// Messages with which each stage is measured alone.
  static let stageMessages = 30_000
  static let quickStageMessages = 10_000
  /// Items on a link at once while a stage is measured alone, and texts that the model alone is given at once.
  static let itemsOnLink = 4_000
  static let textsAtOnce = 256
  /// Messages a second, agents and their handling time while offers are measured: fewer than the agents can take.
  static let offerRate = 100.0
  static let offerAgents = 60
  static let offerHandleTime: Duration = .milliseconds(200)
  /// How long everything may take to be decided after the last acknowledgement.
  static let settleTime: Duration = .seconds(120)
  /// How often the undecided are counted meanwhile.
  static let settleInterval: Duration = .milliseconds(20)
  /// How long an idle desk is watched.
  static let idleTime: Duration = .seconds(10)
  static let quickIdleTime: Duration = .seconds(3)
  /// How often a process that starts is asked whether it is ready.
  static let readyInterval: Duration = .milliseconds(5)
  /// The numbers of live tickets beside which a message's cost is measured, unless they are named.
  static let liveTickets = [10_000, 100_000, 1_000_000]
  /// How long a desk is held at its rate between two looks in a soak.
  static let soakInterval: Duration = .seconds(60)
  /// Messages before anything is measured: connections, prepared statements and caches are warm then.
  static let warmUpMessages = 2000
}
