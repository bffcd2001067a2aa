import PostgreSQL
import Store
import Testing

@testable import DeskCore

/// Calls of agents in reserve, as rows with notices and audit entries.
@Suite struct ReserveCallTests {
  private func need(of ticket: Ticket, on desk: TestDesk, serving agents: [AgentID]) async throws -> ReserveNeed {
    var policy = Policy.test
    policy.queues["billing"] = QueuePolicy(
      id: "billing", teams: ["care"], skills: [], offerTime: .seconds(30), relaxation: [])
    let now = try await desk.store.now()
    let waiting = try await desk.store.matching.waitingTickets(
      in: "billing", at: now, headStarts: policy.headStarts, limit: 9)
    let skills = Dictionary(uniqueKeysWithValues: ticket.skills.map { ($0.skill, 10) })
    let statuses = agents.map {
      AgentStatus(
        profile: AgentProfile(id: $0, teams: ["care"], skills: skills, languages: [], capacity: 4), presence: .reserve,
        load: 0, idleSince: now)
    }
    let situation = ReserveSituation(
      policy: policy, agents: statuses, waiting: ["billing": waiting], paces: [:], calls: [], now: now)
    var machine = ReserveCalling()
    let decisions = machine.decide(situation, now: now)
    return try #require(decisions.lazy.compactMap { if case .call(_, _, let need) = $0 { need } else { nil } }.first)
  }

  private func notices(to agent: AgentID, _ role: Role = .agent, on desk: TestDesk) async throws -> [String] {
    try await desk.store.notices.notices(for: NoticeReader(agent: agent, role: role), limit: 9).map(\.kind)
  }

  private func audited(_ desk: TestDesk) async throws -> [String] {
    try await desk.store.pool.query(
      PostgresStatement<String>(
        "test_reserve_audit", "SELECT kind FROM desk.audit WHERE kind LIKE 'reserve.%' ORDER BY number"))
  }

  @Test func aCallIsMadeOnceWithNoticesAndAnAuditEntry() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["ann", "rex"], capacity: 4)
      #expect(try await desk.store.matching.setPresence(.reserve, of: "rex"))
      let ticket = try await desk.queued(["1"])[0]
      let need = try await need(of: ticket, on: desk, serving: ["rex"])
      let matching = desk.store.matching
      #expect(try await !matching.callReserve("ann", team: "care", to: need, leads: ["eve"], notifying: []))
      let notice = Notice(
        id: try await desk.fresh(), hook: "h", kind: .reserveCalled, ticket: ticket.id, body: .object([]))
      #expect(try await matching.callReserve("rex", team: "care", to: need, leads: ["eve"], notifying: [notice]))
      let other = Notice(
        id: try await desk.fresh(), hook: "h", kind: .reserveCalled, ticket: ticket.id, body: .object([]))
      #expect(try await !matching.callReserve("rex", team: "care", to: need, leads: ["eve"], notifying: [other]))
      #expect(try await desk.number("SELECT count(*) FROM desk.outbox") == 1, "the second left no notice")
      #expect(try await notices(to: "rex", on: desk) == ["reserve.called"])
      #expect(try await notices(to: "eve", on: desk) == ["reserve.called"])
      let told = try await desk.store.notices.notices(for: NoticeReader(agent: "eve", role: .agent), limit: 1)
      #expect(told.first?.detail.contains(#""agent": "rex""#) == true && told.first?.ticket == ticket.id)
      let call = try #require(try await matching.reserveCalls().first)
      #expect(call.agent == "rex" && call.team == "care" && call.queue == "billing" && call.reason == .unstaffed)
      #expect(call.example == ticket.id && call.acceptedAt == nil && call.endedAt == nil)
      #expect(try await matching.acceptReserveCall(call))
      #expect(try await !matching.acceptReserveCall(call))
      #expect(try await audited(desk) == ["reserve.called", "reserve.accepted"])
    }
  }

  @Test func whoeverHasATicketOrAnOfferIsNotSentBack() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["rex"], capacity: 4)
      #expect(try await desk.store.matching.setPresence(.reserve, of: "rex"))
      var ticket = try await desk.queued(["1"])[0]
      let need = try await need(of: ticket, on: desk, serving: ["rex"])
      let matching = desk.store.matching
      #expect(try await matching.callReserve("rex", team: "care", to: need, leads: [], notifying: []))
      let call = try #require(try await matching.reserveCalls().first)
      #expect(try await matching.setPresence(.available, of: "rex"))
      #expect(try await matching.acceptReserveCall(call))
      #expect(try await !matching.endReserveCall(call, as: .withdrawn, notifying: []), "the agent has come")
      let offer = try await desk.offer(to: "rex")
      #expect(try await desk.take(&ticket, .offered(offer)))
      let notice = Notice(
        id: try await desk.fresh(), hook: "h", kind: .reserveReleased, ticket: ticket.id, body: .object([]))
      #expect(try await !matching.endReserveCall(call, as: .released, notifying: [notice]))
      #expect(try await desk.number("SELECT count(*) FROM desk.outbox WHERE kind LIKE 'reserve%'") == 0)
      #expect(try await matching.agentRows().first { $0.agent == "rex" }?.presence == .available)
      #expect(try await desk.take(&ticket, .accepted(offer.id, by: "rex")))
      #expect(try await desk.take(&ticket, .resolved(by: "rex")))
      #expect(try await matching.endReserveCall(call, as: .released, notifying: [notice]))
      #expect(try await !matching.endReserveCall(call, as: .released, notifying: []))
      #expect(try await matching.agentRows().first { $0.agent == "rex" }?.presence == .reserve)
      #expect(try await notices(to: "rex", on: desk) == ["reserve.released", "reserve.called"])
      #expect(try await notices(to: "kim", .lead, on: desk).prefix(2) == ["reserve.released", "reserve.called"])
      #expect(try await matching.reserveCalls().first?.endedAt != nil)
      #expect(try await audited(desk) == ["reserve.called", "reserve.accepted", "reserve.released"])
    }
  }

  @Test func whoLeavesIsNotNotified() async throws {
    try await TestDesk.with { desk in
      try await desk.upsert(["rex"], capacity: 4)
      #expect(try await desk.store.matching.setPresence(.reserve, of: "rex"))
      let ticket = try await desk.queued(["1"])[0]
      let need = try await need(of: ticket, on: desk, serving: ["rex"])
      #expect(try await desk.store.matching.callReserve("rex", team: nil, to: need, leads: ["rex"], notifying: []))
      let call = try #require(try await desk.store.matching.reserveCalls().first)
      #expect(try await desk.store.matching.endReserveCall(call, as: .left, notifying: []))
      #expect(try await notices(to: "rex", on: desk) == ["reserve.called"], "a lead who is called is notified once")
      #expect(try await audited(desk) == ["reserve.called", "reserve.left"])
    }
  }
}
