import DeskCore
import HTTPService
import HTTPTypes
import PostgreSQL
import Store
import TestStore
import Testing

@testable import Console

/// What agents and leads do with tickets, against a real database.
@Suite struct TicketMovingTests {
  private let ann = ActingAgent("ann", leads: false)
  private let lead = ActingAgent("bob", leads: true)

  private func problem(_ work: () async throws -> Void) async throws -> HTTPProblem? {
    do {
      try await work()
      return nil
    } catch let problem as HTTPProblem {
      return problem
    }
  }

  private func label(_ category: String, reason: String = "it says so") -> AgentDesk.Label {
    AgentDesk.Label(category: category, intent: nil, message: nil, reason: reason)
  }

  /// Merges tickets of two customers as a lead.
  private func merge(_ ticket: Ticket, into other: Ticket, on desk: StaffedDesk) async throws -> Ticket {
    try await desk.desk.merge(ticket.id, into: other.id, by: lead, reason: "same parcel", acrossCustomers: true).ticket
  }

  private func corrections(_ desk: StaffedDesk) async throws -> [String] {
    try await desk.store.pool.query(
      PostgresStatement<String>(
        "test_corrections", "SELECT category || ' by ' || by_agent || ' of ' || model_version FROM desk.correction"))
  }

  @Test func labelsAreRoutedAndKeptForTraining() async throws {
    try await StaffedDesk.with { desk in
      let waiting = try await desk.queued()
      let labelled = try await desk.desk.label(waiting.id, label("complaint"), by: ann)
      #expect(labelled.labels?.category == "complaint")
      #expect(labelled.state == .queued)
      #expect(labelled.waitingSince == waiting.waitingSince)
      // A double click has no further effect.
      #expect(try await desk.desk.label(waiting.id, label("complaint"), by: ann) == labelled)
      #expect(try await corrections(desk) == ["complaint by ann of m"])
      let entry = try #require(await desk.store.conversations.timeline(of: waiting.id).last)
      #expect(entry.kind == "labelled" && entry.actor == "agent:ann" && entry.detail.contains("it says so"))
    }
  }

  @Test func transfersAreOffersToPresentAgentsOnly() async throws {
    try await StaffedDesk.with { desk in
      let (ticket, offer) = try await desk.offered(to: "ann")
      _ = try await desk.desk.accept(offer, by: "ann")
      #expect(try await desk.store.matching.setPresence(.away, of: "bob"))
      let refused = try await problem {
        _ = try await desk.desk.transfer(ticket.id, to: AgentID("bob"), by: ann, reason: "r")
      }
      #expect(refused?.type == .agentUnavailable)
      #expect(try await desk.store.matching.setPresence(.available, of: "bob"))
      let moved = try await desk.desk.transfer(ticket.id, to: AgentID("bob"), by: ann, reason: "r")
      #expect(moved.offer?.agent == "bob")
      let loads = try await desk.store.matching.agentRows().map { [$0.agent.rawValue: $0.load] }
      #expect(loads == [["ann": 0], ["bob": 1]])
      // The agent who transferred it cannot do so again.
      let again = try await problem {
        _ = try await desk.desk.transfer(ticket.id, to: QueueID("parcels"), by: ann, reason: "r")
      }
      #expect(again?.status == .conflict)
      let back = try await desk.desk.transfer(ticket.id, to: QueueID("parcels"), by: lead, reason: "back")
      #expect(back.state == .queued)
      #expect(try await desk.store.audit.balance()?.wrongLoads == 0)
    }
  }

  @Test func aTicketIsNotTransferredToTheAgentWhoHasIt() async throws {
    try await StaffedDesk.with { desk in
      let (ticket, offer) = try await desk.offered(to: "ann")
      let held = try await desk.desk.accept(offer, by: "ann")
      for hand in [ann, lead] {
        let refused = try await problem {
          _ = try await desk.desk.transfer(ticket.id, to: AgentID("ann"), by: hand, reason: "r")
        }
        #expect(refused?.status == .unprocessableContent)
        let error = try #require(refused?.errors.first)
        #expect(error.field == "/agent" && error.value == "ann" && error.remedy != nil)
      }
      #expect(try await desk.store.tickets.tickets([ticket.id])[ticket.id]?.version == held.version)
      // An offer that is still open is repeated without effect, as by a lead whose first request was not answered.
      let moved = try await desk.desk.transfer(ticket.id, to: AgentID("bob"), by: lead, reason: "r")
      let again = try await desk.desk.transfer(ticket.id, to: AgentID("bob"), by: lead, reason: "r")
      #expect(again.version == moved.version)
    }
  }

  @Test func onlyALeadsLabelMovesAWaitingTicket() async throws {
    try await StaffedDesk.with { desk in
      let waiting = try await desk.queued()
      // No agent has it, so an agent may not transfer it to another queue, even if the rules would for its label.
      let refused = try await problem {
        _ = try await desk.desk.transfer(waiting.id, to: QueueID("praise"), by: ann, reason: "r")
      }
      #expect(refused?.status == .conflict)
      let labelled = try await desk.desk.label(waiting.id, label("praise"), by: ann)
      #expect(labelled.labels?.category == "praise" && labelled.queue == "parcels")
      let other = try await desk.queued(from: "carl")
      #expect(try await desk.desk.label(other.id, label("praise"), by: lead).queue == "praise")
    }
  }

  @Test(arguments: ["Zebulon wants his money", "Praise", "praise "])
  func unknownLabelsAreRefused(category: String) async throws {
    try await StaffedDesk.with { desk in
      let waiting = try await desk.queued()
      let refused = try await problem { _ = try await desk.desk.label(waiting.id, label(category), by: ann) }
      #expect(refused?.status == .unprocessableContent)
      #expect(refused?.errors.first?.field == "/category")
      #expect(refused?.errors.first?.remedy?.contains("c2, complaint, praise") == true)
      let intent = AgentDesk.Label(category: "praise", intent: category, message: nil, reason: "r")
      let refusedIntent = try await problem { _ = try await desk.desk.label(waiting.id, intent, by: ann) }
      #expect(refusedIntent?.errors.first?.field == "/intent")
      #expect(try await desk.store.tickets.tickets([waiting.id])[waiting.id] == waiting)
      // A category of one of the models is known, even if no rule names it.
      try await desk.store.pool.executeScript(
        "INSERT INTO desk.arrival_slot (category, slot, tickets) VALUES ('lost_keys', now(), 1)")
      #expect(try await desk.desk.label(waiting.id, label("lost_keys"), by: ann).labels?.category == "lost_keys")
    }
  }

  @Test func agentsCannotMergeOtherCustomersTickets() async throws {
    try await StaffedDesk.with { desk in
      let (first, offer) = try await desk.offered(to: "ann", from: "cara")
      _ = try await desk.desk.accept(offer, by: "ann")
      let second = try await desk.queued(from: "carl")
      for (source, target) in [(first, second), (second, first)] {
        let refused = try await problem {
          _ = try await desk.desk.merge(source.id, into: target.id, by: ann, reason: "r", acrossCustomers: true)
        }
        #expect(refused?.status == .forbidden && refused?.type == .otherCustomer)
      }
      let unsaid = try await problem {
        _ = try await desk.desk.merge(second.id, into: first.id, by: lead, reason: "r")
      }
      #expect(unsaid?.status == .unprocessableContent && unsaid?.errors.first?.field == "/across_customers")
      #expect(try await desk.store.tickets.tickets([first.id, second.id]).count == 2)
    }
  }

  @Test func mergingTicketsIsIdempotent() async throws {
    try await StaffedDesk.with { desk in
      let first = try await desk.queued(from: "cara")
      let second = try await desk.queued(from: "carl")
      let target = try await merge(first, into: second, on: desk)
      #expect(target.id == second.id && target.state == .queued)
      #expect(try await merge(first, into: second, on: desk) == target)
      #expect(try await desk.store.conversations.closedTicket(first.id)?.state == "closed")
      #expect(
        try await desk.store.conversations.links(of: second.id) == [LinkedTicket(ticket: first.id, kind: "absorbed")])
      let kinds = try await desk.store.conversations.timeline(of: second.id).map(\.kind)
      #expect(kinds == ["queued", "absorbed"])
      let round = try await TicketContext(of: second.id, in: desk.store, under: nil)
      #expect(round.conversation.elements.map(\.author) == ["cara", "carl"])
      let itself = try await problem { _ = try await merge(second, into: second, on: desk) }
      #expect(itself?.status == .unprocessableContent)
    }
  }

  @Test func mergedCustomersAreAnsweredFromTheRemainingTicket() async throws {
    try await StaffedDesk.with { desk in
      let first = try await desk.queued(from: "cara")
      let (second, offer) = try await desk.offered(to: "ann", from: "carl")
      _ = try await desk.desk.accept(offer, by: "ann")
      _ = try await desk.desk.reply("one moment", awaitsCustomer: true, on: second.id, by: "ann", key: nil)
      // Cara waits for an answer, so the ticket that Ann has put on hold continues.
      let merged = try await merge(first, into: second, on: desk)
      #expect(merged.state == .assigned && merged.replyDueSince != nil)
      #expect(merged.addressee.customer == "carl", "he wrote last")
      let acceptance = try await desk.store.accept(
        desk.store.message(from: "cara", externalID: "more", text: "any news?"))
      #expect(acceptance.ticket == second.id && !acceptance.opensTicket)
      let updated = try await desk.take(
        merged,
        .customerWrote(
          acceptance.message,
          .of(category: "c"), from: Correspondent("cara", on: "web")), decides: [acceptance.message])
      #expect(ConsoleJSON.ticket(updated)["reply_to"]?["customer"]?.text == "cara")
      let written = try await desk.desk.reply(
        "on its way", awaitsCustomer: false, on: second.id, by: "ann", key: nil)
      #expect(try await desk.store.conversations.message(written.message)?.addressee == "cara")
      // The conversation's replies are delivered one after the other.
      var notices: [ClaimedNotice] = []
      for _ in 0..<2 {
        let claimed = try await desk.store.outbox.claimNotices(
          for: "replies", by: desk.fresh(), limit: 9, claimTime: .seconds(5))
        try await desk.store.outbox.delivered(claimed.map(\.id))
        notices += claimed
      }
      #expect(notices.filter { $0.body.contains(#""customer":"cara""#) }.count == 1)
      #expect(notices.allSatisfy { $0.ticket == second.id })
      let round = try await TicketContext(of: second.id, in: desk.store, under: nil)
      #expect(round.conversation.elements.filter { $0.direction == 1 }.map(\.author) == ["cara", "carl", "cara"])
    }
  }

  @Test func concurrentMergesInBothDirectionsLoseNothing() async throws {
    try await StaffedDesk.with { desk in
      let first = try await desk.queued(from: "cara")
      let second = try await desk.queued(from: "carl")
      async let one = problem { _ = try await merge(first, into: second, on: desk) }
      async let other = problem { _ = try await merge(second, into: first, on: desk) }
      let outcomes = try await [one, other]
      #expect(outcomes.compactMap(\.self).count == 1, "one of them finds its ticket closed")
      #expect(try await desk.store.tickets.tickets([first.id, second.id]).count == 1)
    }
  }

  @Test func linksAreStoredOnce() async throws {
    try await StaffedDesk.with { desk in
      let first = try await desk.queued(from: "cara")
      let second = try await desk.queued(from: "carl")
      for _ in 0..<2 { _ = try await desk.desk.link(first.id, to: second.id, by: ann, reason: "same fault") }
      #expect(
        try await desk.store.conversations.links(of: second.id) == [LinkedTicket(ticket: first.id, kind: "related")])
      #expect(try await desk.store.conversations.timeline(of: first.id).filter { $0.kind == "linked" }.count == 1)
    }
  }

  @Test func breaksAreStoredWithThePresence() async throws {
    try await StaffedDesk.with { desk in
      let until = try await desk.store.now() + .seconds(1_800)
      try await desk.desk.setPresence(.away, of: "ann", during: AgentBreak(reason: "lunch", until: until))
      #expect(try await desk.store.matching.breaks() == ["ann": AgentBreak(reason: "lunch", until: until)])
      try await desk.desk.setPresence(.available, of: "ann")
      #expect(try await desk.store.matching.breaks().isEmpty)
    }
  }
}
