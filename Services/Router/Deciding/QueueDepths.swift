import DeskCore
import Logging
import ServiceHealth
import ServiceProcess
import Store
import SystemPrimitives

/// Which queues have reached their limit.
///
/// Counted by the database periodically (`QueueDepthCounter`), apart from decisions, and between two counts by what this router adds, so a
/// limit is soft: it can be exceeded by what other routers add within one pause. No ticket is lost to that; some wait where others would
/// have overflowed. The same holds while the count fails: the last known count remains in use, and deciding does not wait for it. Only the
/// first decision of a process does, for as long as one count may take, because nothing is known yet.
final class QueueDepths: Sendable {
  private struct State {
    var counts: [QueueID: Int] = [:]
    /// Steps that were added while a count ran may or may not be in it. They are added to it: then a queue overflows early, not late.
    var addedWhileCounting: [QueueID: Int]?
    /// Whether a count was tried.
    var isKnown = false
    /// Whether a decision asked since the last count.
    var isAsked = false
  }

  /// The counting task, as operators see it.
  let task = WatchedTask("queue_depths")
  private let state = PthreadMutex(State())

  /// The queues that are full now, as far as is known.
  func full(under policy: Policy, in store: DeskStore, _ logger: Logger) async -> Set<QueueID> {
    let limits = policy.queueLimits
    guard !limits.isEmpty else { return [] }
    let isFirst = state.withLock { state in
      state.isAsked = true
      // Set first: concurrent callers decide by what is known.
      defer { state.isKnown = true }
      return !state.isKnown
    }
    if isFirst { _ = await task.attempt(logger) { try await count(under: policy, in: store) } }
    return state.withLock { state in Set(limits.filter { state.counts[$0.key, default: 0] >= $0.value }.keys) }
  }

  /// Renews the count, if a decision asked since the last one.
  func renew(under policy: Policy, in store: DeskStore) async throws {
    guard state.withLock({ $0.isAsked }) else { return }
    try await count(under: policy, in: store)
  }

  private func count(under policy: Policy, in store: DeskStore) async throws {
    state.withLock { state in
      state.isAsked = false
      state.addedWhileCounting = [:]
    }
    let counted: [QueueID: Int]
    do {
      counted = try await store.matching.waitingCounts(upTo: policy.queueLimits, timeout: RouterBounds.depthTimeout)
    } catch {
      state.withLock { state in
        state.isAsked = true
        state.addedWhileCounting = nil
      }
      throw error
    }
    state.withLock { state in
      state.counts = counted.merging(state.addedWhileCounting ?? [:], uniquingKeysWith: +)
      state.addedWhileCounting = nil
    }
  }

  /// Adds the tickets that started waiting with these steps of this router. A message on a ticket that an agent has, or that waits already,
  /// makes no queue longer.
  func add(_ steps: some Sequence<TicketStep>) {
    let queues = steps.compactMap { $0.waitsFromNow ? $0.ticket.queue : nil }
    guard !queues.isEmpty else { return }
    state.withLock { state in
      for queue in queues {
        state.counts[queue, default: 0] += 1
        state.addedWhileCounting?[queue, default: 0] += 1
      }
    }
  }
}

/// Renews the counts for queues' limits, concurrently with the decisions that use them.
struct QueueDepthCounter: PeriodicService {
  let store: DeskStore
  let depths: QueueDepths
  let policy: PolicyFollower
  let logger: Logger

  var periodic: PeriodicTask {
    PeriodicTask(
      depths.task, every: RouterBounds.depthPause, limitedTo: RouterBounds.depthShare, logger: logger)
  }

  func round() async throws -> PeriodicTask.Pause {
    if let policy = policy.current { try await depths.renew(under: policy, in: store) }
    return .regular
  }
}

extension Policy {
  /// The queues that have a limit.
  fileprivate var queueLimits: [QueueID: Int] {
    var limits: [QueueID: Int] = [:]
    for queue in queues.values { if let limit = queue.limit { limits[queue.id] = limit } }
    return limits
  }
}

extension TicketStep {
  /// Whether this step makes the ticket wait for an agent.
  fileprivate var waitsFromNow: Bool {
    ticket.state.waitsForAgent && effects.contains { if case .wakeQueue = $0 { true } else { false } }
  }
}
