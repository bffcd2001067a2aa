import DeskCore
import Observability
import ServiceProcess
import Store
import SystemPrimitives
import Testing
import UseCases

@testable import Router

/// Messages after the first, through the decision maker and PostgreSQL.
@Suite("Follow-up messages are read in the light of the conversation") struct ConversationTests {
  private static let policy = """
    version: 1
    teams: {desk: {}}
    agents: [{id: ann, teams: [desk], capacity: 5}]
    queues:
      general: {teams: [desk]}
      billing: {teams: [desk]}
      complaints: {teams: [desk]}
      triage: {teams: [desk]}
    rules:
      - {name: threat, when: {words: [lawyer], sentiment: negative}, queue: complaints, priority: urgent}
      - {name: money, when: {category: billing}, queue: billing}
    default_queue: general
    triage: {queue: triage, below: 0.3}
    service_levels:
      - {name: all, first_response: {urgent: 5m, high: 10m, normal: 1h, low: 1d}}
    channels:
      web: {greeting: {wait: 10m, answer: {en: How can we help?, zh: 请问有什么可以帮您？}}}
    """

  /// Writes as a customer, and has the router decide.
  private func write(
    _ text: String, on desk: RouterDesk, _ id: String, category: String = "other", sentiment: Sentiment = .neutral
  ) async throws -> Ticket {
    let accepted = try #require(await desk.accept(id, from: "cara"))
    let item = desk.item(accepted, from: "cara", category: category, text: text, sentiment: sentiment)
    #expect(try await desk.decisions.decide([item]) == 1)
    return try #require(await desk.store.tickets.tickets([accepted.ticket])[accepted.ticket])
  }

  /// Applies events to a ticket as other services do.
  private func take(_ events: [TicketEvent], on ticket: Ticket, _ desk: RouterDesk) async throws -> Ticket {
    var ticket = ticket
    let policy = try #require(desk.policy.current)
    for event in events {
      var random = SystemRandom()
      let step = try TicketStep(event, on: ticket, at: desk.clock.now(), under: policy, using: &random)
      #expect(try await desk.store.tickets.commit([step]) == [ticket.id])
      ticket = step.ticket
    }
    return ticket
  }

  private func assigned(_ ticket: Ticket, _ desk: RouterDesk) async throws -> Ticket {
    _ = try await desk.store.matching.setPresence(.available, of: "ann")
    let now = desk.clock.now()
    let offer = Offer(id: desk.fresh(), agent: "ann", offeredAt: now, expiresAt: now + .seconds(30))
    return try await take([.offered(offer), .accepted(offer.id, by: "ann")], on: ticket, desk)
  }

  @Test func aGreetingIsAnsweredAndWaitsForTheConcern() async throws {
    try await RouterDesk.with(policy: Self.policy) { desk in
      let greeted = try await write("Hi", on: desk, "m1")
      #expect(greeted.state == .queued && greeted.queue == "general" && greeted.labels?.category == "greeting")
      #expect(greeted.conversation.awaitsConcern && greeted.conversation.heldUntil != nil)
      let messages = try await desk.store.conversations.messages(of: greeted.id, limit: 10)
      #expect(Set(messages.map(\.body)) == ["words", "How can we help?"])
      #expect(messages.contains { $0.author == "greeting:web" && $0.direction == 2 })
      // It leaves like an agent's reply.
      let replies = try await desk.store.replies.replies(of: "web", after: 0, limit: 9)
      #expect(replies.map(\.body) == ["How can we help?"])
      #expect(replies.first?.customer == "cara" && replies.first?.delivery.state == .queued)
      func waiting(in queue: QueueID, at now: Instant) async throws -> [TicketID] {
        try await desk.store.matching.waitingTickets(in: queue, at: now, headStarts: HeadStarts(), limit: 9).map(\.id)
      }
      let now = desk.clock.now()
      #expect(try await waiting(in: "general", at: now) == [])
      // Without a concern it is offered when its time is over.
      #expect(try await waiting(in: "general", at: now + .seconds(601)) == [greeted.id])
      let routed = try await write("I will call my lawyer", on: desk, "m2", sentiment: .negative)
      #expect(routed.id == greeted.id && routed.queue == "complaints" && routed.priority == .urgent)
      #expect(try await waiting(in: "complaints", at: now) == [greeted.id])
      let timeline = try await desk.store.conversations.timeline(of: greeted.id)
      #expect(timeline.map(\.kind) == ["queued", "greeted", "customer_wrote", "rerouted"])
      let explanation = try await TicketExplanation(of: greeted.id, timeline: timeline, in: desk.store)
      #expect(explanation.decisions.map(\.kind) == ["queued", "rerouted"] && explanation.isReplayed == true)
      #expect(desk.metrics.readings[.greeted]?.value == 1 && desk.metrics.readings[.rerouted]?.value == 1)
    }
  }

  /// Two processes never read the clock alike, and a message is decided milliseconds after it was accepted.
  @Test func anAnswerFollowsItsMessageThoughItsRouterReadsAnEarlierTime() async throws {
    try await RouterDesk.with(policy: Self.policy) { desk in
      let late = RouterDesk(
        store: desk.store, clock: DatabaseClock(desk.clock.now() - .seconds(2)), policy: desk.policy)
      let accepted = try #require(await desk.accept("m1", from: "cara"))
      let item = desk.item(accepted, from: "cara", category: "other", text: "Hi")
      #expect(try await late.decisions.decide([item]) == 1)
      let messages = try await desk.store.conversations.messages(of: accepted.ticket, limit: 10)
      #expect(messages.map(\.author) == ["cara", "greeting:web"])
    }
  }

  @Test func aGreetingAndItsConcernInOneBatchAreOneStep() async throws {
    try await RouterDesk.with(policy: Self.policy) { desk in
      let first = try #require(await desk.accept("m1", from: "cara"))
      let second = try #require(await desk.accept("m2", from: "cara"))
      let items = [
        desk.item(first, from: "cara", category: "other", text: "Hi"),
        desk.item(second, from: "cara", category: "other", text: "I will call my lawyer", sentiment: .negative),
      ]
      #expect(try await desk.decisions.decide(items) == 2)
      let ticket = try #require(await desk.store.tickets.tickets([first.ticket])[first.ticket])
      #expect(ticket.queue == "complaints" && ticket.priority == .urgent && ticket.conversation.heldUntil == nil)
      #expect(try await desk.store.conversations.messages(of: first.ticket, limit: 10).count == 2, "nothing was sent")
      let balance = try #require(await desk.store.audit.balance())
      #expect(balance.lost == 0 && balance.decidedTwice == 0)
    }
  }

  @Test func thanksConfirmAResolvedTicketAndAreExplained() async throws {
    try await RouterDesk.with(policy: Self.policy) { desk in
      var ticket = try await assigned(try await write("Where is my invoice?", on: desk, "m1"), desk)
      ticket = try await take([.resolved(by: "ann")], on: ticket, desk)
      let confirmed = try await write("Thanks a lot!", on: desk, "m2")
      #expect(confirmed.id == ticket.id && confirmed.state == .resolved && confirmed.confirmedAt != nil)
      let timeline = try await desk.store.conversations.timeline(of: ticket.id)
      #expect(timeline.suffix(2).map(\.kind) == ["customer_wrote", "confirmed"])
      let explanation = try await TicketExplanation(of: ticket.id, timeline: timeline, in: desk.store)
      #expect(explanation.decisions.last?.kind == "confirmed")
      #expect(explanation.decisions.last?.replay?.isEqual == true)
      #expect(desk.metrics.readings[.confirmed]?.value == 1 && desk.metrics.readings[.reopened]?.value == 0)
      let reopened = try await write("Thanks, but it still does not work", on: desk, "m3", category: "billing")
      #expect(reopened.state == .queued && reopened.queue == "billing" && reopened.confirmedAt == nil)
      #expect(desk.metrics.readings[.reopened]?.value == 1)
      let balance = try #require(await desk.store.audit.balance())
      #expect(balance.lost == 0 && balance.decidedTwice == 0 && balance.wrongLoads == 0)
    }
  }

  /// The agent accepts the move while a message of the customer is being decided: both take effect, one after the other.
  @Test func aMoveAndAMessageDoNotOverwriteEachOther() async throws {
    try await RouterDesk.with(policy: Self.policy) { desk in
      let ticket = try await assigned(try await write("Where is my parcel?", on: desk, "m1"), desk)
      let suggested = try await write("My lawyer will call", on: desk, "m2", sentiment: .negative)
      #expect(suggested.id == ticket.id && suggested.state == .assigned && suggested.queue == "general")
      #expect(suggested.conversation.suggestion?.queue == "complaints")
      let policy = try #require(desk.policy.current)
      var random = SystemRandom()
      let move = try TicketStep(
        .moveAnswered(accepts: true, by: ActingAgent("ann", leads: false)), on: suggested, at: desk.clock.now(),
        under: policy, using: &random)
      _ = try await write("Hello?", on: desk, "m3")
      #expect(try await desk.store.tickets.commit([move]) == [], "the version is over")
      let current = try #require(await desk.store.tickets.tickets([ticket.id])[ticket.id])
      let moved = try await take(
        [.moveAnswered(accepts: true, by: ActingAgent("ann", leads: false))], on: current, desk)
      #expect(moved.state == .queued && moved.queue == "complaints" && moved.priority == .urgent)
      let balance = try #require(await desk.store.audit.balance())
      #expect(balance.lost == 0 && balance.decidedTwice == 0 && balance.wrongLoads == 0)
    }
  }

  @Test func concurrentRoutersReadEachMessageOnce() async throws {
    try await RouterDesk.with(policy: Self.policy) { desk in
      var items: [UndecidedItem] = []
      let texts = ["Hi", "My invoice is wrong", "My lawyer will call", "Thanks", "ok"]
      for (number, text) in texts.enumerated() {
        let accepted = try #require(await desk.accept("m\(number)", from: "cara"))
        items.append(
          desk.item(
            accepted, from: "cara", category: number == 1 ? "billing" : "other", text: text,
            sentiment: number == 2 ? .negative : .neutral))
      }
      let all = items
      let decided = try await withThrowingTaskGroup(of: Int.self) { group in
        for item in all { group.addTask { try await desk.decisions.decide([item]) } }
        for _ in 0..<2 { group.addTask { try await desk.decisions.decide(all) } }
        return try await group.reduce(0, +)
      }
      #expect(decided == texts.count)
      let balance = try #require(await desk.store.audit.balance())
      #expect(balance.lost == 0 && balance.decidedTwice == 0)
    }
  }
}
