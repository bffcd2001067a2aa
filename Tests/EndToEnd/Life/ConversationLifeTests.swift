import Foundation
import Testing

/// Conversations of several messages on a running desk.
@Suite("Conversations, end to end", .serialized)
struct ConversationLifeTests {
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
      complaints: { teams: [desk], offer_time: 60s }
      triage: { teams: [desk], offer_time: 60s }
    rules:
      - { name: threat, when: { words: [lawyer, 律师] }, queue: complaints, priority: urgent }
    default_queue: general
    triage: { queue: triage, below: 0.0 }
    channels:
      web: { reopen_window: 1d, greeting: { wait: 10m, answer: { en: How can we help?, zh: 请问有什么可以帮您？ } } }
      email: { reopen_window: 1d }

    """

  @Test("a greeting is answered, and the concern after it is routed like a first message", .timeLimit(.minutes(4)))
  func greetingThenConcern() async throws {
    try await LifeDesk.with(policy: Self.policy) { life in
      try await life.come(.ann)
      for (customer, greeting, concern) in [("cara", "Hi", "I will call my lawyer"), ("daiyu", "你好", "我要找律师")] {
        let id = try await life.write(greeting, from: customer, id: "\(customer)-1")
        let greeted = try await life.ticket(id, is: "queued")
        #expect(greeted["queue"] == "general" && greeted["priority"] == "normal")
        #expect(greeted.text.contains(customer == "cara" ? "How can we help?" : "请问有什么可以帮您？"))
        #expect(try await life.write(concern, from: customer, id: "\(customer)-2") == id)
        // Held back until now, it is offered at once.
        try await life.take(id, by: .ann)
        let taken = try await life.ticket(id, is: "assigned")
        #expect(taken["queue"] == "complaints" && taken["priority"] == "urgent")
        #expect(
          try await life.timeline(of: id) == [
            "queued by service:router", "greeted by service:router", "customer_wrote by customer",
            "rerouted by service:router", "offered by service:router", "accepted by agent:agent-001",
          ])
        let explained = try await life.ask(.ann, "GET", "/v1/tickets/\(id)/explanation", expecting: 200)
        #expect(explained.text.contains(#""replayed_bit_by_bit":true"#) && explained.text.contains("threat"))
      }
    }
  }

  @Test("thanks confirm a resolved ticket and are counted; anything else reopens it", .timeLimit(.minutes(4)))
  func thanksAfterResolving() async throws {
    try await LifeDesk.with(policy: Self.policy) { life in
      try await life.come(.ann)
      let id = try await life.write("Where is my parcel?", from: "cara", by: .email, id: "m-1")
      try await life.take(id, by: .ann)
      try await life.ask(.ann, "POST", "/v1/tickets/\(id)/resolve", expecting: 200)
      #expect(try await life.write("Thank you!", from: "cara", by: .email, id: "m-2") == id)
      _ = try await life.until(.eve, "/v1/tickets/\(id)/timeline") { $0.text.contains("confirmed") }
      let confirmed = try await life.ticket(id, is: "resolved")
      #expect(confirmed["confirmed_at"] != nil && confirmed.body["reopened"] as? Int == 0)
      #expect(try await life.count(of: #"conversation_readings_total{outcome="confirmed"}"#) == 1)
      #expect(try await life.count(of: #"conversation_readings_total{outcome="reopened"}"#) == 0)
      #expect(try await life.write("Thanks, but it still has not arrived", from: "cara", by: .email, id: "m-3") == id)
      try await life.take(id, by: .ann)
      #expect(try await life.count(of: #"conversation_readings_total{outcome="reopened"}"#) == 1)
    }
  }

  @Test("an agent is offered the move of a ticket and accepts it", .timeLimit(.minutes(4)))
  func suggestedMove() async throws {
    try await LifeDesk.with(policy: Self.policy) { life in
      try await life.come(.ann)
      let id = try await life.write("Where is my parcel?", from: "cara", by: .email, id: "m-1")
      try await life.take(id, by: .ann)
      #expect(try await life.write("I will call my lawyer", from: "cara", by: .email, id: "m-2") == id)
      let seen = try await life.until(.ann, "/v1/tickets/\(id)") { $0.body["suggested_move"] is [String: Any] }
      let move = try #require(seen.body["suggested_move"] as? [String: Any])
      #expect(move["queue"] as? String == "complaints" && move["priority"] as? String == "urgent")
      #expect(seen["queue"] == "general")
      try await life.ask(.bob, "POST", "/v1/tickets/\(id)/move", ["accept": true], expecting: 409)
      let moved = try await life.ask(.ann, "POST", "/v1/tickets/\(id)/move", ["accept": true], expecting: 200)
      #expect(moved["queue"] == "complaints" && moved["priority"] == "urgent" && moved["state"] == "queued")
    }
  }
}

extension LifeDesk {
  /// The sum of a router's counter over all processes.
  fileprivate func count(of metric: String) async throws -> Double {
    let processes = try #require(try desk.description()["processes"] as? [[String: Any]])
    var sum = 0.0
    for process in processes {
      guard let address = process["operations_url"] as? String, let port = URL(string: address)?.port else { continue }
      let request = Array("GET /metrics HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n".utf8)
      let text = try await ClientConnection.exchange(port: port, request).text
      for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("frontdesk_router_\(metric) ") {
        sum += Double(line.split(separator: " ").last ?? "") ?? 0
      }
    }
    return sum
  }
}
