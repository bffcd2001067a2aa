import PostgreSQL
import Store
import Testing

@testable import DeskCore

/// Customers whose ticket was merged into another customer's: their messages, their answers, and what is kept of them.
@Suite struct GuestTests {
  private let ada = ActingAgent("ada", leads: false)

  /// Merges the first ticket into the second.
  private func merge(_ source: inout Ticket, into target: inout Ticket, on desk: TestDesk) async throws {
    let last = try await desk.store.conversations.lastWriter(of: [source.id, target.id])
    let id = source.id
    let addressee = last.flatMap { $0.ticket == id ? $0.author : nil }
    let owesReply = source.owesReply
    let steps = try await [
      desk.step(&source, .merged(into: target.id, by: ada, reason: "r")),
      desk.step(&target, .absorbed(source.id, by: ada, reason: "r", addressing: addressee, isReplyDue: owesReply)),
    ]
    #expect(try await desk.store.tickets.commit(together: steps))
  }

  private func write(_ external: String, from customer: String, on desk: TestDesk) async throws -> Acceptance {
    try #require(await desk.store.inbox.accept([desk.message(external, from: customer)], owner: nil)[0].acceptance)
  }

  /// Decides a message like a router.
  private func receive(
    _ message: Acceptance, from customer: String, on ticket: inout Ticket, _ desk: TestDesk
  ) async throws -> Bool {
    try await desk.take(
      &ticket, .customerWrote(message.message, .test, from: Correspondent(customer, on: "web")),
      decides: [message.message])
  }

  private func assigned(_ ticket: inout Ticket, on desk: TestDesk) async throws {
    let offer = try await desk.offer(to: "ada")
    #expect(try await desk.take(&ticket, .offered(offer)))
    #expect(try await desk.take(&ticket, .accepted(offer.id, by: "ada")))
  }

  @Test func messagesForAMergedTicketReachTheSurvivingOne() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ada"], capacity: 5)
      let tickets = try await desk.queued(["ann", "bob"])
      var (source, target) = (tickets[0], tickets[1])
      try await merge(&source, into: &target, on: desk)
      let first = try await write("more", from: "ann", on: desk)
      #expect(first.ticket == target.id && !first.opensTicket)
      #expect(try await desk.store.inbox.undecided(among: [first.message]) == [first.message])
      #expect(try await receive(first, from: "ann", on: &target, desk))
      #expect(target.guest == Correspondent("ann", on: "web"))
      #expect(try await desk.store.tickets.tickets([source.id, target.id]) == [target.id: target])
      // A retry is recognised by its key, whatever happened to the ticket.
      let again = try await desk.store.inbox.accept([desk.message("first of ann")], owner: nil)[0]
      #expect(!again.isNew && again.acceptance?.ticket == source.id)
      #expect(try await desk.store.audit.balance()?.lost == 0)
      #expect(try await desk.number("SELECT count(*) FROM desk.open_ticket WHERE customer = 'ann'") == 1)
      // Swept messages reach the live ticket, once.
      let swept = try await write("swept", from: "ann", on: desk)
      try await desk.run("UPDATE desk.inbox SET accepted_at = accepted_at - interval '1 hour'")
      let claimed = try await desk.store.inbox.claimUnlabelled(olderThan: .seconds(3), limit: 9)
      #expect(claimed.map(\.id) == [swept.message] && claimed.map(\.ticket) == [target.id])
      #expect(claimed.map(\.customer) == ["ann"])
    }
  }

  @Test func aChainOfMergesIsFollowedToItsEnd() async throws {
    try await TestDesk.with { desk in
      let tickets = try await desk.queued(["ann", "bob", "cyn"])
      let ids = tickets.map(\.id)
      var (first, second, third) = (tickets[0], tickets[1], tickets[2])
      try await merge(&first, into: &second, on: desk)
      try await merge(&second, into: &third, on: desk)
      for customer in ["ann", "bob", "cyn"] {
        #expect(try await write("late of \(customer)", from: customer, on: desk).ticket == ids[2])
      }
      #expect(try await desk.store.conversations.ticketThatTook(ids[0]) == ids[2])
      #expect(try await Set(desk.store.conversations.parts(of: ids[2], limit: 9).tickets) == Set(ids[0...2]))
      #expect(try await desk.store.conversations.guests(of: ids[2], on: "web").map(\.customer) == ["ann", "bob"])
      #expect(try await desk.store.conversations.guests(of: ids[2], on: "mail").isEmpty)
    }
  }

  @Test func guestsReopenSettledTicketsAndFollowUpClosedOnes() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ada"], capacity: 5)
      let tickets = try await desk.queued(["ann", "bob"])
      var (source, target) = (tickets[0], tickets[1])
      try await merge(&source, into: &target, on: desk)
      try await assigned(&target, on: desk)
      #expect(try await desk.take(&target, .resolved(by: "ada")))
      let back = try await write("not yet", from: "ann", on: desk)
      // An undecided message prevents the ticket from ending.
      var closing = target
      #expect(try await !desk.take(&closing, .reopenWindowPassed))
      #expect(try await receive(back, from: "ann", on: &target, desk))
      #expect(target.state == .queued && target.reopenCount == 1)
      try await assigned(&target, on: desk)
      #expect(try await desk.take(&target, .resolved(by: "ada")))
      #expect(try await desk.take(&target, .reopenWindowPassed))
      #expect(try await desk.number("SELECT count(*) FROM desk.open_ticket") == 0)
      for customer in ["ann", "bob"] {
        let fresh = try await write("new of \(customer)", from: customer, on: desk)
        #expect(fresh.opensTicket)
        #expect(
          try await desk.store.conversations.links(of: fresh.ticket) == [
            LinkedTicket(ticket: target.id, kind: "follows")
          ])
      }
    }
  }

  @Test func anAnswerGoesToTheLastWriterAndTheirChannel() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ada"], capacity: 5)
      var source = try await desk.queued(["ann"])[0]
      let mail = try await {
        var message = try await desk.message("by mail", from: "bob@example.com")
        message.channel = "mail"
        return message
      }()
      let accepted = try #require(await desk.store.inbox.accept([mail], owner: nil)[0].acceptance)
      var target = try #require(await desk.store.tickets.tickets([accepted.ticket])[accepted.ticket])
      #expect(try await desk.take(&target, .routed(.test(accepted.message)), decides: [accepted.message]))
      try await merge(&source, into: &target, on: desk)
      #expect(target.addressee == Correspondent("bob@example.com", on: "mail"), "he wrote last")
      try await assigned(&target, on: desk)
      var policy = Policy.test
      for name: ChannelID in ["web", "mail"] {
        policy.channels[name] = ChannelPolicy(
          id: name, weight: 1, replyHook: HookID("to-\(name)"), reopenWindow: .seconds(60))
      }
      func reply() async throws -> (hooks: [HookID], body: String, message: StoredMessage?) {
        let id: MessageID = try await desk.fresh()
        var random = SeededGenerator(seed: .random(in: .min ... .max))
        let step = try await TicketStep(
          .replied(id, by: "ada", awaitsCustomer: true), on: target, at: desk.store.now(), under: policy,
          writing: OutgoingMessage(id: id, isPublic: true, author: "ada", body: "an answer"), using: &random)
        target = step.ticket
        #expect(try await desk.store.tickets.commit([step]) == [target.id])
        return (
          step.notices.map(\.hook), step.notices.first?.body.json ?? "", try await desk.store.conversations.message(id)
        )
      }
      let toBob = try await reply()
      #expect(toBob.hooks == ["to-mail"] && toBob.body.contains(#""customer":"bob@example.com""#))
      #expect(toBob.message?.channel == "mail" && toBob.message?.addressee == nil)
      let word = try await write("it is me", from: "ann", on: desk)
      #expect(try await receive(word, from: "ann", on: &target, desk))
      let toAnn = try await reply()
      #expect(toAnn.hooks == ["to-web"])
      #expect(toAnn.body.contains(#""channel":"web","customer":"ann""#))
      #expect(toAnn.message?.channel == "web" && toAnn.message?.addressee == "ann")
    }
  }

  @Test func messagesDuringAMergeReachOneOfTheTickets() async throws {
    try await TestDesk.with { desk in
      for round in 0..<10 {
        let tickets = try await desk.queued(["ann \(round)", "bob \(round)"])
        var (source, target) = (tickets[0], tickets[1])
        let steps = try await [
          desk.step(&source, .merged(into: target.id, by: ada, reason: "r")),
          desk.step(&target, .absorbed(source.id, by: ada, reason: "r")),
        ]
        async let merged = desk.store.tickets.commit(together: steps)
        async let written = write("at once \(round)", from: "ann \(round)", on: desk)
        let (isMerged, acceptance) = try await (merged, written)
        #expect(acceptance.ticket == (isMerged ? tickets[1].id : tickets[0].id))
        #expect(!acceptance.opensTicket)
      }
      #expect(try await desk.store.audit.balance()?.lost == 0)
    }
  }

  @Test func aRowLeftByAnOlderBuildIsRepaired() async throws {
    try await TestDesk.with { desk in
      let tickets = try await desk.queued(["ann", "bob"])
      var (source, target) = (tickets[0], tickets[1])
      try await merge(&source, into: &target, on: desk)
      // It ends the ticket, without knowing the row that points to it.
      try await desk.run(
        "DELETE FROM desk.ticket; DELETE FROM desk.open_ticket WHERE ticket_id = '\(target.id)'")
      let lost = try await write("where?", from: "ann", on: desk)
      #expect(lost.ticket == target.id)
      let fresh: TicketID = try await desk.fresh()
      #expect(try await desk.store.inbox.rehome(lost.message, freshTicket: fresh))
      #expect(try await desk.store.conversations.message(lost.message)?.ticket == fresh)
      #expect(try await desk.store.tickets.tickets([fresh])[fresh]?.state == .received)
      #expect(try await write("there", from: "ann", on: desk).ticket == fresh)
      // And it puts a message on the ended ticket instead of the live one.
      let others = try await desk.queued(["cyn", "dan"])
      var (dead, living) = (others[0], others[1])
      try await merge(&dead, into: &living, on: desk)
      let strayed = try await write("stray", from: "cyn", on: desk)
      try await desk.run(
        """
        UPDATE desk.inbox SET ticket_id = '\(dead.id)' WHERE message_id = '\(strayed.message)';
        UPDATE desk.message SET ticket_id = '\(dead.id)' WHERE id = '\(strayed.message)'
        """)
      #expect(try await desk.store.inbox.rehome(strayed.message, freshTicket: desk.fresh()))
      #expect(try await desk.store.conversations.message(strayed.message)?.ticket == living.id)
    }
  }

  // MARK: Erasure

  /// Ann's ticket was merged into Bob's; both wrote and were answered.
  private func shared(on desk: TestDesk) async throws -> (source: TicketID, target: Ticket) {
    try await desk.upsert(["ada"], capacity: 5)
    let tickets = try await desk.queued(["ann-7391", "bob-7392"])
    var (source, target) = (tickets[0], tickets[1])
    try await merge(&source, into: &target, on: desk)
    try await assigned(&target, on: desk)
    for (number, customer) in ["bob-7392", "ann-7391"].enumerated() {
      let word = try await write("word \(number) of \(customer)", from: customer, on: desk)
      #expect(try await receive(word, from: customer, on: &target, desk))
      let answer = OutgoingMessage(
        id: try await desk.fresh(), isPublic: true, author: "ada", body: "answer to \(customer)")
      let replied = TicketEvent.replied(answer.id, by: "ada", awaitsCustomer: false)
      let step = try await desk.step(&target, replied, outgoing: answer)
      #expect(try await desk.store.tickets.commit([step]) == [target.id])
      let now = try await desk.store.now()
      let body = JSONValue.object([.init("channel", "web"), .init("customer", .text(customer))])
      try await desk.store.outbox.enqueueNotices([
        Notice(id: desk.fresh(), hook: "h", kind: .messageReplied, ticket: target.id, body: body)
      ])
      #expect(now <= (try await desk.store.now()))
    }
    return (source.id, target)
  }

  private func bodies(of ticket: TicketID, on desk: TestDesk) async throws -> [String] {
    try await desk.store.conversations.messages(of: ticket, limit: 20).map(\.body)
  }

  private func mentions(_ name: String, on desk: TestDesk) async throws -> [String] {
    var found: [String] = []
    for table in [
      "message", "open_ticket", "ticket", "closed_ticket", "customer", "outbox", "dead_letter", "inbox", "audit",
      "ticket_event", "ticket_guest", "ticket_link", "rating", "follow_up",
    ] where try await desk.number("SELECT count(*) FROM desk.\(table) t WHERE t::text ~ '\(name)'") > 0 {
      found.append(table)
    }
    return found
  }

  @Test func erasingAGuestKeepsTheOthersText() async throws {
    try await TestDesk.with { desk in
      let (source, target) = try await shared(on: desk)
      #expect(target.guest == Correspondent("ann-7391", on: "web"))
      let erasure = try #require(
        await desk.store.privacy.erase(customer: "ann-7391", of: "web", reason: "asked for it", receipt: "r1"))
      #expect(erasure.tickets == 1 && erasure.messages == 3 && erasure.deliveries == 1)
      #expect(try await mentions("ann-7391", on: desk) == [])
      #expect(try await bodies(of: source, on: desk) == [""])
      #expect(
        try await bodies(of: target.id, on: desk) == [
          "words of first of bob-7392", "words of word 0 of bob-7392", "answer to bob-7392", "", "",
        ])
      let living = try #require(await desk.store.tickets.tickets([target.id])[target.id])
      #expect(living.addressee == Correspondent("bob-7392", on: "web"))
      #expect(living.version == target.version + 1, "a stale reader must retry")
      #expect(try await write("later", from: "ann-7391", on: desk).opensTicket, "nothing points to it any more")
      #expect(try await desk.number("SELECT count(*) FROM desk.outbox") == 1)
    }
  }

  @Test func erasingTheOwnerKeepsTheGuestsTicketAndText() async throws {
    try await TestDesk.with { desk in
      let (_, target) = try await shared(on: desk)
      let erasure = try #require(
        await desk.store.privacy.erase(customer: "bob-7392", of: "web", reason: "asked for it", receipt: "r1"))
      #expect(erasure.tickets == 1 && erasure.messages == 3 && erasure.deliveries == 1)
      #expect(try await mentions("bob-7392", on: desk) == [])
      #expect(
        try await bodies(of: target.id, on: desk) == [
          "", "", "", "words of word 1 of ann-7391", "answer to ann-7391",
        ])
      let living = try #require(await desk.store.tickets.tickets([target.id])[target.id])
      #expect(living.addressee == Correspondent("ann-7391", on: "web"))
      #expect(try await write("still here", from: "ann-7391", on: desk).ticket == target.id)
    }
  }

  @Test func anErasedGuestsLateMessageDoesNotRestoreThem() async throws {
    try await TestDesk.with { desk in
      let (_, target) = try await shared(on: desk)
      let word = try await write("on its way", from: "ann-7391", on: desk)
      _ = try await desk.store.privacy.erase(customer: "ann-7391", of: "web", reason: "asked for it", receipt: "r1")
      // A router still holds what the link delivered, and reads the current ticket.
      var now = try #require(await desk.store.tickets.tickets([target.id])[target.id])
      #expect(try await receive(word, from: "ann-7391", on: &now, desk))
      #expect(try await mentions("ann-7391", on: desk) == [])
      #expect(try await desk.store.tickets.tickets([target.id])[target.id]?.guest == nil)
    }
  }

  @Test func aGuestIsDeletedWithTheTicket() async throws {
    try await TestDesk.with { desk in
      let tickets = try await desk.queued(["ann", "bob"])
      var (source, target) = (tickets[0], tickets[1])
      try await merge(&source, into: &target, on: desk)
      _ = try await desk.store.privacy.forget(olderThan: 1)
      #expect(try await desk.number("SELECT count(*) FROM desk.ticket_guest") == 1)
      try await desk.run(
        """
        UPDATE desk.ticket_guest SET ticket = desk.uuid_floor(now() - interval '9 days');
        DELETE FROM desk.ticket; DELETE FROM desk.open_ticket; DELETE FROM desk.inbox
        """)
      #expect(try await desk.store.privacy.forget(olderThan: 1).rows >= 1)
      #expect(try await desk.number("SELECT count(*) FROM desk.ticket_guest") == 0)
    }
  }

  // MARK: Pauses

  @Test func anOfferPauseIsReadBack() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ada"], capacity: 5)
      var ticket = try await desk.queued(["ann"])[0]
      let offer = try await desk.offer(to: "ada")
      #expect(try await desk.take(&ticket, .offered(offer)))
      #expect(try await desk.take(&ticket, .declined(offer.id, by: "ada")))
      #expect(ticket.pauses.map(\.times) == [1])
      #expect(try await desk.store.tickets.tickets([ticket.id])[ticket.id] == ticket)
      let waiting = try await desk.store.matching.waitingTickets(
        in: "billing", at: desk.store.now(), headStarts: HeadStarts(), limit: 5)
      #expect(waiting.map(\.pauses) == [ticket.pauses])
    }
  }

  // MARK: Open work

  @Test func openWorkIsGroupedWithEarliestAndLatestDueTimes() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ada", "ben"], capacity: 5)
      let start = try await desk.store.now()
      #expect(try await desk.store.access.openWork(under: .test).isEmpty)
      let early = try await desk.queued(["a"], targets: .test(from: start - .seconds(20)))[0]
      _ = try await desk.queued(["b", "c"], targets: .test(from: start))
      let late = try await desk.queued(["d"], targets: .test(from: start + .seconds(500)))[0]
      var held = try await desk.queued(["e"], queue: "parcels")[0]
      #expect(try await desk.take(&held, .offered(try await desk.offer(to: "ada"))))
      let work = try await desk.store.access.openWork(under: .test)
      #expect(work.map(\.tickets).sorted() == [1, 4])
      let waiting = try #require(work.first { $0.tickets == 4 })
      #expect(waiting.first == early && waiting.last == late)
      #expect(work.first { $0.tickets == 1 }?.first == held)
      #expect(try await desk.store.reports.serviceLevelsFollowed(except: []) == ["p": 7])
      #expect(try await desk.store.reports.serviceLevelsFollowed(except: ["p"]).isEmpty)
    }
  }
}
