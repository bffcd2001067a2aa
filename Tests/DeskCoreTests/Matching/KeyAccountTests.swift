import Testing

@testable import DeskCore

/// `Instant.morning` is Monday, 2 March 2026, 09:00 UTC: 17:00 in Shanghai.
@Suite("Who is on duty for a key account")
struct KeyAccountTests {
  private static let shanghai = ZoneOffsets(name: "Asia/Shanghai", initialOffsetSeconds: 28_800, transitions: [])
  private static let third = 20_515  // 2026-03-03

  private static let account = KeyAccount(
    name: "acme", customers: [Correspondent("acme-1", on: "partner"), Correspondent("buyer", on: "email")],
    zone: shanghai,
    shifts: [
      .init("ann", weekdays: [0, 1, 2, 3, 4], hours: [540..<1_020]),
      .init("bob", weekdays: [0, 1, 2, 3, 4], hours: [1_020..<1_260]),
    ],
    exceptions: [third: ["cai"], third + 1: []], deputies: ["dee", "eve"])

  private static let everyone: Set<AgentID> = ["ann", "bob", "cai", "dee", "eve"]

  private func duty(after seconds: Int64, available: Set<AgentID> = everyone) -> RotaDuty? {
    Self.account.duty(at: .morning + .seconds(seconds), available: available)
  }

  @Test func shiftsFollowTheLocalClock() {
    #expect(CivilDay(sinceEpoch: Self.third).description == "2026-03-03")
    #expect(duty(after: -1) == RotaDuty("ann", account: "acme", .shift), "16:59:59 in Shanghai")
    #expect(duty(after: 0) == RotaDuty("bob", account: "acme", .shift), "17:00 in Shanghai")
    #expect(duty(after: 4 * 3_600) == RotaDuty("dee", account: "acme", .deputy), "21:00: no one is on duty")
  }

  @Test func anExceptionReplacesTheRotaOnItsDate() {
    // Tuesday begins at 16:00 UTC of Monday.
    #expect(duty(after: 7 * 3_600) == RotaDuty("cai", account: "acme", .exception))
    #expect(duty(after: 31 * 3_600) == RotaDuty("dee", account: "acme", .deputy), "no one is on duty on the fourth")
  }

  @Test func aDeputyStandsInForWhoIsAbsent() {
    #expect(duty(after: 0, available: ["ann", "eve"]) == RotaDuty("eve", account: "acme", .deputy, instead: "bob"))
    #expect(
      duty(after: 0, available: ["ann"]) == RotaDuty("bob", account: "acme", .shift), "others replace an absent agent")
    #expect(duty(after: 4 * 3_600, available: ["ann"]) == nil)
  }

  @Test func clockChangesMoveTheShiftsWithTheLocalClock() {
    // Berlin: summer time begins on 29 March 2026, 01:00 UTC.
    let berlin = ZoneOffsets(
      name: "Europe/Berlin", initialOffsetSeconds: 3_600,
      transitions: [.init(at: Instant(seconds: 1_774_746_000), offsetSeconds: 7_200)])
    let account = KeyAccount(
      name: "acme", customers: [], zone: berlin,
      shifts: [.init("ann", weekdays: Set(0...6), hours: [540..<600])])
    func isOnDuty(_ seconds: Int64) -> Bool { !account.scheduled(at: Instant(seconds: seconds)).agents.isEmpty }
    // 28 March 08:00 UTC is 09:00 there; on the 29th, 07:00 UTC is.
    #expect(isOnDuty(1_774_684_800) && !isOnDuty(1_774_684_800 - 1))
    #expect(isOnDuty(1_774_767_600) && !isOnDuty(1_774_767_600 - 1))
  }

  private func waiting(_ customer: Correspondent?) -> WaitingTicket {
    WaitingTicket(
      id: .number(1), version: 2, priority: .normal, tier: .keyAccount, skills: [], weight: 1, language: "en",
      waitingSince: .at(0), dueAt: nil, refusedBy: [], lastAgent: nil, dedicatedAgent: "own", customer: customer)
  }

  @Test func onlyTheAccountsCustomersGetTheAgentOnDuty() {
    let accounts = KeyAccounts([Self.account])
    func assigned(_ customer: Correspondent?) -> WaitingTicket {
      accounts.assigned(waiting(customer), at: .morning, available: Self.everyone)
    }
    let ours = assigned(Correspondent("buyer", on: "email"))
    #expect(ours.dedicatedAgent == "bob" && ours.duty == RotaDuty("bob", account: "acme", .shift))
    for other in [Correspondent("buyer", on: "web"), Correspondent("seller", on: "email"), nil] {
      #expect(assigned(other).dedicatedAgent == "own" && assigned(other).duty == nil)
    }
  }

  @Test func theChoiceSaysWhoAndWhyAndIsReplayed() throws {
    var desk = MatchingEngine(queues: [DeskTraffic.queue], headStarts: HeadStarts(), now: .at(10))
    for agent in ["ann", "bob"] as [AgentID] {
      desk.upsert(
        AgentStatus(
          profile: AgentProfile(id: agent, teams: ["orders"], skills: [:], languages: [], capacity: 5),
          presence: .available, load: agent == "bob" ? 3 : 0, idleSince: .at(0)))
    }
    let ticket = KeyAccounts([Self.account]).assigned(
      waiting(Correspondent("acme-1", on: "partner")), at: .at(10), available: ["ann", "bob"])
    desk.add(ticket, to: "q")
    let next = desk.next()
    let pick = try #require(next)
    #expect(pick.agent == "bob" && pick.record.result.reason == .dedicated)
    let stored = pick.record.detail.json
    #expect(stored.contains(#""rota":{"agent":"bob","account":"acme","basis":"shift"}"#) && !stored.contains("acme-1"))
    let read = try #require(JSONValue(json: stored).flatMap { OfferRecord($0) })
    var policy = Policy.sample
    policy.queues = ["q": DeskTraffic.queue]
    policy.agents = Dictionary(
      uniqueKeysWithValues: (["ann", "bob"] as [AgentID]).map {
        ($0, AgentProfile(id: $0, teams: ["orders"], skills: [:], languages: [], capacity: 5))
      })
    #expect(read.replay(under: policy).isEqual)
    #expect(
      try #require(read.explain(under: policy)).why
        == "the customer's dedicated agent: on duty for the key account acme, by its rota")
  }
}
