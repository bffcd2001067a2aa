import DeskCore
import Logging
import ServiceKit
import ServiceLifecycle
import Store

/// Decides what the links did not bring: messages with labels that have waited too long in the database (promise I6), and
/// messages that were tried too often.
struct StaleWorkSweeper: Service {
  let store: DeskStore
  let decisions: DecisionMaker
  let clock: DatabaseClock
  let policy: PolicyFollower
  let metrics: RouterMetrics
  let logger: Logger

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        var found = 0
        do {
          found = try await runOnce()
        } catch {
          logger.debug("sweep failed", metadata: ["error": "\(error)"])
        }
        if found == 0 { try? await Task.sleep(for: RouterBounds.sweepPause) }
      }
    }
  }

  /// Takes one bounded batch.
  /// - Returns: how many messages it dealt with.
  func runOnce() async throws -> Int {
    guard policy.current != nil else { return 0 }
    let stale = try await store.claimLabelled(olderThan: RouterBounds.sweepAge, limit: StoreBounds.rowsPerClaim)
    if !stale.isEmpty {
      let decided = try await decisions.decide(stale.compactMap(UndecidedItem.init))
      metrics.swept.increment(by: Double(decided))
      logger.info("swept undecided messages", metadata: ["taken": "\(stale.count)", "decided": "\(decided)"])
    }
    let poisoned = try await store.poisonedMessages(limit: StoreBounds.rowsPerClaim)
    for message in poisoned { try await reject(message) }
    return stale.count + poisoned.count
  }

  /// Ends a message that no stage could handle, with its reason, among the dead letters (promise I3).
  private func reject(_ message: UndecidedMessage) async throws {
    let reason = "no stage could handle it in \(message.attempts) attempts"
    logger.error("message rejected", metadata: ["message": "\(message.id)", "attempts": "\(message.attempts)"])
    metrics.rejected.increment()
    guard let ticket = try await store.tickets([message.ticket])[message.ticket], ticket.state == .received,
      let policy = policy.current
    else {
      try await store.bury(message.id, reason: reason)
      return
    }
    var ended = ticket
    let now = clock.now()
    let effects = try ended.handle(.rejected(reason: reason), now: now)
    var random = SystemRandomNumberGenerator()
    let step = TicketStep(
      expectedVersion: ticket.version, ticket: ended, at: now, effects: effects, decides: [message.id],
      notices: TicketStep.notices(for: effects, of: ended, under: policy, at: now, using: &random),
      traceparent: message.traceparent, reopenWindow: policy.reopenWindow(of: ticket.channel))
    _ = try await store.commit([step])
  }
}
