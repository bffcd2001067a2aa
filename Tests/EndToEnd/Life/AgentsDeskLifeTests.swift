import Foundation
import Testing

/// One agent at two devices, by a client that shares no code with the desk: drafts, stale pages, what is unread, and a ticket that leaves.
@Suite("An agent's desk, end to end", .serialized)
struct AgentsDeskLifeTests {
  private static let policy = """
    version: 1
    teams:
      desk: { lead: agent-003 }
      law: { lead: agent-003 }
    agents:
      - { id: agent-001, teams: [desk], capacity: 5 }
      - { id: agent-002, teams: [law], capacity: 5 }
      - { id: agent-003, teams: [desk], capacity: 5 }
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

  private static let script = RunningDesk.project.appendingPathComponent("Tests/EndToEnd/foreign/agents_desk.py").path

  @Test(
    "two devices share a draft, a stale one is told, and the draft stays when the ticket goes", .timeLimit(.minutes(4)))
  func twoDevices() async throws {
    try await LifeDesk.with(policy: Self.policy) { life in
      try await life.come(.ann)
      let id = try await life.write("我的快递一周没动了", from: "李雷", by: .email, id: "m-1")
      try await life.take(id, by: .ann)
      let client = try Command(
        "/usr/bin/env", ["python3", Self.script, id, "李雷", "claims"],
        environment: [
          "FRONTDESK_KEY": life.key(of: .ann), "FRONTDESK_CHANNEL_KEY": life.key(of: .email),
          "FRONTDESK_URL": "http://127.0.0.1:\(life.consolePort)",
          "FRONTDESK_INTAKE_URL": "http://127.0.0.1:\(life.intakePort)",
        ])
      let ended = await client.end()
      #expect(ended.status == 0, "\(ended.output)")

      // Who has it now sees that there is a draft, and not what it says.
      try await life.come(.bob)
      try await life.take(id, by: .bob)
      for reader in [LifeDesk.Voice.bob, .eve] {
        let drafts = try await life.ask(reader, "GET", "/v1/tickets/\(id)/drafts", expecting: 200)
        #expect(drafts.text.contains("agent-001") && !drafts.text.contains("明天再联系"), "\(drafts.text)")
      }
      // An erasure deletes it for the writer, too.
      try await life.desk.expect(["erase", "--channel", "email", "--customer", "李雷", "--reason", "asked for it"])
      let own = try await life.ask(.ann, "GET", "/v1/agents/me/drafts", expecting: 200)
      #expect((own.body["drafts"] as? [Any])?.isEmpty == true, "\(own.text)")
    }
  }
}
