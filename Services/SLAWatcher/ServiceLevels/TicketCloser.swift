import DeskCore
import Logging
import Observability
import ServiceHealth
import ServiceProcess
import Store

/// Closes tickets whose reopen window has passed. The leader does it, also while deadlines cannot be processed, but not by a clock that
/// jumped.
struct TicketCloser: LeaderService {
  let store: DeskStore
  let clock: SteadyClock
  let policy: PolicyFollower
  let leadership: Leadership
  let stepper: TimedStepper
  let metrics: SLAWatcherMetrics
  let logger: Logger
  let ticketsPerRound: Int
  let task = WatchedTask("ticket_closing")

  var periodic: PeriodicTask { PeriodicTask(task, every: SLAWatcherBounds.closingPause, logger: logger) }

  func round(fencedBy fence: Fence) async throws -> PeriodicTask.Pause {
    try await close(fencedBy: fence) == ticketsPerRound ? .none : .regular
  }

  /// Closes a bounded number of tickets.
  /// - Returns: how many tickets were closed.
  func close(fencedBy fence: Fence) async throws -> Int {
    guard let now = clock.now(), let policy = policy.current else { return 0 }
    let settled = try await store.tickets.ticketsToClose(by: now, limit: ticketsPerRound)
    let closed = try await stepper.take(
      .reopenWindowPassed, on: settled, at: now, under: policy, fencedBy: fence)
    metrics.closed.increment(by: Double(closed.count))
    if !closed.isEmpty { logger.info("tickets closed", metadata: ["tickets": "\(closed.count)"]) }
    return closed.count
  }
}
