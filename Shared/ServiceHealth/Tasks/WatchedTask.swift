public import Logging
internal import Observability
public import ServiceLifecycle
internal import Store
internal import SystemPrimitives

/// A monitored periodic background task: when it last succeeded, and how often it has failed since.
///
/// Every loop that survives its failures runs its rounds through `attempt`, most of them as a `PeriodicTask`, so that none keeps failing
/// silently: the first failures are logged at debug level, the third consecutive one as a warning, and a `TaskBoard` exports the rest to
/// `/metrics` and `frontdesk status`.
public final class WatchedTask: Sendable {
  /// A continuing failure.
  public struct Problem: Sendable, Hashable {
    /// The task's name.
    public let task: String
    /// The kind of the last error, without any data.
    public let kind: String
    /// The number of consecutive failures.
    public let failures: Int
    /// The time since the first of them.
    public let lasting: Duration

    /// Creates a problem.
    public init(task: String, kind: String, failures: Int, lasting: Duration) {
      self.task = task
      self.kind = kind
      self.failures = failures
      self.lasting = lasting
    }
  }

  private struct State {
    var streak = FailureStreak()
    var failuresTotal = 0
    var kind = ""
    var busy: Duration = .zero
    var lastSuccess: ContinuousClock.Instant
  }

  /// The task's name in logs, metrics and `frontdesk status`: lower-case words joined by underscores.
  public let name: String
  let now: @Sendable () -> ContinuousClock.Instant
  private let state: PthreadMutex<State>

  /// - Parameter now: the clock, for tests.
  public init(_ name: String, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
    self.name = name
    self.now = now
    state = PthreadMutex(State(lastSuccess: now()))
  }

  /// Runs one round and records its outcome.
  /// - Returns: what the round returned; nil when it failed, which is recorded and logged, or was cancelled.
  @discardableResult
  public func attempt<Outcome>(_ logger: Logger, _ round: () async throws -> Outcome) async -> Outcome? {
    try? await note(logger, round)
  }

  /// Runs one round for a caller that needs its error too.
  /// - Throws: the error of the round.
  public func note<Outcome>(_ logger: Logger, _ round: () async throws -> Outcome) async throws -> Outcome {
    let began = now()
    defer {
      let took = now() - began
      state.withLock { $0.busy += took }
    }
    do {
      let outcome = try await round()
      succeed(logger)
      return outcome
    } catch {
      if !FailureKind.isStop(error) { fail(error, logger) }
      throw error
    }
  }

  /// Runs a step that does the task's work outside its rounds, at a caller's request. A failure counts like that of a round; a success does
  /// not end a streak, because it says nothing about the rounds.
  public func attemptBetweenRounds(_ logger: Logger, _ step: () async throws -> Void) async {
    do {
      try await step()
    } catch {
      if !FailureKind.isStop(error) { fail(error, logger) }
    }
  }

  /// Records a successful round.
  public func succeed(_ logger: Logger) {
    let now = now()
    let report = state.withLock { state in
      state.lastSuccess = now
      return state.streak.succeed(at: now)
    }
    guard case .recovery(let failures, let lasting) = report else { return }
    logger.info(
      "background task recovered",
      metadata: ["task": "\(name)", "failures": "\(failures)", "seconds": "\(lasting.seconds)"])
  }

  /// Records a failed round.
  public func fail(_ error: any Error, _ logger: Logger) {
    let now = now()
    let kind = FailureKind.of(error)
    let report = state.withLock { state in
      state.failuresTotal += 1
      state.kind = kind
      return state.streak.fail(at: now)
    }
    logger.debug("background task round failed", metadata: ["task": "\(name)", "error": "\(error)"])
    guard case .warning(let failures, let lasting) = report else { return }
    logger.warning(
      "background task keeps failing",
      metadata: [
        "task": "\(name)", "error": "\(kind)", "failures": "\(failures)", "seconds": "\(lasting.seconds)",
      ])
  }

  /// Failures since the process started.
  public var failuresTotal: Int { state.withLock { $0.failuresTotal } }

  /// The time that all rounds have taken, what they waited for included.
  public var busy: Duration { state.withLock { $0.busy } }

  /// Time since the last success, or since the task was created.
  public var age: Duration {
    let now = now()
    return state.withLock { now - $0.lastSuccess }
  }

  /// The continuing failure; nil while the task works, or has failed too few times to report.
  public var problem: Problem? {
    let now = now()
    return state.withLock { state in
      guard state.streak.isReported, let since = state.streak.since else { return nil }
      return Problem(task: name, kind: state.kind, failures: state.streak.failures, lasting: now - since)
    }
  }
}

/// A component of a service whose background tasks are monitored.
public protocol WatchedService: Service {
  /// Its current tasks; their number may change.
  var tasks: [WatchedTask] { get }
}
