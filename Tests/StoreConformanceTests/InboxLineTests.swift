import Store
import Testing

@testable import DeskCore

/// The last lines and the read marks of an agent's inbox.
@Suite struct InboxLineTests {
  /// Writes a message on a ticket, dated some seconds after it was opened.
  private func write(
    _ text: String, direction: Int, author: String, after seconds: Int, on ticket: TicketID, _ desk: TestDesk
  ) async throws -> MessageID {
    var random = SystemRandomNumberGenerator()
    let id = MessageID(at: try await desk.store.now() + .seconds(seconds), using: &random)
    try await desk.run(
      """
      INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at)
      VALUES ('\(id)', '\(ticket)', \(direction), 'web', '\(author)', '\(text)', now())
      """)
    return id
  }

  private func line(_ ticket: TicketID, of agent: AgentID, _ desk: TestDesk) async throws -> InboxLine? {
    try await desk.store.conversations.inboxLines(of: [ticket], for: agent)[ticket]
  }

  @Test func itHasTheLastMessageAndCountsWhatTheAgentHasNotRead() async throws {
    try await TestDesk.with { desk in
      let tickets = try await desk.queued(["cara", "dora"])
      let (ticket, other) = (tickets[0].id, tickets[1].id)
      let opened = try #require(try await line(ticket, of: "ann", desk))
      #expect(opened.last?.excerpt == "words of first of cara" && opened.last?.direction == 1 && opened.unread == 1)
      let first = try await write("second", direction: 1, author: "cara", after: 10, on: ticket, desk)
      _ = try await write("from bob", direction: 3, author: "bob", after: 20, on: ticket, desk)
      _ = try await write("own note", direction: 3, author: "ann", after: 30, on: ticket, desk)
      let reply = try await write(
        String(repeating: "长", count: 300), direction: 2, author: "ann", after: 40, on: ticket, desk)
      let lines = try await desk.store.conversations.inboxLines(of: [ticket, other], for: "ann")
      let now = try #require(lines[ticket])
      #expect(now.last?.id == reply && now.last?.author == "ann" && now.last?.direction == 2)
      #expect(now.last?.excerpt == String(repeating: "长", count: StoreBounds.excerptCharacters))
      // What customers wrote and others noted; neither replies nor own notes.
      #expect(now.unread == 3 && lines[other]?.unread == 1)
      #expect(try await line(ticket, of: "bob", desk)?.unread == 3)

      let store = desk.store.conversations
      #expect(try await store.markAsRead(first, on: ticket, by: "ann") == first)
      #expect(try await line(ticket, of: "ann", desk)?.unread == 1)
      #expect(try await store.markAsRead(reply, on: ticket, by: "ann") == reply)
      #expect(try await line(ticket, of: "ann", desk)?.unread == 0)
      // Never backwards, and only for who has read.
      #expect(try await store.markAsRead(first, on: ticket, by: "ann") == reply)
      #expect(try await line(ticket, of: "ann", desk)?.unread == 0)
      #expect(try await line(ticket, of: "bob", desk)?.unread == 3)
      // No message of this ticket.
      #expect(try await store.markAsRead(first, on: other, by: "ann") == nil)
      #expect(try await store.markAsRead(try await desk.fresh(), on: ticket, by: "zoe") == nil)
      #expect(try await store.inboxLines(of: [], for: "ann").isEmpty)
    }
  }

  @Test func itCountsUpToALimit() async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["cara"])[0].id
      try await desk.run(
        """
        INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at)
        SELECT gen_random_uuid(), '\(ticket)', 1, 'web', 'cara', 'again', now()
          FROM generate_series(1, \(StoreBounds.unreadCounted + 50))
        """)
      #expect(try await line(ticket, of: "ann", desk)?.unread == Int64(StoreBounds.unreadCounted))
    }
  }

  @Test func itReadsOnlyTheMessagesOfItsTickets() async throws {
    try await TestDesk.with(connections: 1) { desk in
      let ticket = try await desk.queued(["cara"])[0].id
      try await desk.run(
        """
        INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at)
        SELECT gen_random_uuid(), gen_random_uuid(), 1, 'web', 'crowd', 'x', now() FROM generate_series(1, 20000);
        INSERT INTO desk.ticket_read (ticket, agent, message)
        SELECT gen_random_uuid(), 'ann', gen_random_uuid() FROM generate_series(1, 20000);
        """)
      func rows() async throws -> Int64 {
        try await desk.run("SELECT pg_stat_force_next_flush()")
        return try await desk.number(
          """
          SELECT sum(coalesce(idx_tup_fetch, 0) + seq_tup_read) FROM pg_stat_user_tables
           WHERE schemaname = 'desk' AND (relname LIKE 'message%' OR relname = 'ticket_read')
          """)
      }
      let before = try await rows()
      #expect(try await line(ticket, of: "ann", desk)?.unread == 1)
      #expect(try await desk.store.conversations.newestMessage(on: ticket) != nil)
      #expect(try await rows() - before < 50)
    }
  }

  @Test func noticesOfProgressAreNoNewerMessage() async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["cara"])[0].id
      let first = try await desk.store.conversations.newestMessage(on: ticket)
      _ = try await write("Still at it", direction: 2, author: "progress:waiting", after: 10, on: ticket, desk)
      #expect(try await desk.store.conversations.newestMessage(on: ticket) == first)
      let reply = try await write("Here you are", direction: 2, author: "ann", after: 20, on: ticket, desk)
      #expect(try await desk.store.conversations.newestMessage(on: ticket) == reply)
    }
  }
}
