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
    channels: { web: { replies: fetch } }
    hooks:
      product:
        url: https://example.com/hook
        secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw]
        kinds: [feedback.gathered, issue.hot, crisis.opened]
    feedback: { categories: [suggestion] }
    hot_issues: { least: 8, times: 3 }
    crises:
      hot_kinds: 2
      topics: { recall: { words: [召回, recall], least: 3 } }
      checklist: [Inform legal]

    """

  /// A scan that includes what was decided just now.
  private static let ahead: Duration = .seconds(-1)

  private struct Parts {
    let gatherer: FeedbackGatherer
    let watcher: HotIssueWatcher
    let crises: CrisisWatcher
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
            store: desk.store, clock: desk.clock, policy: desk.policy, leadership: leadership,
            backlog: UndecidedBacklog(), logger: logger, wakeOutbox: {}),
          watcher: HotIssueWatcher(
            store: desk.store, clock: desk.clock, policy: desk.policy, leadership: leadership,
            backlog: UndecidedBacklog(), logger: logger, wakeOutbox: {}),
          crises: CrisisWatcher(
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
      try await desk.store.pool.executeScript(
        "DELETE FROM desk.arrival_slot WHERE slot > now() - interval '1 hour'; DELETE FROM desk.question_member")
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

  // MARK: New kinds

  /// A desk of a day, on which a category is so common that a few more messages are no news.
  private static func common(_ category: String) -> String {
    """
    INSERT INTO desk.arrival_slot (category, slot, tickets)
    SELECT '\(category)', date_bin('5 minutes', now(), 'epoch') - s * interval '5 minutes', 20 FROM generate_series(4, 280) s
    """
  }

  @Test func aKindThatIsNewBeneathACommonCategoryIsHotOnce() async throws {
    try await leading { desk, parts in
      try await desk.store.pool.executeScript(Self.common("logistics"))
      _ = try await desk.ticket(from: "other", about: "logistics", saying: "Can I change the delivery address?")
      var tickets: [TicketID] = []
      for number in 0..<9 {
        let text = "The pickup locker at the station does not open with my code, box \(number)"
        tickets.append(try await desk.ticket(from: "c\(number)", about: "logistics", saying: text).id)
      }
      let issue = try #require(try await parts.watcher.round(distance: Self.ahead).first)
      #expect(issue.category == "logistics" && issue.group != nil && issue.tickets == 9 && issue.expected == 0)
      #expect(issue.examples.count == 5 && Set(issue.examples).isSubset(of: Set(tickets)))
      #expect(issue.firstSeen != nil)
      #expect(try await parts.watcher.round(distance: Self.ahead).isEmpty, "one alert while it is hot")
      #expect(try await desk.store.reports.outboxFigures().map(\.waiting) == [1])
      // Its own hour brings it to an end.
      try await desk.store.pool.executeScript("UPDATE desk.question_member SET at = at - interval '30 minutes'")
      #expect(try await parts.watcher.round(distance: Self.ahead).isEmpty)
      #expect(try await desk.store.learning.hotIssues(limit: 5).map { $0.endedAt == nil } == [false])
    }
  }

  @Test func aHotCategoryIsReportedAsAWhole() async throws {
    try await leading { desk, parts in
      try await desk.store.pool.executeScript(Self.common("refund"))
      for number in 0..<9 {
        _ = try await desk.ticket(from: "c\(number)", about: "logistics", saying: "The pickup locker does not open")
      }
      #expect(try await parts.watcher.round(distance: Self.ahead).map(\.group) == [nil])
      #expect(try await parts.watcher.round(distance: Self.ahead).isEmpty)
    }
  }

  @Test func oneCustomerIsNoKind() async throws {
    try await leading { desk, parts in
      try await desk.store.pool.executeScript(Self.common("logistics"))
      for number in 0..<9 {
        _ = try await desk.store.accept(
          desk.store.message(from: "cara", externalID: "m-\(number)", text: "The pickup locker does not open"))
      }
      try await desk.store.pool.executeScript(
        """
        DELETE FROM desk.inbox;
        UPDATE desk.ticket SET category = 'logistics';
        """)
      #expect(try await parts.watcher.round(distance: Self.ahead).isEmpty)
    }
  }

  // MARK: Crises

  /// Reads all messages again, as after a crash before the position was written: none counts twice.
  private func scan(_ desk: WatchedDesk, _ parts: Parts) async throws {
    try await desk.store.pool.executeScript(
      "UPDATE desk.watch_cursor SET up_to = desk.uuid_floor(now() - interval '1 hour') WHERE name = 'issues'")
    try await parts.watcher.round(distance: Self.ahead)
  }

  @Test func graveWordsOpenOneCase() async throws {
    try await leading { desk, parts in
      let texts = ["Is there a recall?", "请问这个产品召回吗？", "Is there a RECALL of the kettle?"]
      for (number, text) in texts.enumerated() {
        #expect(try await parts.crises.round().isEmpty)
        _ = try await desk.ticket(from: "c\(number)", about: "safety", saying: text)
        try await scan(desk, parts)
      }
      let opened = try await parts.crises.round()
      #expect(opened.map(\.cause) == [.words("recall")] && opened.first?.evidence.tickets == 3)
      #expect(opened.first?.checklist.map(\.text) == ["Inform legal"])
      #expect(try await parts.crises.round().isEmpty, "one open case for a cause")
      #expect(try await desk.store.reports.outboxFigures().map(\.waiting) == [1])
      // What comes later counts for the open case, and what came before it was found is not forgotten.
      _ = try await desk.ticket(from: "late", about: "safety", saying: "Another question about the recall")
      try await scan(desk, parts)
      let crisis = try #require(opened.first)
      let figures = try await desk.store.crises.figures(of: crisis)
      #expect(figures.tickets == 4 && figures.queues == ["general": 4] && (figures.peak?.tickets ?? 0) >= 1)
      // After its end it rests.
      var ended = crisis
      let policy = try #require(desk.policy.current)
      _ = try ended.handle(
        .ended(reason: "settled", by: .agent("ann"), figures), now: try await desk.store.now(), under: policy)
      #expect(try await desk.store.crises.update(ended, from: 1, notifying: []))
      #expect(try await parts.crises.round().isEmpty)
      try await desk.store.pool.executeScript("UPDATE desk.crisis SET ended_at = ended_at - interval '2 hours'")
      #expect(try await parts.crises.round().map(\.cause) == [.words("recall")])
    }
  }

  @Test func severalHotKindsOpenACase() async throws {
    try await leading { desk, parts in
      try await desk.store.pool.executeScript(
        """
        INSERT INTO desk.hot_issue (category, tickets, expected, examples) VALUES ('payment', 9, 0, '{}'), ('refund', 9, 0, '{}')
        """)
      let opened = try await parts.crises.round()
      #expect(opened.map(\.cause) == [.hotKinds] && opened.first?.evidence.kinds == ["payment", "refund"])
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
