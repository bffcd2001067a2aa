import DeskCore
import PostgreSQL
import ServiceProcess
import Store
import SystemPrimitives
import TestStore
import Testing

@testable import Router

/// Replies that did not reach the customer bring their tickets back to a person, each once.
@Suite struct FailedReplyReturnerTests {
  /// A desk whose keeper this is, with the returner.
  private func with(_ body: (RouterDesk, FailedReplyReturner) async throws -> Void) async throws {
    try await RouterDesk.with { desk in
      #expect(try await desk.store.matching.setPresence(.available, of: "ann"))
      let keeper = LeaseKeeper(wanting: [], store: desk.store, me: desk.fresh(), logger: desk.logger)
      await keeper.want([QueueOwnership.keeperLease])
      try await body(
        desk,
        FailedReplyReturner(
          store: desk.store, clock: desk.clock, policy: desk.policy, leases: keeper, logger: desk.logger, wake: { _ in }
        ))
    }
  }

  /// A ticket that waits for its customer after a reply of Ann.
  private func pending(_ customer: String, on desk: RouterDesk) async throws -> (ticket: Ticket, reply: MessageID) {
    let acceptance = try #require(await desk.accept("of \(customer)", from: customer))
    _ = try await desk.decisions.decide([desk.item(acceptance, from: customer, category: "other")])
    let policy = try #require(desk.policy.current)
    let now = desk.clock.now()
    let offer = Offer(id: desk.fresh(), agent: "ann", offeredAt: now, expiresAt: now + .seconds(30))
    var ticket = try await desk.store.ticket(of: acceptance)
    for event: TicketEvent in [.offered(offer), .accepted(offer.id, by: "ann")] {
      ticket = try await desk.store.take(ticket, event, under: policy)
    }
    let reply: MessageID = desk.fresh()
    ticket = try await desk.store.take(
      ticket, .replied(reply, by: "ann", awaitsCustomer: true), under: policy,
      outgoing: OutgoingMessage(id: reply, isPublic: true, author: "ann", body: "an answer"))
    return (ticket, reply)
  }

  private func take(_ ticket: Ticket, _ event: TicketEvent, on desk: RouterDesk) async throws -> Ticket {
    try await desk.store.take(ticket, event, under: #require(desk.policy.current))
  }

  private func fail(_ replies: [MessageID], on desk: RouterDesk) async throws {
    let failures = replies.map { ReplyReceipt(reply: $0, state: .failed, reason: "the customer has blocked us") }
    _ = try await desk.store.replies.record(failures, of: "web")
  }

  private func now(_ ticket: Ticket, on desk: RouterDesk) async throws -> Ticket {
    try #require(await desk.store.tickets.tickets([ticket.id])[ticket.id])
  }

  private func kinds(of ticket: Ticket, on desk: RouterDesk) async throws -> [String] {
    try await desk.store.conversations.timeline(of: ticket.id).map(\.kind)
  }

  @Test func aPendingTicketIsItsAgentsAgainOnce() async throws {
    try await with { desk, returner in
      let (ticket, reply) = try await pending("cara", on: desk)
      #expect(try await returner.runOnce() == 0, "nothing has failed")
      try await fail([reply], on: desk)
      let other = FailedReplyReturner(
        store: desk.store, clock: desk.clock, policy: desk.policy,
        leases: LeaseKeeper(wanting: [], store: desk.store, me: desk.fresh(), logger: desk.logger), logger: desk.logger,
        wake: { _ in })
      #expect(try await other.runOnce() == 0, "does nothing without the lease")
      #expect(try await returner.runOnce() == 1)
      let back = try await now(ticket, on: desk)
      #expect(back.state == .assigned && back.agent == "ann" && back.replyDueSince != nil)
      try await fail([reply], on: desk)
      #expect(try await returner.runOnce() == 0)
      #expect(try await now(ticket, on: desk) == back)
      #expect(try await kinds(of: ticket, on: desk).filter { $0 == "reply_failed" }.count == 1)
      let seen = try await desk.store.conversations.messages(of: ticket.id, limit: 9).first { $0.id == reply }
      #expect(seen?.delivery?.state == .failed && seen?.delivery?.reason == "the customer has blocked us")
      #expect(try await desk.store.audit.balance()?.wrongLoads == 0)
    }
  }

  @Test func aSettledTicketIsReopenedOnceForAllItsFailures() async throws {
    try await with { desk, returner in
      var (ticket, first) = try await pending("cara", on: desk)
      let second: MessageID = desk.fresh()
      ticket = try await desk.store.take(
        ticket, .replied(second, by: "ann", awaitsCustomer: true), under: #require(desk.policy.current),
        outgoing: OutgoingMessage(id: second, isPublic: true, author: "ann", body: "more"))
      ticket = try await take(ticket, .resolved(by: "ann"), on: desk)
      try await fail([first, second], on: desk)
      #expect(try await returner.runOnce() == 2)
      let back = try await now(ticket, on: desk)
      #expect(back.state == .queued && back.reopenCount == 1)
      #expect(try await kinds(of: ticket, on: desk).suffix(3) == ["reply_failed", "reply_failed", "reopened"])
      let reopened = try #require(await desk.store.conversations.timeline(of: ticket.id).last)
      #expect(reopened.actor == "service:router")
      #expect(try await returner.runOnce() == 0)
    }
  }

  /// Else the notice that a ticket was settled would reopen it each time, for as long as its customer cannot be reached.
  @Test func aProgressNoticeThatFailsBringsNothingBack() async throws {
    try await with { desk, returner in
      var policy = try #require(desk.policy.current)
      let solved = try ProgressPolicy.Notice(texts: ["en": ProgressTemplate("Solved", for: .solved)])
      policy.life.progress = ProgressPolicy(channels: ["web"], notices: [.solved: solved])
      var (ticket, _) = try await pending("cara", on: desk)
      ticket = try await desk.store.take(ticket, .resolved(by: "ann"), under: policy)
      let notice = OutgoingMessage(id: desk.fresh(), progress: .solved, body: "Solved")
      ticket = try await desk.store.take(
        ticket, .progressDue(notice.id, language: "en"), under: policy, outgoing: notice)
      try await fail([notice.id], on: desk)
      #expect(try await returner.runOnce() == 0)
      #expect(try await now(ticket, on: desk) == ticket)
      #expect(try await desk.store.replies.failed(limit: 9) == [], "it is not found again")
      let seen = try await desk.store.conversations.messages(of: ticket.id, limit: 9).first { $0.id == notice.id }
      #expect(seen?.delivery?.state == .failed)
    }
  }

  @Test func aFailureOnAMergedTicketBringsBackTheOneThatLives() async throws {
    try await with { desk, returner in
      let (source, reply) = try await pending("cara", on: desk)
      let (target, _) = try await pending("carl", on: desk)
      let policy = try #require(desk.policy.current)
      let lead = ActingAgent("ann", leads: true)
      var random = SystemRandom()
      let steps = try [
        TicketStep(
          .merged(into: target.id, by: lead, reason: "r"), on: source, at: desk.clock.now(), under: policy,
          using: &random),
        TicketStep(
          .absorbed(source.id, by: lead, reason: "r"), on: target, at: desk.clock.now(), under: policy, using: &random),
      ]
      #expect(try await desk.store.tickets.commit(together: steps))
      #expect(try await now(target, on: desk).state == .pending)
      try await fail([reply], on: desk)
      #expect(try await returner.runOnce() == 1)
      #expect(try await now(target, on: desk).state == .assigned)
      #expect(try await kinds(of: target, on: desk).last == "reply_failed")
      #expect(try await returner.runOnce() == 0)
      #expect(try await desk.store.outbox.deadLetterCount() == 0)
    }
  }

  @Test func aFailureOnAnEndedTicketBecomesADeadLetter() async throws {
    try await with { desk, returner in
      var (ticket, reply) = try await pending("cara", on: desk)
      for event: TicketEvent in [.resolved(by: "ann"), .reopenWindowPassed] {
        ticket = try await take(ticket, event, on: desk)
      }
      try await fail([reply], on: desk)
      #expect(try await returner.runOnce() == 1)
      #expect(try await returner.runOnce() == 0)
      let letters = try await desk.store.outbox.deadLetters(includingReplayed: false, limit: 9)
      #expect(letters.map(\.kind) == ["reply"] && letters.first?.ticket == ticket.id)
      // Retention has dropped the ticket, and not yet the message.
      let (old, late) = try await pending("carl", on: desk)
      _ = try await take(try await take(old, .resolved(by: "ann"), on: desk), .reopenWindowPassed, on: desk)
      try await desk.store.pool.executeScript("DELETE FROM desk.closed_ticket WHERE id = '\(old.id)'")
      try await fail([late], on: desk)
      #expect(try await returner.runOnce() == 1)
      #expect(try await returner.runOnce() == 0)
      #expect(try await desk.store.outbox.deadLetterCount() == 2)
    }
  }

  @Test func aTicketThatCannotBeReadDelaysNoOther() async throws {
    try await with { desk, returner in
      let (broken, lost) = try await pending("cara", on: desk)
      let (sound, reply) = try await pending("carl", on: desk)
      try await desk.store.pool.executeScript(
        "UPDATE desk.ticket SET clock_state = '{\"escalation_steps\": \"many\"}' WHERE id = '\(broken.id)'")
      try await fail([lost, reply], on: desk)
      #expect(try await returner.runOnce() == 1)
      #expect(try await now(sound, on: desk).state == .assigned)
      #expect(desk.store.setAside.held.map(\.row) == [.ticket(broken.id)])
      #expect(try await desk.store.outbox.deadLetterCount() == 0, "it has not ended")
    }
  }
}
