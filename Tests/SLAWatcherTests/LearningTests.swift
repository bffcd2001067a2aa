import DeskCore
import Logging
import PostgreSQL
import ServiceHealth
import ServiceProcess
import Store
import TestService
import TestStore
import Testing

@testable import SLAWatcher

/// Feedback groups, and hot kinds of questions.
@Suite struct LearningTests {
  private static let document = """
    version: 1
    queues: { general: {} }
    rules: [{ name: rest, queue: general }]
    default_queue: general
    triage: { queue: general, below: 0.35 }
    agents: [{ id: ann, capacity: 4 }]
    channels: { web: {} }
    hooks:
      product:
        url: https://example.com/hook
        secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw]
        kinds: [feedback.gathered, issue.hot]
    feedback: { categories: [suggestion] }
    hot_issues: { least: 8, times: 3 }

    """

  /// A scan that includes what was decided just now.
  private static let ahead: Duration = .seconds(-1)

  private struct Parts {
    let gatherer: FeedbackGatherer
    let watcher: HotIssueWatcher
  }

  private func leading(_ body: (WatchedDesk, Parts) async throws -> Void) async throws {
    try await WatchedDesk.with { desk in
      _ = try await desk.store.access.applyPolicy(document: LearningTests.document, by: "test")
      try await desk.policy.look()
      let leases = try await LeaseKeeper(
        wanting: [], store: desk.store, me: desk.fresh(), logger: .silent)
      await leases.want([SLAWatcherService.lease])
      let leadership = Leadership(SLAWatcherService.lease, leases)
      let logger = Logger.silent
      try await body(
        desk,
        Parts(
          gatherer: FeedbackGatherer(
            store: desk.store, clock: desk.clock, policy: desk.policy, leadership: leadership, logger: logger,
            wakeOutbox: {}),
          watcher: HotIssueWatcher(
            store: desk.store, clock: desk.clock, policy: desk.policy, leadership: leadership, logger: logger,
            wakeOutbox: {})))
    }
  }

  @Test func similarMessagesAreGrouped() async throws {
    try await leading { desk, parts in
      for (number, text) in [
        "Please add a dark mode to the app", "please add a dark mode to the app!", "Please add dark mode to the app",
        "A calendar view of my orders would be nice",
      ].enumerated() { _ = try await desk.ticket(from: "c\(number)", about: "suggestion", saying: text) }
      _ = try await desk.ticket(from: "other", about: "logistics", saying: "Please add a dark mode to the app")
      #expect(try await parts.gatherer.round(distance: Self.ahead) == 4)
      #expect(try await parts.gatherer.round(distance: Self.ahead) == 0, "each is read once")
      let figures = try await desk.store.learning.feedbackFigures(limit: 10)
      #expect(figures.map(\.messages) == [3, 1])
      #expect(figures.map(\.lastWeek) == [3, 1])
      #expect(figures[0].example == "Please add a dark mode to the app")
      #expect(figures[0].tickets.count == 3)
    }
  }

  @Test func undecidedMessagesAreNotSkipped() async throws {
    try await leading { desk, parts in
      _ = try await desk.store.accept(desk.store.message(from: "late"))
      _ = try await desk.ticket(from: "cara", about: "suggestion", saying: "Please add a dark mode")
      #expect(try await parts.gatherer.round(distance: .zero) == 0, "the reader waits for earlier tickets")
    }
  }

  @Test func growingGroupsAreAnnouncedAtMilestones() async throws {
    try await leading { desk, parts in
      for number in 0..<6 {
        _ = try await desk.ticket(from: "c\(number)", about: "suggestion", saying: "Please add a dark mode to the app")
      }
      try await parts.gatherer.round(distance: Self.ahead)
      #expect(try await desk.store.reports.outboxFigures().map(\.waiting) == [1])
    }
  }

  @Test func hotIssuesAreAnnouncedOnceAndEndAutomatically() async throws {
    try await leading { desk, parts in
      try await desk.store.pool.executeScript(
        """
        INSERT INTO desk.arrival_slot (category, slot, tickets)
        SELECT 'payment', date_bin('5 minutes', now() - w * interval '7 days', 'epoch'), 2 FROM generate_series(1, 5) w
        """)
      var tickets: [TicketID] = []
      for number in 0..<9 { tickets.append(try await desk.ticket(from: "c\(number)", about: "payment").id) }
      let raised = try await parts.watcher.round(distance: Self.ahead)
      #expect(raised.map(\.category) == ["payment"])
      #expect(raised.first?.tickets == 9 && raised.first?.expected == 2)
      #expect(raised.first.map { $0.examples.count == 5 && Set($0.examples).isSubset(of: Set(tickets)) } == true)
      #expect(try await parts.watcher.round(distance: Self.ahead).isEmpty)
      #expect(try await desk.store.reports.outboxFigures().map(\.waiting) == [1])
      try await desk.store.pool.executeScript("DELETE FROM desk.arrival_slot WHERE slot > now() - interval '1 hour'")
      #expect(try await parts.watcher.round(distance: Self.ahead).isEmpty)
      #expect(try await desk.store.learning.hotIssues(limit: 5).map { $0.endedAt == nil } == [false])
    }
  }

  @Test func noHotIssuesWithoutHistory() async throws {
    try await leading { desk, parts in
      for number in 0..<9 { _ = try await desk.ticket(from: "c\(number)", about: "payment") }
      #expect(try await parts.watcher.round(distance: Self.ahead).isEmpty)
    }
  }

  @Test func aKindThatIsNewToAnOlderDeskIsHot() async throws {
    try await leading { desk, parts in
      try await desk.store.pool.executeScript(
        """
        INSERT INTO desk.arrival_slot (category, slot, tickets)
        SELECT 'refund', date_bin('5 minutes', now() - h * interval '1 hour', 'epoch'), 2 FROM generate_series(1, 5) h
        """)
      for number in 0..<9 { _ = try await desk.ticket(from: "c\(number)", about: "payment") }
      let raised = try await parts.watcher.round(distance: Self.ahead)
      #expect(raised.map(\.category) == ["payment"])
      #expect(raised.first?.expected == 0)
      #expect(try await parts.watcher.round(distance: Self.ahead).isEmpty, "one alert while it is hot")
    }
  }

  // MARK: What cannot be stored

  @Test func ungroupableMessagesDoNotBlockOthers() async throws {
    try await leading { desk, parts in
      var tickets: [TicketID] = []
      for number in 0..<5 {
        tickets.append(
          try await desk.ticket(from: "c\(number)", about: "suggestion", saying: "Please add a dark mode to the app").id
        )
      }
      try await desk.store.pool.executeScript(
        "ALTER TABLE desk.feedback ADD CONSTRAINT poison CHECK (ticket <> '\(tickets[2])') NOT VALID")
      try await parts.gatherer.round(distance: Self.ahead)
      let figures = try await desk.store.learning.feedbackFigures(limit: 10)
      #expect(figures.map(\.messages) == [4])
      #expect(desk.store.setAside.held.count == 1)
      #expect(try await parts.gatherer.round(distance: Self.ahead) == 0, "it is skipped")
    }
  }

  @Test func unstorableAlertsDoNotBlockOthers() async throws {
    try await leading { desk, parts in
      try await desk.store.pool.executeScript(
        """
        INSERT INTO desk.arrival_slot (category, slot, tickets)
        SELECT c, date_bin('5 minutes', now() - w * interval '7 days', 'epoch'), 2
          FROM generate_series(1, 5) w, unnest(ARRAY['delivery', 'payment', 'refund']) c;
        ALTER TABLE desk.hot_issue ADD CONSTRAINT poison CHECK (category <> 'payment') NOT VALID;
        """)
      for category in ["delivery", "payment", "refund"] {
        for number in 0..<9 { _ = try await desk.ticket(from: "\(category)-\(number)", about: category) }
      }
      await #expect(throws: PostgresError.self, "the failure is thrown") {
        try await parts.watcher.round(distance: Self.ahead)
      }
      #expect(try await desk.store.learning.hotIssues(limit: 5).map(\.category).sorted() == ["delivery", "refund"])
      #expect(try await desk.store.reports.outboxFigures().map(\.waiting) == [2])
    }
  }
}
