import DeskCore
import Logging
import ServiceHealth
import ServiceProcess
import Store
import SystemPrimitives

/// Raises an alert, once, when a kind of question arrives far more often than predicted for its hour and weekday. The leader does it.
///
/// It counts new tickets by kind and five minutes as they are decided, and compares the last quarter of an hour with the same quarter in
/// the weeks before. A group of similar messages that is new beneath its category is a kind too, unless the whole category is hot.
struct HotIssueWatcher: LeaderService {
  let store: DeskStore
  let clock: DatabaseClock
  let policy: PolicyFollower
  let leadership: Leadership
  let backlog: UndecidedBacklog
  let logger: Logger
  /// Is called when something was added to the outbox.
  let wakeOutbox: @Sendable () async -> Void
  let task = WatchedTask("hot_issues")

  var periodic: PeriodicTask {
    PeriodicTask(
      task, every: SLAWatcherBounds.learningPause, limitedTo: backlog.share(SLAWatcherBounds.hotIssueShare),
      logger: logger)
  }

  func round(fencedBy _: Fence) async throws -> PeriodicTask.Pause {
    try await watch(distance: SLAWatcherBounds.decidedDistance).isBehind ? .none : .regular
  }

  /// Runs one bounded round. Each kind is handled on its own.
  /// - Returns: the kinds that became hot.
  /// - Throws: the first failure, after every kind was handled.
  @discardableResult
  func round(distance: Duration = SLAWatcherBounds.decidedDistance) async throws -> [HotIssue] {
    try await watch(distance: distance).raised
  }

  private func watch(distance: Duration) async throws -> (raised: [HotIssue], isBehind: Bool) {
    guard let policy = policy.current else { return ([], false) }
    let limit = SLAWatcherBounds.ticketsPerCounting
    var failures = FirstFailure()
    await failures.attempt {
      for _ in 0..<SLAWatcherBounds.countingsPerRound
      where try await store.learning.countArrivals(distance: distance, limit: limit) < limit { break }
    }
    var read = 0
    await failures.attempt {
      read = try await IssueScanner(store: store).round(under: policy, distance: distance)
    }
    let rule = policy.life.learning.hotIssues
    let newKinds = try await store.learning.newKinds(atLeast: rule.least, youngerThan: SLAWatcherBounds.newKindAge)
    var raised: [HotIssue] = []
    var haveEnded = false
    for figures in try await store.learning.arrivals(atLeast: rule.least) {
      guard let expectation = rule.expectation(weeks: figures.weeks.map { Int($0) }, usual: figures.usual) else {
        continue
      }
      await failures.attempt {
        if rule.isHot(Int(figures.tickets), expectation) {
          // Most of it is one new kind, which has an alert already.
          if newKinds.contains(where: { $0.isHot && $0.makesUp(figures) }) { return }
          if let issue = try await raise(figures, expectation, under: policy) { raised.append(issue) }
        } else if rule.isUsual(Int(figures.tickets), expectation) {
          if try await store.learning.endHotIssue(figures.category) { haveEnded = true }
        }
      }
    }
    // Whether their category is hot may have changed; counting them reads every ticket of the window.
    let current =
      raised.isEmpty && !haveEnded
      ? newKinds
      : try await store.learning.newKinds(atLeast: rule.least, youngerThan: SLAWatcherBounds.newKindAge)
    for figures in current {
      guard let expectation = rule.expectation(weeks: [], usual: figures.usual) else { continue }
      await failures.attempt {
        if figures.isHot {
          if rule.isUsual(Int(figures.tickets), expectation) {
            try await store.learning.endHotIssue(of: figures.group)
          }
        } else if !figures.isCategoryHot, rule.isHot(Int(figures.tickets), expectation) {
          if let issue = try await raise(figures, expectation, under: policy) { raised.append(issue) }
        }
      }
    }
    await failures.attempt { try await store.learning.forgetQuestions(groupsAfter: SLAWatcherBounds.groupsKept) }
    if !raised.isEmpty {
      logger.warning("kinds of questions are hot", metadata: ["categories": "\(raised.map(\.category).sorted())"])
      await wakeOutbox()
    }
    try failures.rethrow()
    return (raised, read >= SLAWatcherBounds.scansPerRound * SLAWatcherBounds.messagesPerScan)
  }

  private func raise(
    _ figures: ArrivalFigures, _ expectation: HotIssueRule.Expectation, under policy: Policy
  ) async throws -> HotIssue? {
    try await store.learning.raiseHotIssue(
      figures.category, tickets: figures.tickets, expected: expectation.mean
    ) { examples in
      notices(of: figures.category, figures.tickets, expectation, examples: examples, under: policy)
    }
  }

  private func raise(
    _ figures: NewKindFigures, _ expectation: HotIssueRule.Expectation, under policy: Policy
  ) async throws -> HotIssue? {
    let isNew: [JSONValue.Field] = [
      .init("group", .text(figures.group.description)), .init("first_seen", .text(RFC3339.text(figures.firstSeen))),
    ]
    return try await store.learning.raiseHotIssue(
      figures, expected: expectation.mean,
      notifying: notices(
        of: figures.category, figures.tickets, expectation, examples: figures.examples, more: isNew, under: policy))
  }

  private func notices(
    of category: String, _ tickets: Int64, _ expectation: HotIssueRule.Expectation, examples: [TicketID],
    more: [JSONValue.Field] = [], under policy: Policy
  ) -> [Notice] {
    guard let first = examples.first else { return [] }
    let now = clock.now()
    var random = SystemRandom()
    return policy.subscribers(of: .issueHot).map { hook in
      Notice(
        id: IdentifierSource.process.next(at: now, using: &random), hook: hook.id, kind: .issueHot, ticket: first,
        body: .object(
          [
            .init("category", .text(category)), .init("tickets", .integer(tickets)),
            .init("expected", .number(expectation.mean)),
            .init("examples", .list(examples.map { .text($0.description) })),
          ] + more))
    }
  }
}

extension NewKindFigures {
  /// Whether it is at least half of what arrived in its category.
  fileprivate func makesUp(_ all: ArrivalFigures) -> Bool {
    category.hasSameBytes(as: all.category) && 2 * tickets >= all.tickets
  }
}
