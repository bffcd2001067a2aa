import DeskCore
import ServiceProcess
import Store
import Testing

@testable import Router

@Suite struct QueuePositionNotifierTests {
  private static let policy =
    RouterDesk.policyText.replacing("web: {}", with: "web: { chat: true, reply_hook: chat }") + """

      hooks:
        chat: { url: "https://chat.example/", secret_env: [CHAT], kinds: [message.replied] }
      """

  private func withNotifier(
    _ desk: RouterDesk, holding leases: Set<String> = ["queue:billing"],
    _ body: (QueuePositionNotifier) async throws -> Void
  ) async throws {
    let keeper = LeaseKeeper(wanting: [], store: desk.store, me: desk.fresh(), logger: desk.logger)
    await keeper.want(leases)
    try await body(
      QueuePositionNotifier(
        store: desk.store, clock: desk.clock, policy: desk.policy, leases: keeper, logger: desk.logger, wake: {}))
  }

  private func queue(_ numbers: Range<Int>, on desk: RouterDesk) async throws -> [TicketID] {
    var tickets: [TicketID] = []
    for number in numbers {
      let acceptance = try #require(await desk.accept("m\(number)", from: "customer-\(number)"))
      _ = try await desk.decisions.decide([desk.item(acceptance, from: "customer-\(number)")])
      tickets.append(acceptance.ticket)
    }
    return tickets
  }

  /// The outbox of a hook: ticket and position, oldest first.
  private func pendingNotices(_ desk: RouterDesk) async throws -> [String] {
    let claimed = try await desk.store.outbox.claimNotices(
      for: "chat", by: desk.fresh(), limit: 50, claimTime: .seconds(60))
    return claimed.filter { $0.kind == "ticket.queue_place" }.map {
      "\($0.ticket) \(JSONValue(json: $0.body)?["queue_position"]?.integer ?? 0)"
    }.sorted()
  }

  @Test func firstTicketsAreNotifiedOfTheirPositionOnce() async throws {
    try await RouterDesk.with(policy: Self.policy) { desk in
      let tickets = try await queue(0..<3, on: desk)
      try await withNotifier(desk) { notifier in
        let notified = try await [notifier.runOnce(), notifier.runOnce()]
        #expect(notified == [3, 0], "nothing has changed the second time")
        let pending = try await pendingNotices(desk)
        #expect(pending == zip(tickets, 1...).map { "\($0) \($1)" }.sorted())
      }
    }
  }

  @Test func onlyTheQueueOwnerSendsPositions() async throws {
    try await RouterDesk.with(policy: Self.policy) { desk in
      _ = try await queue(0..<2, on: desk)
      try await withNotifier(desk, holding: ["queue:general"]) { notifier in
        let notified = try await notifier.runOnce()
        #expect(notified == 0)
      }
    }
  }

  @Test func nonChatChannelsGetNoPositions() async throws {
    try await RouterDesk.with(policy: Self.policy.replacing("chat: true", with: "chat: false")) { desk in
      _ = try await queue(0..<2, on: desk)
      try await withNotifier(desk) { notifier in
        let notified = try await notifier.runOnce()
        #expect(notified == 0)
      }
    }
  }

  @Test func changedPositionsAreSentAfterAPause() async {
    let memory = QueuePositionMemory()
    let (ann, bob) = (TicketID(high: 1, low: 1), TicketID(high: 1, low: 2))
    let start = Instant(seconds: 1_000)
    #expect(await Set(memory.news(among: [ann: 1, bob: 2], now: start)) == [ann, bob])
    await memory.notified([ann: 1, bob: 2], now: start)
    let soon = start + RouterBounds.placeRest - .milliseconds(1)
    #expect(await memory.news(among: [bob: 1], now: soon).isEmpty, "too soon")
    let later = start + RouterBounds.placeRest
    #expect(await memory.news(among: [ann: 1, bob: 1], now: later) == [bob], "only what has changed")
    await memory.forget(all: [ann])
    #expect(await memory.news(among: [bob: 2], now: soon) == [bob], "a ticket that waits again is notified again")
  }
}
