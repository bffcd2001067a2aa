import PostgreSQL
import Store
import Testing

@testable import DeskCore

/// What agents are writing (migration 110).
@Suite struct DraftStoreTests {
  private let words = "Dear customer, 您好"

  private func keep(
    _ body: String, at place: Draft.Place, replacing former: DraftKey? = nil, on desk: TestDesk
  ) async throws -> DraftOutcome {
    try await desk.store.drafts.keep(
      body, awaitsCustomer: false, at: place, replacing: former, as: try await desk.fresh())
  }

  private func kept(_ outcome: DraftOutcome) throws -> Draft {
    guard case .kept(let draft) = outcome else { throw DraftWasNotKept() }
    return draft
  }

  private struct DraftWasNotKept: Error {}

  /// A ticket that Ann has.
  private func taken(_ desk: TestDesk) async throws -> Ticket {
    try await desk.upsert(["ann"], capacity: 4)
    var ticket = try await desk.queued(["cara"])[0]
    let offer = try await desk.offer(to: "ann")
    try await desk.take(&ticket, .offered(offer))
    try await desk.take(&ticket, .accepted(offer.id, by: "ann"))
    return ticket
  }

  @Test func aTextReplacesOnlyTheOneThatItWasWrittenFrom() async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["cara"])[0].id
      let place = Draft.Place(ticket: ticket, agent: "ann", kind: .reply)
      let first = try kept(try await keep(words, at: place, on: desk))
      #expect(first.body == words && first.place == place)
      // The answer was lost, and the request is repeated.
      #expect(try await keep(words, at: place, on: desk) == .kept(first))
      // Another device has not seen it.
      #expect(try await keep("Hello", at: place, on: desk) == .conflict(first))
      let second = try kept(try await keep(words + "!", at: place, replacing: first.key, on: desk))
      #expect(second.key != first.key && second.changedAt >= first.changedAt)
      #expect(try await keep("Hello", at: place, replacing: first.key, on: desk) == .conflict(second))
      #expect(try await keep(words + "!", at: place, replacing: first.key, on: desk) == .kept(second))
      // Notes, other agents and other tickets have drafts of their own.
      let note = Draft.Place(ticket: ticket, agent: "ann", kind: .note)
      let other = Draft.Place(ticket: ticket, agent: "bob", kind: .reply)
      for place in [note, other] { _ = try kept(try await keep("x", at: place, on: desk)) }
      #expect(Set(try await desk.store.drafts.drafts(on: ticket).map(\.place)) == [place, note, other])
      #expect(Set(try await desk.store.drafts.drafts(of: "ann").map(\.place)) == [place, note])

      #expect(try await desk.store.drafts.delete(at: place, key: first.key) == second)
      #expect(try await desk.store.drafts.delete(at: place, key: second.key) == nil)
      #expect(try await desk.store.drafts.draft(at: place) == nil)
      #expect(try await keep("late", at: place, replacing: second.key, on: desk) == .conflict(nil))
      #expect(try await desk.store.drafts.delete(at: note, key: nil) == nil)
      #expect(try await desk.store.drafts.drafts(of: "ann").isEmpty)
    }
  }

  @Test func theStepThatSendsADraftDeletesItAndNoNewerText() async throws {
    try await TestDesk.with { desk in
      var ticket = try await taken(desk)
      let place = Draft.Place(ticket: ticket.id, agent: "ann", kind: .reply)
      let draft = try kept(try await keep(words, at: place, on: desk))
      func reply(_ ticket: inout Ticket, _ key: DraftKey) async throws -> TicketStep {
        let message = try await desk.fresh(Labels.self)
        var step = try await desk.step(
          &ticket, .replied(message, by: "ann", awaitsCustomer: false),
          outgoing: OutgoingMessage(id: message, isPublic: true, author: "ann", body: words))
        step.sentDraft = SentDraft(agent: "ann", kind: .reply, key: key)
        return step
      }
      // A step that lost leaves the draft.
      var stale = ticket
      let late = try await reply(&stale, draft.key)
      #expect(try await desk.take(&ticket, .noted(try await desk.fresh(), by: "ann")))
      #expect(try await desk.store.tickets.commit([late]).isEmpty)
      #expect(try await desk.store.drafts.draft(at: place) == draft)

      let newer = try kept(try await keep("newer", at: place, replacing: draft.key, on: desk))
      #expect(try await desk.store.tickets.commit([reply(&ticket, draft.key)]) == [ticket.id])
      #expect(try await desk.store.drafts.draft(at: place) == newer)
      #expect(try await desk.store.tickets.commit([reply(&ticket, newer.key)]) == [ticket.id])
      #expect(try await desk.store.drafts.draft(at: place) == nil)
      #expect(try await desk.number("SELECT count(*) FROM desk.message WHERE direction = 2") == 2)
    }
  }

  @Test func anAgentHasABoundedNumberOfDrafts() async throws {
    try await TestDesk.with { desk in
      try await desk.run(
        """
        INSERT INTO desk.draft (ticket, agent, kind, body, awaits_customer, key)
        SELECT gen_random_uuid(), 'ann', 'reply', 'x', false, gen_random_uuid()
          FROM generate_series(1, \(StoreBounds.draftsPerAgent - 1))
        """)
      let ticket: TicketID = try await desk.fresh()
      let last = try kept(
        try await keep("x", at: Draft.Place(ticket: ticket, agent: "ann", kind: .reply), on: desk))
      #expect(try await keep("x", at: Draft.Place(ticket: ticket, agent: "ann", kind: .note), on: desk) == .full)
      // The ones that there are can be changed.
      _ = try kept(try await keep("y", at: last.place, replacing: last.key, on: desk))
      _ = try kept(try await keep("x", at: Draft.Place(ticket: ticket, agent: "bob", kind: .note), on: desk))
    }
  }

  @Test func whatNoDraftCanBeIsRefusedByTheTable() async throws {
    try await TestDesk.with { desk in
      for values in [
        "'letter', 'x', false", "'reply', '', false", "'note', 'x', true", "'reply', repeat('x', 20001), false",
      ] {
        let error = await #expect(throws: PostgresError.self, "\(values)") {
          try await desk.run(
            """
            INSERT INTO desk.draft (ticket, agent, kind, body, awaits_customer, key)
            SELECT gen_random_uuid(), 'ann', v.*, gen_random_uuid() FROM (VALUES (\(values))) v
            """)
        }
        #expect(error?.sqlState == "23514", "\(values)")
      }
    }
  }

  @Test func erasureAndRetentionDeleteThem() async throws {
    try await TestDesk.with { desk in
      let (erased, other) = (try await desk.queued(["ann-7391"])[0].id, try await desk.queued(["bob-7392"])[0].id)
      for ticket in [erased, other] {
        _ = try kept(
          try await keep("about 7391", at: Draft.Place(ticket: ticket, agent: "ann", kind: .note), on: desk))
      }
      _ = try await desk.store.privacy.erase(customer: "ann-7391", of: "web", reason: "asked for it", receipt: "r")
      #expect(try await desk.store.drafts.drafts(of: "ann").map(\.place.ticket) == [other])
      try await desk.run(
        """
        INSERT INTO desk.draft (ticket, agent, kind, body, awaits_customer, key)
        SELECT desk.uuid_floor(now() - interval '9 days'), 'zoe', 'note', 'old', false, gen_random_uuid();
        INSERT INTO desk.ticket_read (ticket, agent, message)
        SELECT desk.uuid_floor(now() - interval '9 days'), 'zoe', gen_random_uuid()
        """)
      _ = try await desk.store.privacy.forget(olderThan: 5)
      #expect(try await desk.store.drafts.drafts(of: "zoe").isEmpty)
      #expect(try await desk.number("SELECT count(*) FROM desk.ticket_read") == 0)
      #expect(try await desk.store.drafts.drafts(of: "ann").count == 1)
    }
  }
}
