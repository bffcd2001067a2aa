import DeskCore
import Logging
import Observability
import ServiceHealth
import ServiceProcess
import Store
import SystemPrimitives

/// Notifies, once for each episode, that nothing moves in a queue in which tickets wait, and when that has ended. The leader does it.
///
/// What it compares is in the database, and an open episode is a row: a restart neither repeats a notice nor loses the end of an episode.
struct StuckQueueWatcher: LeaderService {
  let store: DeskStore
  let clock: SteadyClock
  let policy: PolicyFollower
  let leadership: Leadership
  let metrics: SLAWatcherMetrics
  let logger: Logger
  /// Is called when something was added to the outbox.
  let wakeOutbox: @Sendable () async -> Void
  let task = WatchedTask("stuck_queues")

  var periodic: PeriodicTask {
    PeriodicTask(
      task, every: SLAWatcherBounds.stuckQueuePause, limitedTo: SLAWatcherBounds.watchingShare, logger: logger)
  }

  func standBy() { metrics.stuckQueues.set(0) }

  func round(fencedBy _: Fence) async throws -> PeriodicTask.Pause {
    try await round()
    return .regular
  }

  /// Runs one round. Each queue is handled on its own.
  /// - Returns: the episodes that began.
  /// - Throws: the first failure, after every queue was handled.
  @discardableResult
  func round() async throws -> [StuckQueue] {
    guard let now = clock.now(), let policy = policy.current else { return [] }
    let present = try await store.matching.agentRows().filter { $0.presence == .available || $0.presence == .reserve }
      .map(\.agent)
    var failures = FirstFailure()
    var begun: [StuckQueue] = []
    var (stuck, changes) = (0, 0)
    for seen in try await store.matching.movement(of: Array(policy.queues.keys), at: now) {
      await failures.attempt {
        var isStuck = seen.isStuck
        switch change(of: seen, with: present, under: policy, now: now) {
        case .begins(let reason):
          isStuck = true
          if let episode = try await begin(seen, reason, under: policy, now: now) {
            begun.append(episode)
            changes += 1
          }
        case .ends:
          isStuck = false
          let ended = try await store.matching.endStuck(seen.queue) { episode in
            notices(
              .queueMoves, of: episode.queue, waiting: seen.waiting, example: episode.example, under: policy, now: now)
          }
          if ended != nil {
            logger.info("a queue moves again", metadata: ["queue": "\(seen.queue)"])
            changes += 1
          }
        case nil: break
        }
        if isStuck { stuck += 1 }
      }
    }
    metrics.stuckQueues.set(Double(stuck))
    if changes > 0 { await wakeOutbox() }
    try failures.rethrow()
    return begun
  }

  /// A queue that the policy no longer has is not watched any more.
  private func change(
    of seen: QueueMovement, with present: [AgentID], under policy: Policy, now: Instant
  ) -> StuckQueueRule.Change? {
    guard let queue = policy.queues[seen.queue] else { return seen.isStuck ? .ends : nil }
    let observation = StuckQueueRule.Observation(
      oldestSince: seen.oldestSince, isStaffed: policy.staffs(queue, with: present), moves: seen.moves,
      isStuck: seen.isStuck, lastEndedAt: seen.lastEndedAt)
    return policy.life.stuckQueues.change(observation, now: now)
  }

  private func begin(
    _ seen: QueueMovement, _ reason: StuckQueueRule.Reason, under policy: Policy, now: Instant
  ) async throws -> StuckQueue? {
    guard let oldest = seen.oldest else { return nil }
    let episode = try await store.matching.beginStuck(
      seen, because: reason, leads: policy.leads(of: seen.queue),
      notifying: notices(
        .queueStuck, of: seen.queue, waiting: seen.waiting, example: oldest, because: reason, under: policy, now: now))
    if episode != nil {
      logger.warning(
        "nothing moves in a queue",
        metadata: ["queue": "\(seen.queue)", "reason": "\(reason.rawValue)", "waiting": "\(seen.waiting)"])
    }
    return episode
  }

  private func notices(
    _ kind: NoticeKind, of queue: QueueID, waiting: Int64, example: TicketID,
    because reason: StuckQueueRule.Reason? = nil, under policy: Policy, now: Instant
  ) -> [Notice] {
    let hooks = Set(policy.subscribers(of: kind).map(\.id) + policy.leadHooks(for: kind, of: queue)).sorted()
    var random = SystemRandom()
    return hooks.map { hook in
      Notice(
        id: IdentifierSource.process.next(at: now, using: &random), hook: hook, kind: kind, ticket: example,
        body: .object([
          .init("queue", .text(queue.rawValue)), .init("waiting", .integer(waiting)),
          .init("reason", reason.map { .text($0.rawValue) } ?? .null), .init("example", .text(example.description)),
        ]))
    }
  }
}
