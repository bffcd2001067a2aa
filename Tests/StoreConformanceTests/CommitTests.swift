import PostgreSQL
import Testing

@testable import DeskCore
@testable import Store

/// The writes of a step, and what prevents them.
@Suite struct CommitTests {
  @Test(arguments: 0..<CommitStatement.Parts.combinations)
  func everyCombinationOfPartsIsAValidStatement(raw: Int) async throws {
    let desk = try await TestDesk.shared()
    let parts = CommitStatement.Parts(rawValue: raw)
    let holder = try await desk.fresh(ServiceInstance.self)
    let fence = parts.contains(.fence) ? Fence(lease: "none", holder: holder, term: 1) : nil
    let rows = try await desk.store.pool.query(
      CommitStatement.statement(for: parts), CommitStatement(parts: parts).parameters(for: [], fence: fence))
    #expect(rows.isEmpty)
  }

  @Test(arguments: StoreKind.allCases) func decidesAMessageWithItsTicketAndTimeline(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let start = try await desk.store.now()
      let ticket = try await desk.queued(["ann"], targets: .test(from: start))[0]
      let read = try #require(try await desk.store.tickets.tickets([ticket.id])[ticket.id])
      #expect(read == ticket && read.version == 2 && read.state == .queued)
      #expect(try await desk.count(of: .inbox) == 0)
      let timeline = try await desk.store.conversations.timeline(of: ticket.id)
      #expect(timeline.map(\.kind) == ["queued"] && timeline[0].version == 2 && timeline[0].actor == "service:router")
      #expect(timeline[0].traceparent == "00-trace" && JSONValue(json: timeline[0].detail)?["queue"]?.text == "billing")
    }
  }

  @Test(arguments: StoreKind.allCases) func aStaleVersionWritesNothingAnywhere(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      try await desk.upsert(["ada"], capacity: 5)
      let ticket = try await desk.queued(["ann"])[0]
      let followUp = try #require(try await desk.store.inbox.accept([desk.message("2")], owner: nil)[0].acceptance)
      var stale = ticket
      var winner = ticket
      let isTaken = try await desk.take(&winner, .customerWrote(try await desk.fresh(), .test))
      #expect(isTaken)
      let offer = try await desk.offer(to: "ada")
      let made = try await desk.step(
        &stale, .offered(offer), decides: [followUp.message],
        outgoing: OutgoingMessage(id: desk.fresh(), isPublic: true, author: "ada", body: "hello"),
        notices: [
          Notice(id: desk.fresh(), hook: "crm", kind: .ticketQueued, ticket: ticket.id, body: .object([]))
        ])
      let committed = try await desk.store.tickets.commit([made])
      #expect(committed.isEmpty)
      #expect(try await desk.store.tickets.tickets([ticket.id])[ticket.id] == winner)
      #expect(try await desk.store.conversations.timeline(of: ticket.id).map(\.kind) == ["queued", "customer_wrote"])
      #expect(try await desk.count(of: .inbox) == 1)
      #expect(try await desk.count(of: .outbox) == 0)
      #expect(try await desk.count(of: .message) == 2)
      #expect(try await desk.load(of: "ada") == 0)
    }
  }

  @Test(arguments: StoreKind.allCases) func aStepForADecidedMessageIsRefused(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let acceptance = try await desk.accept(from: ["ann"])[0]
      var ticket = try #require(try await desk.store.tickets.tickets([acceptance.ticket])[acceptance.ticket])
      #expect(try await desk.store.inbox.undecided(among: [acceptance.message]) == [acceptance.message])
      let first = try await desk.take(
        &ticket, .routed(.test(acceptance.message)), decides: [acceptance.message])
      let again = try await desk.take(
        &ticket, .customerWrote(acceptance.message, .test), decides: [acceptance.message])
      #expect(first && !again)
      #expect(try await desk.store.inbox.undecided(among: [acceptance.message]).isEmpty)
      #expect(try await desk.store.tickets.tickets([acceptance.ticket])[acceptance.ticket]?.version == 2)
    }
  }

  @Test(arguments: StoreKind.allCases) func aStepCannotDecideAnotherTicketsMessage(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let accepted = try await desk.accept(from: ["ann", "bob"])
      var ticket = try #require(try await desk.store.tickets.tickets([accepted[0].ticket])[accepted[0].ticket])
      let took = try await desk.take(&ticket, .routed(.test(nil)), decides: accepted.map(\.message))
      #expect(!took)
      #expect(try await desk.count(of: .inbox) == 2)
    }
  }

  @Test(arguments: StoreKind.allCases) func validStepsTakeEffectDespiteRefusedOnes(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let tickets = try await desk.queued(["ann", "bob", "cyn"])
      var raced = tickets[1]
      try await desk.take(&raced, .customerWrote(try await desk.fresh(), .test))
      var steps: [TicketStep] = []
      for var ticket in tickets {
        steps.append(try await desk.step(&ticket, .customerWrote(try await desk.fresh(), .test)))
      }
      #expect(try await desk.store.tickets.commit(steps) == [tickets[0].id, tickets[2].id])
    }
  }

  @Test(arguments: StoreKind.allCases) func writesRepliesNoticesAndLoads(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      try await desk.upsert(["ada"], capacity: 2)
      var ticket = try await desk.queued(["ann"])[0]
      let offer = try await desk.offer(to: "ada")
      try await desk.take(&ticket, .offered(offer))
      #expect(try await desk.load(of: "ada") == 1)
      try await desk.take(&ticket, .accepted(offer.id, by: "ada"))
      let reply = OutgoingMessage(id: try await desk.fresh(), isPublic: true, author: "ada", body: "an answer")
      let notice = try await Notice(
        id: desk.fresh(), hook: "crm", kind: .messageReplied, ticket: ticket.id,
        body: .object([.init("a", .integer(1))]))
      let step = try await desk.step(
        &ticket, .replied(reply.id, by: "ada", awaitsCustomer: true), outgoing: reply, notices: [notice])
      #expect(try await desk.store.tickets.commit([step]) == [ticket.id])
      let conversation = try await desk.store.conversations.messages(of: ticket.id, limit: 10)
      #expect(conversation.map(\.direction) == [1, 2] && conversation[1].body == "an answer")
      #expect(conversation[1].author == "ada" && !conversation[1].isUndecided)
      let claimer = try await desk.fresh(ServiceInstance.self)
      let due = try await desk.store.outbox.claimNotices(for: "crm", by: claimer, limit: 5, claimTime: .seconds(5))
      #expect(due.map(\.id) == [notice.id] && due[0].body == #"{"a":1}"# && due[0].kind == "message.replied")
      try await desk.take(&ticket, .resolved(by: "ada"))
      #expect(try await desk.load(of: "ada") == 0)
    }
  }

  @Test(arguments: [
    ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true),
    ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", false), ("00-trace", false), (nil, false),
  ])
  func aDeliveryKeepsTheTraceOfItsStepIfItIsRecorded(traceparent: String?, isKept: Bool) async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ada"], capacity: 1)
      var ticket = try await desk.queued(["ann"])[0]
      var notices: [Notice] = []
      for hook in ["crm", "shop"] as [HookID] {
        notices.append(
          try await Notice(id: desk.fresh(), hook: hook, kind: .ticketQueued, ticket: ticket.id, body: .object([])))
      }
      let step = try await desk.step(
        &ticket, .offered(desk.offer(to: "ada")), notices: notices, traceparent: traceparent)
      #expect(try await desk.store.tickets.commit([step]) == [ticket.id])
      let claimer = try await desk.fresh(ServiceInstance.self)
      for notice in notices {
        let claimed = try await desk.store.outbox.claimNotices(
          for: notice.hook, by: claimer, limit: 5, claimTime: .seconds(5))
        #expect(claimed.map(\.id) == [notice.id] && claimed.map(\.traceparent) == [isKept ? traceparent : nil])
      }
    }
  }

  @Test(arguments: StoreKind.allCases) func anOfferTimeoutSetsTheAgentAway(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      try await desk.upsert(["ada"], capacity: 2)
      var ticket = try await desk.queued(["ann"])[0]
      let offer = try await desk.offer(to: "ada")
      try await desk.take(&ticket, .offered(offer))
      try await desk.take(&ticket, .offerTimedOut(offer.id))
      let row = try #require(try await desk.store.matching.agentRows().first)
      #expect(row.presence == .away && row.load == 0)
    }
  }

  @Test(arguments: StoreKind.allCases) func refusesAgentsWhoAreAbsentFullOrUnknown(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      try await desk.upsert(["ada", "ben"], capacity: 1)
      _ = try await desk.store.matching.setPresence(.away, of: "ben")
      let tickets = try await desk.queued(["ann", "bob", "cyn", "dan"])
      func offered(_ position: Int, to agent: AgentID) async throws -> TicketStep {
        var ticket = tickets[position]
        return try await desk.step(&ticket, .offered(try await desk.offer(to: agent)))
      }
      // The first of two that need the same capacity gets it.
      let both = [try await offered(0, to: "ada"), try await offered(1, to: "ada")]
      #expect(try await desk.store.tickets.commit(both) == [tickets[0].id])
      #expect(try await desk.load(of: "ada") == 1)
      for agent: AgentID in ["ben", "unknown"] {
        #expect(try await desk.store.tickets.commit([try await offered(2, to: agent)]).isEmpty, "\(agent)")
      }
      #expect(try await desk.balance()?.wrongLoads == 0)
    }
  }

  @Test(arguments: StoreKind.allCases) func ticketsAreNotOfferedOutOfOrder(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      try await desk.upsert(["ada", "ben", "cyn"], capacity: 1)
      let tickets = try await desk.queued(["ann", "bob", "cyn", "dan"])
      var steps: [TicketStep] = []
      // Ben went away after it was decided that he gets the second.
      _ = try await desk.store.matching.setPresence(.away, of: "ben")
      for (ticket, agent) in zip(tickets, ["ada", "ben", "cyn"] as [AgentID]) {
        var ticket = ticket
        steps.append(try await desk.step(&ticket, .offered(try await desk.offer(to: agent))))
      }
      #expect(try await desk.store.tickets.commit(steps) == [tickets[0].id], "the third would overtake the second")
      #expect(try await desk.load(of: "cyn") == 0)
      #expect(try await desk.store.tickets.commit([steps[2]]) == [tickets[2].id], "alone it is assigned")
      #expect(try await desk.balance()?.wrongLoads == 0)
    }
  }

  @Test(arguments: StoreKind.allCases) func aCallOccupiesAWholeAgent(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      try await desk.upsert(["ada", "ben"], capacity: 3)
      var tickets = try await desk.queued(["ann", "bob", "cyn", "dan"], weights: [1, TicketWeight.whole, 1, 1])
      func offered(_ position: Int, to agent: AgentID) async throws -> TicketStep {
        var ticket = tickets[position]
        return try await desk.step(&ticket, .offered(try await desk.offer(to: agent)))
      }
      // Not alongside another ticket, existing or assigned in the same statement.
      let together = [try await offered(0, to: "ada"), try await offered(1, to: "ada")]
      #expect(try await desk.store.tickets.commit(together) == [tickets[0].id])
      #expect(try await desk.store.tickets.commit([try await offered(1, to: "ada")]).isEmpty)
      let reversed = [try await offered(1, to: "ben"), try await offered(2, to: "ben")]
      #expect(try await desk.store.tickets.commit(reversed) == [tickets[1].id])
      #expect(try await desk.store.tickets.commit([try await offered(3, to: "ben")]).isEmpty)
      let found = try await desk.store.tickets.tickets(tickets.map(\.id))
      tickets = tickets.compactMap { found[$0.id] }
      #expect(try await desk.load(of: "ben") == TicketWeight.whole)
      #expect(try await desk.balance()?.wrongLoads == 0)
      // When it ends, the agent's entire capacity is free again.
      var call = try #require(tickets.first { $0.weight == TicketWeight.whole })
      let offer = try #require(call.offer)
      try await desk.take(&call, .accepted(offer.id, by: "ben"))
      try await desk.take(&call, .resolved(by: "ben"))
      #expect(try await desk.load(of: "ben") == 0)
      #expect(try await desk.store.tickets.commit([try await offered(3, to: "ben")]).count == 1)
    }
  }

  @Test(arguments: StoreKind.allCases) func closingArchivesATicketWithItsLastState(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      try await desk.upsert(["ada"], capacity: 1)
      var tickets = try await desk.queued(["ann", "bob"])
      let offer = try await desk.offer(to: "ada")
      try await desk.take(&tickets[0], .offered(offer))
      try await desk.take(&tickets[0], .accepted(offer.id, by: "ada"))
      try await desk.take(&tickets[0], .resolved(by: "ada"))
      // One that ends and one that continues, in one call.
      let steps = try await [
        desk.step(&tickets[0], .reopenWindowPassed),
        desk.step(&tickets[1], .customerWrote(desk.fresh(), .test)),
      ]
      #expect(try await desk.store.tickets.commit(steps) == Set(tickets.map(\.id)))
      #expect(try await Array(desk.store.tickets.tickets(tickets.map(\.id)).keys) == [tickets[1].id])
      let closed = try #require(try await desk.store.conversations.closedTicket(tickets[0].id))
      #expect(closed.state == "closed" && closed.customer == "ann" && closed.queue == "billing")
      if let real = desk.postgres {
        #expect(
          try await real.number(
            "SELECT count(*) FROM desk.closed_ticket WHERE ticket->>'version' = '6' AND NOT ticket ? 'expected_version'"
          )
            == 1)
      }
      #expect(try await desk.store.conversations.timeline(of: tickets[0].id).last?.kind == "closed")
      let next = try #require(try await desk.store.inbox.accept([desk.message("later")], owner: nil)[0].acceptance)
      #expect(next.opensTicket && next.ticket != tickets[0].id)
    }
  }

  @Test(arguments: StoreKind.allCases) func aTicketWithAnUndecidedMessageDoesNotEnd(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let accepted = try await desk.accept(from: ["ann"])[0]
      let second = try #require(try await desk.store.inbox.accept([desk.message("2")], owner: nil)[0].acceptance)
      let ticket = try #require(try await desk.store.tickets.tickets([accepted.ticket])[accepted.ticket])
      var one = ticket
      let left = try await desk.take(&one, .rejected(reason: "r"), decides: [accepted.message])
      #expect(!left)
      var both = ticket
      let took = try await desk.take(&both, .rejected(reason: "r"), decides: [accepted.message, second.message])
      #expect(took)
      let letters = try await desk.store.outbox.deadLetters(includingReplayed: false, limit: 10)
      #expect(Set(letters.map { $0.id.of(Labels.self) }) == [accepted.message, second.message])
      #expect(letters.allSatisfy { $0.reason == "r" && $0.ticket == ticket.id && $0.kind == "message" })
      #expect(try await desk.balance()?.lost == 0)
    }
  }
}
