import DeskCore
import ServiceKit
import Store
import Testing

@testable import Router

@Suite("Queues with a limit")
struct RoutingLimitTests {
  @Test func beyondTheLimitTicketsFlowOverAndThenArePromisedACallBack() async throws {
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
        let ticket = try #require(try await desk.store.tickets([acceptance.ticket])[acceptance.ticket])
        let event = try #require(try await desk.store.timeline(of: ticket.id).first)
        let detail = try #require(Detail(json: event.detail))
        let promise = detail["promises_callback"]?.flag == true ? ", called back" : ""
        ended.append("\(ticket.queue?.rawValue ?? "-") from \(detail["overflowed_from"]?.text ?? "-")\(promise)")
        // Decided again from what is kept, with the queues as they were then.
        let (record, policy) = try (#require(RoutingRecord(detail)), #require(desk.policy.current))
        #expect(record.replay(under: policy).isEqual)
      }
      #expect(
        ended == [
          "billing from -", "general from billing", "general from billing", "billing from -, called back",
          "billing from -, called back",
        ])
      #expect(try await desk.store.waitingCounts(upTo: ["billing": 2, "general": 9]) == ["billing": 2, "general": 2])
    }
  }
}
