import DeskCore
import Logging
import ServiceHealth
import ServiceProcess
import Store
import SystemPrimitives

/// Calls agents in reserve to queues that need them, and sends them back. The leader does it; `DeskCore.ReserveCalling` decides.
///
/// Each call is a row that can be open once per agent, written with its notices and its audit entry in one transaction.
struct ReserveCaller: LeaderService {
  let store: DeskStore
  let clock: SteadyClock
  let policy: PolicyFollower
  let leadership: Leadership
  let metrics: SLAWatcherMetrics
  let logger: Logger
  /// Is called when something was added to the outbox.
  let wakeOutbox: @Sendable () async -> Void
  let task = WatchedTask("reserve_calls")
  private let calling = PthreadMutex(ReserveCalling())

  init(
    store: DeskStore, clock: SteadyClock, policy: PolicyFollower, leadership: Leadership, metrics: SLAWatcherMetrics,
    logger: Logger, wakeOutbox: @escaping @Sendable () async -> Void
  ) {
    self.store = store
    self.clock = clock
    self.policy = policy
    self.leadership = leadership
    self.metrics = metrics
    self.logger = logger
    self.wakeOutbox = wakeOutbox
  }

  var periodic: PeriodicTask {
    PeriodicTask(
      task, every: SLAWatcherBounds.reservePause, limitedTo: SLAWatcherBounds.watchingShare, logger: logger)
  }

  func standBy() {
    calling.withLock { $0 = ReserveCalling() }
    metrics.reserve([])
  }

  func round(fencedBy _: Fence) async throws -> PeriodicTask.Pause {
    try await round()
    return .regular
  }

  /// Runs one round. Each decision is carried out on its own.
  /// - Returns: the decisions that took effect.
  /// - Throws: the first failure, after every decision was tried.
  @discardableResult
  func round() async throws -> [ReserveDecision] {
    guard let now = clock.now(), let policy = policy.current else { return [] }
    let situation = try await situation(under: policy, now: now)
    let decisions = calling.withLock { $0.decide(situation, now: now) }
    var failures = FirstFailure()
    var done: [ReserveDecision] = []
    for decision in decisions {
      await failures.attempt {
        if try await carryOut(decision, under: policy, now: now) {
          done.append(decision)
          metrics.reserveChanged(decision)
        }
      }
    }
    metrics.reserve(try await store.matching.reserveCalls().filter { $0.endedAt == nil })
    if !done.isEmpty { await wakeOutbox() }
    try failures.rethrow()
    return done
  }

  private func situation(under policy: Policy, now: Instant) async throws -> ReserveSituation {
    let rows = try await store.matching.agentRows()
    let calls = try await store.matching.reserveCalls()
    var waiting: [QueueID: [WaitingTicket]] = [:]
    // Nobody to call and nobody to send back: nothing is read.
    if rows.contains(where: { $0.presence == .reserve }) || calls.contains(where: { $0.endedAt == nil }) {
      for queue in try await store.matching.queuesWithWaiting() where policy.queues[queue] != nil {
        waiting[queue] = try await store.matching.waitingTickets(
          in: queue, at: now, headStarts: policy.headStarts, limit: SLAWatcherBounds.ticketsPerReserveLook)
      }
    }
    let agents = rows.compactMap { row in
      policy.agents[row.agent].map {
        AgentStatus(profile: $0, presence: row.presence, load: row.load, idleSince: row.idleSince)
      }
    }
    return try await ReserveSituation(
      policy: policy, agents: agents, waiting: waiting, paces: store.matching.paces(), calls: calls, now: now)
  }

  private func carryOut(_ decision: ReserveDecision, under policy: Policy, now: Instant) async throws -> Bool {
    switch decision {
    case .call(let agent, let team, let need):
      let leads = team.flatMap { policy.teams[$0] }.map { $0.lead.map { [$0] } ?? [] } ?? policy.leads(of: need.queue)
      let called = try await store.matching.callReserve(
        agent, team: team, to: need, leads: leads,
        notifying: need.example.map {
          notices(.reserveCalled, of: agent, to: need.queue, about: $0, under: policy, now: now)
        }
          ?? [])
      if called {
        logger.info(
          "an agent in reserve was called",
          metadata: [
            "agent": "\(agent)", "queue": "\(need.queue)", "reason": "\(need.reason?.rawValue ?? "")",
            "waiting": "\(need.waiting)", "late": "\(need.late)",
          ])
      }
      return called
    case .accepted(let call): return try await store.matching.acceptReserveCall(call)
    case .end(let call, let outcome):
      let ended = try await store.matching.endReserveCall(
        call, as: outcome,
        notifying: outcome == .left
          ? [] : notices(.reserveReleased, of: call.agent, to: call.queue, about: call.example, under: policy, now: now)
      )
      if ended {
        logger.info(
          "a call of an agent in reserve has ended",
          metadata: ["agent": "\(call.agent)", "queue": "\(call.queue)", "outcome": "\(outcome.rawValue)"])
      }
      return ended
    }
  }

  private func notices(
    _ kind: NoticeKind, of agent: AgentID, to queue: QueueID, about example: TicketID, under policy: Policy,
    now: Instant
  ) -> [Notice] {
    let hooks = Set(policy.subscribers(of: kind).map(\.id) + policy.leadHooks(for: kind, of: queue)).sorted()
    var random = SystemRandom()
    return hooks.map { hook in
      Notice(
        id: IdentifierSource.process.next(at: now, using: &random), hook: hook, kind: kind, ticket: example,
        body: .object([
          .init("agent", .text(agent.rawValue)), .init("queue", .text(queue.rawValue)),
          .init("example", .text(example.description)),
        ]))
    }
  }
}
