import Foundation
import Testing

/// Questions to customers on a running desk, over HTTP alone, with a client that knows nothing but the documented interface.
@Suite("Questions before a person, end to end", .serialized)
struct QuestionLifeTests {
  private static let policy = """
    version: 1
    teams:
      desk: { lead: agent-003 }
    agents:
      - { id: agent-001, teams: [desk], capacity: 5 }
      - { id: agent-002, teams: [desk], capacity: 5 }
      - { id: agent-003, teams: [desk], capacity: 5 }
    queues:
      general: { teams: [desk], offer_time: 60s }
      damages: { teams: [desk], offer_time: 60s }
      triage: { teams: [desk], offer_time: 60s }
    questions:
      turns: 3
      wait: 10m
      fields:
        order_number: { kind: order_number }
        state: { choice: { damaged: [damaged, broken, 破损], missing: [missing, 没收到] } }
      ask:
        - name: parcel
          when: { category: [CATEGORIES] }
          questions:
            - { field: order_number, zh: 请问是哪个订单？, en: Which order? }
            - { field: state, attempts: 1, zh: "订单{order_number}：破损还是没收到？", en: "{order_number}: damaged or missing?" }
    rules:
      - { name: damage, when: { field: { state: damaged } }, queue: damages }
    service_levels:
      - { name: all, first_response: 1h }
    default_queue: general
    triage: { queue: triage, below: 0.0 }
    channels:
      web: { replies: fetch, reopen_window: 1d }
      email: { replies: fetch, reopen_window: 1d }

    """

  /// The categories that the sample model may give messages about parcels.
  private static let categories = "logistics, order_change, delivery_damage, exchange_return, refund, product_fault"

  @Test("which order? is asked in the customer's language, and the agent sees the answers", .timeLimit(.minutes(4)))
  func whichOrder() async throws {
    try await LifeDesk.with(policy: Self.policy.replacing("CATEGORIES", with: Self.categories)) { life in
      try await life.come(.ann)
      let talks = [
        (
          "cara", ["Where is my parcel?", "FD-20263041", "it arrived broken"],
          ["Which order?", "FD-20263041: damaged or missing?"]
        ),
        ("daiyu", ["我的快递到哪里了？", "订单号FD-20263041", "外箱破损"], ["请问是哪个订单？", "订单FD-20263041：破损还是没收到？"]),
      ]
      for (customer, says, asks) in talks {
        let id = try await life.write(says[0], from: customer, id: "\(customer)-1")
        for (turn, question) in asks.enumerated() {
          // The messages are read after the ticket, and can be newer.
          let asked = try await life.until(.eve, "/v1/tickets/\(id)") {
            $0.text.contains(question) && $0.body["question"] is [String: Any]
          }
          #expect(asked["state"] == "queued" && asked.body["offer"] is NSNull, "it waits for the answer")
          #expect((asked.body["question"] as? [String: Any])?["attempts"] as? Int == 1)
          let first = (asked.body["clocks"] as? [String: Any])?["first_response"] as? [String: Any]
          #expect(first?["due_at"] is String && first?["met_at"] is NSNull, "a question is no first response")
          #expect(try await life.write(says[turn + 1], from: customer, id: "\(customer)-\(turn + 2)") == id)
        }
        // Complete, it is offered at once.
        try await life.take(id, by: .ann)
        let taken = try await life.ticket(id, is: "assigned", seenBy: .ann)
        #expect(taken["queue"] == "damages")
        #expect(taken.body["fields"] as? [String: String] == ["order_number": "FD-20263041", "state": "damaged"])
        let timeline = try await life.timeline(of: id)
        #expect(timeline.filter { $0 == "asked by service:router" }.count == 2, "\(timeline)")
        #expect(timeline.filter { $0 == "answered_question by customer" }.count == 2, "\(timeline)")
        let explained = try await life.ask(.ann, "GET", "/v1/tickets/\(id)/explanation", expecting: 200)
        #expect(explained.text.contains(#""replayed_bit_by_bit":true"#) && explained.text.contains("order_number"))
        #expect(!explained.text.contains("20263041"))
      }
    }
  }

  @Test("who asks for a person gets one, in both languages", .timeLimit(.minutes(4)))
  func aPersonPlease() async throws {
    try await LifeDesk.with(policy: Self.policy.replacing("CATEGORIES", with: Self.categories)) { life in
      try await life.come(.ann)
      for (customer, concern, plea) in [
        ("cara", "Where is my parcel?", "I want to talk to a real person"),
        ("daiyu", "我的快递到哪里了？", "转人工"),
      ] {
        let id = try await life.write(concern, from: customer, id: "\(customer)-1")
        _ = try await life.until(.eve, "/v1/tickets/\(id)") { $0.body["question"] is [String: Any] }
        #expect(try await life.write(plea, from: customer, id: "\(customer)-2") == id)
        try await life.take(id, by: .ann)
        #expect(try await life.timeline(of: id).contains("questions_ended by service:router"))
      }
    }
  }
}
