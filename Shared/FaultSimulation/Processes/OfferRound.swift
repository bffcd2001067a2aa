import DeskCore
import Store

/// A router's rounds of matching: at once when something wakes it, and twice a second in any case, since wake-ups may be lost.
final class OfferRound {
  private unowned let router: RouterProcess
  private var turns: [QueueID: Int] = [:]
  private var isRunning = false
  private var isWoken = false
  /// Counts the pauses, so that a pause that was ended early does nothing when it would have ended.
  private var pauses = 0

  init(in router: RouterProcess) {
    self.router = router
    run()
  }

  /// Something may have to be offered.
  func wake() {
    isWoken = true
    if !isRunning { run() }
  }

  private func run() {
    isRunning = true
    isWoken = false
    pauses += 1
    look(leavingAlone: [], attempt: 1) { [unowned self] made in
      let pause = pauses
      router.after(made > 0 || isWoken ? .milliseconds(10) : .zero) { [unowned self] in
        guard pause == pauses else { return }
        isRunning = false
        if made > 0 || isWoken { return run() }
        // The planted bug: nothing but a wake-up begins another round.
        guard router.world.planted != .lostWakeUp else { return }
        router.after(.milliseconds(500)) { [unowned self] in if pause == pauses { run() } }
      }
    }
  }

  /// - Parameter then: is told how many offers were made.
  private func look(leavingAlone missed: Set<AgentID>, attempt: Int, _ then: @escaping (Int) -> Void) {
    let policy = SimulatedPolicy.policy
    router.execute({ server -> ([QueueID], [AgentRow]) in
      guard server.tables.isAnyAgentFree else { return ([], []) }
      return (server.tables.queuesWithWaiting, server.tables.presentAgents)
    }) { [unowned self] result in
      guard case .success(let (names, rows)) = result else { return then(0) }
      let queues = names.compactMap { policy.queues[$0] }.filter {
        router.fence(RouterProcess.lease(of: $0.id)) != nil
      }
      guard !queues.isEmpty else { return then(0) }
      let agents = rows.compactMap { row in
        policy.agents[row.agent].map {
          AgentStatus(profile: $0, presence: row.presence, load: row.load, idleSince: row.idleSince)
        }
      }
      match(queues, agents, leavingAlone: missed) { [unowned self] made, first in
        guard !first.isEmpty, attempt < FaultSimulationBounds.matchingAttempts else { return then(made) }
        look(leavingAlone: missed.union(first), attempt: attempt + 1) { then(made + $0) }
      }
    }
  }

  private func match(
    _ queues: [QueuePolicy], _ agents: [AgentStatus], leavingAlone missed: Set<AgentID>,
    _ then: @escaping (_ made: Int, _ missed: Set<AgentID>) -> Void
  ) {
    let policy = SimulatedPolicy.policy
    let now = router.now
    router.execute({ server in
      queues.map {
        server.tables.waitingTickets(
          in: $0.id, at: now, headStarts: policy.headStarts, limit: FaultSimulationBounds.rows)
      }
    }) { [unowned self] result in
      guard case .success(let waiting) = result else { return then(0, []) }
      var engine = MatchingEngine(queues: queues, headStarts: policy.headStarts, turns: turns, now: now)
      for agent in agents { engine.upsert(agent) }
      for agent in missed.sorted() { engine.leaveAlone(agent) }
      for (queue, tickets) in zip(queues, waiting) { for ticket in tickets { engine.add(ticket, to: queue.id) } }
      let picks = engine.picks(limit: FaultSimulationBounds.rows)
      turns = engine.turns
      let byQueue = queues.compactMap { queue in
        let own = picks.filter { $0.queue == queue.id }
        return own.isEmpty ? nil : (queue, own)
      }
      offer(byQueue[...], made: 0, missed: [], then)
    }
  }

  /// Commits the offers of one queue after the other, each under the queue's lease.
  private func offer(
    _ parts: ArraySlice<(QueuePolicy, [MatchingEngine.Pick])>, made: Int, missed: Set<AgentID>,
    _ then: @escaping (Int, Set<AgentID>) -> Void
  ) {
    guard let (queue, picks) = parts.first else { return then(made, missed) }
    let rest = parts.dropFirst()
    guard let fence = router.fence(RouterProcess.lease(of: queue.id)) else {
      return offer(rest, made: made, missed: missed, then)
    }
    let me = router.node
    router.execute({ $0.tables.tickets(picks.map(\.ticket.id)) }) { [unowned self] result in
      guard case .success(let tickets) = result else { return then(made, []) }
      let steps = OfferSteps.steps(
        for: picks, on: tickets, in: queue, under: SimulatedPolicy.policy, at: router.now,
        identifiers: router.identifiers, using: &router.random
      ) { [unowned self] ticket, refusal in router.note("BUG: \(router.world.name(of: ticket)) refuses: \(refusal)") }
      router.execute({ $0.commit(steps, fencedBy: fence, by: me) }) { [unowned self] result in
        guard case .success(let committed) = result else { return then(made, []) }
        for step in steps where committed.contains(step.ticket.id) {
          router.note("offers \(router.world.name(of: step.ticket.id)) to \(step.ticket.offer?.agent.rawValue ?? "")")
        }
        let first = picks.first { !committed.contains($0.ticket.id) }
        offer(rest, made: made + committed.count, missed: missed.union(first.map { [$0.agent] } ?? []), then)
      }
    }
  }
}
