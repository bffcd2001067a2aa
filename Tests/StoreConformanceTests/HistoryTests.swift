import PostgreSQL
import TestStore
import Testing

@testable import DeskCore
@testable import Store

/// A desk that has kept many days does what it does with today's messages as one that is new.
@Suite struct HistoryTests {
  /// Days before yesterday.
  private static let old = 3...12

  /// Every statement that the desk has used on its connection and that names history, as the server would execute it now.
  private func statementsOpeningOldDays(on desk: TestDesk, today: MessageID) async throws -> [String] {
    let used = try await desk.store.pool.query(
      PostgresStatement(
        "used_statements",
        """
        SELECT name, parameter_types::text[], generic_plans > 0 FROM pg_prepared_statements
         WHERE statement ~ 'desk\\.(message|ticket_event|closed_ticket|search_entry)\\M' ORDER BY name
        """
      ) { row in
        (name: try row.next(String.self), types: try row.next([String].self), isPlannedOnce: try row.next(Bool.self))
      })
    let names = Self.old.map { "'_' || to_char((now() AT TIME ZONE 'UTC')::date - \($0), 'YYYYMMDD')" }
    let days = try await desk.store.pool.query(
      PostgresStatement<String>("old_days", "SELECT unnest(ARRAY[\(names.joined(separator: ", "))])"))
    var found: [String] = []
    for statement in used {
      let values = statement.types.map { type in
        switch type {
        case "uuid": "'\(today)'"
        case "uuid[]": "'{\(today)}'"
        case let type where type.hasSuffix("[]"): "NULL::\(type)"
        case "bigint", "integer", "smallint": "1"
        default: "NULL::\(type)"
        }
      }
      let mode = statement.isPlannedOnce ? "force_generic_plan" : "force_custom_plan"
      let arguments = values.isEmpty ? "" : "(\(values.joined(separator: ", ")))"
      try await desk.run("SET plan_cache_mode = \(mode)")
      let plan = try await desk.store.pool.query(
        PostgresStatement<String>(
          "explain_\(statement.name.suffix(50))", "EXPLAIN (COSTS OFF) EXECUTE \(statement.name)\(arguments)",
          planning: nil))
      if plan.contains(where: { line in days.contains { line.contains($0) } }) { found.append(statement.name) }
    }
    return found
  }

  @Test func theLifeOfATicketOpensNoOldDays() async throws {
    // One connection, which then knows every statement that was used.
    try await TestDesk.with(connections: 1) { desk in
      try await desk.run(
        DayPartitions.script(
          daysAgo: Self.old, of: ["message", "ticket_event", "closed_ticket", "search_entry"]))
      try await live(on: desk)
      // One that does, which shows that it would be noticed.
      let unbounded = PostgresStatement<MessageID>(
        "opens_all_days", "SELECT id FROM desk.message WHERE ticket_id = $1", planning: .once)
      _ = try await desk.store.pool.query(unbounded, [desk.fresh(Ticket.self)])
      #expect(try await statementsOpeningOldDays(on: desk, today: desk.fresh()) == ["opens_all_days"])
    }
  }

  /// What services and the console ask the store for while a ticket is written, routed, offered, answered and ended, and all the time.
  private func live(on desk: TestDesk) async throws {
    let store = desk.store
    try await desk.upsert(["ada"], capacity: 3)
    let waiting = try await desk.message("waits", from: "eve")
    _ = try await store.inbox.accept([waiting], owner: nil)
    _ = try await store.inbox.accept([waiting], owner: nil)
    _ = try await store.inbox.claimUnlabelled(olderThan: .zero, limit: 9)
    _ = try await store.inbox.claimLabelled(olderThan: .zero, limit: 9)
    _ = try await store.inbox.adopt(for: desk.fresh(), limit: 9)
    _ = try await store.inbox.claimPoisoned(limit: 9)
    try await desk.run("UPDATE desk.inbox SET attempts = \(StoreBounds.attemptsBeforePoison)")
    _ = try await store.inbox.claimPoisoned(limit: 9)
    _ = try await store.inbox.poisonWithoutMessage(limit: 9)
    _ = try await store.inbox.undecidedWords(of: [waiting.id])
    var ticket = try await desk.queued(["ann"])[0]
    // A customer who returns.
    try await desk.run("UPDATE desk.ticket SET previous_ticket = id WHERE id = '\(ticket.id)'")
    _ = try await store.matching.situation()
    _ = try await store.matching.waitingTickets(
      in: ["billing"], at: store.now(), headStarts: HeadStarts(), limit: 9)
    let offer = try await desk.offer(to: "ada")
    try await desk.take(&ticket, .offered(offer))
    _ = try await store.tickets.ticket(offeredAs: offer.id, to: "ada")
    _ = try await store.conversations.messages(of: ticket.id, limit: 9)
    try await desk.take(&ticket, .accepted(offer.id, by: "ada", reason: nil))
    let held = try await store.tickets.tickets(heldBy: "ada")
    _ = try await store.conversations.inboxLines(of: held.map(\.id), for: "ada")
    let newest = try #require(try await store.conversations.newestMessage(on: ticket.id))
    _ = try await store.conversations.markAsRead(newest, on: ticket.id, by: "ada")
    _ = try await store.conversations.message(newest)
    let parts = try await store.conversations.parts(of: ticket.id, limit: 9)
    _ = try await store.conversations.messages(of: parts, before: nil, limit: 9)
    _ = try await store.conversations.newestMessageOfCustomer(on: ticket.id)
    _ = try await store.conversations.productLine(on: ticket.id, upTo: newest)
    _ = try await store.conversations.writtenMessages(on: ticket.id, endingWith: Array(repeating: 0, count: 8))
    _ = try await store.conversations.lastWriter(of: [ticket.id])
    _ = try await store.conversations.timelinePage(of: ticket.id, limit: 9)
    _ = try await store.conversations.newestSuggestion(of: ticket.id)
    let reply: MessageID = try await desk.fresh()
    let answered = try await desk.step(
      &ticket, .replied(reply, by: "ada", awaitsCustomer: false),
      outgoing: OutgoingMessage(id: reply, isPublic: true, author: "ada", body: "Done."))
    #expect(try await store.tickets.commit([answered]) == [ticket.id])
    #expect(try await store.replies.replies(of: "web", after: 0, .queued, limit: 9).map(\.id) == [reply])
    #expect(try await store.replies.replies(of: "web", after: 0, limit: 9).map(\.id) == [reply])
    _ = try await store.replies.replies(on: ticket.id, by: "web", to: nil, limit: 9)
    _ = try await store.replies.failed(limit: 9)
    try await desk.take(&ticket, .resolved(by: "ada"))
    try await desk.take(&ticket, .reopenWindowPassed)
    _ = try await store.conversations.closedTicket(ticket.id)
    for reader in SearchReader.all { _ = try await store.search.read(by: reader) }
    _ = try await store.learning.messagesToScan(distance: .zero, limit: 9)
    _ = try await store.learning.feedbackCandidates(in: ["wish"], distance: .zero, limit: 9)
  }

  @Test func aMessageThatIsMuchOlderThanItsTicketIsFound() async throws {
    try await TestDesk.with { desk in
      // A dead letter from ten days ago, which an operator replays now.
      let old = MessageID(
        high: (UInt64(try await desk.store.now().milliseconds) - 10 * 86_400_000) << 16 | 0x7000, low: 1 << 63)
      let ended: TicketID = try await desk.fresh()
      try await desk.run(
        """
        INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at)
        VALUES ('\(old)', '\(ended)', 1, 'web', 'ann', 'from long ago', now() - interval '10 days');
        INSERT INTO desk.dead_letter (id, kind, ticket_id, reason, body) VALUES ('\(old)', 'message', '\(ended)', 'a test', '{}');
        """)
      let fresh: TicketID = try await desk.fresh()
      #expect(try await desk.store.outbox.replay(old.of(DeadLetter.self), freshTicket: fresh))
      let conversations = desk.store.conversations
      #expect(try await conversations.newestMessage(on: fresh) == old)
      #expect(try await conversations.messages(of: fresh, limit: 9).map(\.body) == ["from long ago"])
      #expect(try await conversations.newestMessageOfCustomer(on: fresh)?.id == old)
      #expect(try await conversations.lastWriter(of: [fresh])?.author.customer == "ann")
      #expect(try await conversations.inboxLines(of: [fresh], for: "ada")[fresh]?.last?.id == old)
      // It counts as undecided, so that its ticket cannot end without it.
      var ticket = try #require(try await desk.store.tickets.tickets([fresh])[fresh])
      #expect(try await !desk.take(&ticket, .rejected(reason: "a test")))
      // Behind a newer one it is still in the conversation.
      let next = try await desk.store.inbox.accept([try await desk.message("next")], owner: nil)
      #expect(next.first?.acceptance?.ticket == fresh)
      let parts = try await conversations.parts(of: fresh, limit: 9)
      #expect(
        try await conversations.messages(of: parts, before: nil, limit: 9).elements.map(\.body)
          == ["from long ago", "words of next"])
      #expect(try await desk.number("SELECT count(*) FROM desk.older_message") == 1)
    }
  }

  @Test func aMessageBehindAClockThatWasSetBackIsFound() async throws {
    try await TestDesk.with { desk in
      // The ticket is from a time that was three days ahead.
      let now = UInt64(try await desk.store.now().milliseconds)
      let ticket = TicketID(high: (now + 3 * 86_400_000) << 16 | 0x7000, low: 1 << 63)
      let ahead: MessageID = ticket.of(Labels.self)
      let right: MessageID = try await desk.fresh()
      try await desk.run(
        """
        INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at)
        VALUES ('\(ahead)', '\(ticket)', 1, 'web', 'ann', 'ahead', now()), ('\(right)', '\(ticket)', 1, 'web', 'ann', 'right', now());
        """)
      let parts = try await desk.store.conversations.parts(of: ticket, limit: 9)
      let page = try await desk.store.conversations.messages(of: parts, before: nil, limit: 9)
      #expect(page.elements.map(\.body) == ["right", "ahead"])
      _ = try await desk.queued(["bob"])
      #expect(try await desk.number("SELECT count(*) FROM desk.older_message") == 1)
    }
  }
}
