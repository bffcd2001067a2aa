import DeskCore
import Logging
import Observability
import ServiceHealth
import ServiceProcess
import Store

/// Processes the deadlines of tickets when they come due, and runs the escalation steps. The leader does it.
///
/// It keeps in memory only what comes due soon and can be read again: the next deadline of each ticket is an indexed column, and the
/// notified percentage and the escalation steps taken are part of the ticket. So a restart loses nothing and repeats nothing.
actor DeadlineWatcher: LeaderService {
  private let store: DeskStore
  private let clock: SteadyClock
  private let policy: PolicyFollower
  let leadership: Leadership
  private let stepper: TimedStepper
  private let metrics: SLAWatcherMetrics
  private let logger: Logger
  private let ticketsPerRound: Int
  private let task = WatchedTask("deadlines")
  private var window = DeadlineWindow(SLAWatcherBounds.pace)

  init(
    store: DeskStore, clock: SteadyClock, policy: PolicyFollower, leadership: Leadership, stepper: TimedStepper,
    metrics: SLAWatcherMetrics, logger: Logger, ticketsPerRound: Int
  ) {
    self.store = store
    self.clock = clock
    self.policy = policy
    self.leadership = leadership
    self.stepper = stepper
    self.metrics = metrics
    self.logger = logger
    self.ticketsPerRound = ticketsPerRound
  }

  nonisolated var periodic: PeriodicTask {
    PeriodicTask(
      task, every: SLAWatcherBounds.failurePause,
      retrying: ExponentialBackOff(from: SLAWatcherBounds.firstFailurePause, upTo: SLAWatcherBounds.failurePause),
      logger: logger)
  }

  func standBy() {
    metrics.leading.set(0)
    forget()
    // A jump of the database's clock also ends leases: a standby that takes over then must know that the clock jumped.
    _ = clock.now()
  }

  /// Deadlines that were taken from the window but not processed are found again by the full scan.
  private func forget() {
    window = DeadlineWindow(SLAWatcherBounds.pace)
  }

  func round(fencedBy fence: Fence) async throws -> PeriodicTask.Pause {
    metrics.leading.set(1)
    do {
      guard try await notify(fencedBy: fence) != nil else {
        forget()
        return .of(SLAWatcherBounds.suspensionPause)
      }
    } catch {
      forget()
      throw error
    }
    let now = clock.latest
    let pause = window.wake(after: now) - now
    return pause > .zero ? .exactly(pause) : .none
  }

  /// Reads deadlines if it is time to, and processes those that are due.
  /// - Returns: how many tickets it processed; nil if no policy is in force, or after the clock has jumped.
  func notify(fencedBy fence: Fence) async throws -> Int? {
    // One time for the whole round: a jump in the middle of it is judged before the next.
    guard let now = clock.now(), let policy = policy.current else { return nil }
    if let look = window.look(at: now) {
      let found = try await store.tickets.deadlines(after: look.after, upTo: look.upTo, limit: look.limit)
      window.fill(look, with: found, at: now)
    }
    var notified = 0
    while true {
      let due = window.takeDue(at: now, limit: ticketsPerRound)
      if due.isEmpty { break }
      let tickets = try await store.tickets.ticketsDue(due.map(\.ticket), by: now)
      let steps = try await stepper.take(.deadlineReached, on: tickets, at: now, under: policy, fencedBy: fence)
      let done = clock.latest
      for step in steps {
        metrics.notified(step)
        if let before = tickets.first(where: { $0.id == step.ticket.id })?.clocks.nextCheckAt {
          metrics.lag.observe(done - before)
        }
      }
      notified += steps.count
      window.notified(steps.count)
    }
    if notified > 0 { logger.info("deadlines processed", metadata: ["tickets": "\(notified)"]) }
    return notified
  }
}
