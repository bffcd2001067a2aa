import DeskCore
import Logging
import ServiceKit
import ServiceLifecycle
import Store

/// Decides what the links did not bring: messages with labels that have waited too long in the database (promise I6), and
/// messages that were tried too often.
struct StaleWorkSweeper: WatchedService {
  let store: DeskStore
  let decisions: DecisionMaker
  let clock: DatabaseClock
  let policy: PolicyFollower
  let metrics: RouterMetrics
  let logger: Logger
  let task = WatchedTask("stale_work")

  var tasks: [WatchedTask] { [task, decisions.depths.task] }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        let began = ContinuousClock.now
        let found = await task.attempt(logger) { try await runOnce() } ?? 0
        if found == 0 { try? await Task.sleep(for: SweepPace.rest(after: ContinuousClock.now - began)) }
      }
    }
  }

  /// Takes one bounded batch.
  /// - Returns: how many messages it dealt with.
  func runOnce() async throws -> Int {
    guard policy.current != nil else { return 0 }
    let stale = try await store.claimLabelled(olderThan: RouterBounds.sweepAge, limit: StoreBounds.rowsPerClaim)
    if !stale.isEmpty {
      let decided = try await decisions.decideApart(stale.compactMap(UndecidedItem.init)).decided
      metrics.swept.increment(by: Double(decided))
      logger.info("swept undecided messages", metadata: ["taken": "\(stale.count)", "decided": "\(decided)"])
    }
    let poisoned = try await store.claimPoisoned(limit: RouterBounds.poisonPerSweep)
    for message in poisoned {
      do {
        try await settle(message)
      } catch {
        // The claim ends by itself; the others have their turn.
        logger.warning(
          "a message that was tried too often could not be settled",
          metadata: ["message": "\(message.id)", "attempts": "\(message.attempts)", "error": "\(error)"])
      }
    }
    let empty = try await store.poisonWithoutMessage(limit: RouterBounds.poisonPerSweep)
    for message in empty {
      logger.error("a message without its row was rejected", metadata: ["message": "\(message)"])
      if try await store.bury(message, reason: "its words are gone, so nothing can be decided") {
        metrics.rejected.increment()
      }
    }
    return stale.count + poisoned.count + empty.count
  }

  /// Gives a message that was tried too often its last chance, alone: attempts are counted by the batch, and one bad message, or a
  /// service that kept dying, makes its innocent neighbours look as bad. What no classifier could label goes to the people.
  ///
  /// The claim has counted the attempt before it is made, so that a message that kills routers comes to its end, too.
  private func settle(_ message: UndecidedMessage) async throws {
    if message.attempts <= StoreBounds.attemptsBeforePoison + RouterBounds.lastAttempts {
      let labels = message.labels ?? .unknown
      guard try await !decisions.decideApart([UndecidedItem(message, labels: labels)]).refused.isEmpty else { return }
    }
    try await reject(message)
  }

  /// Ends a message that no stage could handle, with its reason, among the dead letters (promise I3).
  private func reject(_ message: UndecidedMessage) async throws {
    let reason = "no stage could handle it in \(message.attempts) attempts"
    logger.error("message rejected", metadata: ["message": "\(message.id)", "attempts": "\(message.attempts)"])
    metrics.rejected.increment()
    // A ticket ends only together with all that is undecided on it; where that fails, the message goes alone.
    if try await !endTicket(of: message, reason: reason) { try await store.bury(message.id, reason: reason) }
  }

  /// - Returns: whether the ticket had nothing but this message, and ended with it.
  private func endTicket(of message: UndecidedMessage, reason: String) async throws -> Bool {
    guard let ticket = try await store.tickets([message.ticket])[message.ticket], ticket.state == .received,
      let policy = policy.current
    else { return false }
    var ended = ticket
    let now = clock.now()
    let effects = try ended.handle(.rejected(reason: reason), now: now, under: policy)
    var random = SystemRandom()
    let step = TicketStep(
      expectedVersion: ticket.version, ticket: ended, at: now, effects: effects, decides: [message.id],
      notices: TicketStep.notices(for: effects, of: ended, under: policy, at: now, using: &random),
      traceparent: message.traceparent, reopenWindow: policy.settledTime(of: ended))
    return try await !store.commit([step]).isEmpty
  }
}

extension Labels {
  /// Of a message that no classifier could label. No confidence at all sends it to triage.
  fileprivate static let unknown = Labels(
    category: "unknown", intent: "unknown", confidence: 0, urgency: .normal, sentiment: .neutral, language: "und",
    modelVersion: "none")
}
