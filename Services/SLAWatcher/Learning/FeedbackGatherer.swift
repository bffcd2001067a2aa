import DeskCore
import Language
import Logging
import PostgreSQL
import ServiceHealth
import ServiceProcess
import Store
import SystemPrimitives

/// Collects customers' feature requests and defect reports into groups of similar messages. The leader does it.
///
/// Every new ticket of the policy's categories is read once, after everything before it was decided. A message joins the most similar group
/// of its category, or opens one. The groups' new figures, the reader's position and the subscribers' notices are one transaction, so that
/// a watcher that dies leaves nothing half done.
struct FeedbackGatherer: LeaderService {
  let store: DeskStore
  let clock: DatabaseClock
  let policy: PolicyFollower
  let leadership: Leadership
  let backlog: UndecidedBacklog
  let logger: Logger
  /// Is called when something was added to the outbox.
  let wakeOutbox: @Sendable () async -> Void
  let task = WatchedTask("feedback")

  var periodic: PeriodicTask {
    PeriodicTask(
      task, every: SLAWatcherBounds.learningPause, limitedTo: backlog.share(SLAWatcherBounds.feedbackShare),
      logger: logger)
  }

  func round(fencedBy _: Fence) async throws -> PeriodicTask.Pause {
    try await round() == SLAWatcherBounds.ticketsPerGathering ? .none : .regular
  }

  /// Runs one bounded round.
  /// - Returns: how many messages it grouped.
  @discardableResult
  func round(distance: Duration = SLAWatcherBounds.decidedDistance) async throws -> Int {
    guard let policy = policy.current, !policy.life.learning.feedbackCategories.isEmpty else {
      return 0
    }
    let (candidates, upTo) = try await store.learning.feedbackCandidates(
      in: policy.life.learning.feedbackCategories, distance: distance, limit: SLAWatcherBounds.ticketsPerGathering)
    guard let upTo else { return 0 }
    // A message that the database refuses is skipped, and does not affect others.
    var splitter = BatchSplitter(candidates, attempts: StoreBounds.partsPerBatch)
    while let part = splitter.next() {
      do {
        try await gather(part, under: policy)
      } catch let error as PostgresError where error.isFaultOfTheRow {
        guard let refused = splitter.refuse(part) else { continue }
        store.setAside.setAside(.other(table: "feedback", key: "\(refused.message)"), because: error)
        try await store.learning.gather([], opening: [], notifying: [], upTo: refused.ticket)
      }
    }
    // Once the attempts are used up, the rest is read in the next round.
    if splitter.left == 0 { try await store.learning.gather([], opening: [], notifying: [], upTo: upTo) }
    return candidates.count
  }

  /// Groups messages and stores the result, all of it or nothing.
  private func gather(_ candidates: ArraySlice<FeedbackCandidate>, under policy: Policy) async throws {
    guard let last = candidates.last else { return }
    var pool = FeedbackPool(
      try await store.learning.feedbackGroups(limit: SLAWatcherBounds.groupsCompared),
      alikeFrom: policy.life.learning.alikeFrom)
    var random = SystemRandom()
    for candidate in candidates { pool.take(candidate, using: &random) }
    let notices = notices(for: pool.milestones, under: policy, using: &random)
    try await store.learning.gather(pool.members, opening: pool.opened, notifying: notices, upTo: last.ticket)
    if !notices.isEmpty { await wakeOutbox() }
    logger.info(
      "feedback grouped", metadata: ["messages": "\(candidates.count)", "new_groups": "\(pool.opened.count)"])
  }

  private func notices(
    for groups: [FeedbackGroup], under policy: Policy, using random: inout some RandomNumberGenerator
  ) -> [Notice] {
    let now = clock.now()
    return groups.flatMap { group in
      policy.subscribers(of: .feedbackGathered).map { hook in
        Notice(
          id: IdentifierSource.process.next(at: now, using: &random), hook: hook.id, kind: .feedbackGathered,
          ticket: group.firstTicket,
          body: .object([
            .init("group", .text(group.id.description)), .init("category", .text(group.category)),
            .init("messages", .integer(group.messages)), .init("first_ticket", .text(group.firstTicket.description)),
          ]))
      }
    }
  }
}
