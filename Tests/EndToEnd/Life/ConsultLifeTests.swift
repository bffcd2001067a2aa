import Foundation
import Testing

/// The interface person of a product line is consulted by a client that shares no code with the desk, and the ticket stays where it is.
@Suite("Consults, end to end", .serialized)
struct ConsultLifeTests {
  private static let policy = """
    version: 1
    teams:
      desk: { lead: agent-003 }
      law: { lead: agent-003 }
    agents:
      - { id: agent-001, teams: [desk], capacity: 5 }
      - { id: agent-002, teams: [law], capacity: 5 }
      - { id: agent-003, teams: [desk], capacity: 5 }
    product_lines:
      payments: { title: { zh: 支付, en: Payments }, teams: [law] }
    queues:
      general: { teams: [desk], offer_time: 60s }
      claims: { teams: [law], offer_time: 60s }
      triage: { teams: [desk], offer_time: 60s }
    rules:
      - { name: claim, when: { words: [lawyer] }, queue: claims }
    default_queue: general
    triage: { queue: triage, below: 0.0 }
    channels:
      web: { replies: fetch, reopen_window: 1d }
      email: { replies: fetch, reopen_window: 1d }

    """

  private static let script = RunningDesk.project.appendingPathComponent("Tests/EndToEnd/foreign/consults.py").path

  private static func client(_ arguments: [String], as voice: LifeDesk.Voice, of life: LifeDesk) throws -> Command {
    try Command(
      "/usr/bin/env", ["python3", script] + arguments,
      environment: [
        "FRONTDESK_KEY": life.key(of: voice), "FRONTDESK_URL": "http://127.0.0.1:\(life.consolePort)",
      ])
  }

  @Test("a consult reaches the interface person, and the answer whoever asked", .timeLimit(.minutes(4)))
  func consults() async throws {
    try await LifeDesk.with(policy: Self.policy) { life in
      try await life.come(.ann)
      let id = try await life.write("我的退款 number 7391 has not come", from: "cara", by: .email, id: "m-1")
      try await life.take(id, by: .ann)
      try await life.ask(.bob, "GET", "/v1/tickets/\(id)", expecting: 404)
      let answering = try Self.client(["answer", "退款已经到账。"], as: .bob, of: life)
      let waiting = try Self.client(["wait"], as: .ann, of: life)
      let question = ["question": "退款到了吗？", "product_line": "payments"]
      let key = ["Idempotency-Key": "consult-1"]
      let path = "/v1/tickets/\(id)/consults"
      let asked = try await life.ask(.ann, "POST", path, question, expecting: 201, headers: key)
      let again = try await life.ask(.ann, "POST", path, question, headers: key)
      #expect(again.status == 200 && again["consult_id"] == asked["consult_id"])

      let answered = await answering.end()
      #expect(answered.status == 0, "\(answered.output)")
      #expect(answered.output.contains("退款到了吗？") && answered.output.contains("number 7391"))
      let announced = await waiting.end()
      #expect(announced.status == 0 && announced.output.contains("退款已经到账。"), "\(announced.output)")

      // Bob reads no longer; Ann still has the ticket, with the answer as a note that the customer does not get.
      try await life.ask(.bob, "GET", "/v1/tickets/\(id)/messages", expecting: 404)
      let ticket = try await life.ask(.ann, "GET", "/v1/tickets/\(id)", expecting: 200)
      #expect(ticket["agent"] == "agent-001" && ticket.text.contains("退款已经到账。"))
      #expect(!(try await life.ask(.email, "GET", "/v1/replies", expecting: 200).text.contains("退款已经到账。")))
      #expect((try await life.ask(.bob, "GET", "/v1/consults?state=open").body["consults"] as? [Any])?.isEmpty == true)
      let entries = try await life.timeline(of: id).filter { $0.hasPrefix("consult") || $0.hasPrefix("noted") }
      #expect(
        entries == [
          "consult_asked by agent:agent-001", "noted by agent:agent-002", "consult_answered by agent:agent-002",
        ])

      // What is open ends with the ticket.
      try await life.ask(.ann, "POST", path, ["question": "And now?", "agent": "agent-002"], expecting: 201)
      try await life.ask(.bob, "GET", "/v1/tickets/\(id)", expecting: 200)
      try await life.ask(.ann, "POST", "/v1/tickets/\(id)/resolve", expecting: 200)
      try await life.ask(.bob, "GET", "/v1/tickets/\(id)", expecting: 404)
      let ended = try await life.ask(.ann, "GET", "/v1/consults?asked=by_me&state=ended", expecting: 200)
      #expect((ended.body["consults"] as? [Any])?.count == 1)
    }
  }
}
