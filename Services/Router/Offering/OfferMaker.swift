import DeskCore
import Logging
import Messaging
import Observability
import ServiceHealth
import ServiceProcess
import Store
import SystemPrimitives
import Tracing

/// Offers waiting tickets to agents, for the queues that this router owns.
///
/// It wakes on hints and polls twice a second, so that a lost hint costs no more than half a second. All its queues are matched in one
/// round, the most urgent ticket of any of them first. Every offer is committed under its queue's lease and under the agent's capacity. An
/// offer that conflicts with another step, or whose agent has no room any more because another router was first, takes no effect, nor do
/// those behind it in its queue: they would overtake it. Then the queue is matched again at once.
struct OfferMaker: PeriodicService {
  let store: DeskStore
  let clock: DatabaseClock
  let policy: PolicyFollower
  let leases: LeaseKeeper
  let hints: HintPublisher
  let metrics: RouterMetrics
  let logger: Logger
  /// Signals that an offer may be possible.
  let wakeUp: WakeUpSignal
  /// State kept from one round to the next.
  let memory = OfferMemory()
  let task = WatchedTask("offers")

  var periodic: PeriodicTask {
    PeriodicTask(
      task, every: RouterBounds.matchingPause, longestBackOff: RouterBounds.longestPause, wokenBy: wakeUp,
      noSoonerThan: RouterBounds.shortestMatchingPause, limitedTo: RouterBounds.matchingShare, logger: logger)
  }

  func round() async throws -> PeriodicTask.Pause {
    try await runOnce() > 0 ? .none : .regular
  }

  /// Matches the owned queues with waiting tickets once, and again while the offers conflict with other steps.
  /// - Returns: how many offers were made.
  func runOnce() async throws -> Int {
    var made = 0
    var missed: Set<AgentID> = []
    for _ in 0..<RouterBounds.matchingAttempts {
      let outcome = try await look(leavingAlone: missed)
      made += outcome.made
      guard !outcome.missed.isEmpty, !Task.isCancelled else { break }
      // Agents without room are excluded, or the next attempt might choose them again.
      missed.formUnion(outcome.missed)
    }
    return made
  }

  private struct Outcome {
    var made = 0
    /// Agents of the first offer in each queue that took no effect.
    var missed: Set<AgentID> = []

    static func += (outcome: inout Self, other: Self) {
      outcome.made += other.made
      outcome.missed.formUnion(other.missed)
    }
  }

  private func look(leavingAlone missed: Set<AgentID>) async throws -> Outcome {
    guard let policy = policy.current else { return Outcome() }
    let situation = try await store.matching.situation()
    let queues = situation.queues.compactMap { policy.queues[$0] }.filter {
      leases.fence(QueueOwnership.lease(of: $0.id)) != nil
    }
    guard !queues.isEmpty, !situation.agents.isEmpty else { return Outcome() }
    let agents = situation.agents.compactMap { row in
      policy.agents[row.agent].map {
        AgentStatus(profile: $0, presence: row.presence, load: row.load, idleSince: row.idleSince)
      }
    }
    let first = try await round(over: queues, agents, asked: missed, looking: RouterBounds.ticketsPerMatching, policy)
    // Tickets that no agent can take now must not hide those behind them forever.
    let deeper = queues.filter { first.withMoreBehind.contains($0.id) }
    var outcome = first.outcome
    guard !deeper.isEmpty, outcome.missed.isEmpty else { return outcome }
    outcome += try await round(
      over: deeper, agents, asked: first.asked, looking: RouterBounds.ticketsPerDeepMatching, policy
    ).outcome
    return outcome
  }

  private struct Round {
    var outcome = Outcome()
    var asked: Set<AgentID> = []
    /// Queues in which no considered ticket could be offered, and which have more tickets.
    var withMoreBehind: Set<QueueID> = []
  }

  private func round(
    over queues: [QueuePolicy], _ agents: [AgentStatus], asked: Set<AgentID>, looking depth: Int, _ policy: Policy
  ) async throws -> Round {
    let now = clock.now()
    var desk = MatchingEngine(
      queues: queues, headStarts: policy.headStarts, turns: await memory.turns, now: now)
    for agent in agents { desk.upsert(agent) }
    for agent in asked { desk.leaveAlone(agent) }
    let available = Set(agents.filter { $0.presence == .available }.map(\.profile.id))
    var round = Round(asked: asked)
    let waitingByQueue = try await store.matching.waitingTickets(
      in: queues.map(\.id), at: now, headStarts: policy.headStarts, limit: depth)
    for queue in queues {
      let waiting = waitingByQueue[queue.id] ?? []
      for ticket in waiting {
        desk.add(policy.life.keyAccounts.assigned(ticket, at: now, available: available), to: queue.id)
      }
      await memory.saw(waiting.prefix(depth).map(\.id), in: queue.id, now: now)
      if waiting.count >= depth { round.withMoreBehind.insert(queue.id) }
    }
    var picks: [QueueID: [MatchingEngine.Pick]] = [:]
    for pick in desk.picks(limit: StoreBounds.stepsPerCommit - round.asked.count) {
      picks[pick.queue, default: []].append(pick)
      round.asked.insert(pick.agent)
      round.withMoreBehind.remove(pick.queue)
    }
    await memory.remember(desk.turns)
    if !picks.isEmpty { round.outcome = try await offer(picks, in: queues, under: policy) }
    try await store.matching.keepPaces(await memory.pacesToKeep(now: now))
    return round
  }

  /// Makes the offers of all queues at the same time: they are fenced by different leases, and made to different agents.
  private func offer(
    _ picks: [QueueID: [MatchingEngine.Pick]], in queues: [QueuePolicy], under policy: Policy
  ) async throws -> Outcome {
    let tickets = try await store.tickets.readableTickets(picks.values.flatMap { $0.map(\.ticket.id) })
    return try await withThrowingTaskGroup(of: Outcome.self) { group in
      for queue in queues {
        guard let picks = picks[queue.id] else { continue }
        group.addTask { try await offer(picks, on: tickets, in: queue, under: policy) }
      }
      var outcome = Outcome()
      var failures = FirstFailure()
      // A failure in one queue does not stop the others.
      while let result = await group.nextResult() {
        await failures.attempt { outcome += try result.get() }
      }
      try failures.rethrow()
      return outcome
    }
  }

  /// A round of offers starts a new trace, because no single message causes it.
  private func offer(
    _ picks: [MatchingEngine.Pick], on tickets: [TicketID: Ticket], in queue: QueuePolicy, under policy: Policy
  ) async throws -> Outcome {
    let tracer = FrontdeskTracer.current
    guard tracer.isRecording else { return try await commitOffers(picks, on: tickets, in: queue, under: policy) }
    let span = tracer.startSpan("offer", context: .topLevel)
    defer { span.end() }
    do {
      let outcome = try await commitOffers(picks, on: tickets, in: queue, under: policy)
      span.attributes = ["frontdesk.offers": .int(Int64(outcome.made))]
      return outcome
    } catch {
      span.recordError(error)
      throw error
    }
  }

  private func commitOffers(
    _ picks: [MatchingEngine.Pick], on tickets: [TicketID: Ticket], in queue: QueuePolicy, under policy: Policy
  ) async throws -> Outcome {
    guard let fence = leases.fence(QueueOwnership.lease(of: queue.id)) else { return Outcome() }
    let now = clock.now()
    var random = SystemRandom()
    let steps = OfferSteps.steps(
      for: picks, on: tickets, in: queue, under: policy, at: now, identifiers: .process, using: &random
    ) { ticket, refusal in store.setAside.setAside(.ticket(ticket), because: refusal) }
    let committed = try await store.tickets.commitApart(steps, fencedBy: fence)
    let asked = Set(steps.filter { committed.contains($0.ticket.id) }.compactMap(\.ticket.offer?.agent))
    metrics.offers.increment(by: Double(asked.count))
    for error in await memory.served(committed, from: queue.id, now: now) { metrics.missed(by: error, in: queue.id) }
    hints.publish(asked.map { HintPublisher.Hint(topic: HintTopics.offer, key: $0.rawValue) })
    let firstMissed = picks.first { !committed.contains($0.ticket.id) }
    return Outcome(made: asked.count, missed: firstMissed.map { [$0.agent] } ?? [])
  }
}
