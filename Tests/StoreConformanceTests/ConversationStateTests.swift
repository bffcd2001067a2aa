import Store
import Testing

@testable import DeskCore

/// What a ticket remembers of its conversation is read back as it was written (migration 98).
@Suite struct ConversationStateTests {
  private static let full = ConversationState(
    lessUrgentMessages: 1, calmerMessages: 2, found: [3, .max], productLine: "手机 \"x\"", awaitsConcern: true,
    heldUntil: Instant(microseconds: 1_767_616_200_000_001), isPlacedByHand: true, isPrioritisedByHand: true,
    suggestion: .init(queue: "returns", priority: .urgent, rule: nil), crises: [CrisisID(high: 1, low: 2)])

  @Test(arguments: [ConversationStateTests.full, ConversationState(productLine: "phones"), ConversationState()])
  func theStateIsReadBack(_ state: ConversationState) async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["cara"])[0]
      var changed = ticket
      changed.conversation = state
      changed.version += 1
      let step = TicketStep(
        expectedVersion: ticket.version, ticket: changed, at: try await desk.store.now(), effects: [], traceparent: nil,
        reopenWindow: .seconds(60))
      #expect(try await desk.store.tickets.commit([step]) == [ticket.id])
      #expect(try await desk.store.tickets.tickets([ticket.id])[ticket.id] == changed)
      let unset = "SELECT count(*) FROM desk.ticket WHERE conversation IS NULL"
      #expect(try await desk.number(unset) == (state == ConversationState() ? 1 : 0))
    }
  }

  @Test func keysOfALaterBuildAreIgnored() async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["cara"])[0]
      try await desk.run(#"UPDATE desk.ticket SET conversation = '{"later": [1], "calmer": 2, "found": "none"}'"#)
      let read = try #require(try await desk.store.tickets.tickets([ticket.id])[ticket.id])
      #expect(read.conversation == ConversationState(calmerMessages: 2))
    }
  }

  @Test func aTicketThatWaitsForItsConcernIsNotOfferedBefore() async throws {
    try await TestDesk.with { desk in
      let tickets = try await desk.queued(["cara", "dora"])
      let now = try await desk.store.now()
      let until = (now + .seconds(60)).microseconds
      try await desk.run(
        #"UPDATE desk.ticket SET conversation = '{"held_until_us": \#(until)}' WHERE id = '\#(tickets[0].id)'"#)
      try await desk.run(
        #"UPDATE desk.ticket SET conversation = '{"held_until_us": "soon"}' WHERE id = '\#(tickets[1].id)'"#)
      let queue = try #require(tickets[0].queue)
      func waiting(at moment: Instant) async throws -> Set<TicketID> {
        Set(
          try await desk.store.matching.waitingTickets(in: queue, at: moment, headStarts: HeadStarts(), limit: 9)
            .map(\.id))
      }
      #expect(try await waiting(at: now) == [tickets[1].id], "what cannot be read holds no ticket back")
      #expect(try await waiting(at: now + .seconds(60)) == Set(tickets.map(\.id)))
    }
  }
}
