import Testing

@testable import DeskCore

@Suite("Tickets move between agents and queues and are merged")
struct TicketMovingTests {
  private let complaint = Policy.sample.decision(.sample(category: "complaint"))

  // MARK: Labels

  @Test func aManualLabelRoutesATicketInTriage() throws {
    var ticket = try Ticket.example(in: .triage)
    let effects = try ticket.handle(
      .labelled(Policy.sample.decision(), .sample(), reason: "order number in the text"), now: .at(50))
    #expect(
      effects.outline == [
        "record labelled by agent:ann", "correct to logistics", "notify ticket.queued", "wake shipping",
      ])
    #expect(ticket.state == .queued)
    #expect(ticket.queue == "shipping")
    #expect(ticket.waitingSince == .morning)
    #expect(!ticket.needsTriage)
  }

  @Test func labellingATriagedTicketReleasesItsAgent() throws {
    var ticket = try Ticket.example(in: .triage)
    _ = try ticket.handle(.offered(.to("ann")), now: .at(60))
    _ = try ticket.handle(.accepted(.number(1), by: "ann"), now: .at(70))
    #expect(throws: TicketRefusal.notYours(owner: "ann")) {
      try ticket.handle(.labelled(complaint, .sample(by: .bob, to: "complaint"), reason: "r"), now: .at(75))
    }
    let effects = try ticket.handle(.labelled(Policy.sample.decision(), .sample(), reason: "r"), now: .at(80))
    #expect(
      effects.outline == [
        "record labelled by agent:ann", "correct to logistics", "load ann -1", "notify ticket.queued", "wake shipping",
      ])
    #expect(ticket.agent == nil)
    #expect(ticket.waitingSince == .at(80))
  }

  @Test func correctingAWaitingTicketsLabelReroutesIt() throws {
    var ticket = try Ticket.example(in: .queued)
    let byLead = TicketEvent.labelled(complaint, .sample(by: .eve, to: "complaint"), reason: "r")
    let effects = try ticket.handle(byLead, now: .at(50))
    #expect(effects.outline.last == "wake general")
    #expect(ticket.queue == "general")
    #expect(ticket.labels?.category == "complaint")
    #expect(throws: TicketRefusal.changesNothing) { try ticket.handle(byLead, now: .at(51)) }
  }

  @Test func agentsRelabelWaitingTicketsWithoutMovingThem() throws {
    var ticket = try Ticket.example(in: .queued)
    let before = ticket
    #expect(throws: TicketRefusal.notYours(owner: nil)) {
      try ticket.handle(.transferred(.queue("general", skills: []), by: .ann, reason: "r"), now: .at(50))
    }
    let effects = try ticket.handle(.labelled(complaint, .sample(to: "complaint"), reason: "r"), now: .at(50))
    #expect(effects.outline == ["record labelled by agent:ann", "correct to complaint"])
    #expect(ticket.labels?.category == "complaint")
    #expect(ticket.queue == before.queue && ticket.priority == before.priority && ticket.skills == before.skills)
  }

  @Test(arguments: [TicketState.assigned, .pending, .offered, .answered, .resolved])
  func relabellingATicketInProgressDoesNotMoveIt(_ state: TicketState) throws {
    var ticket = try Ticket.example(in: state)
    let effects = try ticket.handle(.labelled(complaint, .sample(to: "complaint"), reason: "r"), now: .at(500))
    #expect(effects.outline == ["record labelled by agent:ann", "correct to complaint"])
    #expect(ticket.state == state)
    #expect(ticket.queue == "shipping")
    #expect(ticket.labels?.category == "complaint")
  }

  @Test func aManualLabelOutlastsTheNextMessage() throws {
    var ticket = try Ticket.example(in: .queued)
    let certain = Policy.sample.decision(.sample(category: "complaint", confidence: Labels.certain))
    _ = try ticket.handle(.labelled(certain, .sample(to: "complaint"), reason: "r"), now: .at(50))
    _ = try ticket.handle(.customerWrote(.number(5), .sample(category: "praise", urgency: .high)), now: .at(60))
    #expect(ticket.labels?.category == "complaint")
    #expect(ticket.labels?.confidence == Labels.certain)
    #expect(ticket.labels?.urgency == .high)
    // A model's label is replaced by the newest one.
    var other = try Ticket.example(in: .queued)
    _ = try other.handle(.customerWrote(.number(5), .sample(category: "praise")), now: .at(60))
    #expect(other.labels?.category == "praise")
  }

  // MARK: Transfer

  @Test func aQueueTransferFreesAndDeprioritisesTheAgent() throws {
    var ticket = try Ticket.example(in: .assigned)
    let skills = [SkillRequirement("law", proficiency: 4)]
    let effects = try ticket.handle(
      .transferred(.queue("general", skills: skills), by: .ann, reason: "a legal question"), now: .at(90))
    #expect(
      effects.outline == [
        "record transferred by agent:ann", "load ann -1", "notify ticket.transferred", "wake general",
      ])
    #expect(ticket.state == .queued)
    #expect(ticket.queue == "general")
    #expect(ticket.skills == skills)
    #expect(ticket.waitingSince == .at(90))
    #expect(ticket.refusedBy == ["ann"])
    #expect(ticket.lastAgent == nil)
    #expect(ticket.replyDueSince == nil)
  }

  @Test func aWaitingTicketKeepsItsAgeWhenItsLeadMovesIt() throws {
    var ticket = try Ticket.example(in: .queued)
    #expect(throws: TicketRefusal.notYours(owner: nil)) {
      try ticket.handle(.transferred(.queue("general", skills: []), by: .ann, reason: "r"), now: .at(90))
    }
    #expect(throws: TicketRefusal.changesNothing) {
      try ticket.handle(.transferred(.queue("shipping", skills: []), by: .eve, reason: "r"), now: .at(90))
    }
    _ = try ticket.handle(.transferred(.queue("general", skills: []), by: .eve, reason: "r"), now: .at(90))
    #expect(ticket.waitingSince == .morning)
  }

  @Test func aTransferToAnAgentBecomesAnOffer() throws {
    var ticket = try Ticket.example(in: .assigned)
    let effects = try ticket.handle(
      .transferred(.agent(.to("bob", number: 2, at: 90)), by: .ann, reason: "knows the customer"), now: .at(90))
    #expect(
      effects.outline == [
        "record transferred by agent:ann", "load ann -1", "notify ticket.transferred", "load bob +1",
      ])
    #expect(ticket.state == .offered)
    #expect(ticket.capacityHolder == "bob")
    // An agent who was offered the ticket may decline; it then waits, and its former agent is not offered it first.
    let declined = try ticket.handle(.declined(.number(2), by: "bob"), now: .at(95))
    #expect(declined.outline == ["record declined by agent:bob", "load bob -1", "wake shipping"])
    #expect(ticket.waitingSince == .at(90))
    #expect(ticket.refusedBy == ["ann", "bob"])
  }

  @Test func aLeadMovesAPendingTicketToAnotherAgent() throws {
    var ticket = try Ticket.example(in: .pending)
    let effects = try ticket.handle(
      .transferred(.agent(.to("bob", number: 2, at: 400)), by: .eve, reason: "holiday"), now: .at(400))
    #expect(effects.loads == ["ann": -1, "bob": 1])
    #expect(ticket.clocks.resolution.pausedAt == nil)
    #expect(ticket.clocks.resolution.dueAt == .at(86_400 + 300))
    #expect(throws: TicketRefusal.changesNothing) {
      try ticket.handle(.transferred(.agent(.to("bob", number: 3, at: 401)), by: .eve, reason: "r"), now: .at(401))
    }
  }

  // MARK: Reclaim

  @Test func repliesAreDueFromAcceptanceOrOldestUnansweredMessage() throws {
    var ticket = try Ticket.example(in: .assigned)
    #expect(ticket.replyDueSince == .at(70))
    _ = try ticket.handle(.customerWrote(.number(5), .sample()), now: .at(80))
    #expect(ticket.replyDueSince == .at(70))
    _ = try ticket.handle(.replied(.number(6), by: "ann", awaitsCustomer: false), now: .at(90))
    #expect(ticket.replyDueSince == nil)
    #expect(throws: TicketRefusal.changesNothing) { try ticket.handle(.reclaimed("ann"), now: .at(95)) }
    _ = try ticket.handle(.customerWrote(.number(7), .sample()), now: .at(100))
    _ = try ticket.handle(.customerWrote(.number(8), .sample()), now: .at(110))
    #expect(ticket.replyDueSince == .at(100))
    _ = try ticket.handle(.replied(.number(9), by: "ann", awaitsCustomer: true), now: .at(120))
    _ = try ticket.handle(.customerWrote(.number(10), .sample()), now: .at(130))
    #expect(ticket.replyDueSince == .at(130))
  }

  @Test func anUnansweredTicketIsReclaimedWithItsAge() throws {
    var ticket = try Ticket.example(in: .assigned)
    #expect(throws: TicketRefusal.notYours(owner: "ann")) { try ticket.handle(.reclaimed("bob"), now: .at(700)) }
    let effects = try ticket.handle(.reclaimed("ann"), now: .at(700))
    #expect(effects.outline == ["record reclaimed by service:router", "load ann -1", "wake shipping"])
    #expect(ticket.state == .queued)
    #expect(ticket.waitingSince == .at(70))
    #expect(ticket.refusedBy == ["ann"])
    #expect(throws: TicketRefusal.notInState(.queued, needed: [.assigned, .pending])) {
      try ticket.handle(.replied(.number(6), by: "ann", awaitsCustomer: false), now: .at(701))
    }
  }

  // MARK: Notes and links

  @Test func aNoteOnlyAddsATimelineEntry() throws {
    var ticket = try Ticket.example(in: .queued)
    var expected = ticket
    #expect(try ticket.handle(.noted(.number(9), by: "bob"), now: .at(70)).outline == ["record noted by agent:bob"])
    expected.version += 1
    #expect(ticket == expected)
  }

  @Test func twoTicketsAreMerged() throws {
    var source = try Ticket.example(in: .assigned)
    var target = try Ticket.example(in: .queued)
    #expect(throws: TicketRefusal.changesNothing) {
      try source.handle(.merged(into: source.id, by: .ann, reason: "r"), now: .at(80))
    }
    #expect(throws: TicketRefusal.notYours(owner: "ann")) {
      try source.handle(.merged(into: .number(2), by: .bob, reason: "r"), now: .at(80))
    }
    let absorbed = try target.handle(.absorbed(.number(5), by: .ann, reason: "same parcel"), now: .at(80))
    #expect(absorbed.outline == ["record absorbed by agent:ann", "notify ticket.merged"])
    #expect(target.state == .queued)
    let merged = try source.handle(.merged(into: .number(2), by: .ann, reason: "same parcel"), now: .at(80))
    #expect(
      merged.outline == [
        "record merged by agent:ann", "link merged_into", "load ann -1", "notify ticket.closed", "archive",
      ])
    #expect(source.state == .closed)
    #expect(source.capacityHolder == nil)
    #expect(source.clocks.nextCheckAt == nil)
  }

  // MARK: Who may merge

  private func refusal(
    _ source: Ticket, _ target: Ticket, by hand: ActingAgent, acrossCustomers: Bool = false
  ) -> Merging.Refusal? {
    do throws(Merging.Refusal) {
      try Merging.check(source, into: target, by: hand, acrossCustomers: acrossCustomers)
      return nil
    } catch {
      return error
    }
  }

  @Test func agentsMergeOnlyTicketsNotHeldByOthers() throws {
    let held = try Ticket.example(in: .assigned)
    let waiting = try Ticket.example(in: .queued)
    #expect(refusal(waiting, held, by: .ann) == nil && refusal(held, waiting, by: .ann) == nil)
    #expect(refusal(waiting, held, by: .bob) == .notHeld(held.id, owner: "ann"))
    #expect(refusal(waiting, waiting, by: .ann) == .notHeld(waiting.id, owner: nil), "a hold on one of them")
    #expect(refusal(waiting, held, by: .eve) == nil)
  }

  @Test func onlyLeadsExplicitlyMergeAcrossCustomers() throws {
    let source = try Ticket.example(in: .assigned)
    for (channel, customer) in [("web", "c-2"), ("web", "C-1"), ("mail", "c-1")] {
      let other = Ticket(
        id: .number(2), channel: ChannelID(channel), customer: customer, tier: .standard, openedAt: .morning)
      #expect(refusal(source, other, by: .ann, acrossCustomers: true) == .otherCustomer)
      #expect(refusal(source, other, by: .eve) == .otherCustomer)
      #expect(refusal(source, other, by: .eve, acrossCustomers: true) == nil)
    }
  }

  // MARK: Customers of merged tickets

  private let carl = Correspondent("carl", on: "mail")

  private func addresses(_ effects: [TicketEffect]) -> [String] {
    effects.compactMap { effect in
      guard case .notify(let kind, let body) = effect else { return nil }
      return "\(kind.rawValue) \(body["channel"]?.text ?? "") \(body["customer"]?.text ?? "")"
    }
  }

  @Test func aReplyGoesToTheLatestSender() throws {
    var ticket = try Ticket.example(in: .assigned)
    #expect(ticket.addressee == Correspondent("c-1", on: "web"))
    _ = try ticket.handle(.customerWrote(.number(20), .sample(), from: carl), now: .at(80))
    #expect(ticket.addressee == carl)
    let toCarl = try ticket.handle(.replied(.number(21), by: "ann", awaitsCustomer: true), now: .at(90))
    #expect(addresses(toCarl) == ["message.replied mail carl"])
    _ = try ticket.handle(.customerWrote(.number(22), .sample(), from: ticket.owner), now: .at(100))
    let back = try ticket.handle(.replied(.number(23), by: "ann", awaitsCustomer: false), now: .at(110))
    #expect(addresses(back) == ["message.replied web c-1"])
    #expect(ticket.guest == nil)
    _ = try ticket.handle(.customerWrote(.number(24), .sample(), from: carl), now: .at(120))
    let settled = try ticket.handle(.resolved(by: "ann"), now: .at(130))
    #expect(addresses(settled) == ["ticket.resolved web c-1", "ticket.confirmation_asked mail carl"])
  }

  @Test func customersAreIdentifiedByTheirNamesBytes() {
    #expect(Correspondent("\u{E9}", on: "web") != Correspondent("e\u{301}", on: "web"))
    #expect(Correspondent("a", on: "web") != Correspondent("a", on: "mail"))
  }

  @Test func anErasedCustomerIsNotAddressed() throws {
    var ticket = try Ticket.example(in: .assigned)
    let erased = Correspondent("erased:\(ticket.id)", on: "mail")
    _ = try ticket.handle(.customerWrote(.number(20), .sample(), from: erased), now: .at(80))
    #expect(ticket.addressee == ticket.owner)
  }

  @Test(arguments: [(TicketState.pending, true), (.assigned, true), (.queued, false)])
  func aMergeTransfersTheDueReply(_ state: TicketState, _ isWorkedOn: Bool) throws {
    var target = try Ticket.example(in: state)
    let effects = try target.handle(
      .absorbed(.number(5), by: .ann, reason: "same", addressing: carl, isReplyDue: true), now: .at(400))
    #expect(target.state == (isWorkedOn ? .assigned : .queued))
    #expect((target.replyDueSince != nil) == isWorkedOn)
    #expect(target.addressee == carl)
    #expect(effects.detail(of: .absorbed)?.contains(#""reply_due_since_us":\#(Instant.at(400).microseconds)"#) == true)
    #expect(effects.detail(of: .absorbed)?.contains("carl") == false, "a timeline names no customer")
  }

  @Test func aWaitingCustomerIsDueAReply() throws {
    #expect(try Ticket.example(in: .queued).owesReply)
    #expect(try Ticket.example(in: .assigned).owesReply)
    #expect(try !Ticket.example(in: .pending).owesReply)
    #expect(try !Ticket.example(in: .resolved).owesReply)
  }

  @Test func relatedTicketsAreLinked() throws {
    var ticket = try Ticket.example(in: .resolved)
    #expect(
      try ticket.handle(.linked(.number(8), by: .bob, reason: "same fault"), now: .at(500)).outline
        == ["record linked by agent:bob", "link related"])
  }
}
