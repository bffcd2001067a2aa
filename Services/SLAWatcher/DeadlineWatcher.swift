import DeskCore
import Logging
import Messaging
import ServiceKit
import ServiceLifecycle
import Store

/// Tells the clocks of tickets when their moments come, and closes tickets whose reopen window has passed.
///
/// It keeps nothing in memory: the next moment of each ticket is a column with an index, and how far a clock was told is part of
/// the ticket. So a restart loses nothing and repeats nothing, and of two watchers that both believe to lead the database lets
/// one act (the lease fences the commit, the ticket's version decides).
struct DeadlineWatcher: Service {
  let store: DeskStore
  let clock: DatabaseClock
  let policy: PolicyFollower
  let leadership: Leadership
  let metrics: SLAWatcherMetrics
  let logger: Logger
  let ticketsPerRound: Int
  /// Told when something was put into the outbox.
  let wakeOutbox: @Sendable () async -> Void

  /// What one round did.
  struct Round: Sendable, Equatable {
    var told = 0
    var closed = 0
    /// Whether a batch was full and changed something, so that more is probably due.
    var isUnfinished = false
  }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        try? await Task.sleep(for: await pauseAfterRound())
      }
    }
    metrics.leading.set(0)
  }

  private func pauseAfterRound() async -> Duration {
    do {
      guard let round = try await runOnce() else { return SLAWatcherBounds.standByPause }
      if round.isUnfinished { return .zero }
      guard let next = try await store.nextCheck() else { return SLAWatcherBounds.longestPause }
      return min(max(next - clock.now(), SLAWatcherBounds.shortestPause), SLAWatcherBounds.longestPause)
    } catch {
      logger.debug("a round of deadlines failed", metadata: ["error": "\(error)"])
      return SLAWatcherBounds.longestPause
    }
  }

  /// One bounded round.
  /// - Returns: what it did; nil while another watcher leads or no policy holds.
  func runOnce() async throws -> Round? {
    let fence = leadership.fence
    metrics.leading.set(fence == nil ? 0 : 1)
    guard let fence, let policy = policy.current else { return nil }
    let due = try await store.ticketsToCheck(by: clock.now(), limit: ticketsPerRound)
    let told = try await take(.deadlineReached, on: due, under: policy, fence)
    for step in told {
      metrics.told(step)
      if let moment = due.first(where: { $0.id == step.ticket.id })?.clocks.nextCheckAt {
        metrics.lag.observe(step.at - moment)
      }
    }
    let settled = try await store.ticketsToClose(by: clock.now(), limit: ticketsPerRound)
    let closed = try await take(.reopenWindowPassed, on: settled, under: policy, fence)
    metrics.closed.increment(by: Double(closed.count))
    if !told.isEmpty || !closed.isEmpty {
      logger.info("deadlines handled", metadata: ["told": "\(told.count)", "closed": "\(closed.count)"])
      if (told + closed).contains(where: { !$0.notices.isEmpty }) { await wakeOutbox() }
    }
    return Round(
      told: told.count, closed: closed.count,
      isUnfinished: (due.count == ticketsPerRound && !told.isEmpty)
        || (settled.count == ticketsPerRound && !closed.isEmpty))
  }

  /// - Returns: the steps that took effect. A ticket that refuses the step or moved on is simply looked at again.
  private func take(
    _ event: TicketEvent, on tickets: [Ticket], under policy: Policy, _ fence: Fence
  ) async throws -> [TicketStep] {
    guard !tickets.isEmpty else { return [] }
    let now = clock.now()
    var random = SystemRandomNumberGenerator()
    let steps = tickets.compactMap { ticket -> TicketStep? in
      var changed = ticket
      let effects: [TicketEffect]
      do {
        effects = try changed.handle(event, now: now)
      } catch {
        // A fault of ours, and one that repeats: such tickets stay first in line, and a batch full of them would hide all others.
        logger.error(
          "a ticket refused its deadline",
          metadata: ["ticket": "\(ticket.id)", "state": "\(ticket.state.rawValue)", "refusal": "\(error)"])
        return nil
      }
      return TicketStep(
        expectedVersion: ticket.version, ticket: changed, at: now, effects: effects,
        notices: TicketStep.notices(for: effects, of: changed, under: policy, at: now, using: &random),
        traceparent: nil, reopenWindow: policy.settledTime(of: changed))
    }
    let committed = try await store.commit(steps, fencedBy: fence)
    return steps.filter { committed.contains($0.ticket.id) }
  }
}
