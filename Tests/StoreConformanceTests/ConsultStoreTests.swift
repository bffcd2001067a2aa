import Store
import Testing

@testable import DeskCore

/// Consults are written with the steps of their tickets (migration 109).
@Suite struct ConsultStoreTests {
  private let lead = ActingAgent("eve", leads: true)

  /// Asks about a ticket, as a lead.
  private func ask(
    _ ticket: inout Ticket, _ recipient: Consult.Recipient, on desk: TestDesk
  ) async throws -> Consult {
    let consult = Consult(
      id: try await desk.fresh(), asker: "eve", recipient: recipient, question: "why?",
      askedAt: try await desk.store.now())
    #expect(try await desk.take(&ticket, .consulted(consult, by: lead)))
    return consult
  }

  /// Answers a consult.
  private func answer(_ consult: Consult, by agent: AgentID, _ ticket: inout Ticket, on desk: TestDesk) async throws {
    let note = try await desk.fresh(Labels.self)
    let answered = Consult(
      id: consult.id, asker: consult.asker, recipient: consult.recipient, question: consult.question,
      askedAt: consult.askedAt, phase: .answered(by: agent, note: note, at: try await desk.store.now()))
    let step = try await desk.step(
      &ticket, .consulted(answered, by: ActingAgent(agent, leads: false)),
      outgoing: OutgoingMessage(id: note, isPublic: false, author: agent, body: "because"))
    #expect(try await desk.store.tickets.commit([step]) == [ticket.id])
  }

  private func states(_ direction: ConsultDirection, on desk: TestDesk) async throws -> [Consult.State] {
    try await desk.store.consults.consults(direction, before: nil, limit: 20).map(\.consult.state)
  }

  @Test func aConsultIsReadBackAndListedForBothSides() async throws {
    try await TestDesk.with { desk in
      var ticket = try await desk.queued(["cara"])[0]
      let first = try await ask(&ticket, .agent("bob"), on: desk)
      let second = try await ask(&ticket, .productLine("pay"), on: desk)
      let store = desk.store.consults
      #expect(try await store.consult(first.id) == StoredConsult(first, on: ticket.id))
      #expect(Set(try await store.open(on: ticket.id).map(\.consult)) == [first, second])
      #expect(try await store.consult(try await desk.fresh()) == nil)
      #expect(try await store.consults(.to("bob", lines: []), before: nil, limit: 9).map(\.consult) == [first])
      #expect(try await store.consults(.to("dora", lines: ["pay"]), before: nil, limit: 9).map(\.consult) == [second])
      // What one asks a product line is not put to oneself.
      #expect(try await store.consults(.to("eve", lines: ["pay"]), before: nil, limit: 9).isEmpty)
      let page = try await store.consults(.by("eve"), before: nil, limit: 1)
      #expect(page.map(\.consult) == [second])
      #expect(try await store.consults(.by("eve"), before: second.id, limit: 9).map(\.consult) == [first])
      #expect(try await store.consults(.by("eve"), in: [.answered], before: nil, limit: 9).isEmpty)
      #expect(
        try await store.consults(on: ticket.id, endingWith: Array(first.id.bytes.suffix(8))).map(\.consult) == [first])
    }
  }

  @Test func anAnswerIsANoteAndNews() async throws {
    try await TestDesk.with { desk in
      var ticket = try await desk.queued(["cara"])[0]
      let consult = try await ask(&ticket, .productLine("pay"), on: desk)
      let hourAgo = try await desk.store.now() + .seconds(-3_600)
      let store = desk.store.consults
      #expect(
        try await store.news(for: ["bob"], lines: ["pay"], since: hourAgo, limit: 5).map(\.consult.id) == [consult.id])
      #expect(try await store.news(for: ["bob", "eve"], lines: [], since: hourAgo, limit: 5).isEmpty)
      try await answer(consult, by: "bob", &ticket, on: desk)
      let found = try #require(try await store.consult(consult.id))
      #expect(found.answer == "because" && found.consult.state == .answered)
      #expect(try await store.news(for: ["bob"], lines: ["pay"], since: hourAgo, limit: 5).isEmpty)
      #expect(try await store.news(for: ["eve"], lines: [], since: hourAgo, limit: 5) == [found])
      let later = try await desk.store.now() + .seconds(3_600)
      #expect(try await store.news(for: ["eve"], lines: [], since: later, limit: 5).isEmpty)
      #expect(
        try await desk.number("SELECT count(*) FROM desk.message WHERE direction = 3 AND body = 'because'") == 1)
      #expect(try await desk.number("SELECT count(*) FROM desk.audit WHERE kind LIKE 'consult.%'") == 2)
    }
  }

  @Test func aStepThatLostWritesNothing() async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["cara"])[0]
      var (one, other) = (ticket, ticket)
      _ = try await ask(&one, .agent("bob"), on: desk)
      let late = Consult(
        id: try await desk.fresh(), asker: "eve", recipient: .agent("bob"), question: "why?",
        askedAt: try await desk.store.now())
      #expect(try await !desk.take(&other, .consulted(late, by: lead)))
      #expect(try await desk.store.consults.open(on: ticket.id).count == 1)
    }
  }

  @Test func aTicketHasABoundedNumberOfOpenConsults() async throws {
    try await TestDesk.with { desk in
      var ticket = try await desk.queued(["cara"])[0]
      var first: Consult?
      for _ in 0..<StoreBounds.openConsultsPerTicket {
        let consult = try await ask(&ticket, .agent("bob"), on: desk)
        first = first ?? consult
      }
      var crowded = ticket
      let surplus = Consult(
        id: try await desk.fresh(), asker: "eve", recipient: .agent("bob"), question: "why?",
        askedAt: try await desk.store.now())
      await #expect(throws: (any Error).self) { try await desk.take(&crowded, .consulted(surplus, by: lead)) }
      // An answer frees a place.
      try await answer(try #require(first), by: "bob", &ticket, on: desk)
      _ = try await ask(&ticket, .agent("bob"), on: desk)
      #expect(try await desk.store.consults.open(on: ticket.id).count == StoreBounds.openConsultsPerTicket)
    }
  }

  @Test func settlingTheTicketEndsThem() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ann"], capacity: 4)
      var ticket = try await desk.queued(["cara"])[0]
      let offer = try await desk.offer(to: "ann")
      try await desk.take(&ticket, .offered(offer))
      try await desk.take(&ticket, .accepted(offer.id, by: "ann"))
      _ = try await ask(&ticket, .agent("bob"), on: desk)
      #expect(try await desk.take(&ticket, .resolved(by: "ann")))
      #expect(try await states(.to("bob", lines: []), on: desk) == [.ended])
      #expect(try await desk.store.consults.open(on: ticket.id).isEmpty)
    }
  }

  @Test func anErasureRemovesTheTextsAndRetentionTheRows() async throws {
    try await TestDesk.with { desk in
      var (erased, kept) = (try await desk.queued(["ann-7391"])[0], try await desk.queued(["bob-7392"])[0])
      let answered = try await ask(&erased, .agent("bob"), on: desk)
      try await answer(answered, by: "bob", &erased, on: desk)
      let open = try await ask(&erased, .agent("bob"), on: desk)
      let other = try await ask(&kept, .agent("bob"), on: desk)
      _ = try await desk.store.privacy.erase(customer: "ann-7391", of: "web", reason: "asked for it", receipt: "r")
      let store = desk.store.consults
      let emptied = try #require(try await store.consult(answered.id))
      #expect(emptied.consult.question == nil && emptied.answer == "" && emptied.consult.state == .answered)
      #expect(try await store.consult(open.id)?.consult.state == .ended)
      #expect(try await store.consult(other.id)?.consult == other)
      try await desk.run(
        """
        INSERT INTO desk.consult (id, ticket, slot, asker, asked_agent, question, asked_at, state, ended_at)
        SELECT gen_random_uuid(), desk.uuid_floor(now() - interval '9 days'), 1, 'eve', 'zoe', 'old', now(), 'withdrawn', now()
        """)
      #expect(try await states(.to("zoe", lines: []), on: desk) == [.withdrawn])
      _ = try await desk.store.privacy.forget(olderThan: 5)
      #expect(try await states(.to("zoe", lines: []), on: desk) == [])
      #expect(try await store.consult(other.id) != nil)
    }
  }
}
