import DeskCore
import ServiceProcess
import Store
import Testing
import Tracing

@testable import Observability
@testable import Router

@Suite struct DecisionMakerTests {
  @Test func aMessageIsQueuedByTheRules() async throws {
    try await RouterDesk.with { desk in
      let acceptance = try #require(await desk.accept("m1", from: "ann"))
      #expect(try await desk.decisions.decide([desk.item(acceptance, from: "ann")]) == 1)
      let ticket = try #require(await desk.store.tickets.tickets([acceptance.ticket])[acceptance.ticket])
      #expect(ticket.state == .queued)
      #expect(ticket.queue == "billing")
      #expect(ticket.priority == .high)
      #expect(ticket.clocks.firstResponse.dueAt == ticket.openedAt + .seconds(600))
      let undecided = try await desk.store.inbox.undecided(among: [acceptance.message])
      #expect(undecided.isEmpty)
    }
  }

  @Test func eachSampledTraceHasItsDecision() async throws {
    try await RouterDesk.with { desk in
      let spans = SpanBuffer(metrics: MetricsRegistry())
      let first = try #require(await desk.accept("m1", from: "ann"))
      let second = try #require(await desk.accept("m2", from: "bob"))
      let items = [
        desk.item(first, from: "ann", traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        desk.item(second, from: "bob", traceparent: "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"),
      ]
      let decided = try await withTracer(FrontdeskTracer(spans: spans)) { try await desk.decisions.decide(items) }
      #expect(decided == 2)
      let finished = spans.take(9)
      #expect(finished.map(\.state.name) == ["decide"])
      #expect(finished.map(\.trace.traceIDText) == ["0af7651916cd43dd8448eb211c80319c"])
      #expect(finished.map(\.parent) == [0xb7ad_6b71_6920_3331])
    }
  }

  @Test func anUncertainLabelGoesToTriage() async throws {
    try await RouterDesk.with { desk in
      let acceptance = try #require(await desk.accept("m1", from: "ann"))
      _ = try await desk.decisions.decide([desk.item(acceptance, from: "ann", confidence: 0.1)])
      let ticket = try #require(await desk.store.tickets.tickets([acceptance.ticket])[acceptance.ticket])
      #expect(ticket.state == .triage)
      #expect(ticket.queue == "triage")
    }
  }

  @Test func messagesOfOneTicketAreDecidedTogether() async throws {
    try await RouterDesk.with { desk in
      let first = try #require(await desk.accept("m1", from: "ann"))
      let second = try #require(await desk.accept("m2", from: "ann"))
      #expect(first.ticket == second.ticket)
      let items = [desk.item(second, from: "ann"), desk.item(first, from: "ann")]
      #expect(try await desk.decisions.decide(items) == 2)
      let kinds = try await desk.store.conversations.timeline(of: first.ticket).map(\.kind)
      #expect(kinds == ["queued", "customer_wrote"])
    }
  }

  /// Many routers that hold the same messages decide each once (guarantee I2).
  @Test func concurrentRoutersDecideEachMessageOnce() async throws {
    try await RouterDesk.with { desk in
      var items: [UndecidedItem] = []
      for number in 0..<60 {
        let acceptance = try #require(await desk.accept("m\(number)", from: "customer-\(number % 40)"))
        items.append(desk.item(acceptance, from: "customer-\(number % 40)"))
      }
      let all = items
      let decided = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<4 { group.addTask { try await desk.decisions.decide(all.shuffled()) } }
        return try await group.reduce(0, +)
      }
      #expect(decided == 60)
      let balance = try #require(await desk.store.audit.balance())
      #expect(balance.lost == 0)
      #expect(balance.decidedTwice == 0)
      #expect(balance.messages == 60)
    }
  }

  @Test func withoutAPolicyNothingIsDecided() async throws {
    try await RouterDesk.with { desk in
      let without = DecisionMaker(
        store: desk.store, clock: desk.clock, policy: .init(store: desk.store, logger: desk.logger),
        metrics: desk.metrics, logger: desk.logger, wake: { _ in })
      let acceptance = try #require(await desk.accept("m1", from: "ann"))
      await #expect(throws: DecisionFailure.self) { try await without.decide([desk.item(acceptance, from: "ann")]) }
      let undecided = try await desk.store.inbox.undecided(among: [acceptance.message])
      #expect(undecided == [acceptance.message])
    }
  }
}
