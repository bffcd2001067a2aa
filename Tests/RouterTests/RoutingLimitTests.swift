import DeskCore
import PostgreSQL
import ServiceHealth
import ServiceProcess
import Store
import Testing

@testable import Router

@Suite("Queues with a limit")
struct RoutingLimitTests {
  @Test func fullQueuesOverflowThenOfferACallback() async throws {
    let queues = """
      general: {teams: [desk], limit: 2}
        billing: {teams: [desk], skills: {billing: 3}, offer_time: 30s, limit: 1, overflow: general}
      """
    let text = RouterDesk.policyText.replacing("general: {teams: [desk], offer_time: 30s}", with: queues)
      .replacing("    billing: {teams: [desk], skills: {billing: 3}, offer_time: 30s}\n", with: "")
      .replacing("  billing: {teams: [desk], skills: {billing: 3}, offer_time: 30s}\n", with: "")
    try await RouterDesk.with(policy: text) { desk in
      let decisions = desk.decisions
      var ended: [String] = []
      for number in 0..<5 {
        let acceptance = try #require(await desk.accept("m\(number)", from: "c\(number)"))
        #expect(try await decisions.decide([desk.item(acceptance, from: "c\(number)")]) == 1)
        let ticket = try #require(try await desk.store.tickets.tickets([acceptance.ticket])[acceptance.ticket])
        let event = try #require(try await desk.store.conversations.timeline(of: ticket.id).first)
        let routed = try #require(event.content?.routed)
        let callback = routed.promisesCallback ? ", called back" : ""
        ended.append("\(ticket.queue?.rawValue ?? "-") from \(routed.overflowedFrom?.rawValue ?? "-")\(callback)")
        // Decided again from the stored data, with the queues as they were then.
        let (record, policy) = try (#require(RoutingRecord(routed)), #require(desk.policy.current))
        #expect(record.replay(under: policy).isEqual)
      }
      #expect(
        ended == [
          "billing from -", "general from billing", "general from billing", "billing from -, called back",
          "billing from -, called back",
        ])
      #expect(
        try await desk.store.matching.waitingCounts(upTo: ["billing": 2, "general": 9]) == ["billing": 2, "general": 2])
    }
  }

  private static let limited = RouterDesk.policyText.replacing(
    "billing: {teams: [desk], skills: {billing: 3}, offer_time: 30s}",
    with: "billing: {teams: [desk], skills: {billing: 3}, offer_time: 30s, limit: 3, overflow: general}")

  @Test func followUpsDoNotLengthenTheQueue() async throws {
    try await RouterDesk.with(policy: Self.limited) { desk in
      let acceptance = try #require(await desk.accept("m", from: "cara"))
      _ = try await desk.decisions.decide([desk.item(acceptance, from: "cara")])
      let ticket = try #require(await desk.store.tickets.tickets([acceptance.ticket])[acceptance.ticket])
      let policy = try #require(desk.policy.current)
      func step(_ ticket: Ticket, _ effects: [TicketEffect]) -> TicketStep {
        TicketStep(
          expectedVersion: 1, ticket: ticket, at: desk.clock.now(), effects: effects, traceparent: nil,
          reopenWindow: .zero)
      }
      var written = ticket
      let effects = try written.handle(
        .customerWrote(desk.fresh(), #require(ticket.labels), from: Correspondent("cara", on: "web")),
        now: desk.clock.now(), under: policy)
      let depths = QueueDepths()
      func full() async -> Set<QueueID> { await depths.full(under: policy, in: desk.store, desk.logger) }
      #expect(await full().isEmpty, "one counted as waiting, the limit is three")
      depths.add(Array(repeating: step(written, effects), count: 5))
      #expect(await full().isEmpty)
      depths.add([step(ticket, [.wakeQueue("billing")]), step(ticket, [.wakeQueue("billing")])])
      #expect(await full() == ["billing"])
    }
  }

  @Test func failedCountsDoNotBlockDecisions() async throws {
    try await RouterDesk.with(policy: Self.limited) { desk in
      let decisions = desk.decisions
      let acceptance = try #require(await desk.accept("m", from: "cara"))
      try await desk.store.pool.executeScript("ALTER TABLE desk.ticket RENAME TO hidden")
      let policy = try #require(desk.policy.current)
      #expect(await decisions.depths.full(under: policy, in: desk.store, desk.logger).isEmpty)
      try await desk.store.pool.executeScript("ALTER TABLE desk.hidden RENAME TO ticket")
      #expect(try await decisions.decide([desk.item(acceptance, from: "cara")]) == 1)
      #expect(decisions.depths.task.failuresTotal == 1)
    }
  }
}
