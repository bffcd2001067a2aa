import Testing

@testable import DeskCore

@Suite("The ticket lifecycle, step by step")
struct TicketTests {
  @Test func aConfidentMessageIsQueued() throws {
    var ticket = Ticket.fresh()
    let effects = try ticket.handle(.routed(Policy.sample.decision()), now: .at(1))
    #expect(effects.outline == ["record queued by service:router", "notify ticket.queued", "wake shipping"])
    #expect(ticket.state == .queued)
    #expect(ticket.queue == "shipping")
    #expect(ticket.priority == .high)
    #expect(
      ticket.skills == [SkillRequirement("parcels", proficiency: 2), SkillRequirement("shipping", proficiency: 5)])
    #expect(ticket.waitingSince == .morning)
    #expect(ticket.clocks.firstResponse.dueAt == .at(3_600))
    #expect(ticket.policyVersion == 7)
    #expect(ticket.version == 2)
  }

  @Test func anUncertainMessageWaitsForManualTriage() throws {
    var ticket = Ticket.fresh()
    let effects = try ticket.handle(.routed(Policy.sample.decision(.sample(confidence: 0.1))), now: .at(1))
    #expect(effects.outline == ["record triaged by service:router", "notify ticket.queued", "wake triage"])
    #expect(ticket.state == .triage)
    #expect(ticket.state.waitsForAgent)
    // The person's label completes triage.
    let labelled = try ticket.handle(.routed(Policy.sample.decision()), now: .at(50))
    #expect(labelled.outline == ["record queued by service:router", "notify ticket.queued", "wake shipping"])
    #expect(ticket.state == .queued)
    #expect(ticket.waitingSince == .morning)
    #expect(!ticket.needsTriage)
  }

  @Test func offersKeepATicketInTriage() throws {
    var ticket = try Ticket.example(in: .triage)
    _ = try ticket.handle(.offered(.to("ann")), now: .at(60))
    _ = try ticket.handle(.declined(.number(1), by: "ann"), now: .at(61))
    #expect(ticket.state == .triage)
    _ = try ticket.handle(.offered(.to("bob", number: 2)), now: .at(62))
    _ = try ticket.handle(.accepted(.number(2), by: "bob"), now: .at(63))
    _ = try ticket.handle(.agentLeft("bob"), now: .at(64))
    #expect(ticket.state == .triage)
    #expect(ticket.waitingSince == .at(64))
  }

  @Test func anOfferReservesCapacityAndAcceptingKeepsIt() throws {
    var ticket = try Ticket.example(in: .queued)
    let offered = try ticket.handle(.offered(.to("ann")), now: .at(60))
    #expect(offered.outline == ["record offered by service:router", "load ann +1"])
    #expect(ticket.capacityHolder == "ann")
    let accepted = try ticket.handle(.accepted(.number(1), by: "ann"), now: .at(65))
    #expect(accepted.outline == ["record accepted by agent:ann", "notify ticket.assigned"])
    #expect(ticket.agent == "ann")
    #expect(ticket.offer == nil)
    #expect(ticket.waitingSince == nil)
  }

  @Test func aDeclinedTicketIsRequeuedWithItsAge() throws {
    var ticket = try Ticket.example(in: .offered)
    let effects = try ticket.handle(.declined(.number(1), by: "ann"), now: .at(70))
    #expect(effects.outline == ["record declined by agent:ann", "load ann -1", "wake shipping"])
    #expect(ticket.state == .queued)
    #expect(ticket.waitingSince == .morning)
    #expect(ticket.refusedBy == ["ann"])
  }

  @Test func aTimedOutOfferSetsTheAgentAway() throws {
    var ticket = try Ticket.example(in: .offered)
    let effects = try ticket.handle(.offerTimedOut(.number(1)), now: .at(90))
    #expect(
      effects.outline == ["record offer_timed_out by service:router", "load ann -1", "wake shipping", "away ann"])
    #expect(ticket.refusedBy == ["ann"])
  }

  @Test func aWithdrawnOfferDoesNotCountAsRefusal() throws {
    var ticket = try Ticket.example(in: .offered)
    let effects = try ticket.handle(.offerWithdrawn(.number(1), reason: "moved"), now: .at(70))
    #expect(effects.outline == ["record offer_withdrawn by service:router", "load ann -1", "wake shipping"])
    #expect(ticket.refusedBy == [])
  }

  @Test func repeatedRefusalsAreRecordedOnce() throws {
    var ticket = try Ticket.example(in: .offered)
    _ = try ticket.handle(.declined(.number(1), by: "ann"), now: .at(70))
    _ = try ticket.handle(.offered(.to("ann", number: 2)), now: .at(80))
    _ = try ticket.handle(.declined(.number(2), by: "ann"), now: .at(81))
    #expect(ticket.refusedBy == ["ann"])
  }

  @Test func aLeavingAgentLosesTheOffer() throws {
    var ticket = try Ticket.example(in: .offered)
    #expect(throws: TicketRefusal.notYours(owner: "ann")) { try ticket.handle(.agentLeft("bob"), now: .at(70)) }
    let effects = try ticket.handle(.agentLeft("ann"), now: .at(70))
    #expect(effects.outline == ["record offer_withdrawn by service:console", "load ann -1", "wake shipping"])
    #expect(ticket.state == .queued)
    #expect(ticket.waitingSince == .morning)
  }

  @Test func aMessageDuringAnOfferLeavesTheOfferOpen() throws {
    var ticket = try Ticket.example(in: .offered)
    let offer = ticket.offer
    let effects = try ticket.handle(.customerWrote(.number(5), .sample(urgency: .high)), now: .at(70))
    #expect(effects.outline == ["record customer_wrote by customer", "notify message.received"])
    #expect(ticket.state == .offered)
    #expect(ticket.offer == offer)
    #expect(ticket.labels?.urgency == .high)
  }

  @Test func aReplyThatFailsBringsTheTicketBackAndStartsTheNextResponse() throws {
    var ticket = try Ticket.example(in: .pending)
    #expect(throws: TicketRefusal.changesNothing) { try ticket.handle(.repliesFailed([]), now: .at(300)) }
    var policy = Policy.sample
    policy.serviceLevels = [
      ServiceLevelPolicy(
        name: "usual", condition: .always, calendar: nil, firstResponse: [.high: .seconds(3_600)],
        nextResponse: [.high: .seconds(600)], resolution: [.high: .seconds(86_400)], pausesWhilePending: true)
    ]
    let effects = try ticket.handle(.repliesFailed([.number(9)]), now: .at(300), under: policy)
    #expect(
      effects.outline == ["record reply_failed by service:router", "notify message.failed", "returned by 1"])
    #expect(ticket.state == .assigned && ticket.agent == "ann" && ticket.replyDueSince == .at(300))
    #expect(ticket.clocks.nextResponse.dueAt == .at(900) && ticket.clocks.resolution.pausedAt == nil)
    // Another failure while the agent owes the answer: the oldest counts.
    _ = try ticket.handle(.repliesFailed([.number(10)]), now: .at(400))
    #expect(ticket.replyDueSince == .at(300))
    var settled = try Ticket.example(in: .resolved)
    let reopened = try settled.handle(.repliesFailed([.number(9), .number(10)]), now: .at(300))
    #expect(
      reopened.outline == [
        "record reply_failed by service:router", "record reply_failed by service:router",
        "record reopened by service:router", "notify ticket.reopened", "wake shipping", "notify message.failed",
        "notify message.failed", "returned by 2",
      ])
    #expect(settled.state == .queued && settled.reopenCount == 1)
  }

  @Test func aPendingTicketWithoutAnAgentWaitsAgainAfterAFailure() throws {
    var ticket = try Ticket.example(in: .pending)
    _ = try ticket.handle(.agentLeft("ann"), now: .at(200))
    let effects = try ticket.handle(.repliesFailed([.number(9)]), now: .at(300))
    #expect(ticket.state == .queued && ticket.waitingSince == .at(300))
    #expect(effects.outline.contains("wake shipping"))
  }

  @Test func aReplyMeetsTheTargetAndMayAwaitTheCustomer() throws {
    var ticket = try Ticket.example(in: .assigned)
    let reply = try ticket.handle(.replied(.number(9), by: "ann", awaitsCustomer: true), now: .at(100))
    #expect(
      reply.outline == ["record replied by agent:ann", "record pending by agent:ann", "notify message.replied"])
    #expect(ticket.state == .pending)
    #expect(ticket.clocks.firstResponse.metAt == .at(100))
    #expect(ticket.clocks.resolution.pausedAt == .at(100))
    let answer = try ticket.handle(.customerWrote(.number(10), .sample()), now: .at(400))
    #expect(answer.outline == ["record customer_wrote by customer", "notify message.received"])
    #expect(ticket.state == .assigned)
    #expect(ticket.agent == "ann")
    #expect(ticket.clocks.resolution.dueAt == .at(86_400 + 300))
    let second = try ticket.handle(.replied(.number(11), by: "ann", awaitsCustomer: false), now: .at(500))
    #expect(second.outline == ["record replied by agent:ann", "notify message.replied"])
    #expect(ticket.clocks.firstResponse.metAt == .at(100))
  }

  @Test func aSecondReplyWithoutWaitingResumesTheTicket() throws {
    var ticket = try Ticket.example(in: .pending)
    let effects = try ticket.handle(.replied(.number(10), by: "ann", awaitsCustomer: false), now: .at(160))
    #expect(effects.outline == ["record replied by agent:ann", "notify message.replied"])
    #expect(ticket.state == .assigned)
    #expect(ticket.clocks.resolution.pausedAt == nil)
    #expect(ticket.clocks.resolution.dueAt == .at(86_400 + 60))
  }

  @Test func resolvingFreesTheAgentAndStopsTheClocks() throws {
    var ticket = try Ticket.example(in: .assigned)
    let effects = try ticket.handle(.resolved(by: "ann"), now: .at(200))
    #expect(
      effects.outline == [
        "record resolved by agent:ann", "notify ticket.resolved", "notify ticket.confirmation_asked", "load ann -1",
      ])
    #expect(ticket.state == .resolved)
    #expect(ticket.agent == nil)
    #expect(ticket.lastAgent == "ann")
    #expect(ticket.resolvedAt == .at(200))
    #expect(ticket.clocks.nextCheckAt == nil)
  }

  @Test func aMessageToASettledTicketReopensIt() throws {
    var ticket = try Ticket.example(in: .resolved)
    let effects = try ticket.handle(.customerWrote(.number(20), .sample()), now: .at(1_200))
    #expect(
      effects.outline == [
        "record customer_wrote by customer", "record reopened by customer", "notify ticket.reopened", "wake shipping",
      ])
    #expect(ticket.state == .queued)
    #expect(ticket.waitingSince == .at(1_200))
    #expect(ticket.lastAgent == "ann")
    #expect(ticket.reopenCount == 1)
    #expect(ticket.resolvedAt == nil)
    // The thousand seconds in which it was settled do not count.
    #expect(ticket.clocks.resolution.dueAt == .at(86_400 + 1_000))
  }

  @Test func aMessageToAnAnsweredTicketRequestsAnAgent() throws {
    var ticket = try Ticket.example(in: .answered)
    let effects = try ticket.handle(.customerWrote(.number(20), .sample()), now: .at(30))
    #expect(effects.outline.suffix(2) == ["notify ticket.reopened", "wake shipping"])
    #expect(ticket.state == .queued)
  }

  @Test func aLeavingAgentsTicketIsRequeued() throws {
    var ticket = try Ticket.example(in: .assigned)
    let effects = try ticket.handle(.agentLeft("ann"), now: .at(300))
    #expect(effects.outline == ["record requeued by service:console", "load ann -1", "wake shipping"])
    #expect(ticket.state == .queued)
    #expect(ticket.waitingSince == .at(300))
    #expect(ticket.agent == nil)
    #expect(ticket.lastAgent == "ann")
  }

  @Test func pendingTicketsNeedNoAgentUntilACustomerMessage() throws {
    var ticket = try Ticket.example(in: .pending)
    let left = try ticket.handle(.agentLeft("ann"), now: .at(300))
    #expect(left.outline == ["record requeued by service:console", "load ann -1"])
    #expect(ticket.state == .pending)
    #expect(ticket.capacityHolder == nil)
    let back = try ticket.handle(.customerWrote(.number(20), .sample()), now: .at(700))
    #expect(back.outline == ["record customer_wrote by customer", "notify message.received", "wake shipping"])
    #expect(ticket.state == .queued)
    #expect(ticket.waitingSince == .at(700))
    #expect(ticket.clocks.resolution.dueAt == .at(86_400 + 600))
  }

  @Test func theEndOfTheReopenWindowClosesAndArchives() throws {
    var ticket = try Ticket.example(in: .resolved)
    let effects = try ticket.handle(.reopenWindowPassed, now: .at(900))
    #expect(effects.outline == ["record closed by service:sla-watcher", "notify ticket.closed", "archive"])
    #expect(ticket.state == .closed)
    #expect(ticket.state.isTerminal)
  }

  @Test func poisonedMessagesBecomeDeadLettersWithTheirReason() throws {
    var ticket = Ticket.fresh()
    let effects = try ticket.handle(.rejected(reason: "poison"), now: .at(1))
    #expect(effects.outline == ["record rejected by service:router", "deadLetter poison", "archive"])
    #expect(ticket.state == .rejected)
  }

  @Test func warningsAndBreachesAreReportedOnce() throws {
    var ticket = try Ticket.example(in: .queued)
    #expect(ticket.clocks.nextCheckAt == .at(2_700))
    let warned = try ticket.handle(.deadlineReached, now: .at(2_700))
    #expect(warned.outline == ["record sla_warned by service:sla-watcher", "notify sla.warned"])
    #expect(try ticket.handle(.deadlineReached, now: .at(2_701)) == [])
    let late = try ticket.handle(.deadlineReached, now: .at(3_300))
    #expect(late.outline == ["record sla_warned by service:sla-watcher", "notify sla.warned"])
    let broken = try ticket.handle(.deadlineReached, now: .at(3_600))
    #expect(broken.outline == ["record sla_breached by service:sla-watcher", "notify sla.breached"])
    #expect(try ticket.handle(.deadlineReached, now: .at(9_000)) == [])
  }

  @Test func onlyTheOfferedAgentMayRespond() throws {
    var offered = try Ticket.example(in: .offered)
    #expect(throws: TicketRefusal.notYours(owner: "ann")) {
      try offered.handle(.accepted(.number(1), by: "bob"), now: .at(61))
    }
    #expect(throws: TicketRefusal.notYours(owner: "ann")) {
      try offered.handle(.declined(.number(1), by: "bob"), now: .at(61))
    }
    #expect(throws: TicketRefusal.offerIsOver) { try offered.handle(.accepted(.number(2), by: "ann"), now: .at(61)) }
    #expect(throws: TicketRefusal.offerIsOver) { try offered.handle(.offerTimedOut(.number(2)), now: .at(61)) }
    var assigned = try Ticket.example(in: .assigned)
    for event: TicketEvent in [
      .replied(.number(3), by: "bob", awaitsCustomer: false), .resolved(by: "bob"), .agentLeft("bob"),
    ] {
      #expect(throws: TicketRefusal.notYours(owner: "ann")) { try assigned.handle(event, now: .at(80)) }
    }
    var orphan = try Ticket.example(in: .pending)
    _ = try orphan.handle(.agentLeft("ann"), now: .at(110))
    #expect(throws: TicketRefusal.notYours(owner: nil)) { try orphan.handle(.resolved(by: "ann"), now: .at(120)) }
  }

  @Test func notificationsCarryTheStateWithoutCustomerText() throws {
    var ticket = try Ticket.example(in: .assigned)
    let effects = try ticket.handle(.replied(.number(9), by: "ann", awaitsCustomer: true), now: .at(100))
    let body = effects.compactMap { effect -> String? in
      if case .notify(.messageReplied, let detail) = effect { detail.json } else { nil }
    }
    #expect(
      body == [
        #"{"ticket":"00000000-0000-0000-0000-000000000001","channel":"web","customer":"c-1","state":"pending","#
          + #""queue":"shipping","priority":"high","agent":"ann","category":"logistics","#
          + #""message":"00000000-0000-0000-0000-000000000009"}"#
      ])
  }

  @Test func priorityRanksBeforeTier() {
    let ranks = Priority.allCases.flatMap { priority in
      [CustomerTier.keyAccount, .vip, .standard].map { priority.rawValue * 4 + $0.rank }
    }
    #expect(ranks == ranks.sorted())
    #expect(Set(ranks).count == 12)
    #expect(Ticket.fresh(tier: .vip).rank == Int16(Priority.normal.rawValue * 4 + 1))
  }
}
