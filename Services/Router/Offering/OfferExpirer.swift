import DeskCore
import Logging
import Observability
import ServiceHealth
import ServiceProcess
import Store
import SystemPrimitives

/// Takes back tickets without an answer: expired offers, the tickets of absent agents, and tickets in queues that the policy no longer has.
/// One router does it at a time.
struct OfferExpirer: PeriodicService {
  let store: DeskStore
  let clock: DatabaseClock
  let policy: PolicyFollower
  let leases: LeaseKeeper
  let metrics: RouterMetrics
  let logger: Logger
  /// Is notified of the queues in which something waits again.
  let wake: @Sendable ([QueueID]) -> Void
  let task = WatchedTask("desk_keeper")

  var periodic: PeriodicTask { PeriodicTask(task, every: RouterBounds.keepingPause, logger: logger) }

  func round() async throws -> PeriodicTask.Pause {
    try await runOnce() > 0 ? .none : .regular
  }

  /// Takes back a bounded number of tickets.
  /// - Returns: how many tickets it took back.
  func runOnce() async throws -> Int {
    guard let policy = policy.current, let fence = leases.fence(QueueOwnership.keeperLease) else { return 0 }
    let expired = try await takeBackExpired(under: policy, fence)
    let gone = try await store.matching.agentsGone(after: RouterBounds.agentSilence)
    if !gone.isEmpty {
      logger.warning("agents are unresponsive and count as offline", metadata: ["agents": "\(gone.count)"])
    }
    var released = 0
    for agent in try await store.matching.absentHolders(limit: RouterBounds.rowsPerKeeping) {
      released += try await release(from: agent, under: policy, fence)
    }
    let moved = try await moveFromRemovedQueues(under: policy, fence)
    if expired + released + moved > 0 {
      logger.info(
        "took tickets back",
        metadata: ["offers": "\(expired)", "of_absent_agents": "\(released)", "of_removed_queues": "\(moved)"])
    }
    return expired + released + moved
  }

  /// Tickets of a queue that the policy no longer has wait in the default queue, those that a person must label in the triage queue.
  private func moveFromRemovedQueues(under policy: Policy, _ fence: Fence) async throws -> Int {
    var moved = 0
    for queue in try await store.matching.queuesWithWaiting() where policy.queues[queue] == nil {
      let waiting = try await store.matching.waitingTickets(
        in: queue, at: clock.now(), headStarts: policy.headStarts, limit: RouterBounds.rowsPerKeeping)
      let tickets = try await store.tickets.readableTickets(waiting.prefix(RouterBounds.rowsPerKeeping).map(\.id))
      moved += try await commit(
        tickets.values.sorted { $0.id < $1.id }.map { ticket in
          let next = ticket.needsTriage ? policy.triageQueue : policy.defaultQueue
          return (ticket, .queueRemoved(movedTo: next, skills: policy.queues[next]?.skills ?? []))
        }, under: policy, fence)
    }
    return moved
  }

  private func takeBackExpired(under policy: Policy, _ fence: Fence) async throws -> Int {
    let expired = try await store.tickets.expiredOffers(limit: RouterBounds.rowsPerKeeping)
    let tickets = try await store.tickets.readableTickets(expired.map(\.ticket))
    let committed = try await commit(
      expired.compactMap { row in tickets[row.ticket].map { ($0, .offerTimedOut(row.offer)) } }, under: policy, fence)
    metrics.offersExpired.increment(by: Double(committed))
    return committed
  }

  private func release(from agent: AgentID, under policy: Policy, _ fence: Fence) async throws -> Int {
    let held = try await store.tickets.tickets(heldBy: agent).prefix(RouterBounds.rowsPerKeeping)
    return try await commit(
      held.map { ticket in
        if let offer = ticket.offer {
          return (ticket, .offerWithdrawn(offer.id, reason: TimelineEvent.ServiceReason.agentLeft.rawValue))
        }
        return (ticket, .agentLeft(agent))
      }, under: policy, fence)
  }

  private func commit(_ events: [(Ticket, TicketEvent)], under policy: Policy, _ fence: Fence) async throws -> Int {
    let now = clock.now()
    var random = SystemRandom()
    // A ticket may have changed between the two reads; the next round sees its current state.
    let steps = events.compactMap { ticket, event in
      try? TicketStep(event, on: ticket, at: now, under: policy, using: &random)
    }
    let committed = try await store.tickets.commitApart(steps, fencedBy: fence)
    wake(Set(steps.filter { committed.contains($0.ticket.id) }.compactMap(\.ticket.queue)).sorted())
    return committed.count
  }
}
