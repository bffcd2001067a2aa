internal import Logging
internal import Observability
internal import PostgreSQL
internal import ServiceHealth
internal import Store
internal import SystemPrimitives

/// Watches whether this process's commits are what the desk promises: in the settings of its sessions, and in commits that no synchronous
/// standby has confirmed. Reports to `/readyz`, `/metrics`, the log and `frontdesk status`.
final class DurabilityWatch: Sendable {
  private struct State {
    var commits = UnconfirmedCommits()
    var fault: PostgresDurability.Fault?
    var faultSince: ContinuousClock.Instant?
  }

  /// The condition of readiness.
  static let condition = "durability"

  private let health: HealthState
  private let logger: Logger
  private let now: @Sendable () -> ContinuousClock.Instant
  private let total: CounterMetric
  private let counted = PthreadMutex(0)
  private let state = PthreadMutex(State())

  /// - Parameter now: the clock, for tests.
  init(
    health: HealthState, metrics: MetricsRegistry, logger: Logger,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    self.health = health
    self.logger = logger
    self.now = now
    total = metrics.counter(
      "frontdesk_postgres_commits_unconfirmed_total",
      help: "Commits that no synchronous standby has confirmed; they were not acknowledged.")
  }

  /// Takes over the settings of a session. Unsafe ones make the process unready.
  /// - Returns: whether the process may commit.
  @discardableResult
  func note(_ durability: PostgresDurability?) -> Bool {
    let (now, fault) = (now(), durability?.fault)
    let isNew = state.withLock { state in
      guard state.fault != fault else { return false }
      state.faultSince = fault == nil ? nil : state.faultSince ?? now
      state.fault = fault
      return true
    }
    if isNew {
      if let fault {
        logger.warning("commits are less durable than promised", metadata: ["reason": "\(fault.reason)"])
      } else {
        logger.info("commits are durable again")
      }
    }
    if case .unsafe(let reason)? = fault {
      health.fail(Self.condition, reason: reason)
      return false
    }
    health.hold(Self.condition)
    return true
  }

  /// Takes over the number of unconfirmed commits since the start of the process.
  func note(unconfirmed count: Int) {
    let new = counted.withLock { counted in
      defer { counted = count }
      return count - counted
    }
    if new > 0 { total.increment(by: Double(new)) }
    switch state.withLock({ $0.commits.note(total: count, at: now()) }) {
    case .quiet: break
    case .warning(let commits, let lasting):
      logger.warning(
        "commits were not confirmed by a synchronous standby and not acknowledged",
        metadata: ["commits": "\(commits)", "seconds": "\(lasting.seconds)"])
    case .recovery(let commits, let lasting):
      logger.info(
        "commits are confirmed again", metadata: ["commits": "\(commits)", "seconds": "\(lasting.seconds)"])
    }
  }

  /// What `frontdesk status` shows.
  var problems: [WatchedTask.Problem] {
    let now = now()
    return state.withLock { state in
      var problems: [WatchedTask.Problem] = []
      if state.commits.commits > 0 {
        problems.append(
          WatchedTask.Problem(
            task: ServiceInstance.Problem.unconfirmedCommits, kind: "no synchronous standby has confirmed them",
            failures: state.commits.commits, lasting: state.commits.lasting(at: now)))
      }
      if let fault = state.fault, let since = state.faultSince {
        problems.append(
          WatchedTask.Problem(
            task: ServiceInstance.Problem.weakCommits, kind: fault.reason, failures: 1, lasting: now - since))
      }
      return problems
    }
  }
}
