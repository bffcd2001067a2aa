import DeskCore
import HTTPService
import HTTPTypes
import Store
import Testing

@testable import Console

@Suite struct AgentDeskTests {
  /// The problem that the work ends with.
  private func problem(_ work: () async throws -> Void) async throws -> HTTPProblem? {
    do {
      try await work()
      return nil
    } catch let problem as HTTPProblem {
      return problem
    }
  }

  @Test func acceptingTwiceHasOneEffect() async throws {
    try await StaffedDesk.with { desk in
      let (ticket, offer) = try await desk.offered(to: "ann")
      let first = try await desk.desk.accept(offer, by: "ann")
      #expect(first.id == ticket.id)
      #expect(first.state == .assigned)
      #expect(try await desk.desk.accept(offer, by: "ann") == first)
    }
  }

  @Test func concurrentAcceptancesBothSucceed() async throws {
    try await StaffedDesk.with { desk in
      let (_, offer) = try await desk.offered(to: "ann")
      async let one = desk.desk.accept(offer, by: "ann")
      async let other = desk.desk.accept(offer, by: "ann")
      let tickets = try await [one, other]
      #expect(tickets[0] == tickets[1])
      let accepted = try await desk.store.conversations.timeline(of: tickets[0].id).filter { $0.kind == "accepted" }
      #expect(accepted.count == 1)
    }
  }

  @Test func anotherAgentsOfferCannotBeAccepted() async throws {
    try await StaffedDesk.with { desk in
      let (_, offer) = try await desk.offered(to: "ann")
      let refused = try await problem { _ = try await desk.desk.accept(offer, by: "bob") }
      #expect(refused?.status == .conflict)
    }
  }

  @Test func aDeclinedTicketWaitsAgain() async throws {
    try await StaffedDesk.with { desk in
      let (_, offer) = try await desk.offered(to: "ann")
      let ticket = try await desk.desk.decline(offer, by: "ann")
      #expect(ticket.state == .queued)
      #expect(ticket.refusedBy == ["ann"])
      let refused = try await problem { _ = try await desk.desk.accept(offer, by: "ann") }
      #expect(refused?.status == .conflict)
    }
  }

  @Test func aReplyWithAKeyIsWrittenOnce() async throws {
    try await StaffedDesk.with { desk in
      let (ticket, offer) = try await desk.offered(to: "ann")
      _ = try await desk.desk.accept(offer, by: "ann")
      let key = try RequestKey(IdempotencyKey("k-1"), scope: ["ann", ticket.id.description])
      let first = try await desk.desk.reply("hello", awaitsCustomer: true, on: ticket.id, by: "ann", key: key)
      #expect(!first.isRepetition)
      #expect(first.ticket?.state == .pending)
      let second = try await desk.desk.reply("hello", awaitsCustomer: true, on: ticket.id, by: "ann", key: key)
      #expect(second.isRepetition)
      #expect(second.message == first.message)
      let other = try await problem {
        _ = try await desk.desk.reply("other", awaitsCustomer: true, on: ticket.id, by: "ann", key: key)
      }
      #expect(other?.status == .unprocessableContent)
      let replies = try await desk.store.conversations.messages(of: ticket.id, limit: 10).filter { $0.direction == 2 }
      #expect(replies.map(\.body) == ["hello"])
      #expect(try await desk.store.reports.outboxFigures().map(\.waiting) == [1])
    }
  }

  /// - Parameter hasSeen: whether the requests have read the ticket before, as those over HTTP have.
  @Test(arguments: [false, true]) func concurrentRepliesWithOneKeyBecomeOne(hasSeen: Bool) async throws {
    try await StaffedDesk.with { desk in
      let (ticket, offer) = try await desk.offered(to: "ann")
      let accepted = try await desk.desk.accept(offer, by: "ann")
      let seen = hasSeen ? accepted : nil
      let key = try RequestKey(IdempotencyKey("k-1"), scope: ["ann", ticket.id.description])
      let messages = try await withThrowingTaskGroup(of: MessageID.self) { group in
        for _ in 0..<4 {
          group.addTask {
            try await desk.desk.reply("hello", awaitsCustomer: false, on: ticket.id, from: seen, by: "ann", key: key)
              .message
          }
        }
        return try await group.reduce(into: Set<MessageID>()) { $0.insert($1) }
      }
      #expect(messages.count == 1)
      #expect(
        try await desk.store.conversations.messages(of: ticket.id, limit: 10).filter { $0.direction == 2 }.count == 1)
    }
  }

  @Test func repliesWithoutAKeyAreAllWritten() async throws {
    try await StaffedDesk.with { desk in
      let (ticket, offer) = try await desk.offered(to: "ann")
      _ = try await desk.desk.accept(offer, by: "ann")
      for _ in 0..<2 {
        _ = try await desk.desk.reply("hello", awaitsCustomer: false, on: ticket.id, by: "ann", key: nil)
      }
      #expect(
        try await desk.store.conversations.messages(of: ticket.id, limit: 10).filter { $0.direction == 2 }.count == 2)
    }
  }

  @Test func notesWithAKeyAreWrittenOnce() async throws {
    try await StaffedDesk.with { desk in
      let (ticket, _) = try await desk.offered(to: "ann")
      let key = try RequestKey(IdempotencyKey("n-1"), scope: ["ann", ticket.id.description])
      let written = try await desk.desk.note("call back", on: ticket.id, by: "ann", key: key)
      #expect(!written.isRepetition)
      #expect(try await desk.desk.note("call back", on: ticket.id, by: "ann", key: key).message == written.message)
      let kept = try #require(await desk.store.conversations.message(written.message))
      #expect(kept.direction == 3 && kept.author == "ann")
      let now = try #require(await desk.store.tickets.tickets([ticket.id])[ticket.id])
      #expect(now.state == .offered && now.offer == ticket.offer && now.version == ticket.version + 1)
      #expect(try await desk.store.conversations.timeline(of: ticket.id).last?.kind == "noted")
    }
  }

  @Test func invalidTransitionsAreConflictsNamingTheState() async throws {
    try await StaffedDesk.with { desk in
      let ticket = try await desk.queued()
      let refused = try #require(await problem { _ = try await desk.desk.resolve(ticket.id, by: "ann") })
      #expect(refused.status == .conflict)
      #expect(refused.errors.map(\.value) == ["queued"])
    }
  }

  @Test func resolvingFreesTheAgentsCapacity() async throws {
    try await StaffedDesk.with { desk in
      let (ticket, offer) = try await desk.offered(to: "ann")
      _ = try await desk.desk.accept(offer, by: "ann")
      #expect(try await desk.desk.resolve(ticket.id, by: "ann").state == .resolved)
      #expect(try await desk.store.matching.agentRows().first { $0.agent == "ann" }?.load == 0)
    }
  }

  @Test func presenceOfAnUnknownAgentIsNotFound() async throws {
    try await StaffedDesk.with { desk in
      let refused = try await problem { try await desk.desk.setPresence(.away, of: "unknown") }
      #expect(refused?.status == .notFound)
    }
  }
}
