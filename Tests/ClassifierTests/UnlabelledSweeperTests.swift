import DeskCore
import PostgreSQL
import ServiceHealth
import Store
import TestService
import Testing
import Wire

@testable import Classifier

/// An unlabelled message is labelled in the end (guarantee I6).
@Suite(.timeLimit(.minutes(3))) struct UnlabelledSweeperTests {
  /// The identifiers of the messages that have labels and wait for a router.
  private func labelled(_ desk: ClassifierDesk) async throws -> Set<MessageID> {
    Set(try await desk.store.inbox.claimLabelled(olderThan: .zero, limit: StoreBounds.rowsPerClaim).map(\.id))
  }

  @Test func labelsWhatNoLinkBrought() async throws {
    try await ClassifierDesk.with { desk in
      let texts = ["please refund", "where is the parcel", "refund me"]
      let messages = try await desk.accept(texts)
      try await desk.age()
      #expect(try await desk.sweeper.runOnce() == 3)
      let rows = try await desk.store.inbox.claimLabelled(olderThan: .zero, limit: 9)
      #expect(rows.map(\.id) == messages.sorted())
      // The labels that a link would have brought.
      let byMessage = Dictionary(uniqueKeysWithValues: zip(messages, texts))
      let again = rows.map { UnlabelledText(subject: "", text: byMessage[$0.id] ?? "", opensTicket: true) }
      #expect(rows.map(\.labels) == desk.labeller.label(again).map { Labels($0) })
      #expect(Set(rows.compactMap(\.labels?.category)) == ["refund", "parcel"])
      #expect(ShadowTests.value("frontdesk_classifier_swept_total", in: desk.metrics) == 3)
      #expect(try await desk.sweeper.runOnce() == 0)
    }
  }

  @Test func freshMessagesAreLeftToTheLinks() async throws {
    try await ClassifierDesk.with { desk in
      let old = try await desk.accept(["refund"])
      try await desk.age()
      _ = try await desk.accept(["parcel", "refund"])
      #expect(try await desk.sweeper.runOnce() == 1)
      #expect(try await desk.sweeper.runOnce() == 0)
      #expect(try await labelled(desk) == Set(old))
    }
  }

  @Test func anUnreadableMessageDoesNotStopTheOthers() async throws {
    try await ClassifierDesk.with { desk in
      let messages = try await desk.accept(["refund", "parcel", "refund me"])
      try await desk.age()
      try await desk.store.pool.executeScript(
        """
        UPDATE desk.open_ticket SET tier = 'platinum'
         WHERE ticket_id = (SELECT ticket_id FROM desk.inbox WHERE message_id = '\(messages[1])')
        """)
      #expect(try await desk.sweeper.runOnce() == 2)
      #expect(desk.store.setAside.held.map(\.row) == [.other(table: "inbox", key: "\(messages[1])")])
      #expect(try await labelled(desk) == [messages[0], messages[2]])
    }
  }

  @Test func aMessageWhoseLabelsAreRefusedDoesNotStopTheOthers() async throws {
    try await ClassifierDesk.with { desk in
      let messages = try await desk.accept((0..<9).map { "refund \($0)" })
      try await desk.age()
      try await desk.refuseLabels(of: messages[4], state: "P0001")
      #expect(try await desk.sweeper.runOnce() == 9)
      #expect(ShadowTests.value("frontdesk_classifier_refused_labels_total", in: desk.metrics) == 1)
      #expect(ShadowTests.value("frontdesk_classifier_swept_total", in: desk.metrics) == 8)
      #expect(try await labelled(desk) == Set(messages).subtracting([messages[4]]))
      // Tried alone until its attempts are used up, and then left to a router, which sends it to triage.
      for _ in 1..<StoreBounds.attemptsBeforePoison {
        try await desk.endClaims()
        #expect(try await desk.sweeper.runOnce() == 1)
      }
      try await desk.endClaims()
      #expect(try await desk.sweeper.runOnce() == 0)
      #expect(try await desk.store.inbox.claimPoisoned(limit: 9).map(\.id) == [messages[4]])
    }
  }

  /// The database has the messages claimed, and then takes no labels for a reason that is not theirs.
  @Test func messagesAreLabelledAfterAFailedWrite() async throws {
    try await ClassifierDesk.with { desk in
      let messages = try await desk.accept(["refund", "parcel"])
      try await desk.age()
      try await desk.refuseLabels(state: "53100")
      let sweeper = desk.sweeper
      await sweeper.task.attempt(desk.logs.logger) { try await sweeper.runOnce() }
      #expect(sweeper.task.failuresTotal == 1)
      #expect(try await desk.store.reports.inboxFigures().labelled == 0)
      try await desk.takeLabels()
      try await desk.endClaims()
      #expect(try await sweeper.runOnce() == 2)
      #expect(try await labelled(desk) == Set(messages))
    }
  }

  @Test func aLastingFailureIsReportedAndTheLoopContinues() async throws {
    try await ClassifierDesk.with { desk in
      let messages = try await desk.accept(["refund", "parcel"])
      try await desk.age()
      try await desk.store.pool.executeScript("ALTER TABLE desk.inbox RENAME TO hidden")
      let sweeper = desk.sweeper
      let board = TaskBoard(metrics: desk.metrics)
      board.watch([sweeper])
      let running = Task { try await sweeper.run() }
      try await desk.logs.wait(for: "background task keeps failing")
      #expect(board.problems.map(\.task) == ["unlabelled_work"])
      try await desk.store.pool.executeScript("ALTER TABLE desk.hidden RENAME TO inbox")
      try await desk.logs.wait(for: "labelled messages from the database")
      try await desk.logs.wait(for: "background task recovered")
      #expect(board.problems.isEmpty)
      running.cancel()
      try await running.value
      #expect(try await labelled(desk) == Set(messages))
    }
  }

  @Test func twoSweepersLabelEachMessageOnce() async throws {
    try await ClassifierDesk.with { desk in
      for _ in 0..<3 { _ = try await desk.accept((0..<200).map { "refund \($0)" }) }
      try await desk.age()
      let swept = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<2 {
          group.addTask {
            let sweeper = desk.sweeper
            var mine = 0
            while case let found = try await sweeper.runOnce(), found > 0 { mine += found }
            return mine
          }
        }
        return try await group.reduce(0, +)
      }
      #expect(swept == 600)
      #expect(ShadowTests.value("frontdesk_classifier_labelled_total", in: desk.metrics) == 600)
      let figures = try await desk.store.reports.inboxFigures()
      #expect(figures.waiting == 600 && figures.labelled == 600)
    }
  }
}
