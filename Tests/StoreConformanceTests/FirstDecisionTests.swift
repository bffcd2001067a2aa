import Store
import Testing

@testable import DeskCore

/// The first decision on a ticket, which is the one that has no version to compare with.
@Suite struct FirstDecisionTests {
  /// A failed end leaves the ticket as it was accepted: whatever it wrote on the way must not stand in the way of the decision.
  @Test(arguments: StoreKind.allCases) func followsAFailedEnd(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let first = try await desk.accept(from: ["ann"])[0]
      let second = try #require(try await desk.store.inbox.accept([desk.message("2")], owner: nil)[0].acceptance)
      let received = try #require(try await desk.store.tickets.tickets([first.ticket])[first.ticket])
      var ended = received
      #expect(try await !desk.take(&ended, .rejected(reason: "r"), decides: [first.message]))
      var routed = try #require(try await desk.store.tickets.tickets([first.ticket])[first.ticket])
      #expect(routed == received)
      #expect(try await desk.take(&routed, .routed(.test(first.message)), decides: [first.message, second.message]))
      #expect(try await desk.store.tickets.tickets([first.ticket])[first.ticket] == routed)
      #expect(try await desk.count(of: .inbox) == 0)
      #expect(try await desk.store.conversations.timeline(of: first.ticket).map(\.kind) == ["queued"])
    }
  }

  @Test(arguments: StoreKind.allCases) func isMadeOnceHoweverOftenItIsSubmitted(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let accepted = try await desk.accept(from: ["ann"])[0]
      var ticket = try #require(try await desk.store.tickets.tickets([accepted.ticket])[accepted.ticket])
      let notice = try await Notice(
        id: desk.fresh(), hook: "crm", kind: .ticketQueued, ticket: ticket.id, body: .object([]))
      let step = try await desk.step(
        &ticket, .routed(.test(accepted.message)), decides: [accepted.message], notices: [notice])
      #expect(try await desk.store.tickets.commit([step]) == [ticket.id])
      #expect(try await desk.store.tickets.commit([step]).isEmpty)
      #expect(try await desk.store.conversations.timeline(of: ticket.id).count == 1)
      #expect(try await desk.count(of: .outbox) == 1)
      let balance = try #require(try await desk.balance())
      #expect(balance.decidedTwice == 0 && balance.lost == 0)
    }
  }

  /// Merged customers write on the ticket that lives, and it ends for both.
  @Test(arguments: StoreKind.allCases) func messagesOfAMergedTicketAreDecidedOnTheOther(on kind: StoreKind) async throws
  {
    try await StoreUnderTest.with(kind) { desk in
      let ada = ActingAgent("ada", leads: false)
      var tickets = try await desk.queued(["ann", "bob"])
      let (from, into) = (tickets[0].id, tickets[1].id)
      let steps = try await [
        desk.step(&tickets[0], .merged(into: into, by: ada, reason: "r")),
        desk.step(&tickets[1], .absorbed(from, by: ada, reason: "r")),
      ]
      #expect(try await desk.store.tickets.commit(together: steps))
      let late = try #require(
        try await desk.store.inbox.accept([desk.message("late", from: "ann")], owner: nil)[0].acceptance)
      #expect(late.ticket == into && !late.opensTicket)
      var target = try #require(try await desk.store.tickets.tickets([into])[into])
      let author = Correspondent("ann", on: "web")
      #expect(
        try await desk.take(&target, .customerWrote(late.message, .test, from: author), decides: [late.message]))
      #expect(try await desk.store.tickets.tickets([from, into]) == [into: target] && target.guest == author)
      try await desk.upsert(["ada"], capacity: 1)
      let offer = try await desk.offer(to: "ada")
      for event: TicketEvent in [
        .offered(offer), .accepted(offer.id, by: "ada"), .resolved(by: "ada"), .reopenWindowPassed,
      ] { #expect(try await desk.take(&target, event)) }
      #expect(try await desk.count(of: .openTicket) == 0)
      #expect(try await desk.balance()?.lost == 0)
    }
  }
}
