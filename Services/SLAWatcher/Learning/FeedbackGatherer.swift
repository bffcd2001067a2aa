import DeskCore
import Language
import Logging
import PostgreSQL
import ServiceKit
import ServiceLifecycle
import Store

/// Gathers what customers wish for and what breaks into groups of messages that are alike. The leader does it.
///
/// Every new ticket of the policy's categories is looked at once, after everything before it was decided. A message joins the group of
/// its category that it is most like, or opens one. What a group has come to, its reader's place and what subscribers get are one
/// transaction, so that a watcher that dies leaves nothing half done.
struct FeedbackGatherer: WatchedService {
  let store: DeskStore
  let clock: DatabaseClock
  let policy: PolicyFollower
  let leadership: Leadership
  let logger: Logger
  /// Told when something was put into the outbox.
  let wakeOutbox: @Sendable () async -> Void
  let task = WatchedTask("feedback")

  var tasks: [WatchedTask] { [task] }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        let gathered = await task.attempt(logger) { try await runOnce() }
        let isMore = gathered == SLAWatcherBounds.ticketsPerGathering
        try? await Task.sleep(for: isMore ? .zero : SLAWatcherBounds.learningPause)
      }
    }
  }

  /// One bounded round.
  /// - Returns: how many messages it gathered.
  @discardableResult
  func runOnce(distance: Duration = SLAWatcherBounds.decidedDistance) async throws -> Int {
    guard leadership.fence != nil, let policy = policy.current, !policy.life.learning.feedbackCategories.isEmpty else {
      return 0
    }
    let (candidates, upto) = try await store.feedbackCandidates(
      in: policy.life.learning.feedbackCategories, distance: distance, limit: SLAWatcherBounds.ticketsPerGathering)
    guard let upto else { return 0 }
    // A message that the database refuses is passed over, and takes no other with it.
    var splitter = BatchSplitter(candidates, attempts: StoreBounds.partsPerBatch)
    while let part = splitter.next() {
      do {
        try await gather(part, under: policy)
      } catch let error as PostgresError where error.isFaultOfTheRow {
        guard let refused = splitter.refuse(part) else { continue }
        store.setAside.setAside(.other(table: "feedback", key: "\(refused.message)"), because: error)
        try await store.gather([], opening: [], telling: [], upto: refused.ticket)
      }
    }
    // With attempts used up, what is left is looked at in the next round.
    if splitter.left == 0 { try await store.gather([], opening: [], telling: [], upto: upto) }
    return candidates.count
  }

  /// Puts messages into groups and keeps that, all of it or nothing.
  private func gather(_ candidates: ArraySlice<FeedbackCandidate>, under policy: Policy) async throws {
    guard let last = candidates.last else { return }
    var pool = FeedbackPool(
      try await store.feedbackGroups(limit: SLAWatcherBounds.groupsCompared),
      alikeFrom: policy.life.learning.alikeFrom)
    var random = SystemRandom()
    for candidate in candidates { pool.take(candidate, using: &random) }
    let notices = notices(for: pool.milestones, under: policy, using: &random)
    try await store.gather(pool.members, opening: pool.opened, telling: notices, upto: last.ticket)
    if !notices.isEmpty { await wakeOutbox() }
    logger.info(
      "feedback gathered", metadata: ["messages": "\(candidates.count)", "new_groups": "\(pool.opened.count)"])
  }

  private func notices(
    for groups: [FeedbackGroup], under policy: Policy, using random: inout some RandomNumberGenerator
  ) -> [Notice] {
    let now = clock.now()
    return groups.flatMap { group in
      policy.subscribers(of: .feedbackGathered).map { hook in
        Notice(
          id: NoticeID(at: now, using: &random), hook: hook.id, kind: .feedbackGathered, ticket: group.firstTicket,
          body: .object([
            .init("group", .text(group.id.description)), .init("category", .text(group.category)),
            .init("messages", .integer(group.messages)), .init("first_ticket", .text(group.firstTicket.description)),
          ]))
      }
    }
  }
}

/// Puts messages into groups, in memory.
struct FeedbackPool {
  /// Which message belongs to which group.
  private(set) var members: [(candidate: FeedbackCandidate, group: Identifier<FeedbackGroup>)] = []
  /// The groups that are new.
  private(set) var opened: [FeedbackGroup] = []
  /// The groups that have grown to a size worth telling of.
  private(set) var milestones: [FeedbackGroup] = []

  private let alikeFrom: Double
  private var groups: [(group: FeedbackGroup, likeness: Likeness)]

  init(_ groups: [FeedbackGroup], alikeFrom: Double) {
    self.alikeFrom = alikeFrom
    self.groups = groups.compactMap { group in Likeness(bytes: group.signature).map { (group, $0) } }
  }

  /// Puts a message where it belongs. One without words that can be compared belongs nowhere.
  mutating func take(_ candidate: FeedbackCandidate, using random: inout some RandomNumberGenerator) {
    guard let likeness = Likeness(of: candidate.body) else { return }
    var best: (position: Int, likeness: Double)?
    for (position, known) in groups.enumerated() where known.group.category == candidate.category {
      let found = likeness.to(known.likeness)
      if found >= alikeFrom, found > best?.likeness ?? 0 { best = (position, found) }
    }
    let position: Int
    if let best {
      position = best.position
    } else {
      let group = FeedbackGroup(
        id: Identifier(at: candidate.at, using: &random), category: candidate.category, signature: likeness.bytes,
        firstMessage: candidate.message, firstTicket: candidate.ticket, openedAt: candidate.at, messages: 0)
      opened.append(group)
      groups.append((group, likeness))
      position = groups.count - 1
    }
    groups[position].group.messages += 1
    let group = groups[position].group
    members.append((candidate, group.id))
    if LearningPolicy.isMilestone(group.messages) { milestones.append(group) }
  }
}
