/// What is seen of one service's workers and work at one time.
public struct CapacityObservation: Hashable, Sendable {
  /// When it was seen.
  public var at: Instant
  /// Workers that are ready for work.
  public var running: Int
  /// Items that wait for the service or are being worked on.
  public var backlog: Int
  /// How long the oldest of them has waited.
  public var oldestAge: Duration
  /// Items that arrive per second; nil if that is not measured.
  public var arrivals: Double?
  /// The mean share of their places for work that the workers use, 0 to 1; nil if no worker measures it.
  public var busyShare: Double?
  /// Items that all workers together finish per second; nil if no worker measures it.
  public var throughput: Double?

  /// Describes an observation.
  public init(
    at: Instant, running: Int, backlog: Int = 0, oldestAge: Duration = .zero, arrivals: Double? = nil,
    busyShare: Double? = nil, throughput: Double? = nil
  ) {
    self.at = at
    self.running = running
    self.backlog = backlog
    self.oldestAge = oldestAge
    self.arrivals = arrivals
    self.busyShare = busyShare
    self.throughput = throughput
  }
}

/// A time that is known to need more workers.
public struct PlannedPeak: Hashable, Sendable {
  /// What people call it, such as `Double 11`.
  public let name: String
  /// When it begins.
  public let start: Instant
  /// When it ends.
  public let end: Instant
  /// The workers that it needs.
  public let workers: Int

  /// Describes a peak.
  public init(name: String, from start: Instant, to end: Instant, workers: Int) {
    self.name = name
    self.start = start
    self.end = end
    self.workers = workers
  }
}
