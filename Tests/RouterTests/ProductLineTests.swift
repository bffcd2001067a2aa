import DeskCore
import PostgreSQL
import ServiceProcess
import Store
import Testing

@testable import Router

@Suite("Rules on the product line")
struct ProductLineTests {
  @Test func productLineRulesUseTheStoredAttribute() async throws {
    let text = RouterDesk.policyText.replacing("{category: billing}", with: "{product_line: phones}")
    try await RouterDesk.with(policy: text) { desk in
      let outcome = try await desk.store.inbox.accept(
        [
          IncomingMessage(
            id: desk.fresh(), ticket: desk.fresh(), channel: "web", customer: "ann", externalID: "m",
            digest: Array(repeating: 7, count: 32), subject: nil, body: "words",
            attributes: PostgresJSON(#"{"product_line":"phones"}"#), attachments: nil, sentAt: nil, traceparent: nil)
        ], owner: nil)
      guard case .accepted(let acceptance)? = outcome.first else {
        Issue.record("not accepted")
        return
      }
      let labels = desk.item(acceptance, from: "ann", category: "other").labels
      try await desk.store.inbox.write(labels: [(acceptance.message, labels)])
      let stale = try await desk.store.inbox.claimLabelled(olderThan: .zero, limit: 9)
      let items = stale.compactMap { UndecidedItem($0) }
      #expect(items.map(\.productLine) == ["phones"])
      #expect(try await desk.decisions.decide(items) == 1)
      #expect(try await desk.store.tickets.tickets([acceptance.ticket])[acceptance.ticket]?.queue == "billing")
      let event = try #require(try await desk.store.conversations.timeline(of: acceptance.ticket).first)
      let routed = try #require(event.content?.routed)
      let record = try #require(RoutingRecord(routed))
      let policy = try #require(desk.policy.current)
      #expect(record.replay(under: policy).isEqual)
    }
  }
}
