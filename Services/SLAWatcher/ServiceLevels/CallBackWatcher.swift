import DeskCore
import Logging
import ServiceHealth
import ServiceProcess
import Store

/// Warns of call-backs that are due soon, and marks those that were not kept. The leader does it, but not by a clock that jumped.
///
/// The next time of each call-back is an indexed column, and whether it has warned is part of the ticket: a restart loses and repeats
/// nothing.
struct CallBackWatcher: LeaderService {
  let store: DeskStore
  let clock: SteadyClock
  let policy: PolicyFollower
  let leadership: Leadership
  let stepper: TimedStepper
  let metrics: SLAWatcherMetrics
  let logger: Logger
  let ticketsPerRound: Int
  let task = WatchedTask("call_backs")

  var periodic: PeriodicTask { PeriodicTask(task, every: SLAWatcherBounds.callBackPause, logger: logger) }

  func round(fencedBy fence: Fence) async throws -> PeriodicTask.Pause {
    try await check(fencedBy: fence) == ticketsPerRound ? .none : .regular
  }

  /// Checks a bounded number of call-backs, those waiting longest first.
  /// - Returns: how many tickets took a step.
  @discardableResult
  func check(fencedBy fence: Fence) async throws -> Int {
    guard let now = clock.now(), let policy = policy.current else { return 0 }
    let due = try await store.callBacks.ticketsDue(by: now, limit: ticketsPerRound)
    let steps = try await stepper.take(.callBackDue, on: due, at: now, under: policy, fencedBy: fence)
    for step in steps { metrics.notified(step) }
    if !steps.isEmpty { logger.info("call-backs checked", metadata: ["tickets": "\(steps.count)"]) }
    let orphans = try await store.callBacks.endOrphans(by: now, limit: ticketsPerRound)
    if orphans > 0 {
      logger.warning("call-backs of tickets that are over were withdrawn", metadata: ["call_backs": "\(orphans)"])
    }
    return steps.count
  }
}
