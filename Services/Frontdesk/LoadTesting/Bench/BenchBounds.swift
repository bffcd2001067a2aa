/// The named bounds of a measurement.
enum BenchBounds {
  /// The number of runs whose median is reported; one with --quick.
  static let runs = 3
  /// Messages of a run at full speed.
  static let saturationMessages = 60_000
  static let quickSaturationMessages = 15_000
  /// Messages per request of a run at full speed, and concurrent requests.
  static let saturationBatch = 500
  static let saturationConnections = 8
  /// How long a rate is held.
  static let rateTime: Duration = .seconds(15)
  static let quickRateTime: Duration = .seconds(5)
  /// The maximum requests per second at an offered rate: beyond it several messages share one, as channels under load do.
  static let requestsPerSecond = 1000.0
  static let rateConnections = 64
  /// How long the raw limit is measured.
  static let rawTime: Duration = .seconds(8)
  static let quickRawTime: Duration = .seconds(4)
  /// Concurrent writers for the raw limit, and the rows of each of their statements.
  static let rawLoops = 2
  static let rawBatch = 500
  /// Messages used to measure each stage alone.
  static let stageMessages = 30_000
  static let quickStageMessages = 10_000
  /// Concurrent items on a link while a stage is measured alone, and the model's batch size when measured alone.
  static let itemsOnLink = 4_000
  static let textsAtOnce = 256
  /// Messages per second, agents and their handling time while offers are measured: below the agents' capacity.
  static let offerRate = 100.0
  static let offerAgents = 60
  static let offerHandleTime: Duration = .milliseconds(200)
  /// How long all decisions may take after the last acknowledgement.
  static let settleTime: Duration = .seconds(120)
  /// How often undecided messages are counted meanwhile.
  static let settleInterval: Duration = .milliseconds(20)
  /// How long an idle desk is observed.
  static let idleTime: Duration = .seconds(10)
  static let quickIdleTime: Duration = .seconds(3)
  /// How often the readiness of a starting process is checked.
  static let readyInterval: Duration = .milliseconds(5)
  /// The default numbers of live tickets at which a message's cost is measured.
  static let liveTickets = [10_000, 100_000, 1_000_000]
  /// The interval between two samples of a soak test.
  static let soakInterval: Duration = .seconds(60)
  /// Warm-up messages before any measurement, for connections, prepared statements and caches.
  static let warmUpMessages = 2000
}
