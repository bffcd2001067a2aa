import Testing

/// The rota of a key account on a running desk, over HTTP alone.
@Suite("Key accounts, end to end", .serialized)
struct KeyAccountLifeTests {
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
      triage: { teams: [desk], offer_time: 60s }
    default_queue: general
    triage: { queue: triage, below: 0.0 }
    channels:
      web: { replies: fetch, reopen_window: 1d }
      email: { replies: fetch, reopen_window: 1d }
    key_accounts:
      - name: acme
        customers: { email: [acme-1, 采购部] }
        time_zone: Asia/Shanghai
        rota: [{ agent: agent-002, days: monday..sunday }]
        deputies: [agent-003]

    """

  @Test(
    "the agent on duty gets the account's tickets, else the deputy, and the explanation says why",
    .timeLimit(.minutes(4)))
  func rota() async throws {
    try await LifeDesk.with(policy: Self.policy) { life in
      try await life.come(.ann, .bob, .eve)
      // All three are idle: without the rota the first by name would be chosen.
      let first = try await life.write("Where is my invoice?", from: "acme-1", by: .email, id: "m-1")
      try await life.take(first, by: .bob)
      let why = try await life.ask(.bob, "GET", "/v1/tickets/\(first)/explanation", expecting: 200)
      #expect(why.text.contains("on duty for the key account acme, by its rota"), "\(why.text)")
      #expect(why.text.contains(#""replayed_bit_by_bit":true"#))
      // The same customer's name on another channel is another customer.
      let other = try await life.write("Where is my invoice?", from: "acme-1", by: .web, id: "m-2")
      let offered = try await life.until(.eve, "/v1/tickets/\(other)") { $0.body["offer"] is [String: Any] }
      #expect((offered.body["offer"] as? [String: Any])?["agent"] as? String != "agent-002")
      try await life.ask(.bob, "PUT", "/v1/agents/me/presence", ["presence": "away"], expecting: 200)
      let second = try await life.write("发票在哪里？", from: "采购部", by: .email, id: "m-3")
      try await life.take(second, by: .eve)
      let deputy = try await life.ask(.eve, "GET", "/v1/tickets/\(second)/explanation", expecting: 200)
      #expect(
        deputy.text.contains("deputy for the key account acme, because agent-002 is on duty and not available"),
        "\(deputy.text)")
    }
  }
}
