import DeskCore
import Messaging
import Observability
import ServiceLifecycle
import TestKit
import TestService
import Testing
import Wire
import ZeroMQ

@testable import Classifier

@Suite(.timeLimit(.minutes(3))) struct LinkLabellerTests {
  private func labeller(_ links: ClassifierLinks, drainTime: Duration = .seconds(60)) throws -> LinkLabeller {
    LinkLabeller(
      sink: links.sink, source: links.source, labeller: try ClassifierDesk.labeller(MetricsRegistry()),
      drainTime: drainTime)
  }

  /// Fills the link to the routers, so that the rest of what intake offers waits.
  private func fill(_ links: ClassifierLinks, room: Int) async throws {
    #expect(await links.intake.offer(ClassifierLinks.items(ClassifierLinks.ids(10))) == 10)
    try await eventually {
      let (ours, theirs) = (await links.source.snapshot(), await links.intake.snapshot())
      return ours.waitingCount == room && theirs.inFlightCount == 10
    }
  }

  /// What is labelled on the thread of the links may not delay them.
  @Test func onlyAFewShortMessagesAreBrief() async throws {
    try await ClassifierLinks.with { links in
      let labeller = try labeller(links).labeller
      let most = ClassifierBounds.itemsLabelledInPlace
      var items = ClassifierLinks.items(ClassifierLinks.ids(most + 1))
      #expect(labeller.isBrief([]) && labeller.isBrief(Array(items.prefix(most))) && !labeller.isBrief(items))
      var content = items[0].content
      content.text = String(repeating: "包裹", count: ClassifierBounds.bytesLabelledInPlace / 6)
      items[0] = LinkItem(items[0].id, content)
      #expect(labeller.isBrief([items[0]]))
      #expect(!labeller.isBrief(Array(items.prefix(most))))
    }
  }

  @Test func manyMessagesAndFewArriveLabelledAlike() async throws {
    try await ClassifierLinks.with(room: 200) { links in
      let labeller = try labeller(links)
      let running = Task { try await labeller.run() }
      let count = 2 * ClassifierBounds.itemsLabelledInPlace
      let items = ClassifierLinks.items(ClassifierLinks.ids(count))
      #expect(await links.intake.offer(items) == count)
      let received = await links.items(reachingTheRouter: count)
      let expected = items.flatMap { labeller.labeller.label([$0]) }
      #expect(received.allSatisfy { item in expected.contains(item) })
      running.cancel()
      try await running.value
    }
  }

  @Test func itemsArriveLabelled() async throws {
    try await ClassifierLinks.with { links in
      let labeller = try labeller(links)
      let running = Task { try await labeller.run() }
      let items = ClassifierLinks.items(ClassifierLinks.ids(20))
      #expect(await links.intake.offer(items) == 20)
      let received = await links.items(reachingTheRouter: 20)
      #expect(Set(received.map(\.id)) == Set(ClassifierLinks.ids(20)))
      let expected = labeller.labeller.label(items)
      for item in received {
        #expect(item == expected.first { $0.id == item.id })
        #expect(["refund", "parcel"].contains(item.content.labels?.category))
      }
      running.cancel()
      try await running.value
    }
  }

  @Test func aFullLinkWaitsForTheRouters() async throws {
    try await ClassifierLinks.with(room: 4) { links in
      let labeller = try labeller(links)
      let running = Task { try await labeller.run() }
      // Consuming the outcomes makes room.
      let consumer = Task { for await _ in links.source.outcomes {} }
      try await fill(links, room: 4)
      let received = await links.items(reachingTheRouter: 10)
      #expect(Set(received.map(\.id)) == Set(ClassifierLinks.ids(10)))
      #expect(received.allSatisfy { $0.hasLabels })
      running.cancel()
      try await running.value
      await consumer.value
    }
  }

  /// Hangs when the wait for a full link ignores the cancellation.
  @Test func cancellationEndsTheWaitForAFullLink() async throws {
    try await ClassifierLinks.with(room: 4) { links in
      let labeller = try labeller(links)
      let running = Task { try await labeller.run() }
      try await fill(links, room: 4)
      running.cancel()
      try await running.value
      // It has closed its link.
      for await _ in links.source.outcomes {}
      #expect(await links.source.offer(ClassifierLinks.items(ClassifierLinks.ids(1))) == 0)
    }
  }

  /// Hangs when a shutdown waits for routers that do not exist.
  @Test func aShutdownReturnsWhatTheRoutersDoNotTake() async throws {
    try await ClassifierLinks.with(room: 4) { links in
      let labeller = try labeller(links, drainTime: .milliseconds(50))
      let group = ServiceGroup(
        configuration: ServiceGroupConfiguration(
          services: [.init(service: labeller, successTerminationBehavior: .gracefullyShutdownGroup)],
          logger: .silent))
      let running = Task { try await group.run() }
      try await fill(links, room: 4)
      await group.triggerGracefulShutdown()
      try await running.value
      try await eventually { await links.intake.snapshot().waitingCount == 10 }
    }
  }
}
