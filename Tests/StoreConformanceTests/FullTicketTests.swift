import PostgreSQL
import Store
import Testing

@testable import DeskCore

/// A ticket accepts a limited number of its customer's messages, and another one continues it.
@Suite struct FullTicketTests {
  private func accept(_ id: String, on desk: some DeskFixture) async throws -> Acceptance {
    try #require(
      try await desk.narrow.inbox.accept([desk.message(id)], owner: nil, patience: .asConfigured, messagesPerTicket: 3)[
        0
      ].acceptance)
  }

  @Test(arguments: StoreKind.allCases) func aMessageBeyondTheLimitOpensAContinuationTicket(on kind: StoreKind)
    async throws
  {
    try await StoreUnderTest.with(kind) { desk in
      var first: [Acceptance] = []
      for id in ["1", "2", "3"] { first.append(try await accept(id, on: desk)) }
      let full = first[0].ticket
      #expect(first.allSatisfy { $0.ticket == full })
      let beyond = try await accept("4", on: desk)
      #expect(beyond.ticket != full && beyond.opensTicket)
      #expect(try await accept("5", on: desk).ticket == beyond.ticket)
      // A retry of the same message finds it where it was.
      #expect(try await accept("4", on: desk).ticket == beyond.ticket)
      #expect(try await accept("1", on: desk).ticket == full)
      let tickets = try await desk.store.tickets.tickets([full, beyond.ticket])
      #expect(tickets.values.allSatisfy { $0.customer == "ann" && $0.state == .received })
      #expect(tickets.count == 2)
      guard let conversations = desk.postgres?.store.conversations else { return }
      #expect(
        try await conversations.links(of: full) == [LinkedTicket(ticket: beyond.ticket, kind: "continued_by")])
      #expect(
        try await Set(conversations.links(of: beyond.ticket)) == [
          LinkedTicket(ticket: full, kind: "continues"), LinkedTicket(ticket: full, kind: "follows"),
        ])
    }
  }

  @Test(arguments: StoreKind.allCases) func bothTicketsAreDecidedAndEndForTheirCustomer(on kind: StoreKind) async throws
  {
    try await StoreUnderTest.with(kind) { desk in
      var accepted: [Acceptance] = []
      for id in ["1", "2", "3", "4"] { accepted.append(try await accept(id, on: desk)) }
      var steps: [TicketStep] = []
      for (id, messages) in Dictionary(grouping: accepted, by: \.ticket) {
        var ticket = try #require(try await desk.store.tickets.tickets([id])[id])
        steps.append(
          try await desk.step(&ticket, .routed(.test(messages[0].message)), decides: messages.map(\.message)))
      }
      #expect(try await desk.store.tickets.commit(steps).count == 2)
      #expect(try await desk.count(of: .ticket) == 2)
      // The new one ends first; the full one that ends later is not the customer's last.
      try await desk.upsert(["eve"], capacity: 9)
      for id in [accepted[3].ticket, accepted[0].ticket] {
        var ticket = try #require(try await desk.store.tickets.tickets([id])[id])
        let offer = try await desk.offer(to: "eve")
        for event: TicketEvent in [
          .offered(offer), .accepted(offer.id, by: "eve"), .resolved(by: "eve"), .reopenWindowPassed,
        ] {
          #expect(try await desk.take(&ticket, event))
        }
      }
      #expect(try await desk.count(of: .openTicket) == 0)
      guard let real = desk.postgres else { return }
      #expect(try await real.store.privacy.customer("ann", of: "web").lastTicket == accepted[3].ticket)
      #expect(try await real.number("SELECT count(*) FROM desk.customer WHERE external_id <> 'ann'") == 0)
    }
  }

  @Test(arguments: StoreKind.allCases) func concurrentMessagesOpenOneContinuationTicket(on kind: StoreKind) async throws
  {
    try await StoreUnderTest.with(kind, connections: 6) { desk in
      for id in ["1", "2", "3"] { _ = try await accept(id, on: desk) }
      let tickets = try await withThrowingTaskGroup(of: TicketID.self) { group in
        for number in 0..<3 { group.addTask { try await accept("more \(number)", on: desk).ticket } }
        return try await group.reduce(into: Set()) { $0.insert($1) }
      }
      #expect(tickets.count == 1)
      #expect(try await desk.count(of: .openTicket) == 2)
      if let real = desk.postgres { #expect(try await real.number("SELECT count(*) FROM desk.ticket_link") == 1) }
    }
  }

  @Test func anErasureIncludesTheFullTicket() async throws {
    try await TestDesk.with { desk in
      for id in ["1", "2", "3", "4"] { _ = try await accept(id, on: desk) }
      let erasure = try #require(
        try await desk.store.privacy.erase(customer: "ann", of: "web", reason: "asked for it", receipt: "r"))
      #expect(erasure.tickets == 2 && erasure.messages == 4)
      for table in ["open_ticket", "ticket", "message", "inbox", "ticket_link", "customer"] {
        #expect(
          try await desk.number("SELECT count(*) FROM desk.\(table) t WHERE t::text ~ '(^|[(,\"])ann([,)\"]|$)'") == 0,
          "\(table)")
      }
    }
  }

  @Test func onlyABatchThatFitsStaysOnTheTicket() async throws {
    try await TestDesk.with { desk in
      func batch(_ ids: ClosedRange<Int>, _ customers: [String]) async throws -> [Acceptance] {
        var messages: [IncomingMessage] = []
        for id in ids {
          for customer in customers { messages.append(try await desk.message("\(customer) \(id)", from: customer)) }
        }
        let outcomes = try await desk.store.inbox.accept(messages, owner: nil, messagesPerTicket: 3)
        return try outcomes.map { try #require($0.acceptance) }
      }
      let first = try await batch(1...2, ["ann", "bob"])
      let whole = try await batch(3...6, ["ann"])
      #expect(whole.allSatisfy { $0.ticket == first[0].ticket })
      let next = try await batch(7...9, ["ann", "bob", "cyd"])
      let tickets = Dictionary(grouping: next.indices, by: { $0 % 3 }).mapValues { Set($0.map { next[$0].ticket }) }
      #expect(tickets.values.allSatisfy { $0.count == 1 } && tickets[1] == [first[1].ticket])
      #expect(tickets[0] != [first[0].ticket] && tickets[2]?.isDisjoint(with: first.map(\.ticket)) == true)
      #expect(try await desk.number("SELECT count(*) FROM desk.ticket_link") == 1)
      // The messages of both counted: bob's ticket is full now.
      #expect(try await batch(10...10, ["bob"])[0].ticket != first[1].ticket)
      // The same batch again changes nothing.
      let again = try await batch(7...9, ["ann", "bob", "cyd"])
      #expect(again.map(\.ticket) == next.map(\.ticket))
      #expect(try await desk.number("SELECT count(*) FROM desk.ticket_link") == 2)
      #expect(try await desk.number("SELECT count(*) FROM desk.open_ticket") == 5)
    }
  }

  @Test(arguments: [LockPatience.brief, .leavingOutHeld])
  func eachWayOfAcceptingKeepsTheLimit(patience: LockPatience) async throws {
    try await TestDesk.with { desk in
      var tickets: [TicketID] = []
      for id in 1...7 {
        let outcome = try await desk.store.inbox.accept(
          [desk.message("\(id)")], owner: nil, patience: patience, messagesPerTicket: 3)[0]
        tickets.append(try #require(outcome.acceptance).ticket)
      }
      #expect(Set(tickets[0...2]).count == 1 && Set(tickets[3...5]).count == 1 && Set(tickets).count == 3)
      // Each is continued by the next.
      #expect(
        try await Set(desk.store.conversations.links(of: tickets[3]).map(\.kind)) == [
          "follows", "continues", "continued_by",
        ])
    }
  }

  @Test func mergingIntoItsContinuationMakesNoGuest() async throws {
    try await TestDesk.with { desk in
      var accepted: [Acceptance] = []
      for id in ["1", "2", "3", "4"] { accepted.append(try await accept(id, on: desk)) }
      var tickets: [Ticket] = []
      for (id, messages) in [(accepted[0].ticket, accepted[0...2]), (accepted[3].ticket, accepted[3...3])] {
        var ticket = try #require(try await desk.store.tickets.tickets([id])[id])
        let step = try await desk.step(
          &ticket, .routed(.test(messages.first?.message)), decides: messages.map(\.message))
        #expect(try await desk.store.tickets.commit([step]) == [id])
        tickets.append(ticket)
      }
      let ada = ActingAgent("ada", leads: false)
      var (source, target) = (tickets[0], tickets[1])
      let steps = try await [
        desk.step(&source, .merged(into: target.id, by: ada, reason: "r")),
        desk.step(&target, .absorbed(source.id, by: ada, reason: "r")),
      ]
      #expect(try await desk.store.tickets.commit(together: steps))
      #expect(try await desk.number("SELECT count(*) FROM desk.ticket_guest") == 0)
      #expect(try await accept("5", on: desk).ticket == target.id)
      let erasure = try #require(
        try await desk.store.privacy.erase(customer: "ann", of: "web", reason: "asked for it", receipt: "r"))
      #expect(erasure.tickets == 2 && erasure.messages == 5)
      #expect(try await desk.number("SELECT count(*) FROM desk.open_ticket t WHERE t::text ~ 'ann'") == 0)
    }
  }

  /// When the ticket that continues it is over, the full one is all that says that its customer has an open ticket.
  @Test func customerDataIsKeptWhileTheFullTicketLives() async throws {
    try await TestDesk.with { desk in
      for id in ["1", "2", "3"] { _ = try await accept(id, on: desk) }
      try await desk.run(
        """
        UPDATE desk.open_ticket SET known_as = customer, customer = 'continued';
        INSERT INTO desk.customer (channel, external_id, last_ticket)
        SELECT 'web', name, desk.uuid_floor(now() - interval '90 days') FROM unnest(ARRAY['ann', 'gone']) AS name;
        INSERT INTO desk.customer_contact (channel, customer, key_name, sealed, given_at)
        SELECT 'web', name, 'k', '', now() - interval '90 days' FROM unnest(ARRAY['ann', 'gone']) AS name;
        """)
      _ = try await desk.store.privacy.forget(olderThan: 30)
      #expect(try await desk.number("SELECT count(*) FROM desk.customer WHERE external_id = 'gone'") == 0)
      #expect(try await desk.number("SELECT count(*) FROM desk.customer_contact WHERE customer = 'gone'") == 0)
      #expect(try await desk.store.privacy.customer("ann", of: "web").lastTicket != nil)
      #expect(try await desk.number("SELECT count(*) FROM desk.customer_contact WHERE customer = 'ann'") == 1)
      // A customer's tier is readable to those involved in their tickets.
      try await desk.run(
        "INSERT INTO desk.ticket (id, channel, customer, opened_at, queue) SELECT ticket_id, channel, known_as, now(), 'billing' FROM desk.open_ticket"
      )
      #expect(try await desk.store.privacy.traces(of: "ann", on: "web").map(\.queue).contains("billing"))
    }
  }
}
