import Foundation
import Testing

/// Customers are notified of the progress of their tickets by a running desk.
@Suite("Progress notices, end to end", .serialized)
struct ProgressLifeTests {
  private static let policy = """
    version: 1
    teams:
      desk: { lead: agent-003 }
    agents:
      - { id: agent-001, teams: [desk], capacity: 5, title: { zh: 小安, en: Ann } }
      - { id: agent-002, teams: [desk], capacity: 5 }
      - { id: agent-003, teams: [desk], capacity: 5 }
    queues:
      general: { teams: [desk], offer_time: 60s, title: { zh: 综合, en: General } }
      triage: { teams: [desk], offer_time: 60s }
    rules:
      - { name: all, when: { channel: [web, email] }, queue: general }
    default_queue: general
    triage: { queue: triage, below: 0.0 }
    channels:
      web: { replies: fetch, reopen_window: 1d, greeting: { answer: { en: How can we help?, zh: 请问有什么可以帮您？ } } }
      email: { replies: fetch, reopen_window: 1d }
    progress:
      channels: [web]
      default_language: en
      received: { zh: "“{queue}”已收到，您排在第 {position} 位。", en: "{queue} has it, you are number {position}." }
      assigned: { zh: "{agent}正在处理。", en: "{agent} is working on it." }
      waiting: { zh: 等待您的回复。, en: We wait for you. }
      solved: { zh: "{agent}已解决。", en: "{agent} solved it." }
      reopened: { zh: 已重新打开。, en: It is open again. }

    """

  private struct Customer {
    let name: String
    let concern: String
    let complaint: String
    let texts: [String]
  }

  private static let customers = [
    Customer(
      name: "cara", concern: "Where is my parcel? It has not arrived.", complaint: "It still has not arrived.",
      texts: [
        "General has it, you are number 1.", "Ann is working on it.", "We wait for you.", "Ann solved it.",
        "It is open again.",
      ]),
    Customer(
      name: "daiyu", concern: "我的快递到哪里了？一周没有更新。", complaint: "还是没有收到快递。",
      texts: ["“综合”已收到，您排在第 1 位。", "小安正在处理。", "等待您的回复。", "小安已解决。", "已重新打开。"]),
  ]

  @Test("each state is notified of once, in the customer's language, across a restart", .timeLimit(.minutes(5)))
  func everyState() async throws {
    try await LifeDesk.with(policy: Self.policy) { life in
      for customer in Self.customers {
        let id = try await life.write(customer.concern, from: customer.name, id: "\(customer.name)-1")
        try await life.notified(of: "received", id)
        try await life.desk.killAndAwaitReturn(of: "sla-watcher")
        try await life.come(.ann)
        try await life.take(id, by: .ann)
        try await life.notified(of: "assigned", id)
        try await life.reply("Which order?", on: id, by: .ann, awaiting: true)
        try await life.notified(of: "waiting", id)
        try await life.ask(.ann, "POST", "/v1/tickets/\(id)/resolve", expecting: 200)
        try await life.notified(of: "solved", id)
        try await life.go(.ann)
        #expect(try await life.write(customer.complaint, from: customer.name, id: "\(customer.name)-2") == id)
        try await life.notified(of: "reopened", id)
        let messages = try await life.messages(of: id)
        #expect(
          messages.map(\.author) == [
            customer.name, "progress:received", "progress:assigned", "agent-001", "progress:waiting", "progress:solved",
            customer.name, "progress:reopened",
          ])
        #expect(messages.filter { $0.author.hasPrefix("progress:") }.map(\.text) == customer.texts)
        let sent = try await life.timeline(of: id).filter { $0 == "progress_sent by service:sla-watcher" }
        #expect(sent.count == 5)
        // The other customer is then the first in the queue.
        try await life.come(.ann)
        try await life.take(id, by: .ann)
        try await life.ask(.ann, "POST", "/v1/tickets/\(id)/resolve", expecting: 200)
        try await life.go(.ann)
      }
    }
  }

  @Test("a greeting's answer and other channels are not followed by a notice", .timeLimit(.minutes(4)))
  func silence() async throws {
    try await LifeDesk.with(policy: Self.policy) { life in
      let mail = try await life.write("Where is my parcel?", from: "eli", by: .email, id: "m-1")
      let greeted = try await life.write("Hi", from: "cara", id: "m-2")
      _ = try await life.until(.eve, "/v1/tickets/\(greeted)") { $0.text.contains("How can we help?") }
      // A later ticket has its notice, so the watcher has looked at the earlier ones.
      let other = try await life.write("Where is my parcel?", from: "fay", id: "m-3")
      try await life.notified(of: "received", other)
      #expect(try await life.messages(of: greeted).map(\.author) == ["cara", "greeting:web"])
      #expect(try await life.messages(of: mail).map(\.author) == ["eli"])
      #expect(try await life.write("My invoice is wrong", from: "cara", id: "m-4") == greeted)
      try await life.notified(of: "received", greeted)
    }
  }
}

extension LifeDesk {
  /// Waits for a notice in the conversation that agents see.
  fileprivate func notified(of event: String, _ id: String) async throws {
    _ = try await until(.eve, "/v1/tickets/\(id)") { $0.text.contains("\"progress:\(event)\"") }
  }

  fileprivate func messages(of id: String) async throws -> [(author: String, text: String)] {
    let messages = try await ask(.eve, "GET", "/v1/tickets/\(id)", expecting: 200).body["messages"] as? [[String: Any]]
    // Identifiers sort in the order in which they were made.
    return try #require(messages).sorted { $0["message_id"] as? String ?? "" < $1["message_id"] as? String ?? "" }
      .map { ($0["author"] as? String ?? "", $0["text"] as? String ?? "") }
  }
}
