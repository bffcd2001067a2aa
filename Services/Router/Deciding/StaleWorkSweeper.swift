import DeskCore
import Logging
import Observability
import ServiceHealth
import ServiceProcess
import Store
import SystemPrimitives

/// Decides what the links did not bring: messages with labels that have waited too long in the database (guarantee I6), and messages that
/// were tried too often.
struct StaleWorkSweeper: PeriodicService {
  let store: DeskStore
  let decisions: DecisionMaker
  let clock: DatabaseClock
  let policy: PolicyFollower
  let metrics: RouterMetrics
  let logger: Logger
  /// Messages that are decided together.
  var batchLimit = RouterBounds.itemsPerDecision
  let task = WatchedTask("stale_work")

  var tasks: [WatchedTask] { [task, decisions.crises.task] }

  var periodic: PeriodicTask {
    PeriodicTask(task, every: SweepPace.interval, limitedTo: SweepPace.share, logger: logger)
  }

  func round() async throws -> PeriodicTask.Pause {
    try await runOnce() > 0 ? .none : .regular
  }

  /// Processes one bounded batch.
  /// - Returns: how many messages it processed.
  func runOnce() async throws -> Int {
    guard policy.current != nil else { return 0 }
    let stale = try await store.inbox.claimLabelled(
      olderThan: RouterBounds.sweepAge, limit: min(batchLimit, StoreBounds.rowsPerClaim))
    if !stale.isEmpty {
      let decided = try await decisions.decideApart(stale.compactMap(UndecidedItem.init)).decided
      metrics.swept.increment(by: Double(decided))
      logger.info("swept undecided messages", metadata: ["taken": "\(stale.count)", "decided": "\(decided)"])
    }
    let poisoned = try await store.inbox.claimPoisoned(limit: RouterBounds.poisonPerSweep)
    for message in poisoned {
      do {
        try await settle(message)
      } catch  where !FailureKind.isStop(error) {
        // The claim expires by itself; the others have their turn.
        metrics.isolated(1, .unsettled)
        logger.warning(
          "a message that was tried too often could not be settled",
          metadata: ["message": "\(message.id)", "attempts": "\(message.attempts)", "error": "\(error)"])
      }
    }
    let empty = try await store.inbox.poisonWithoutMessage(limit: RouterBounds.poisonPerSweep)
    for message in empty {
      logger.error("a message without its row was rejected", metadata: ["message": "\(message)"])
      if try await store.outbox.deadLetter(message, reason: "its text is deleted, so it cannot be decided") {
        metrics.rejected.increment()
      }
    }
    return stale.count + poisoned.count + empty.count
  }

  /// Gives a message that was tried too often its last chance, alone: attempts are counted by the batch, and one bad message, or a crashing
  /// service, makes the others in it look as bad. A message that no classifier could label goes to triage.
  ///
  /// The claim has counted the attempt before it is made, so that a message that crashes routers also reaches its end.
  private func settle(_ message: UndecidedMessage) async throws {
    if message.attempts <= StoreBounds.attemptsBeforePoison + RouterBounds.lastAttempts {
      let labels = message.labels ?? .unknown
      guard try await !decisions.decideApart([UndecidedItem(message, labels: labels)]).refused.isEmpty else { return }
    }
    try await reject(message)
  }

  /// Moves a message that no stage could handle to the dead letters, with the reason (guarantee I3).
  private func reject(_ message: UndecidedMessage) async throws {
    let reason = "no stage could handle it in \(message.attempts) attempts"
    logger.error("message rejected", metadata: ["message": "\(message.id)", "attempts": "\(message.attempts)"])
    metrics.rejected.increment()
    // A ticket ends only together with everything undecided on it; if that fails, the message is moved alone.
    if try await !endTicket(of: message, reason: reason) {
      try await store.outbox.deadLetter(message.id, reason: reason)
    }
  }

  /// - Returns: whether the ticket had only this message, and ended with it.
  private func endTicket(of message: UndecidedMessage, reason: String) async throws -> Bool {
    guard let ticket = try await store.tickets.tickets([message.ticket])[message.ticket], ticket.state == .received,
      let policy = policy.current
    else { return false }
    var random = SystemRandom()
    let step = try TicketStep(
      .rejected(reason: reason), on: ticket, at: clock.now(), under: policy, deciding: [message.id],
      traceparent: message.traceparent, using: &random)
    return try await !store.tickets.commit([step]).isEmpty
  }
}

extension Labels {
  /// Labels for a message that no classifier could label. Zero confidence sends it to triage.
  fileprivate static let unknown = Labels(
    category: "unknown", intent: "unknown", confidence: 0, urgency: .normal, sentiment: .neutral, language: "und",
    modelVersion: "none")
}
