import Store
import Testing

@testable import DeskCore

/// The hot statements find rows by index, however many tickets are live and however long the batch is.
@Suite struct PlanTests {
  @Test(arguments: [1, 50, 500])
  func acceptingAndDecidingNeverScanWholeTables(batch: Int) async throws {
    // One connection, so that its counters are all that is counted.
    try await TestDesk.with(connections: 1) { desk in
      try await desk.run(
        """
        INSERT INTO desk.open_ticket (ticket_id, channel, customer, opened_at)
        SELECT desk.uuid_floor(now() - n * interval '1 second'), 'web', 'crowd ' || n, now() FROM generate_series(1, 30000) n;
        INSERT INTO desk.ticket (id, channel, customer, opened_at)
        SELECT ticket_id, channel, customer, opened_at FROM desk.open_ticket;
        INSERT INTO desk.message_key (channel, external_id, message_id, digest, received_at)
        SELECT 'web', 'crowd ' || n, desk.uuid_floor(now() - n * interval '1 second'), '', now()
          FROM generate_series(1, 30000) n;
        INSERT INTO desk.inbox (message_id, ticket_id, opens_ticket, accepted_at)
        SELECT id, id, true, now() FROM desk.ticket;
        """)
      try await desk.run("ANALYZE desk.open_ticket, desk.ticket, desk.inbox, desk.message_key")
      let before = try await wholeReads(desk, of: "open_ticket", "ticket", "inbox", "message_key")
      let customers = (0..<batch).map { "customer \($0)" }
      _ = try await desk.queued(customers)
      #expect(try await wholeReads(desk, of: "open_ticket", "ticket", "inbox", "message_key") == before)
    }
  }

  @Test func plansMadeForEmptyTablesSuitFullOnes() async throws {
    try await TestDesk.with(connections: 1) { desk in
      try await desk.run(
        "ALTER TABLE desk.open_ticket SET (autovacuum_enabled = off); ALTER TABLE desk.ticket SET (autovacuum_enabled = off)"
      )
      _ = try await desk.queued(["the first"])
      try await desk.run(
        """
        INSERT INTO desk.open_ticket (ticket_id, channel, customer, opened_at)
        SELECT desk.uuid_floor(now() - n * interval '1 second'), 'web', 'crowd ' || n, now() FROM generate_series(1, 30000) n;
        INSERT INTO desk.ticket (id, channel, customer, opened_at)
        SELECT ticket_id, channel, customer, opened_at FROM desk.open_ticket ON CONFLICT DO NOTHING;
        """)
      let before = try await rowsFetched(desk, from: "open_ticket", "ticket")
      _ = try await desk.queued((0..<100).map { "customer \($0)" })
      // Each ticket is looked up a handful of times; a sequential scan would give hundreds of rows for each.
      #expect(try await rowsFetched(desk, from: "open_ticket", "ticket") - before < 1000)
    }
  }

  @Test func anInboxAnalyzedEmptyIsReadByIndex() async throws {
    try await TestDesk.with(connections: 1) { desk in
      // Full, then emptied and vacuumed with its last page kept, then filled again: the server estimates no rows at all.
      let fill = """
        INSERT INTO desk.inbox (message_id, ticket_id, opens_ticket, accepted_at)
        SELECT desk.uuid_floor(now() - n * interval '1 second'), desk.uuid_floor(now()), true, now()
          FROM generate_series(1, 20000) n
        """
      try await desk.run(fill)
      try await desk.run("ALTER TABLE desk.inbox SET (autovacuum_enabled = off, vacuum_truncate = off)")
      try await desk.run("DELETE FROM desk.inbox")
      try await desk.run("VACUUM ANALYZE desk.inbox")
      try await desk.run(fill)
      let before = try await wholeReads(desk, of: "inbox")
      _ = try await desk.queued((0..<500).map { "customer \($0)" })
      #expect(try await wholeReads(desk, of: "inbox") == before)
    }
  }

  @Test func sweepingALongBacklogUsesItsIndex() async throws {
    try await TestDesk.with(connections: 1) { desk in
      let owner = try await desk.fresh(ServiceInstance.self)
      try await desk.store.fleet.register(.test(owner, service: "intake"))
      try await desk.run(
        """
        INSERT INTO desk.inbox (message_id, ticket_id, owner, opens_ticket, accepted_at, attempts, category)
        SELECT desk.uuid_floor(now() - n * interval '1 second'), desk.uuid_floor(now()), CASE WHEN n % 2 = 0 THEN '\(owner)'::uuid END,
               true, now() - n * interval '1 second', CASE WHEN n % 5000 = 0 THEN 3 ELSE 0 END, CASE WHEN n % 3 = 0 THEN 'c' END
          FROM generate_series(1, 30000) n
        """)
      try await desk.run("ANALYZE desk.inbox")
      let before = try await wholeReads(desk, of: "inbox")
      for _ in 0..<3 {
        _ = try await desk.store.inbox.claimUnlabelled(olderThan: .seconds(3), limit: 256)
        _ = try await desk.store.inbox.claimLabelled(olderThan: .seconds(3), limit: 256)
        _ = try await desk.store.inbox.adopt(for: owner, limit: 256)
        _ = try await desk.store.inbox.claimPoisoned(limit: 256)
      }
      #expect(try await wholeReads(desk, of: "inbox") == before)
    }
  }

  @Test func findingDueProgressNoticesReadsNoOtherTicket() async throws {
    try await TestDesk.with(connections: 1) { desk in
      let ticket = try await desk.queued(["cara"])[0]
      let now = try await desk.store.now()
      #expect(try await desk.store.tickets.ticketsWithProgressDue(by: now, limit: 256).isEmpty)
      try await desk.run(
        """
        INSERT INTO desk.ticket (id, channel, customer, opened_at)
        SELECT desk.uuid_floor(now() - n * interval '1 second'), 'web', 'crowd ' || n, now() FROM generate_series(1, 30000) n;
        UPDATE desk.ticket SET progress_due_at = now() - interval '1 minute' WHERE id = '\(ticket.id)';
        """)
      try await desk.run("ANALYZE desk.ticket")
      let before = try await rowsFetched(desk, from: "ticket")
      #expect(try await desk.store.tickets.ticketsWithProgressDue(by: now, limit: 256).map(\.id) == [ticket.id])
      #expect(try await rowsFetched(desk, from: "ticket") - before < 100)
    }
  }

  @Test func watchingNewTicketsDoesNotReadOldOnes() async throws {
    try await TestDesk.with(connections: 1) { desk in
      func look() async throws {
        #expect(try await desk.store.learning.countArrivals(distance: .seconds(5), limit: 20_000) == 0)
        let found = try await desk.store.learning.feedbackCandidates(in: ["wish"], distance: .seconds(5), limit: 512)
        #expect(found.candidates.isEmpty)
        #expect(try await desk.store.learning.messagesToScan(distance: .seconds(5), limit: 512).messages.isEmpty)
      }
      try await look()
      try await desk.run(
        """
        INSERT INTO desk.ticket (id, channel, customer, opened_at, category)
        SELECT desk.uuid_floor(now() - n * interval '1 minute'), 'web', 'crowd ' || n, now() - n * interval '1 minute', 'wish'
          FROM generate_series(1, 30000) n;
        UPDATE desk.watch_cursor SET up_to = desk.uuid_floor(now() - interval '30 seconds');
        """)
      try await desk.run("ANALYZE desk.ticket")
      let before = try await rowsFetched(desk, from: "ticket")
      for _ in 0..<3 { try await look() }
      #expect(try await rowsFetched(desk, from: "ticket") - before < 100)
    }
  }

  @Test func listingTicketsExaminesABoundedNumber() async throws {
    try await TestDesk.with(connections: 1) { desk in
      try await desk.run(
        """
        INSERT INTO desk.open_ticket (ticket_id, channel, customer, opened_at)
        SELECT desk.uuid_floor(now() - n * interval '1 second'), 'web', 'crowd ' || n, now() - n * interval '1 second'
          FROM generate_series(1, 30000) n;
        INSERT INTO desk.ticket (id, channel, customer, opened_at) SELECT ticket_id, channel, customer, opened_at FROM desk.open_ticket;
        INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at)
        SELECT id, id, 1, 'web', customer, 'a text', now() FROM desk.ticket ORDER BY id DESC LIMIT 5000;
        """)
      try await desk.run("ANALYZE desk.open_ticket, desk.ticket, desk.message")
      func costs(_ change: (inout TicketFilter) -> Void) async throws -> (found: Int, next: TicketID?, rows: Int64) {
        var filter = TicketFilter()
        change(&filter)
        let before = try await rowsFetched(desk, from: "open_ticket", "ticket")
        let page = try await desk.store.tickets.list(filter, limit: 50)
        return (page.tickets.count, page.next, try await rowsFetched(desk, from: "open_ticket", "ticket") - before)
      }
      let scans = try await wholeReads(desk, of: "open_ticket", "ticket", "ticket_guest")
      // A full page ends the reading: the row of each ticket is read twice, once to filter and once for the page.
      let full = try await costs { _ in }
      #expect(full.found == 50 && full.next != nil && full.rows < 500, "\(full)")
      // What nothing matches: the examined rows, and the last of them once more.
      let none = try await costs { $0.queues = ["none"] }
      #expect(none.found == 0 && none.next != nil, "\(none)")
      #expect(none.rows <= 3 * Int64(StoreBounds.ticketsExaminedPerPage) + 500, "\(none)")
      let searched = try await costs { $0.text = "never written" }
      #expect(searched.found == 0 && searched.next != nil, "\(searched)")
      #expect(searched.rows <= 3 * Int64(StoreBounds.ticketsSearchedPerPage) + 500, "\(searched)")
      let customer = try await costs {
        $0.channel = "web"
        $0.customer = "crowd 29999"
      }
      #expect(customer.found == 1 && customer.next == nil && customer.rows < 20, "\(customer)")
      let agent = try await costs { $0.agents = ["ann"] }
      #expect(agent.found == 0 && agent.next == nil && agent.rows < 20, "\(agent)")
      let old = try await costs { $0.openedBefore = Instant(microseconds: 1_000_000) }
      #expect(old.found == 0 && old.next == nil && old.rows < 20, "\(old)")
      #expect(try await wholeReads(desk, of: "open_ticket", "ticket", "ticket_guest") == scans)
    }
  }

  private func wholeReads(_ desk: TestDesk, of tables: String...) async throws -> Int64 {
    try await desk.run("SELECT pg_stat_force_next_flush()")
    return try await desk.number(
      """
      SELECT sum(seq_scan) FROM pg_stat_user_tables
       WHERE schemaname = 'desk' AND relname IN (\(tables.map { "'\($0)'" }.joined(separator: ", ")))
      """)
  }

  private func rowsFetched(_ desk: TestDesk, from tables: String...) async throws -> Int64 {
    try await desk.run("SELECT pg_stat_force_next_flush()")
    return try await desk.number(
      """
      SELECT sum(coalesce(idx_tup_fetch, 0) + seq_tup_read) FROM pg_stat_user_tables
       WHERE schemaname = 'desk' AND relname IN (\(tables.map { "'\($0)'" }.joined(separator: ", ")))
      """)
  }
}
