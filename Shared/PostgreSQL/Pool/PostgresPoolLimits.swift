/// How much a pool may hold and how long it waits.
public struct PostgresPoolLimits: Sendable {
  /// Connections kept even when idle.
  public var connectionsMinimum = 1

  public var connectionsMaximum = 8

  /// Calls that wait for a connection; one more is refused with code `poolExhausted`.
  public var waitersMaximum = 1_024

  /// How long a call waits for a connection before it fails with code `poolTimedOut`.
  public var waitTimeout: Duration = .seconds(5)

  /// Idle connections above the minimum are closed after this time.
  public var idleLifetime: Duration = .seconds(300)

  /// The first pause after a failed attempt to connect; each further one is twice as long.
  public var backOffMinimum: Duration = .milliseconds(50)

  /// Short, so that a process is heard of again within a second of the database's return: one that rests longer than the desk's
  /// registry forgives (3 s) counts as dead although it lives, and what it holds is done again by others.
  public var backOffMaximum: Duration = .seconds(1)

  public init(connectionsMinimum: Int = 1, connectionsMaximum: Int = 8) {
    precondition(0...connectionsMaximum ~= connectionsMinimum && connectionsMaximum > 0, "0 <= minimum <= maximum > 0")
    self.connectionsMinimum = connectionsMinimum
    self.connectionsMaximum = connectionsMaximum
  }

  /// Half of the exponential pause is certain and half is drawn by lot.
  func backOff(failuresInRow: Int, jitter: Double) -> Duration {
    let doublings = min(max(0, failuresInRow - 1), 20)
    let full = min(backOffMaximum, backOffMinimum * (1 << doublings))
    return full / 2 + full * (jitter / 2)
  }
}

/// What a pool has been doing.
public struct PostgresPoolMetrics: Sendable {
  public var connectionsInUse = 0
  public var connectionsIdle = 0
  public var connectionsOpening = 0
  public var waiting = 0
  /// Calls that got a connection.
  public var acquired = 0
  /// Calls that were refused or gave up.
  public var refused = 0
  /// Time that calls spent waiting for a connection: together, and the longest.
  public var waitTotal: Duration = .zero
  public var waitMaximum: Duration = .zero
  /// Connections opened, and attempts that failed, since the start.
  public var connects = 0
  public var connectFailures = 0
}
