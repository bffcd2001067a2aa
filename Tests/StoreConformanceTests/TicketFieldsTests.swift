import PostgreSQL
import Store
import Testing

@testable import DeskCore

/// What customers answered, and the question that a ticket waits for (migration 107).
@Suite struct TicketFieldsTests {
  private func store(_ fields: TicketFields, _ state: ConversationState, of ticket: Ticket, _ desk: TestDesk)
    async throws
    -> Ticket
  {
    var changed = ticket
    changed.fields = fields
    changed.conversation = state
    changed.version += 1
    let step = TicketStep(
      expectedVersion: ticket.version, ticket: changed, at: try await desk.store.now(), effects: [], traceparent: nil,
      reopenWindow: .seconds(60))
    #expect(try await desk.store.tickets.commit([step]) == [ticket.id])
    return changed
  }

  @Test func fieldsAndTheQuestionAreReadBack() async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["cara"])[0]
      let state = ConversationState(
        heldUntil: Instant(microseconds: 1_767_616_200_000_001),
        question: .init(questionnaire: "哪个订单", field: "order_number", attempts: 2), skippedFields: ["state", "since"],
        questionsAsked: 3)
      let fields = TicketFields(["details": "“坏了” \\ \"x\"", "serial": "AB-1234"])
      let changed = try await store(fields, state, of: ticket, desk)
      #expect(try await desk.store.tickets.tickets([ticket.id])[ticket.id] == changed)
      let bare = try await store(TicketFields(), ConversationState(), of: changed, desk)
      #expect(try await desk.store.tickets.tickets([ticket.id])[ticket.id] == bare)
      #expect(try await desk.number("SELECT count(*) FROM desk.ticket WHERE fields IS NULL") == 1)
    }
  }

  @Test func anErasureRemovesTheFieldsOfLiveAndEndedTickets() async throws {
    try await TestDesk.with { desk in
      let tickets = try await desk.queued(["cara-7391", "dora"])
      for ticket in tickets {
        _ = try await store(TicketFields(["details": "secret-7391"]), ConversationState(), of: ticket, desk)
      }
      // Ended tickets keep the document of their row; a guest's answers are among the fields of the host's ticket.
      try await desk.run(
        """
        INSERT INTO desk.closed_ticket (id, state, channel, customer, queue, opened_at, closed_at, ticket)
        SELECT id, 'closed', channel, customer, queue, opened_at, now(), to_jsonb(t) FROM desk.ticket t WHERE customer = 'cara-7391';
        DELETE FROM desk.ticket WHERE customer = 'cara-7391';
        DELETE FROM desk.open_ticket WHERE customer = 'cara-7391';
        INSERT INTO desk.ticket_guest (ticket, channel, customer) VALUES ('\(tickets[1].id)', 'web', 'cara-7391');
        """)
      let holds = "SELECT (SELECT count(*) FROM desk.ticket t WHERE t::text ~ 'secret') + "
      let ended = "(SELECT count(*) FROM desk.closed_ticket t WHERE t::text ~ 'secret')"
      #expect(try await desk.number(holds + ended) == 2)
      #expect(
        try await desk.store.privacy.erase(customer: "cara-7391", of: "web", reason: "asked", receipt: "r") != nil)
      #expect(try await desk.number(holds + ended) == 0)
    }
  }

  @Test func aTicketThatWaitsForAnAnswerIsNotOfferedBefore() async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["cara"])[0]
      let now = try await desk.store.now()
      let state = ConversationState(
        heldUntil: now + .seconds(60), question: .init(questionnaire: "q", field: "f", attempts: 1), questionsAsked: 1)
      _ = try await store(TicketFields(), state, of: ticket, desk)
      let queue = try #require(ticket.queue)
      func waiting(at moment: Instant) async throws -> [TicketID] {
        try await desk.store.matching.waitingTickets(in: queue, at: moment, headStarts: HeadStarts(), limit: 9).map(
          \.id)
      }
      #expect(try await waiting(at: now) == [])
      #expect(try await waiting(at: now + .seconds(60)) == [ticket.id])
    }
  }
}
