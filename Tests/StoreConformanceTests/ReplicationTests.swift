import PostgreSQL
import TestPostgres
import TestStore
import Testing

@testable import DeskCore
@testable import Store

/// Promise I1 with a synchronous standby: what is acknowledged survives the primary.
@Suite struct ReplicationTests {
  /// The trial: the standby stops, messages and steps are repeated, and the standby becomes the primary.
  @Test func nothingAcknowledgedIsMissingAfterAFailover() async throws {
    try await TestDatabase.onReplicatedServer { store, servers in
      let desk = TestDesk(store: store)
      try await desk.upsert(["ada"], capacity: 9)
      var ticket = try await desk.queued(["ann"])[0]
      let before = ticket
      let (first, second) = (try await desk.message("1", from: "bob"), try await desk.message("2", from: "cem"))
      let acknowledged = try await store.inbox.accept([first], owner: nil)
      #expect(acknowledged.map(\.isNew) == [true])
      try await servers.stopStandby()

      func expectUnknown(_ what: String, _ work: @escaping @Sendable () async throws -> Void) async throws {
        let task = Task { try await work() }
        try await servers.endCommitWaits()
        let error = await #expect(throws: PostgresError.self, "\(what)") { try await task.value }
        #expect(error?.code == .commitUnconfirmed && error?.commitUnknown == true, "\(what)")
      }
      try await expectUnknown("a message") { _ = try await store.inbox.accept([second], owner: nil) }
      try await expectUnknown("its repetition") { _ = try await store.inbox.accept([second], owner: nil) }
      try await expectUnknown("duplicates alone") {
        _ = try await store.inbox.accept([first, second], owner: nil)
      }
      try await expectUnknown("duplicates, leaving out what is held") {
        _ = try await store.inbox.accept([second], owner: nil, patience: .leavingOutHeld)
      }
      let step = try await desk.step(&ticket, .offered(try await desk.offer(to: "ada")))
      try await expectUnknown("a decision") { _ = try await store.tickets.commit([step]) }
      try await expectUnknown("its repetition, which finds it taken") { _ = try await store.tickets.commit([step]) }
      try await expectUnknown("what was found done") { try await store.confirmReads() }
      let me = try await desk.fresh(ServiceInstance.self)
      try await expectUnknown("a lease") { _ = try await store.fleet.acquireLeases(["notifier"], holder: me) }

      try await servers.failOver()
      try await TestDatabase.onPromoted(servers) { promoted in
        let outcomes = try await promoted.inbox.accept([first, second], owner: nil)
        #expect(outcomes.map(\.isNew) == [false, true], "only what was acknowledged is there")
        #expect(outcomes[0].acceptance?.ticket == acknowledged[0].acceptance?.ticket)
        let kept = try #require(await promoted.tickets.tickets([before.id])[before.id])
        #expect(kept.version == before.version && kept.offer == nil)
        #expect(try await promoted.fleet.leases().isEmpty)
      }
    }
  }

  /// A reply that no standby has may not reach its customer, nor its number its channel: the next reply could get the same one.
  @Test func whatLeavesTheDeskRestsOnConfirmedCommits() async throws {
    try await TestDatabase.onReplicatedServer { store, servers in
      let desk = TestDesk(store: store)
      try await desk.upsert(["ada"], capacity: 9)
      var ticket = try await desk.queued(["ann"])[0]
      try await desk.take(&ticket, .offered(try await desk.offer(to: "ada")))
      try await desk.take(&ticket, .accepted(try #require(ticket.offer).id, by: "ada"))
      let (reply, notice): (MessageID, NoticeID) = (try await desk.fresh(), try await desk.fresh())
      let step = try await desk.step(
        &ticket, .replied(reply, by: "ada", awaitsCustomer: false),
        outgoing: OutgoingMessage(id: reply, isPublic: true, author: "ada", body: "words"),
        notices: [Notice(id: notice, hook: "crm", kind: .customerWrote, ticket: ticket.id, body: .object([]))])
      try await servers.stopStandby()
      let (me, id) = (try await desk.fresh(ServiceInstance.self), ticket.id)
      let works: [@Sendable () async throws -> Void] = [
        { _ = try await store.tickets.commit([step]) },
        // Numbering is a commit that waits; the second reading finds the number.
        { _ = try await store.replies.replies(of: "web", after: 0, limit: 9) },
        { _ = try await store.replies.replies(of: "web", after: 0, limit: 9) },
        { _ = try await store.replies.replies(on: id, by: "web", to: nil, limit: 9) },
        { _ = try await store.outbox.claimNotices(for: "crm", by: me, limit: 9, claimTime: .zero) },
      ]
      for (number, work) in works.enumerated() {
        let task = Task { try await work() }
        try await servers.endCommitWaits()
        let error = await #expect(throws: PostgresError.self, "\(number)") { try await task.value }
        #expect(error?.code == .commitUnconfirmed, "\(number)")
      }
      #expect(try await store.replies.replies(of: "web", after: 9, limit: 9).isEmpty, "an empty page waits for nobody")
      // Nor do signs of life, which is how operators learn of it.
      _ = try await store.fleet.heartbeat(me)
      try await store.matching.touch(["ada"])
      #expect(
        try await store.outbox.claimNotices(for: "none", by: me, limit: 9, claimTime: .zero).isEmpty,
        "a claim of nothing, too")
      try await servers.startStandby()
      #expect(try await store.replies.replies(of: "web", after: 0, limit: 9).map(\.id) == [reply])
      #expect(
        try await store.outbox.claimNotices(for: "crm", by: me, limit: 9, claimTime: .zero).map(\.id) == [notice])
    }
  }
}
