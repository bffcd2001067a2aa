import DeskCore
import ServiceProcess
import Store
import Testing

@testable import Router

@Suite struct StaleWorkSweeperTests {
  private func sweeper(_ desk: RouterDesk) -> StaleWorkSweeper {
    StaleWorkSweeper(
      store: desk.store, decisions: desk.decisions, clock: desk.clock, policy: desk.policy, metrics: desk.metrics,
      logger: desk.logger)
  }

  private func wearOut(_ messages: [MessageID], by attempts: Int16, in desk: RouterDesk) async throws {
    for _ in 0..<attempts { try await desk.store.inbox.countAttempts(of: messages) }
  }

  /// Crashing services are not a fault of the messages that they held.
  @Test func oftenTriedMessagesAreDecidedIndividually() async throws {
    try await RouterDesk.with { desk in
      let labelled = try #require(await desk.accept("m1", from: "ann"))
      let unlabelled = try #require(await desk.accept("m2", from: "bob"))
      try await desk.store.inbox.write(labels: [(labelled.message, desk.item(labelled, from: "ann").labels)])
      try await wearOut([labelled.message, unlabelled.message], by: StoreBounds.attemptsBeforePoison, in: desk)
      #expect(try await sweeper(desk).runOnce() == 2)
      let tickets = try await desk.store.tickets.tickets([labelled.ticket, unlabelled.ticket])
      #expect(tickets[labelled.ticket]?.queue == "billing")
      #expect(tickets[unlabelled.ticket]?.state == .triage)
      #expect(try await desk.store.outbox.deadLetterCount() == 0)
    }
  }

  /// Agents see the same articles, and the same articles answer, over either path of a message.
  @Test func sweptAndLinkedMessagesGetTheSameArticles() async throws {
    try await RouterDesk.with { desk in
      let swept = try #require(await desk.accept("m1", from: "ann"))
      let linked = try #require(await desk.accept("m2", from: "bob"))
      var item = desk.item(linked, from: "bob")
      item.suggestions = [ArticleSuggestion("parcel", coverage: 0.5), ArticleSuggestion("invoice", coverage: 0.25)]
      item.guesses = [LabelGuess("billing", share: 0.9), LabelGuess("order status", share: 0.05)]
      try await desk.store.inbox.write(
        labels: [(swept.message, item.labels)], suggestions: [swept.message: item.suggestions],
        guesses: [swept.message: item.guesses])
      try await wearOut([swept.message], by: StoreBounds.attemptsBeforePoison, in: desk)
      #expect(try await sweeper(desk).runOnce() == 1)
      #expect(try await desk.decisions.decide([item]) == 1)
      var articles: [[ArticleSuggestion]] = []
      for ticket in [swept.ticket, linked.ticket] {
        let decided = try #require(await desk.store.conversations.timeline(of: ticket).first)
        let routed = try #require(decided.content?.routed)
        articles.append(routed.suggestions)
        #expect(routed.guesses == item.guesses)
        let policy = try #require(desk.policy.current)
        #expect(try #require(RoutingRecord(routed)).replay(under: policy).isEqual)
      }
      #expect(articles[0].count == 2 && articles[0] == articles[1])
    }
  }

  /// A ticket does not end while another message of it waits; the rejected ones still must each end once.
  @Test func exhaustedMessagesOfOneTicketBecomeDeadLetters() async throws {
    try await RouterDesk.with { desk in
      let first = try #require(await desk.accept("m1", from: "ann"))
      let second = try #require(await desk.accept("m2", from: "ann"))
      #expect(first.ticket == second.ticket)
      let hopeless = StoreBounds.attemptsBeforePoison + RouterBounds.lastAttempts
      try await wearOut([first.message, second.message], by: hopeless, in: desk)
      #expect(try await sweeper(desk).runOnce() == 2)
      #expect(try await sweeper(desk).runOnce() == 0)
      #expect(try await desk.store.outbox.deadLetterCount() == 2)
      let undecided = try await desk.store.inbox.undecided(among: [first.message, second.message])
      #expect(undecided.isEmpty)
    }
  }

  /// A dead-lettered message stays there, whatever a slow link still delivers.
  @Test func lateDeliveriesDoNotReviveDeadLetters() async throws {
    try await RouterDesk.with { desk in
      let acceptance = try #require(await desk.accept("m1", from: "ann"))
      let hopeless = StoreBounds.attemptsBeforePoison + RouterBounds.lastAttempts
      try await wearOut([acceptance.message], by: hopeless, in: desk)
      _ = try await sweeper(desk).runOnce()
      #expect(try await desk.decisions.decide([desk.item(acceptance, from: "ann")]) == 0)
      #expect(try await desk.store.outbox.deadLetterCount() == 1)
    }
  }
}
