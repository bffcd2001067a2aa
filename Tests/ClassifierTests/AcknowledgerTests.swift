import DeskCore
import Logging
import Messaging
import Store
import TestKit
import TestService
import Testing
import Wire
import ZeroMQ

@testable import Classifier

@Suite(.timeLimit(.minutes(3))) struct AcknowledgerTests {
  /// Runs a labeller and its acknowledger.
  private func running(
    _ links: ClassifierLinks, on desk: ClassifierDesk, _ body: () async throws -> Void
  ) async throws {
    let labeller = LinkLabeller(
      sink: links.sink, source: links.source, labeller: desk.labeller, drainTime: .seconds(60))
    let acknowledger = Acknowledger(
      source: links.source, sink: links.sink, held: desk.labeller.held, writer: desk.writer,
      metrics: desk.metrics, logger: desk.logs.logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await labeller.run() }
      group.addTask { try await acknowledger.run() }
      try await body()
      group.cancelAll()
    }
  }

  @Test func whatARouterHasFinishedIsDoneForIntake() async throws {
    try await ClassifierDesk.with { desk in
      try await ClassifierLinks.with { links in
        try await running(links, on: desk) {
          let ids = ClassifierLinks.ids(20)
          #expect(await links.intake.offer(ClassifierLinks.items(ids)) == 20)
          _ = await links.items(reachingTheRouter: 20)
          #expect(await links.done(20) == Set(ids))
          #expect(desk.labeller.held.take(ids).isEmpty, "no labels are kept for finished items")
        }
        #expect(try await desk.store.reports.inboxFigures().labelled == 0)
      }
    }
  }

  @Test func nothingIsDoneBeforeARouterHasFinishedIt() async throws {
    try await ClassifierDesk.with { desk in
      try await ClassifierLinks.with { links in
        try await running(links, on: desk) {
          #expect(await links.intake.offer(ClassifierLinks.items(ClassifierLinks.ids(5))) == 5)
          try await eventually { await links.source.snapshot().waitingCount == 5 }
          #expect(await links.intake.snapshot().doneTotal == 0)
        }
        #expect(await links.intake.snapshot().doneTotal == 0)
      }
    }
  }

  @Test func labelsThatNoRouterTakesAreWrittenToTheDatabase() async throws {
    try await ClassifierDesk.with { desk in
      let messages = try await desk.accept(["please refund", "where is the parcel", "please refund"])
      try await ClassifierLinks.with(itemAge: .milliseconds(200)) { links in
        try await running(links, on: desk) {
          let ids = messages.map { ItemID(high: $0.high, low: $0.low) }
          #expect(await links.intake.offer(ClassifierLinks.items(ids)) == 3)
          try await desk.logs.wait(for: "no router took the labels")
          try await eventually { try await desk.store.reports.inboxFigures().labelled == 3 }
          // The window is free again.
          try await eventually { await links.sink.snapshot().refusedTotal >= 3 }
        }
        let rows = try await desk.store.inbox.claimLabelled(olderThan: .zero, limit: 9)
        #expect(rows.map(\.id) == messages.sorted())
        #expect(Set(rows.compactMap(\.labels?.category)) == ["refund", "parcel"])
        #expect(await links.intake.snapshot().doneTotal == 0)
      }
    }
  }

  @Test func labelsThatCannotBeWrittenAreReportedAndBlockNothing() async throws {
    try await ClassifierDesk.with { desk in
      let messages = try await desk.accept(["please refund"])
      try await desk.refuseLabels(state: "53100")
      try await ClassifierLinks.with(itemAge: .milliseconds(200)) { links in
        try await running(links, on: desk) {
          let ids = messages.map { ItemID(high: $0.high, low: $0.low) }
          #expect(await links.intake.offer(ClassifierLinks.items(ids)) == 1)
          try await desk.logs.wait(for: "labels could not be written")
          let unwritten = ShadowTests.value("frontdesk_classifier_unwritten_labels_total", in: desk.metrics)
          #expect(unwritten.map { $0 >= 1 } == true)
          try await eventually { await links.sink.snapshot().refusedTotal >= 1 }
        }
      }
      // The sweeps find the message.
      try await desk.takeLabels()
      try await desk.age()
      #expect(try await desk.sweeper.runOnce() == 1)
    }
  }
}
