import EventThread

/// A bounded set of connections to one database, all served by one event thread.
///
/// A lost connection is replaced in the background, with growing pauses; calls wait meanwhile, no longer than
/// `waitTimeout`. Every call may fail with a retriable error; none is repeated by the pool, because only the caller
/// knows what a retry would do.
public actor PostgresPool: PostgresSession {
  private struct Waiter {
    let continuation: CheckedContinuation<PoolMachine.Member, any Error>
    let since: ContinuousClock.Instant
    let timer: TimerID
  }

  private var configuration: PostgresConfiguration
  private let eventThread: PostgresThread
  private let ownsThread: Bool
  private var machine: PoolMachine
  private var connections: [PoolMachine.Member: PostgresConnection] = [:]
  private var waiters: [PoolMachine.Waiter: Waiter] = [:]
  private var nextWaiter: PoolMachine.Waiter = 1
  private var counters = PostgresPoolMetrics()
  private var lastConnectError: PostgresError?
  private var sweepTimer: TimerID?
  private var retryTimer: TimerID?
  private var drainWaiters: [CheckedContinuation<Void, Never>] = []
  private var isStarted = false
  private var isDrained = false

  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    eventThread.thread.asUnownedSerialExecutor()
  }

  /// Runs tasks on the pool's thread: for a task that runs one statement after another and computes little in between. It must end
  /// before the pool is shut down.
  public nonisolated var taskExecutor: any TaskExecutor { eventThread.tasks }

  /// - Parameter eventThread: one to share with other pools; by default the pool has its own. Connections are
  ///   opened at the first call or by `start()`.
  public init(
    _ configuration: PostgresConfiguration, limits: PostgresPoolLimits = PostgresPoolLimits(),
    on eventThread: PostgresThread? = nil
  ) {
    self.configuration = configuration
    self.eventThread = eventThread ?? PostgresThread()
    ownsThread = eventThread == nil
    machine = PoolMachine(limits: limits)
  }

  /// Opens the connections of the start, without waiting for them.
  public func start() {
    guard !isStarted, !machine.isShutDown else { return }
    isStarted = true
    scheduleSweep()
    perform(machine.start())
  }

  // MARK: Use

  public func send(_ request: PostgresRequest) async throws -> PostgresReply {
    let member = try await acquire(for: request.name, at: request.place)
    defer { release(member) }
    return try await connection(member).send(request)
  }

  /// Lends a connection to `body`, exclusively.
  /// - Throws: `PostgresError`, or any error of `body`.
  public nonisolated func withConnection<Result>(
    file: StaticString = #fileID, line: UInt = #line,
    _ body: (PostgresConnection) async throws -> Result
  ) async throws -> Result {
    let member = try await acquire(for: "connection", at: PostgresPlace(file: file, line: line))
    do {
      let result = try await body(await connection(member))
      await release(member)
      return result
    } catch {
      await release(member)
      throw error
    }
  }

  /// Runs `body` in a transaction on its own connection; see `PostgresConnection.withTransaction`.
  public nonisolated func withTransaction<Result>(
    isolation: PostgresIsolation = .readCommitted, file: StaticString = #fileID, line: UInt = #line,
    _ body: (PostgresTransaction) async throws -> Result
  ) async throws -> Result {
    try await withConnection(file: file, line: line) { connection in
      try await connection.withTransaction(isolation: isolation, file: file, line: line, body)
    }
  }

  /// Returns whether a trivial statement is answered within the time.
  public nonisolated func isReachable(within timeout: Duration) async -> Bool {
    do {
      try await reach(within: timeout)
      return true
    } catch {
      return false
    }
  }

  private func reach(within timeout: Duration) async throws {
    let start = ContinuousClock.now
    let place = PostgresPlace(file: #fileID, line: #line)
    let member = try await acquire(for: "reachable", at: place, within: timeout)
    defer { release(member) }
    let left = timeout - start.duration(to: .now)
    try await connection(member).execute(
      PostgresStatement<Void>("reachable", "SELECT 1", planning: nil), timeout: left)
  }

  /// Ends every connection at once, for callers that must not wait for a server that no longer answers: what is in progress fails with
  /// `connectionLost`. Later calls connect again.
  public func dropConnections() {
    let error = PostgresError(.connectionLost, "the connection was dropped because the server does not answer")
    for connection in connections.values { connection.assumeIsolated { $0.close(error) } }
  }

  public var metrics: PostgresPoolMetrics {
    var metrics = counters
    metrics.connectionsInUse = machine.inUse.count
    metrics.connectionsIdle = machine.idle.count
    metrics.connectionsOpening = machine.opening.count
    metrics.waiting = machine.waiters.count
    return metrics
  }

  // MARK: Shutting down

  /// Rejects new calls, waits for those in progress (up to ten seconds), closes everything and stops the pool's thread.
  public nonisolated func shutdown() async {
    await drain()
    if ownsThread { await eventThread.stop() }
  }

  private func drain() async {
    let isFirst = !machine.isShutDown
    if isFirst {
      for timer in [sweepTimer, retryTimer] { timer.map(eventThread.reactor.cancel) }
      sweepTimer = nil
      retryTimer = nil
    }
    let effects = machine.shutDown()
    if !effects.contains(.drained) {
      // Connection attempts are no longer useful.
      let attempts = machine.opening.compactMap { connections[$0] }
      let timer = eventThread.reactor.after(PostgresLimits.shutdownGrace) { [weak self] in
        self?.assumeIsolated { $0.closeAll() }
      }
      perform(effects)
      await withCheckedContinuation { continuation in
        // Checked inside: between a check outside and the continuation the last connection may close.
        if isDrained { continuation.resume() } else { drainWaiters.append(continuation) }
        for attempt in attempts { attempt.assumeIsolated { $0.close() } }
      }
      eventThread.reactor.cancel(timer)
    } else {
      perform(effects)
    }
  }

  /// The time for a graceful shutdown is over.
  private func closeAll() {
    for connection in connections.values { connection.assumeIsolated { $0.close() } }
    perform([.drained])
  }

  // MARK: Lending

  private func connection(_ member: PoolMachine.Member) throws -> PostgresConnection {
    guard let connection = connections[member] else {
      throw PostgresError(.connectionLost, "the connection was lost before its use")
    }
    return connection
  }

  private func acquire(
    for name: String, at place: PostgresPlace, within timeout: Duration? = nil
  ) async throws -> PoolMachine.Member {
    guard !Task.isCancelled else { throw Self.error(.cancelled, "the task was cancelled", name, place) }
    if let member = machine.takeIdle() {
      counters.acquired += 1
      return member
    }
    start()
    let id = nextWaiter
    nextWaiter += 1
    do {
      return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { wait(id, $0, timeout ?? machine.limits.waitTimeout) }
      } onCancel: {
        Task { await self.giveUp(id, PostgresError(.cancelled, "the task was cancelled")) }
      }
    } catch var error as PostgresError {
      counters.refused += 1
      error.statement = name
      error.place = place.description
      throw error
    }
  }

  private func wait(
    _ id: PoolMachine.Waiter, _ continuation: CheckedContinuation<PoolMachine.Member, any Error>, _ timeout: Duration
  ) {
    guard !machine.isShutDown else {
      // The reactor may have stopped with its thread, so no timer either.
      continuation.resume(throwing: error(for: .shutDown))
      return
    }
    let timer = eventThread.reactor.after(timeout) { [weak self] in
      self?.assumeIsolated { pool in
        let message = "no connection within \(timeout)"
        pool.giveUp(id, PostgresError(.poolTimedOut, message, underlying: pool.lastConnectError))
      }
    }
    waiters[id] = Waiter(continuation: continuation, since: .now, timer: timer)
    perform(machine.request(id))
  }

  private func giveUp(_ id: PoolMachine.Waiter, _ error: PostgresError) {
    if machine.withdraw(id) { takeWaiter(id)?.continuation.resume(throwing: error) }
  }

  private func takeWaiter(_ id: PoolMachine.Waiter) -> Waiter? {
    guard let waiter = waiters.removeValue(forKey: id) else { return nil }
    eventThread.reactor.cancel(waiter.timer)
    let waited = waiter.since.duration(to: .now)
    counters.waitTotal += waited
    counters.waitMaximum = max(counters.waitMaximum, waited)
    return waiter
  }

  private func release(_ member: PoolMachine.Member) {
    let isReusable = connections[member]?.assumeIsolated { $0.isReusable } ?? false
    perform(machine.returned(member, isReusable: isReusable, now: .now))
  }

  // MARK: Effects

  private func perform(_ effects: [PoolMachine.Effect]) {
    for effect in effects {
      switch effect {
      case .open(let member): open(member)
      case .lend(let member, let id):
        counters.acquired += 1
        takeWaiter(id)?.continuation.resume(returning: member)
      case .refuse(let id, let refusal):
        takeWaiter(id)?.continuation.resume(throwing: error(for: refusal))
      case .close(let member):
        connections.removeValue(forKey: member)?.assumeIsolated { $0.close() }
      case .retry(let delay):
        retryTimer = eventThread.reactor.after(delay) { [weak self] in
          self?.assumeIsolated { $0.perform($0.machine.retryDue()) }
        }
      case .drained:
        isDrained = true
        for waiter in drainWaiters { waiter.resume() }
        drainWaiters = []
      }
    }
  }

  private func error(for refusal: PoolMachine.Refusal) -> PostgresError {
    switch refusal {
    case .exhausted:
      PostgresError(.poolExhausted, "\(machine.waiters.count) calls are already waiting for a connection")
    case .shutDown:
      PostgresError(.shutDown, "the pool was shut down")
    case .cannotConnect:
      lastConnectError ?? PostgresError(.connectionFailed, "the database cannot be reached")
    }
  }

  private func open(_ member: PoolMachine.Member) {
    let connection = PostgresConnection(
      configuration, on: eventThread,
      onClose: { [weak self] in self?.assumeIsolated { $0.closed(member) } },
      onUnconfirmed: { [weak self] in self?.assumeIsolated { $0.counters.commitsUnconfirmed += 1 } })
    connections[member] = connection
    let firstHost = configuration.firstHost
    Task {
      do {
        try await connection.connect()
        counters.connects += 1
        lastConnectError = nil
        configuration.stay()
        perform(machine.opened(member, now: .now))
      } catch {
        counters.connectFailures += 1
        connections[member] = nil
        lastConnectError = error as? PostgresError
        // The next attempts begin at another host. Attempts that ran at the same time have found the same, and change nothing.
        if lastConnectError?.code == .timedOut, configuration.firstHost == firstHost { configuration.passOver() }
        let isRetriable = lastConnectError?.isRetriable ?? true
        perform(machine.openFailed(member, isRetriable: isRetriable, jitter: .random(in: 0...1)))
      }
    }
  }

  /// Handles a connection that has ended, by itself or by us. Those that are opening or in use are handled by their waiters.
  private func closed(_ member: PoolMachine.Member) {
    guard machine.idle.contains(where: { $0.member == member }) else { return }
    connections[member] = nil
    perform(machine.lost(member))
  }

  private func scheduleSweep() {
    sweepTimer = eventThread.reactor.after(PostgresLimits.idleSweepInterval) { [weak self] in
      self?.assumeIsolated { pool in
        pool.perform(pool.machine.sweep(now: .now))
        pool.scheduleSweep()
      }
    }
  }

  private static func error(
    _ code: PostgresError.Code, _ message: String, _ name: String, _ place: PostgresPlace
  ) -> PostgresError {
    var error = PostgresError(code, message, statement: name)
    error.place = place.description
    return error
  }
}
