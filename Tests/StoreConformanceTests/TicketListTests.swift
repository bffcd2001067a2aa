import Store
import Testing

@testable import DeskCore

/// The filtered list of live tickets.
@Suite struct TicketListTests {
  private func list(_ desk: TestDesk, _ change: (inout TicketFilter) -> Void) async throws -> [TicketID] {
    var filter = TicketFilter()
    change(&filter)
    return try await desk.store.tickets.list(filter, limit: 100).tickets.map(\.id)
  }

  @Test func everyFilterSelectsAndFiltersCombine() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ann"], capacity: 4)
      let queued = try await desk.queued(["ann 1"])[0]
      var offered = try await desk.queued(["ann 2"], queue: "parcels")[0]
      try await desk.take(&offered, .offered(try await desk.offer(to: "ann")))
      let late = try await desk.queued(["ann 3"], targets: .test(from: try await desk.store.now() - .seconds(90)))[0]
      let received = try await desk.accept(from: ["ann 4"])[0].ticket
      let all = [received, late.id, offered.id, queued.id]
      #expect(try await list(desk) { _ in } == all)
      #expect(try await list(desk) { $0.states = [.received] } == [received])
      #expect(try await list(desk) { $0.states = [.offered, .queued] } == [late.id, offered.id, queued.id])
      #expect(try await list(desk) { $0.queues = ["parcels"] } == [offered.id])
      #expect(try await list(desk) { $0.agents = ["ann", "bob"] } == [offered.id])
      #expect(try await list(desk) { $0.agents = ["bob"] } == [])
      #expect(try await list(desk) { $0.priorities = [.high] } == [late.id, offered.id, queued.id])
      #expect(try await list(desk) { $0.priorities = [.normal] } == [received])
      #expect(try await list(desk) { $0.isLate = true } == [late.id])
      #expect(try await list(desk) { $0.isLate = false } == [received, offered.id, queued.id])
      #expect(try await list(desk) { $0.openedBefore = offered.openedAt } == [queued.id])
      #expect(
        try await list(desk) {
          $0.openedFrom = offered.openedAt
          $0.openedBefore = late.openedAt
        } == [offered.id])
      #expect(try await list(desk) { $0.channel = "app" } == [])
      #expect(
        try await list(desk) {
          $0.queues = ["billing"]
          $0.isLate = false
          $0.states = [.queued]
        } == [queued.id])
      try await desk.run("UPDATE desk.ticket SET clock_state = '{\"escalation_steps\": 1}' WHERE id = '\(queued.id)'")
      #expect(try await list(desk) { $0.isEscalated = true } == [queued.id])
      #expect(try await list(desk) { $0.isEscalated = false } == [received, late.id, offered.id])
    }
  }

  @Test func customersFindSharedAndContinuedTickets() async throws {
    try await TestDesk.with { desk in
      let tickets = try await desk.queued(["ann", "bob", "cara"])
      func of(_ customer: String, on channel: ChannelID = "web") async throws -> [TicketID] {
        try await list(desk) {
          $0.channel = channel
          $0.customer = customer
        }
      }
      #expect(try await of("bob") == [tickets[1].id])
      #expect(try await of("bob", on: "app") == [])
      #expect(try await of("dora") == [])
      // Bob's ticket was merged into Ann's; Cara's is full, and she has no other.
      try await desk.run(
        """
        UPDATE desk.open_ticket SET merged_into = '\(tickets[0].id)' WHERE customer = 'bob';
        INSERT INTO desk.ticket_guest (ticket, channel, customer) VALUES ('\(tickets[0].id)', 'web', 'bob');
        UPDATE desk.open_ticket SET customer = 'full', known_as = 'cara' WHERE customer = 'cara';
        """)
      #expect(try await of("bob") == [tickets[0].id])
      #expect(try await of("cara") == [tickets[2].id])
      // The merged ticket itself is not live.
      #expect(try await !list(desk) { _ in }.contains(tickets[1].id))
    }
  }

  @Test func textIsSearchedAsItStands() async throws {
    try await TestDesk.with { desk in
      let tickets = try await desk.queued(["ann", "bob"])
      try await desk.run(
        """
        UPDATE desk.message SET body = 'A 100% refund\\please', subject = 'Über_Alles' WHERE ticket_id = '\(tickets[0].id)';
        UPDATE desk.message SET body = '1000 refunds' WHERE ticket_id = '\(tickets[1].id)';
        """)
      for text in ["100% r", "REFUND\\P", "r_alles", "refund"] {
        let found = try await list(desk) { $0.text = text }
        #expect(found.contains(tickets[0].id), "\(text)")
        #expect(found.contains(tickets[1].id) == (text == "refund"), "\(text)")
      }
      #expect(try await list(desk) { $0.text = "%" } == [tickets[0].id])
      #expect(try await list(desk) { $0.text = "refund_" } == [])
      // Only the newest messages are searched.
      try await desk.run(
        """
        INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at)
        SELECT desk.uuid_floor(now() + n * interval '1 second'), '\(tickets[0].id)', 3, 'web', 'ann', 'a note', now()
          FROM generate_series(1, \(StoreBounds.messagesSearchedPerTicket)) n
        """)
      #expect(try await list(desk) { $0.text = "refund" } == [tickets[1].id])
      #expect(try await list(desk) { $0.text = "A NOTE" } == [tickets[0].id])
    }
  }

  @Test func agentsSeeTheirOwnAndTheirQueues() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ann"], capacity: 4)
      let billing = try await desk.queued(["1"])[0]
      let parcels = try await desk.queued(["2"], queue: "parcels")[0]
      var mine = try await desk.queued(["3"], queue: "praise")[0]
      try await desk.take(&mine, .offered(try await desk.offer(to: "ann")))
      _ = try await desk.accept(from: ["4"])
      #expect(
        try await list(desk) { $0.sight = .init(agent: "ann", queues: ["parcels"]) } == [mine.id, parcels.id])
      #expect(try await list(desk) { $0.sight = .init(agent: "bob", queues: ["billing"]) } == [billing.id])
      #expect(try await list(desk) { $0.sight = .init(agent: "bob", queues: []) } == [])
    }
  }

  @Test func pagesReachEveryTicketOnce() async throws {
    try await TestDesk.with { desk in
      let tickets = try await desk.queued((0..<7).map { "customer \($0)" })
      var seen: [TicketID] = []
      var pages = 0
      var last: TicketID?
      repeat {
        let page = try await desk.store.tickets.list(TicketFilter(), after: last, limit: 3)
        seen += page.tickets.map(\.id)
        last = page.next
        pages += 1
      } while last != nil && pages < 10
      #expect(pages == 3)
      #expect(seen == tickets.map(\.id).sorted(by: >))
      // A ticket that is opened meanwhile does not move the others.
      let first = try await desk.store.tickets.list(TicketFilter(), limit: 3)
      _ = try await desk.queued(["late comer"])
      let second = try await desk.store.tickets.list(TicketFilter(), after: first.next, limit: 3)
      #expect(second.tickets.map(\.id) == Array(seen[3..<6]))
    }
  }

  @Test func unreadableTicketsAreLeftOut() async throws {
    try await TestDesk.with { desk in
      let tickets = try await desk.queued(["ann", "bob"])
      try await desk.run("UPDATE desk.ticket SET skills = 'no number' WHERE id = '\(tickets[0].id)'")
      #expect(try await list(desk) { _ in } == [tickets[1].id])
    }
  }
}
