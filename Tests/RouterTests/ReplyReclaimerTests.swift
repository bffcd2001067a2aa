import DeskCore
import PostgreSQL
import ServiceProcess
import Store
import Testing

@testable import Router

/// Tickets that agents leave without a reply go back, and tickets answered by an article need none.
@Suite struct ReplyReclaimerTests {
  private static let policyText =
    RouterDesk.policyText
    .replacing("general: {teams: [desk], offer_time: 30s}", with: "general: {teams: [desk], reclaim_after: 10s}")
    .replacing("web: {}", with: "web: {answers_by_itself: true}")
      + """

      articles:
        opening-hours:
          answers_by_itself: true
          en: {title: Opening hours, answer: We are here all day., questions: [When are you open?]}

      """

  private func apply(_ desk: RouterDesk) async throws -> Policy {
    _ = try await desk.store.access.applyPolicy(document: Self.policyText, by: "test")
    try await desk.policy.look()
    return try #require(desk.policy.current)
  }

  @Test func unansweredTicketsAreReclaimedAfterTheQueuesTime() async throws {
    try await RouterDesk.with { desk in
      _ = try await apply(desk)
      let acceptance = try #require(await desk.accept("m", from: "cara"))
      _ = try await desk.decisions.decide([desk.item(acceptance, from: "cara", category: "other")])
      #expect(try await desk.store.matching.setPresence(.available, of: "bob"))
      let offer = Offer(
        id: desk.fresh(), agent: "bob", offeredAt: desk.clock.now(), expiresAt: desk.clock.now() + .seconds(30))
      for event: TicketEvent in [.offered(offer), .accepted(offer.id, by: "bob")] {
        let ticket = try #require(await desk.store.tickets.tickets([acceptance.ticket])[acceptance.ticket])
        var changed = ticket
        let now = desk.clock.now()
        let effects = try changed.handle(event, now: now, under: #require(desk.policy.current))
        let step = TicketStep(
          expectedVersion: ticket.version, ticket: changed, at: now, effects: effects, traceparent: nil,
          reopenWindow: .zero)
        #expect(try await desk.store.tickets.commit([step]) == [ticket.id])
      }
      let keeper = LeaseKeeper(wanting: [], store: desk.store, me: desk.fresh(), logger: desk.logger)
      let reclaimer = ReplyReclaimer(
        store: desk.store, clock: desk.clock, policy: desk.policy, leases: keeper, logger: desk.logger, wake: { _ in })
      #expect(try await reclaimer.runOnce() == 0, "does nothing without the lease")
      await keeper.want([QueueOwnership.keeperLease])
      #expect(try await reclaimer.runOnce() == 0, "the time has not passed")
      try await desk.store.pool.executeScript(
        "UPDATE desk.ticket SET reply_due_since = reply_due_since - interval '11 seconds'")
      try await desk.store.pool.executeScript("UPDATE desk.ticket SET clock_state = '{\"escalation_steps\": \"many\"}'")
      #expect(try await reclaimer.runOnce() == 0, "a ticket that cannot be read is set aside")
      #expect(desk.store.setAside.held.map(\.row) == [.ticket(acceptance.ticket)])
      try await desk.store.pool.executeScript("UPDATE desk.ticket SET clock_state = NULL")
      #expect(
        try await ReplyReclaimer(
          store: DeskStore(pool: desk.store.pool), clock: desk.clock, policy: desk.policy, leases: keeper,
          logger: desk.logger, wake: { _ in }
        ).runOnce() == 1)
      #expect(try await reclaimer.runOnce() == 0)
      let ticket = try #require(await desk.store.tickets.tickets([acceptance.ticket])[acceptance.ticket])
      #expect(ticket.state == .queued && ticket.refusedBy == ["bob"])
      #expect(try await desk.store.audit.balance()?.wrongLoads == 0)
    }
  }

  @Test func confidentMatchesAnswerAndDoubtfulOnesSuggest() async throws {
    try await RouterDesk.with { desk in
      _ = try await apply(desk)
      for (number, coverage) in [0.9, 0.3].enumerated() {
        let acceptance = try #require(await desk.accept("m\(number)", from: "c\(number)"))
        var item = desk.item(acceptance, from: "c\(number)", category: "other")
        item.suggestions = [ArticleSuggestion("opening-hours", coverage: coverage)]
        #expect(try await desk.decisions.decide([item]) == 1)
        let ticket = try #require(await desk.store.tickets.tickets([acceptance.ticket])[acceptance.ticket])
        #expect(ticket.state == (number == 0 ? .answered : .queued))
        let event = try #require(await desk.store.conversations.timeline(of: ticket.id).first)
        #expect(event.detail.contains("opening-hours"))
        let replies = try await desk.store.conversations.messages(of: ticket.id, limit: 5).filter { $0.direction == 2 }
        #expect(replies.map(\.body) == (number == 0 ? ["We are here all day."] : []))
      }
      #expect(try await desk.store.audit.balance()?.lost == 0)
    }
  }
}
