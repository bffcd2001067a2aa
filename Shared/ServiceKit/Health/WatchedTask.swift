internal import EventThread
public import Logging
public import ServiceLifecycle
internal import Store

/// A periodic background task as operators see it: when it last worked, and how often it has failed since.
///
/// Every loop that survives its failures runs its rounds through `attempt`, so that none fails for ever without a line: the first
/// failures are logged at debug level, the third in a row is a warning, and a `TaskBoard` carries the rest to `/metrics` and to
/// `frontdesk status`.
///
/// ```swift
/// let task = WatchedTask("reply_reclaimer")
/// while !Task.isCancelled {
///   let reclaimed = await task.attempt(logger) { try await runOnce() } ?? 0
///   try? await Task.sleep(for: pause)
/// }
/// ```
public final class WatchedTask: Sendable {
  /// A failure that goes on.
  public struct Problem: Sendable, Hashable {
    /// The task's name.
    public let task: String
    /// What kind of error the last one was, without anybody's data.
    public let kind: String
    /// Failures in a row.
    public let failures: Int
    /// Since the first of them.
    public let lasting: Duration

    /// Describes a problem.
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
    var lastSuccess: ContinuousClock.Instant
  }

  /// Names the task in logs, metrics and `frontdesk status`: words of lower case joined by underscores.
  public let name: String
  private let now: @Sendable () -> ContinuousClock.Instant
  private let state: PthreadMutex<State>

  /// - Parameter now: the clock, for tests.
  public init(_ name: String, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
    self.name = name
    self.now = now
    state = PthreadMutex(State(lastSuccess: now()))
  }

  /// Runs one round and notes how it ended.
  /// - Returns: what the round returned; nil when it failed, which is then noted and logged, or was cancelled.
  @discardableResult
  public func attempt<Outcome>(_ logger: Logger, _ round: () async throws -> Outcome) async -> Outcome? {
    try? await note(logger, round)
  }

  /// The same for a round whose caller needs its error too.
  /// - Throws: what the round threw.
  public func note<Outcome>(_ logger: Logger, _ round: () async throws -> Outcome) async throws -> Outcome {
    do {
      let outcome = try await round()
      succeed(logger)
      return outcome
    } catch {
      if !FailureKind.isStop(error) { fail(error, logger) }
      throw error
    }
  }

  /// Notes a round that worked.
  public func succeed(_ logger: Logger) {
    let now = now()
    let report = state.withLock { state in
      state.lastSuccess = now
      return state.streak.succeed(at: now)
    }
    guard case .recovery(let failures, let lasting) = report else { return }
    logger.info(
      "a background task works again",
      metadata: ["task": "\(name)", "failures": "\(failures)", "seconds": "\(lasting.seconds)"])
  }

  /// Notes a round that failed.
  public func fail(_ error: any Error, _ logger: Logger) {
    let now = now()
    let kind = FailureKind.of(error)
    let report = state.withLock { state in
      state.failuresTotal += 1
      state.kind = kind
      return state.streak.fail(at: now)
    }
    logger.debug("a round of a background task failed", metadata: ["task": "\(name)", "error": "\(error)"])
    guard case .warning(let failures, let lasting) = report else { return }
    logger.warning(
      "a background task keeps failing",
      metadata: [
        "task": "\(name)", "error": "\(kind)", "failures": "\(failures)", "seconds": "\(lasting.seconds)",
      ])
  }

  /// Failures since the process started.
  public var failuresTotal: Int { state.withLock { $0.failuresTotal } }

  /// Time since the last success, or since the task was made.
  public var age: Duration {
    let now = now()
    return state.withLock { now - $0.lastSuccess }
  }

  /// The failure that goes on; nil while the task works, or has failed too few times to say so.
  public var problem: Problem? {
    let now = now()
    return state.withLock { state in
      guard state.streak.isReported, let since = state.streak.since else { return nil }
      return Problem(task: name, kind: state.kind, failures: state.streak.failures, lasting: now - since)
    }
  }
}

/// A part of a service whose background tasks are reported on.
public protocol WatchedService: Service {
  /// Its tasks as of now: a part may have more later, and fewer again.
  var tasks: [WatchedTask] { get }
}
