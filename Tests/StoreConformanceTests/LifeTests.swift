import PostgreSQL
import Store
import Testing

@testable import DeskCore

/// Effects of a step other than the ticket's: corrections, links, ratings, and the previous ticket.
@Suite struct LifeTests {
  private let ada = ActingAgent("ada", leads: false)

  private func correction(_ message: MessageID) -> Correction {
    Correction(message: message, category: "complaint", by: ada, modelVersion: "m")
  }

  private func labelled(_ message: MessageID) -> TicketEvent {
    var decision = RoutingDecision.test(nil)
    decision = RoutingDecision(
      queue: decision.queue, priority: decision.priority, skills: [], weight: 1,
      labels: Labels(
        category: "complaint", intent: "complaint", confidence: 1, urgency: .normal, sentiment: .neutral,
        language: "en", modelVersion: "m"), needsTriage: false, targets: .none, rule: nil, policyVersion: 1)
    return .labelled(decision, correction(message), reason: "r")
  }

  @Test func aCorrectionIsWrittenOnlyWithItsStep() async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["ann"])[0]
      let message: MessageID = try await desk.fresh()
      var stale = ticket
      var winner = ticket
      #expect(try await desk.take(&winner, labelled(message)))
      #expect(try await desk.number("SELECT count(*) FROM desk.correction WHERE by_agent = 'ada'") == 1)
      // The rival's step has the same number; it must not be taken for this one.
      #expect(try await !desk.take(&stale, labelled(message)))
      #expect(try await desk.number("SELECT count(*) FROM desk.correction") == 1)
      #expect(try await desk.store.tickets.tickets([ticket.id])[ticket.id] == winner)
    }
  }

  @Test(arguments: StoreKind.allCases) func mergesApplyToBothTicketsOrNeither(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let tickets = try await desk.queued(["ann", "bob"])
      func steps() async throws -> [TicketStep] {
        var source = try #require(await desk.store.tickets.tickets([tickets[0].id])[tickets[0].id])
        var target = try #require(await desk.store.tickets.tickets([tickets[1].id])[tickets[1].id])
        return try await [
          desk.step(&source, .merged(into: target.id, by: ada, reason: "r")),
          desk.step(&target, .absorbed(source.id, by: ada, reason: "r")),
        ]
      }
      // An undecided message prevents its ticket from ending.
      let late = try #require(await desk.store.inbox.accept([desk.message("late")], owner: nil)[0].acceptance)
      #expect(late.ticket == tickets[0].id)
      #expect(try await !desk.store.tickets.commit(together: steps()))
      #expect(try await desk.store.conversations.timeline(of: tickets[1].id).map(\.kind) == ["queued"])
      var updated = tickets[0]
      #expect(try await desk.take(&updated, .customerWrote(late.message, .test), decides: [late.message]))
      #expect(try await desk.store.tickets.commit(together: steps()))
      #expect(try await desk.store.conversations.timeline(of: tickets[1].id).map(\.kind) == ["queued", "absorbed"])
      #expect(
        try await desk.store.conversations.timeline(of: tickets[0].id).map(\.kind) == [
          "queued", "customer_wrote", "merged",
        ])
      #expect(try await desk.store.conversations.closedTicket(tickets[0].id)?.state == "closed")
      if let real = desk.postgres {
        #expect(try await real.store.conversations.links(of: tickets[0].id).map(\.kind) == ["merged_into"])
      }
      #expect(try await desk.balance()?.lost == 0)
    }
  }

  @Test(arguments: StoreKind.allCases) func aMessageAfterTheEndOpensALinkedTicket(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      try await desk.upsert(["ada"], capacity: 1)
      var ticket = try await desk.queued(["ann"])[0]
      let offer = try await desk.offer(to: "ada")
      for event: TicketEvent in [
        .offered(offer), .accepted(offer.id, by: "ada"), .resolved(by: "ada"), .reopenWindowPassed,
      ] { #expect(try await desk.take(&ticket, event)) }
      let next = try #require(await desk.store.inbox.accept([desk.message("later")], owner: nil)[0].acceptance)
      #expect(next.opensTicket)
      if let real = desk.postgres {
        #expect(
          try await real.store.conversations.links(of: next.ticket)
            == [LinkedTicket(ticket: ticket.id, kind: "follows")])
        #expect(try await real.store.privacy.customer("ann", of: "web").lastTicket == ticket.id)
      }
      // Who had the last one knows the customer.
      var follower = try #require(try await desk.store.tickets.tickets([next.ticket])[next.ticket])
      #expect(try await desk.take(&follower, .routed(.test(next.message)), decides: [next.message]))
      let waiting = try await desk.store.matching.waitingTickets(
        in: "billing", at: desk.store.now(), headStarts: HeadStarts(), limit: 9)
      #expect(waiting.map(\.lastAgent) == ["ada"])
    }
  }

  @Test(arguments: StoreKind.allCases) func aCustomersTierAppliesToFutureTickets(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      #expect(try await desk.queued(["bob"])[0].tier == .standard)
      try await desk.setCustomer("ann", tier: .keyAccount, dedicatedAgent: "ada")
      #expect(try await desk.queued(["ann"])[0].tier == .keyAccount)
      let waiting = try await desk.store.matching.waitingTickets(
        in: "billing", at: desk.store.now(), headStarts: HeadStarts(), limit: 9)
      #expect(waiting.map(\.dedicatedAgent) == ["ada", nil])
    }
  }

  @Test func ratingsAndFollowUpsAreStoredWithTheTicket() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ada"], capacity: 1)
      var ticket = try await desk.queued(["ann"])[0]
      let offer = try await desk.offer(to: "ada")
      for event: TicketEvent in [.offered(offer), .accepted(offer.id, by: "ada"), .resolved(by: "ada")] {
        #expect(try await desk.take(&ticket, event))
      }
      let word = OutgoingMessage(id: try await desk.fresh(), besideRating: "slow")
      let feedback = Feedback(solved: true, rating: 2, comment: word.id, followUpBelow: 3, lead: "eve")
      let step = try await desk.step(&ticket, .feedbackReceived(feedback), outgoing: word)
      #expect(try await desk.store.tickets.commit([step]) == [ticket.id])
      let rating = try #require(await desk.store.conversations.rating(of: ticket.id))
      #expect(rating.rating == 2 && rating.solved && rating.comment == word.id)
      #expect(try await desk.store.conversations.message(word.id)?.author == "customer")
      #expect(try await desk.store.learning.followUps(done: false, limit: 5).map(\.lead) == ["eve"])
      let done = try await desk.store.learning.finishFollowUp(of: ticket.id, by: "eve", outcome: "called")
      let again = try await desk.store.learning.finishFollowUp(of: ticket.id, by: "bob", outcome: "other")
      #expect(done == again && done?.doneBy == "eve")
      #expect(try await desk.store.tickets.tickets([ticket.id])[ticket.id] == ticket)
      #expect(try await desk.store.audit.balance()?.lost == 0, "a rating comment is not a message that must be decided")
    }
  }

  @Test(arguments: StoreKind.allCases) func overdueRepliesAreFoundLongestFirst(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      try await desk.upsert(["ada"], capacity: 3)
      var tickets = try await desk.queued(["ann", "bob", "cyn"])
      for position in tickets.indices {
        let offer = try await desk.offer(to: "ada")
        #expect(try await desk.take(&tickets[position], .offered(offer)))
        #expect(try await desk.take(&tickets[position], .accepted(offer.id, by: "ada")))
      }
      #expect(try await desk.take(&tickets[1], .replied(desk.fresh(), by: "ada", awaitsCustomer: false)))
      #expect(
        try await desk.store.tickets.ticketsAwaitingReply(longerThan: ["billing": .zero], limit: 10).map(\.id)
          == [tickets[0].id, tickets[2].id])
      #expect(
        try await desk.store.tickets.ticketsAwaitingReply(
          longerThan: ["billing": .seconds(60), "other": .zero], limit: 10
        )
        .isEmpty
      )
      #expect(try await desk.take(&tickets[0], .reclaimed("ada")))
      #expect(try await desk.load(of: "ada") == 2)
      #expect(try await desk.store.tickets.tickets([tickets[0].id])[tickets[0].id] == tickets[0])
    }
  }

  @Test(arguments: StoreKind.allCases) func anAnsweredTicketIsDecidedAndClosesAutomatically(on kind: StoreKind)
    async throws
  {
    try await StoreUnderTest.with(kind) { desk in
      let accepted = try await desk.accept(from: ["ann"])[0]
      var ticket = try #require(await desk.store.tickets.tickets([accepted.ticket])[accepted.ticket])
      let reply = OutgoingMessage(id: try await desk.fresh(), answerOf: "parcel", body: "see the tracking page")
      let start = try await desk.store.now()
      let step = try await desk.step(
        &ticket, .answered(.test(accepted.message, targets: .test(from: start)), "parcel", reply.id),
        decides: [accepted.message], outgoing: reply)
      #expect(try await desk.store.tickets.commit([step]) == [ticket.id])
      #expect(try await desk.store.tickets.tickets([ticket.id])[ticket.id] == ticket)
      #expect(try await desk.balance()?.lost == 0)
      #expect(try await desk.store.conversations.message(reply.id)?.author == "article:parcel")
      let later = try await desk.store.now() + .seconds(61)
      #expect(try await desk.store.tickets.ticketsToClose(by: later, limit: 5).map(\.id) == [ticket.id])
      #expect(try await desk.take(&ticket, .reopenWindowPassed))
      #expect(try await desk.store.conversations.closedTicket(ticket.id)?.state == "closed")
    }
  }
}
