import Testing

@testable import DeskCore

@Suite("An agent who releases a ticket is not offered it for a growing pause")
struct OfferPauseTests {
  private func offer(_ number: UInt64, at second: Int64) -> Offer {
    Offer(id: .number(number), agent: "ann", offeredAt: .at(second), expiresAt: .at(second + 30))
  }

  /// Offers to Ann whenever matching allows it, for the given time, and lets her answer at once.
  /// - Returns: the seconds at which she was offered it.
  private func askings(
    of ticket: inout Ticket, for seconds: Int64, _ answer: (OfferID) -> TicketEvent
  ) throws -> [Int64] {
    let queue = try #require(Policy.sample.queues["shipping"])
    let ann = AgentStatus(
      profile: AgentProfile(
        id: "ann", teams: ["orders"], skills: ["shipping": 9, "parcels": 9], languages: [], capacity: 4),
      presence: .available, load: 0, idleSince: .morning)
    var asked: [Int64] = []
    for second in 0..<seconds {
      let waiting = WaitingTicket(
        id: ticket.id, version: ticket.version, priority: ticket.priority, tier: ticket.tier, skills: ticket.skills,
        weight: ticket.weight, language: "und", waitingSince: .morning, dueAt: nil, refusedBy: ticket.refusedBy,
        lastAgent: ticket.lastAgent, pauses: ticket.pauses)
      guard !MatchingRound(queue: queue).picks(for: [waiting], among: [ann], now: .at(second)).isEmpty else {
        continue
      }
      asked.append(second)
      let number = UInt64(100 + second)
      _ = try ticket.handle(.offered(offer(number, at: second)), now: .at(second))
      _ = try ticket.handle(answer(.number(number)), now: .at(second))
    }
    return asked
  }

  @Test func pausesTripleUpToALimit() {
    #expect((1...6).map { OfferPause.length(after: $0) } == [5, 15, 45, 135, 300, 300].map { .seconds($0) })
    #expect(OfferPause.length(after: 0) == OfferPause.shortest)
    #expect(OfferPause.length(after: .max) == OfferPause.longest)
  }

  @Test func aLoneDecliningAgentIsRarelyAskedAgain() throws {
    var ticket = try Ticket.example(in: .queued)
    #expect(try askings(of: &ticket, for: 11) { .declined($0, by: "ann") } == [0, 5])
    var patient = try Ticket.example(in: .queued)
    #expect(try askings(of: &patient, for: 900) { .declined($0, by: "ann") } == [0, 5, 20, 65, 200, 500, 800])
  }

  @Test func expiredAndWithdrawnOffersPauseLikeDeclinedOnes() throws {
    var missed = try Ticket.example(in: .queued)
    #expect(try askings(of: &missed, for: 70) { .offerTimedOut($0) } == [0, 5, 20, 65])
    var withdrawn = try Ticket.example(in: .queued)
    #expect(
      try askings(of: &withdrawn, for: 70) { .offerWithdrawn($0, reason: "agent_left") } == [0, 5, 20, 65])
    #expect(withdrawn.refusedBy == [], "leaving is not a refusal: no other agent has to be found first")
  }

  @Test func leavingAnAcceptedTicketUnansweredLengthensThePause() throws {
    var ticket = try Ticket.example(in: .assigned)
    let first = try ticket.handle(.reclaimed("ann"), now: .at(700))
    #expect(
      first.detail(of: .reclaimed)?.contains(#""times":1,"not_before_us":\#(Instant.at(705).microseconds)"#) == true)
    _ = try ticket.handle(.offered(.to("ann", number: 2, at: 710)), now: .at(710))
    _ = try ticket.handle(.accepted(.number(2), by: "ann"), now: .at(711))
    _ = try ticket.handle(.reclaimed("ann"), now: .at(1_400))
    #expect(ticket.pauses == [OfferPause(agent: "ann", times: 2, until: .at(1_415))])
  }

  @Test func theTimelineRecordsThePauseCountAndEnd() throws {
    var ticket = try Ticket.example(in: .offered)
    let effects = try ticket.handle(.declined(.number(1), by: "ann", reason: "busy"), now: .at(70))
    #expect(
      effects.detail(of: .declined)
        == #"{"offer":"00000000-0000-0000-0000-000000000001","agent":"ann","times":1,"#
        + #""not_before_us":\#(Instant.at(75).microseconds),"reason":"busy"}"#)
    #expect(ticket.pauses(at: .at(74)).map(\.agent) == ["ann"])
    #expect(ticket.pauses(at: .at(75)).isEmpty)
  }

  @Test func anotherAgentIsAskedAtOnce() throws {
    var ticket = try Ticket.example(in: .offered)
    _ = try ticket.handle(.declined(.number(1), by: "ann"), now: .at(70))
    _ = try ticket.handle(.offered(.to("bob", number: 2, at: 71)), now: .at(71))
    #expect(ticket.offer?.agent == "bob")
    _ = try ticket.handle(.declined(.number(2), by: "bob"), now: .at(72))
    #expect(ticket.pauses(at: .at(73)).map(\.text).count == 2)
  }

  @Test(arguments: [
    TicketEvent.replied(.number(50), by: "ann", awaitsCustomer: false), .resolved(by: "ann"),
    .transferred(.queue("general", skills: []), by: .ann, reason: "r"),
  ])
  func workingOnOrMovingATicketEndsThePauses(_ event: TicketEvent) throws {
    var ticket = try Ticket.example(in: .offered)
    _ = try ticket.handle(.declined(.number(1), by: "ann"), now: .at(70))
    _ = try ticket.handle(.offered(.to("ann", number: 2, at: 80)), now: .at(80))
    _ = try ticket.handle(.accepted(.number(2), by: "ann"), now: .at(81))
    #expect(ticket.pauses.map(\.times) == [1], "accepting it is not working on it yet")
    _ = try ticket.handle(event, now: .at(90))
    #expect(ticket.pauses.isEmpty)
  }

  @Test func theNumberOfRememberedAgentsIsBounded() throws {
    var ticket = try Ticket.example(in: .queued)
    for number in 0..<(UInt64(OfferPause.remembered) + 6) {
      let second = Int64(100 + number)
      let agent = AgentID("agent-\(number)")
      _ = try ticket.handle(.offered(.to(agent, number: number, at: second)), now: .at(second))
      _ = try ticket.handle(.declined(.number(number), by: agent), now: .at(second))
    }
    #expect(ticket.pauses.count == OfferPause.remembered)
    #expect(ticket.pauses.last?.agent == AgentID("agent-\(OfferPause.remembered + 5)"))
  }
}
