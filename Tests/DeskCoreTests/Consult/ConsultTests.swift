import Testing

@testable import DeskCore

/// Consults: who answers and withdraws them, and what they mean for the ticket.
@Suite struct ConsultTests {
  /// Bob is named for the line `pay`, and Eve belongs to its team; Ann is both.
  private static let policy: Policy = {
    var policy = Policy.sample
    policy.agents = [:]
    let people: [(AgentID, Set<TeamID>)] = [("ann", ["payments"]), ("bob", []), ("cid", []), ("eve", ["payments"])]
    for (name, teams) in people {
      policy.agents[name] = AgentProfile(id: name, teams: teams, skills: [:], languages: [], capacity: 3)
    }
    policy.life.interfaces = ["pay": InterfacePeople(agents: ["ann", "bob"], teams: ["payments"])]
    return policy
  }()

  private func consult(_ recipient: Consult.Recipient = .productLine("pay"), by asker: AgentID = "ann") -> Consult {
    Consult(id: .number(5), asker: asker, recipient: recipient, question: "why?", askedAt: .at(10))
  }

  private func take(
    _ consult: inout Consult, _ event: Consult.Event, holder: AgentID? = "ann", at second: Int64 = 20
  ) throws -> Bool {
    try consult.handle(event, holder: holder, under: Self.policy, now: .at(second))
  }

  @Test func interfacePeopleAreNamedOrBelongToATeam() {
    #expect(Self.policy.interfaceLines(of: "bob") == ["pay"] && Self.policy.interfaceLines(of: "eve") == ["pay"])
    #expect(Self.policy.interfaceLines(of: "cid") == [])
    #expect(!Self.policy.isInterface("bob", of: "other") && !Self.policy.isInterface("zoe", of: "pay"))
    #expect(Self.policy.hasInterface("pay", except: "bob") && !Self.policy.hasInterface("other", except: "bob"))
  }

  @Test func theFirstInterfacePersonAnswersAndNoOneElse() throws {
    var consult = consult()
    // Who asks is not asked, even as an interface person.
    #expect(throws: Consult.Refusal.notPutTo("ann")) { try take(&consult, .answered(.number(9), by: "ann")) }
    #expect(throws: Consult.Refusal.notPutTo("cid")) { try take(&consult, .answered(.number(9), by: "cid")) }
    #expect(consult.state == .open && consult.endedAt == nil)
    #expect(try take(&consult, .answered(.number(9), by: "eve"), at: 30))
    #expect(consult.phase == .answered(by: "eve", note: .number(9), at: .at(30)))
    #expect(throws: Consult.Refusal.isOver(.answered)) { try take(&consult, .answered(.number(8), by: "bob")) }
    #expect(throws: Consult.Refusal.isOver(.answered)) {
      try take(&consult, .withdrawn(by: ActingAgent("ann", leads: false)))
    }
  }

  @Test func oneAgentIsAskedByName() throws {
    var consult = consult(.agent("cid"))
    #expect(throws: Consult.Refusal.notPutTo("eve")) { try take(&consult, .answered(.number(9), by: "eve")) }
    #expect(try take(&consult, .answered(.number(9), by: "cid")))
  }

  @Test(arguments: [
    ActingAgent("ann", leads: false), ActingAgent("bob", leads: false), ActingAgent("zoe", leads: true),
  ])
  func theAskerTheHolderAndLeadsWithdrawIt(_ hand: ActingAgent) throws {
    var consult = consult(.agent("cid"))
    #expect(throws: Consult.Refusal.notYours) {
      try take(&consult, .withdrawn(by: ActingAgent("cid", leads: false)), holder: "bob")
    }
    #expect(try take(&consult, .withdrawn(by: hand), holder: "bob"))
    #expect(consult.phase == .withdrawn(at: .at(20)))
    // A repetition changes nothing.
    #expect(try !take(&consult, .withdrawn(by: hand), holder: "bob", at: 40))
    #expect(consult.endedAt == .at(20))
    #expect(throws: Consult.Refusal.isOver(.withdrawn)) { try take(&consult, .answered(.number(9), by: "cid")) }
  }

  @Test func theTicketStaysWhereItIs() throws {
    let before = try Ticket.example(in: .assigned)
    var ticket = before
    var asked = consult()
    let effects = try ticket.handle(.consulted(asked, by: .ann), now: .at(100), under: Self.policy)
    #expect(effects.outline == ["consult open", "record consult_asked by agent:ann"])
    #expect(ticket.phase == before.phase && ticket.queue == before.queue && ticket.version == before.version + 1)
    _ = try take(&asked, .answered(.number(9), by: "eve"), at: 110)
    let answered = try ticket.handle(
      .consulted(asked, by: ActingAgent("eve", leads: false)), now: .at(110), under: Self.policy)
    #expect(
      answered.outline == [
        "record noted by agent:eve", "consult answered", "record consult_answered by agent:eve",
      ])
    #expect(ticket.phase == before.phase)
    #expect(answered.detail(of: .consultAnswered)?.contains("why") == false)
  }

  @Test func onlyWhoHasTheTicketAndLeadsAsk() throws {
    var ticket = try Ticket.example(in: .assigned)
    #expect(throws: TicketRefusal.notYours(owner: "ann")) {
      try ticket.handle(
        .consulted(consult(by: "bob"), by: ActingAgent("bob", leads: false)), now: .at(100), under: Self.policy)
    }
    _ = try ticket.handle(
      .consulted(consult(by: "bob"), by: ActingAgent("bob", leads: true)), now: .at(100), under: Self.policy)
    var settled = try Ticket.example(in: .resolved)
    #expect(throws: TicketRefusal.self) {
      try settled.handle(.consulted(consult(), by: .ann), now: .at(900), under: Self.policy)
    }
  }
}
