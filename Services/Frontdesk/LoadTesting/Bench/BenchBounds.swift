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
  /// Slices in which the raw limit is measured, each followed by a rest of the same length, in which PostgreSQL's background processes
  /// finish what the slice left.
  static let rawSlices = 4
  static let quickRawSlices = 2
  static let rawSlice: Duration = .seconds(2)
  /// Concurrent writers for the raw limit, and the rows of each of their statements at the limit itself.
  static let rawLoops = 4
  static let rawBatch = 500
  /// The distance of two loops' messages: more than one writes in a slice.
  static let rawMessagesPerLoop = 100_000
  /// Timeline entries of decided messages that the raw limit repeats, so that its rows are of the real size.
  static let rawEntries = 200
  /// How long the raw limit waits for vacuuming that has begun before.
  static let rawQuietTime: Duration = .seconds(15)
  static let rawQuietInterval: Duration = .milliseconds(500)
  /// Messages used to measure each stage alone.
  static let stageMessages = 30_000
  static let quickStageMessages = 10_000
  /// Concurrent items on a link while a stage is measured alone, and the model's batch size when measured alone.
  static let itemsOnLink = 4_000
  static let textsAtOnce = 256
  /// Messages per second, the most agents and their handling time while offers are measured: below the agents' capacity.
  static let offerRate = 100.0
  static let offerAgents = 200
  static let offerHandleTime: Duration = .milliseconds(200)
  /// How long all decisions may take after the last acknowledgement.
  static let settleTime: Duration = .seconds(120)
  /// How often the benchmark looks meanwhile. The time of the last decision is read from the database, so it need not be short.
  static let settleInterval: Duration = .milliseconds(100)
  /// How long processor time is still counted after the last decision: until the search's index has all messages, within these times.
  static let tailAtLeast: Duration = .seconds(2)
  static let tailAtMost: Duration = .seconds(30)
  /// How long the desk is then observed, to know what it needs without messages.
  static let idleAfterwards: Duration = .seconds(2)
  /// Messages of a customer who returns, and the number of other customers who write in between.
  static let messagesOfReturning = 5
  static let returnAfter = 500
  /// How long services may take to follow another policy.
  static let policyTime: Duration = .seconds(3)
  /// How often offers are counted.
  static let offerInterval: Duration = .milliseconds(500)
  /// Looks without another offer after which the remaining tickets count as answered without an agent.
  static let offerLooks = 10
  /// Messages that are sent at once when a desk has just become ready.
  static let firstMessages = 200
  /// How long an idle desk is observed.
  static let idleTime: Duration = .seconds(10)
  static let quickIdleTime: Duration = .seconds(3)
  /// How often the private desk is asked whether it is ready: often, because the first messages are to meet it just then.
  static let deskInterval: Duration = .milliseconds(50)
  /// How often the readiness of a starting process is checked.
  static let readyInterval: Duration = .milliseconds(5)
  /// The most days of history that a desk is given, and how long creating them may take.
  static let keptDays = 2...3650
  static let keptDaysTime: Duration = .seconds(300)
  /// The default numbers of live tickets at which a message's cost is measured.
  static let liveTickets = [10_000, 100_000, 1_000_000]
  /// An overload: how many times saturation, the stretches in which it is recorded, and how long the normal rate is held around it.
  static let overload = 3.0
  /// The part of the overload's time for which saturation is measured before it, and again after it: a desk that was just started and
  /// has few rows does more in a second than the same desk minutes later.
  static let overloadPart = 10
  static let overloadSlice: Duration = .seconds(10)
  static let normalTime: Duration = .seconds(5)
  /// The interval between two samples of a soak test.
  static let soakInterval: Duration = .seconds(60)
  /// Warm-up messages before any measurement, for connections, prepared statements and caches.
  static let warmUpMessages = 2000
}
