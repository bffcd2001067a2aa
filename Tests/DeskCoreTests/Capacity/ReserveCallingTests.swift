import Testing

@testable import DeskCore

/// Who of the reserve is called and sent back.
@Suite struct ReserveCallingTests {
  /// A desk with one queue that the team `care` serves, as the machine sees it from round to round.
  private struct Desk {
    var policy = Policy.sample
    var agents: [AgentID: AgentStatus] = [:]
    var tickets: [WaitingTicket] = []
    var pace = 0.0
    var calls: [AgentID: ReserveCall] = [:]
    var machine = ReserveCalling()

    init(working: Int = 5, reserve: [AgentID] = ["r1", "r2", "r3", "r4"]) {
      policy.queues = [
        "care": QueuePolicy(id: "care", teams: ["care"], skills: [], offerTime: .seconds(30), relaxation: [])
      ]
      policy.teams = ["care": Team(id: "care", lead: "lead")]
      for number in 0..<working { set(AgentID("w\(number)"), .available, load: 1) }
      for (number, agent) in reserve.enumerated() { set(agent, .reserve, idleSince: Int64(number)) }
    }

    mutating func set(_ agent: AgentID, _ presence: Presence, load: Int32 = 0, idleSince: Int64 = 0) {
      let profile = AgentProfile(id: agent, teams: ["care"], skills: [:], languages: [], capacity: 1)
      policy.agents[agent] = profile
      agents[agent] = AgentStatus(profile: profile, presence: presence, load: load, idleSince: .at(idleSince))
    }

    /// Lets as many tickets wait since second 0, all due at a second.
    mutating func wait(_ count: Int, dueAt second: Int64?) {
      tickets = (0..<count).map {
        WaitingTicket(
          id: .number(UInt64($0 + 1)), version: 1, priority: .normal, tier: .standard, skills: [], weight: 1,
          language: "en",
          waitingSince: .at(0), dueAt: second.map { .at($0) }, refusedBy: [], lastAgent: nil)
      }
    }

    /// Decides, and carries out what was decided about calls.
    mutating func round(at second: Int64) -> [String] {
      let now = Instant.at(second)
      let seen = ReserveSituation(
        policy: policy, agents: Array(agents.values), waiting: ["care": tickets], paces: ["care": pace],
        calls: Array(calls.values), now: now)
      return machine.decide(seen, now: now).map { decision in
        switch decision {
        case .call(let agent, let team, let need):
          calls[agent] = ReserveCall(
            agent: agent, team: team, queue: need.queue, reason: need.reason ?? .unstaffed,
            example: need.example ?? .number(1), calledAt: now)
          return "call \(agent) \(need.reason?.rawValue ?? "-")"
        case .accepted(let call):
          calls[call.agent] = call.with(acceptedAt: now, endedAt: nil)
          return "accepted \(call.agent)"
        case .end(let call, let outcome):
          calls[call.agent] = call.with(acceptedAt: call.acceptedAt, endedAt: now)
          if outcome == .released { set(call.agent, .reserve) }
          return "\(outcome.rawValue) \(call.agent)"
        }
      }
    }
  }

  @Test func nobodyIsCalledWhileEverythingWillBeInTime() {
    var desk = Desk()
    desk.pace = 0.1
    desk.wait(30, dueAt: 400)
    #expect(desk.round(at: 0) == [], "the thirtieth waits 300 s")
    desk.pace = 0
    desk.tickets = []
    #expect(desk.round(at: 700) == [], "nothing waits")
  }

  @Test func asManyAreCalledAsThePaceLacksButOneStepAtOnce() {
    var desk = Desk(working: 10)
    // Ten agents take a ticket every 10 s; 60 tickets within 400 s need 0.15 a second, five agents more, of which a step is two.
    desk.pace = 0.1
    desk.wait(60, dueAt: 400)
    #expect(desk.round(at: 0) == ["call r1 lateness_expected", "call r2 lateness_expected"])
    #expect(desk.round(at: 10) == [], "not before the last call could show")
    #expect(desk.round(at: 119) == [])
    #expect(desk.round(at: 120).count == 2)
    var small = Desk(working: 10)
    small.pace = 0.1
    small.wait(41, dueAt: 400)
    #expect(small.round(at: 0) == ["call r1 lateness_expected"], "one is enough")
  }

  @Test func whatCannotBeSavedCallsNobody() {
    var desk = Desk()
    desk.pace = 0.01
    desk.wait(20, dueAt: 30)
    #expect(desk.round(at: 0) == [], "due before anyone can come")
    #expect(desk.round(at: 60) == [], "late already")
    #expect(desk.round(at: 600) == ["call r1 oldest_waits"], "but they must not wait for ever")
  }

  @Test func roomOfAvailableAgentsCountsFirst() {
    var desk = Desk()
    for number in 0..<3 { desk.set(AgentID("f\(number)"), .available) }
    desk.wait(3, dueAt: nil)
    #expect(desk.round(at: 9_000) == [])
    desk.wait(4, dueAt: nil)
    #expect(desk.round(at: 9_010) == ["call r1 oldest_waits"])
  }

  @Test func anUnstaffedQueueCallsOneAtOnceAndAnotherWhenNobodyComes() {
    var desk = Desk(working: 0)
    desk.wait(8, dueAt: 3_600)
    #expect(desk.round(at: 0) == ["call r1 unstaffed"])
    #expect(desk.round(at: 130) == [], "r1 may still come")
    #expect(desk.round(at: 180) == ["call r2 unstaffed"])
    desk.set("r1", .available)
    #expect(desk.round(at: 190) == ["accepted r1"], "a late answer counts too")
  }

  @Test func onlyThoseWhoCouldTakeATicketAreCalledTheRestedFirst() {
    var desk = Desk(working: 0, reserve: ["r1", "r2", "r3"])
    desk.set("r1", .reserve, load: 1)
    desk.tickets = [
      WaitingTicket(
        id: .number(1), version: 1, priority: .normal, tier: .standard, skills: [], weight: 1, language: "en",
        waitingSince: .at(0), dueAt: nil, refusedBy: ["r2"], lastAgent: nil)
    ]
    #expect(desk.round(at: 0) == ["call r3 unstaffed"], "r1 has no room, r2 refused it")
    var rested = Desk(working: 0, reserve: ["r1", "r2"])
    rested.wait(1, dueAt: nil)
    rested.calls["r1"] = ReserveCall(
      agent: "r1", team: nil, queue: "other", reason: .unstaffed, example: .number(1), calledAt: .at(-9_000),
      endedAt: .at(-8_000))
    #expect(rested.round(at: 0) == ["call r2 unstaffed"])
    var tired = Desk(working: 0, reserve: ["r1"])
    tired.wait(1, dueAt: nil)
    tired.calls["r1"] = ReserveCall(
      agent: "r1", team: nil, queue: "other", reason: .unstaffed, example: .number(1), calledAt: .at(-900),
      endedAt: .at(-10))
    #expect(tired.round(at: 0) == [], "sent back a moment ago")
    #expect(tired.round(at: 890) == ["call r1 unstaffed"])
  }

  @Test func theIdleAreSentBackInReverseOnceItHasBeenCalm() {
    var desk = Desk(working: 0, reserve: ["r1", "r2", "r3"])
    desk.wait(8, dueAt: 3_600)
    #expect(desk.round(at: 0) == ["call r1 unstaffed"])
    #expect(desk.round(at: 180) == ["call r2 unstaffed"])
    desk.set("r1", .available, load: 1)
    desk.set("r2", .available, load: 1)
    #expect(desk.round(at: 200) == ["accepted r1", "accepted r2"])
    desk.tickets = []
    #expect(desk.round(at: 300) == [])
    #expect(desk.round(at: 599) == [], "calm for less than five minutes")
    #expect(desk.round(at: 600) == [], "they have tickets")
    desk.set("r1", .available)
    desk.set("r2", .available)
    #expect(desk.round(at: 610) == ["released r2"])
    #expect(desk.round(at: 620) == [], "one step at a time")
    #expect(desk.round(at: 730) == ["released r1"])
    #expect(desk.round(at: 9_000) == [])
  }

  @Test func aQueueThatIsOnlyJustInTimeIsNotCalm() {
    var desk = Desk(working: 4)
    desk.set("r1", .available, load: 1)
    desk.calls["r1"] = ReserveCall(
      agent: "r1", team: nil, queue: "care", reason: .latenessExpected, example: .number(1), calledAt: .at(-900),
      acceptedAt: .at(-800))
    desk.set("r2", .available, load: 0)
    desk.calls["r2"] = ReserveCall(
      agent: "r2", team: nil, queue: "care", reason: .latenessExpected, example: .number(1), calledAt: .at(-800),
      acceptedAt: .at(-800))
    // Five work at 0.1 a second, 0.08 without the one who was called. Required are 29 / 400: in time, but without the margin.
    desk.pace = 0.1
    desk.wait(30, dueAt: 400)
    desk.policy.life.reserveCalls.quiet = .seconds(1)
    #expect(desk.round(at: 0) == [] && desk.round(at: 2) == [])
    desk.wait(20, dueAt: 400)
    #expect(desk.round(at: 3) == [] && desk.round(at: 4) == ["released r2"], "who has no ticket")
  }

  @Test func aCallThatNobodyNeedsIsWithdrawnAndOneWhoLeavesIsForgotten() {
    var desk = Desk(working: 0)
    desk.wait(8, dueAt: 3_600)
    #expect(desk.round(at: 0) == ["call r1 unstaffed"])
    #expect(desk.round(at: 180) == ["call r2 unstaffed"])
    desk.set("r2", .offline)
    desk.tickets = []
    #expect(desk.round(at: 200) == ["left r2"])
    #expect(desk.round(at: 500) == ["withdrawn r1"])
    desk.wait(8, dueAt: 3_600)
    #expect(desk.round(at: 510) == ["call r3 unstaffed"])
    desk.set("r3", .available)
    desk.set("w0", .available, load: 1)
    #expect(desk.round(at: 520) == ["accepted r3"])
    desk.set("r3", .reserve)
    #expect(desk.round(at: 530).first == "left r3", "back by themselves")
  }

  @Test func aNewLeaderCallsNobodyTwiceAndSendsBackLater() {
    var desk = Desk(working: 0)
    desk.wait(8, dueAt: 3_600)
    #expect(desk.round(at: 0) == ["call r1 unstaffed"])
    desk.machine = ReserveCalling()
    #expect(desk.round(at: 10) == [])
    desk.tickets = []
    #expect(desk.round(at: 20) == [])
    desk.machine = ReserveCalling()
    #expect(desk.round(at: 400) == [] && desk.round(at: 700) == ["withdrawn r1"])
  }

  @Test func switchedOffNobodyIsCalledAndThoseWhoWereAreSentBack() {
    var desk = Desk(working: 0)
    desk.wait(8, dueAt: 3_600)
    #expect(desk.round(at: 0) == ["call r1 unstaffed"])
    desk.policy.life.reserveCalls.isOn = false
    #expect(desk.round(at: 10) == ["withdrawn r1"])
    #expect(desk.round(at: 2_000) == [])
  }

  /// Whatever happens: nobody who is not in reserve is called, nobody with work is sent back, and calls do not flap.
  @Test(arguments: 1...20) func neverMoreThanNeededNeverWithWork(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var desk = Desk(working: 6, reserve: (0..<8).map { AgentID("r\($0)") })
    var lastCalled: [AgentID: Int64] = [:]
    for second in stride(from: Int64(0), to: 20_000, by: 10) {
      if second % 500 == 0 {
        desk.pace = Double(Int.random(in: 0...20, using: &random)) / 100
        desk.wait(Int.random(in: 0...80, using: &random), dueAt: second + Int64.random(in: 30...2_000, using: &random))
      }
      let agent = AgentID("r\(Int.random(in: 0..<8, using: &random))")
      let presence = Presence.allCases.randomElement(using: &random) ?? .away
      desk.set(agent, presence, load: presence == .available ? Int32.random(in: 0...1, using: &random) : 0)
      let before = desk.agents
      let calls = desk.calls
      let decisions = desk.round(at: second)
      for decision in decisions {
        let name = AgentID(String(decision.split(separator: " ")[1]))
        if decision.hasPrefix("call ") {
          #expect(before[name]?.presence == .reserve && calls[name]?.isOpen != true)
          if let last = lastCalled[name] { #expect(second - last >= 120, "\(name) is called again at once") }
          lastCalled[name] = second
        }
        if decision.hasPrefix("released") || decision.hasPrefix("withdrawn") { #expect(before[name]?.load == 0) }
      }
      #expect(decisions.count { $0.hasPrefix("call ") } <= 3, "a fifth of those who work")
    }
  }
}

extension ReserveCall {
  fileprivate func with(acceptedAt: Instant?, endedAt: Instant?) -> ReserveCall {
    ReserveCall(
      agent: agent, team: team, queue: queue, reason: reason, example: example, calledAt: calledAt,
      acceptedAt: acceptedAt, endedAt: endedAt)
  }
}
