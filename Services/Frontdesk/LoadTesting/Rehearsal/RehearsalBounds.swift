/// The named bounds of rehearsals.
enum RehearsalBounds {
  // MARK: Scaling

  /// The numbers of routers whose throughput is compared.
  static let routers = [1, 2, 4, 8]
  /// How long the line between routers and PostgreSQL delays each piece of data, in each direction: long enough that a router waits
  /// for the database and not for the processor.
  static let delay: Duration = .milliseconds(40)
  /// Items that a router decides together: with few, its throughput follows from the delay.
  static let itemsPerDecision = 8
  /// What a router holds or has requested, in such batches: one that is decided, one that waits and one on its way.
  static let batchesRequested = 3
  /// Messages by which the throughput of one router is estimated: so few that the links hold them all, and none goes through the database.
  static let probeMessages = 200
  /// How long messages arrive for each number of routers, and how many times as many as that estimate promises. So little more that in this
  /// time no more waits than the links hold.
  static let measuredTime: Duration = .seconds(12)
  static let pressure = 1.2
  /// How many times what one router carries arrives while a second one starts, and for how long.
  static let startPressure = 2.0
  static let startTime: Duration = .seconds(8)
  /// Messages per request, and concurrent requests.
  static let batch = 50
  static let connections = 16
  /// How long a new router is given to take its first work, and how often it is asked.
  static let firstWork: Duration = .seconds(20)
  static let firstWorkInterval: Duration = .milliseconds(10)
  /// How long all decisions may take after the last acknowledgement.
  static let settleTime: Duration = .seconds(180)

  // MARK: Peak

  /// The delay, and the items of a decision, of a peak: one router carries at most 16 messages per second.
  static let peakDelay: Duration = .milliseconds(60)
  static let peakItemsPerDecision = 2
  /// Messages by which the throughput of one router is measured before the forecast.
  static let calibrationMessages = 250
  /// Concurrent requests: enough that the rate holds while intake answers slowly.
  static let peakConnections = 64
  /// How often the desk is looked at.
  static let lookInterval: Duration = .seconds(1)
  /// How long the desk may take to answer what is left, and to go back to its base.
  static let calmTime: Duration = .seconds(180)
  /// The aim for the share of late first responses.
  static let aim = 0.05
  static let seeds = 1...200
}
