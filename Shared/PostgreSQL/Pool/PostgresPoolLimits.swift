/// The size and waiting times of a pool.
public struct PostgresPoolLimits: Sendable {
  /// Connections kept even when idle.
  public var connectionsMinimum = 1

  public var connectionsMaximum = 8

  /// Connections opened together at the start, and not one by one when the first calls need them: over a distance, each takes several
  /// round trips.
  public var connectionsAtStart: Int

  /// Maximum number of calls waiting for a connection; further ones fail with code `poolExhausted`.
  public var waitersMaximum = 1_024

  /// How long a call waits for a connection before it fails with code `poolTimedOut`.
  public var waitTimeout: Duration = .seconds(5)

  /// Idle connections above the minimum are closed after this time.
  public var idleLifetime: Duration = .seconds(300)

  /// The first pause after a failed connection attempt; each further one is twice as long.
  public var backOffMinimum: Duration = .milliseconds(50)

  /// Short, so that a process sends a heartbeat again within a second of the database's return: one that is silent longer than the desk's
  /// registry tolerates (3 s) counts as dead although it is alive, and other processes redo its work.
  public var backOffMaximum: Duration = .seconds(1)

  public init(connectionsMinimum: Int = 1, connectionsMaximum: Int = 8) {
    precondition(0...connectionsMaximum ~= connectionsMinimum && connectionsMaximum > 0, "0 <= minimum <= maximum > 0")
    self.connectionsMinimum = connectionsMinimum
    self.connectionsMaximum = connectionsMaximum
    connectionsAtStart = connectionsMinimum
  }

  /// Half of the exponential pause is fixed and half is random.
  func backOff(failuresInRow: Int, jitter: Double) -> Duration {
    let doublings = min(max(0, failuresInRow - 1), 20)
    let full = min(backOffMaximum, backOffMinimum * (1 << doublings))
    return full / 2 + full * (jitter / 2)
  }
}

/// Statistics of a pool.
public struct PostgresPoolMetrics: Sendable {
  public var connectionsInUse = 0
  public var connectionsIdle = 0
  public var connectionsOpening = 0
  public var waiting = 0
  /// Calls that got a connection.
  public var acquired = 0
  /// Calls that were rejected or gave up.
  public var refused = 0
  /// Time that calls spent waiting for a connection: total and maximum.
  public var waitTotal: Duration = .zero
  public var waitMaximum: Duration = .zero
  /// Connections opened, and attempts that failed, since the start.
  public var connects = 0
  public var connectFailures = 0
  /// Commits that no synchronous standby has confirmed, since the start: they failed with the code `commitUnconfirmed`, or with their
  /// connection.
  public var commitsUnconfirmed = 0
}
