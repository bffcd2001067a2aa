import DeskCore
import Logging
import ServiceHealth
import ServiceProcess
import Store
import SystemPrimitives

/// Takes tickets from agents who leave a customer without a reply for longer than the queue allows. The router with the keeper lease does
/// it.
struct ReplyReclaimer: PeriodicService {
  let store: DeskStore
  let clock: DatabaseClock
  let policy: PolicyFollower
  let leases: LeaseKeeper
  let logger: Logger
  /// Is notified of the queues in which something waits again.
  let wake: @Sendable ([QueueID]) -> Void
  let task = WatchedTask("reply_reclaimer")

  var periodic: PeriodicTask {
    PeriodicTask(task, every: RouterBounds.reclaimPause, limitedTo: RouterBounds.checkingShare, logger: logger)
  }

  func round() async throws -> PeriodicTask.Pause {
    let reclaimed = try await runOnce()
    if reclaimed > 0 { logger.info("took unanswered tickets back", metadata: ["tickets": "\(reclaimed)"]) }
    return .regular
  }

  /// Takes back a bounded number of tickets.
  /// - Returns: how many tickets it took back.
  func runOnce() async throws -> Int {
    guard let policy = policy.current, !policy.life.reclaimAfter.isEmpty,
      let fence = leases.fence(QueueOwnership.keeperLease)
    else { return 0 }
    let owing = try await store.tickets.ticketsAwaitingReply(
      longerThan: policy.life.reclaimAfter, limit: RouterBounds.rowsPerKeeping)
    let now = clock.now()
    var random = SystemRandom()
    let steps = owing.compactMap { ticket -> TicketStep? in
      // The ticket changed between the read and the step; the next round sees its current state.
      ticket.agent.flatMap { try? TicketStep(.reclaimed($0), on: ticket, at: now, under: policy, using: &random) }
    }
    let committed = try await store.tickets.commitApart(steps, fencedBy: fence)
    wake(Set(steps.filter { committed.contains($0.ticket.id) }.compactMap(\.ticket.queue)).sorted())
    return committed.count
  }
}
