import DeskCore
import Messaging
import Observability
import PostgreSQL
import ServiceHealth
import Store
import TestKit
import TestService
import TestStore
import Testing
import ZeroMQ

@testable import Intake

@Suite("WorkHandover with PostgreSQL")
struct WorkHandoverTests {
  /// A handover to a link without workers.
  private func withHandover(
    capacity: Int, itemAge: Duration = MessagingBounds.itemAge, registry: MetricsRegistry = MetricsRegistry(),
    _ body: (WorkHandover, DeskStore, InstanceID) async throws -> Void
  ) async throws {
    try await TestDatabase.with { store in
      let thread = try ZeroMQThread(context: ZeroMQContext())
      let me = InstanceID(high: 1, low: 1)
      let result: Result<Void, any Error>
      do {
        var options = WorkSource.Options()
        options.itemAge = itemAge
        let source = try WorkSource(
          on: thread, identity: LinkIdentity(service: "intake", instanceID: "\(me)", build: "test"), security: .none,
          options: options)
        _ = try await source.bind(to: "inproc://handover")
        let handover = WorkHandover(
          store: store, source: source, me: me, capacity: capacity, metrics: IntakeMetrics(registry: registry),
          logger: .silent)
        try await body(handover, store, me)
        await source.close()
        result = .success(())
      } catch {
        result = .failure(error)
      }
      await thread.stop()
      try result.get()
    }
  }

  private func messages(_ ids: ClosedRange<Int>, in store: DeskStore) async throws -> [IncomingMessage] {
    var messages: [IncomingMessage] = []
    for id in ids { messages.append(try await store.message(from: "customer \(id)", externalID: "m\(id)")) }
    return messages
  }

  @Test("concurrent commits do not reserve the same link places")
  func reservesEachPlaceOnce() async throws {
    try await withHandover(capacity: 10) { handover, store, me in
      let first = try await messages(1...6, in: store)
      let second = try await messages(7...12, in: store)
      async let one = handover.accept(first, isCareful: false)
      async let other = handover.accept(second, isCareful: false)
      let owners = try await [one, other].map(\.owner)
      #expect(owners.contains(me) && owners.contains(nil))
      #expect(handover.room == 4)
    }
  }

  @Test("releases the places of messages that were stored before and of failed commits")
  func releasesPlacesOfDuplicatesAndFailures() async throws {
    try await withHandover(capacity: 10) { handover, store, _ in
      let written = try await messages(1...4, in: store)
      let receipt = try await handover.accept(written, isCareful: false)
      await handover.handOver(receipt.accepted(of: written), owner: receipt.owner)
      #expect(handover.room == 6)
      // The same external ids under other identifiers: all duplicates.
      _ = try await handover.accept(messages(1...4, in: store), isCareful: false)
      #expect(handover.room == 6)
      var refused = try await messages(5...5, in: store)[0]
      refused = IncomingMessage(
        id: refused.id, ticket: refused.ticket, channel: refused.channel, customer: "a\0b",
        externalID: refused.externalID, digest: refused.digest, subject: nil, body: refused.body, attributes: nil,
        attachments: nil, sentAt: nil, traceparent: nil)
      await #expect(throws: PostgresError.self) { try await handover.accept([refused], isCareful: false) }
      #expect(handover.room == 6)
    }
  }

  @Test("commits wait for a link that is deep, and never for one that is switched off")
  func linkRoomIsThatOfTheLink() async throws {
    try await withHandover(capacity: 0) { handover, _, _ in
      #expect(handover.linkRoom == .max)
    }
    try await withHandover(capacity: CommitBounds.linkDepth) { handover, store, _ in
      #expect(handover.linkRoom == CommitBounds.linkDepth)
      let receipt = try await handover.accept(messages(1...3, in: store), isCareful: false)
      #expect(receipt.owner != nil)
      #expect(handover.linkRoom == CommitBounds.linkDepth - 3)
    }
  }

  @Test("an adoption without workers adopts nothing and keeps no places")
  func adoptsNothingWithoutWorkers() async throws {
    try await withHandover(capacity: 10) { handover, store, _ in
      _ = try await store.inbox.accept(messages(1...3, in: store), owner: nil)
      #expect(handover.tasks.map(\.name) == ["adoption"], "one that keeps failing is reported")
      let more = try await handover.adoptOnce()
      #expect(!more)
      #expect(handover.room == 10)
    }
  }

  /// A paused process is presumed dead: when it continues, it adopts the messages that its own link has.
  @Test("messages that are adopted while the link has them keep one place each")
  func adoptedMessagesKeepOnePlace() async throws {
    try await withHandover(capacity: 10) { handover, store, me in
      let written = try await messages(1...4, in: store)
      let receipt = try await handover.accept(written, isCareful: false)
      await handover.handOver(receipt.accepted(of: written), owner: receipt.owner)
      #expect(handover.room == 6)
      // This instance is not registered, so any instance may adopt its messages.
      for _ in 0..<3 {
        #expect(try await handover.adopt(upTo: 4) == 4)
        #expect(handover.room == 6)
      }
    }
  }

  @Test("a release that the database does not take is counted, and the link's places are free", .timeLimit(.minutes(3)))
  func countsFailedReleases() async throws {
    let registry = MetricsRegistry()
    try await withHandover(capacity: 10, itemAge: .milliseconds(200), registry: registry) { handover, store, _ in
      let written = try await messages(1...3, in: store)
      let receipt = try await handover.accept(written, isCareful: false)
      try await store.pool.executeScript("ALTER TABLE desk.inbox RENAME TO hidden")
      await handover.handOver(receipt.accepted(of: written), owner: receipt.owner)
      #expect(handover.room == 7)
      let running = Task { try await handover.run() }
      let line = #"frontdesk_intake_bookkeeping_failures_total{step="release"} 3"#
      try await eventually("the failures are counted") { registry.render().contains(line) }
      #expect(handover.room == 10)
      running.cancel()
      try await running.value
    }
  }
}
