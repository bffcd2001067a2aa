import Testing

@testable import DeskCore

@Suite("The clocks of a ticket together")
struct ServiceLevelClocksTests {
  private func targets(first: Int64?, resolution: Int64?, pauses: Bool = true) -> ServiceLevelTargets {
    func target(_ seconds: Int64?) -> ServiceLevelTarget? {
      seconds.map { ServiceLevelTarget(allowed: .seconds($0), from: .morning, in: .always) }
    }
    return ServiceLevelTargets(
      policy: "p", firstResponse: target(first), resolution: target(resolution), pausesWhilePending: pauses)
  }

  private func clocks(first: Int64?, resolution: Int64?, pauses: Bool = true) -> ServiceLevelClocks {
    var clocks = ServiceLevelClocks()
    clocks.start(targets(first: first, resolution: resolution, pauses: pauses), from: .morning)
    return clocks
  }

  @Test func theNextCheckIsTheEarlierOfBoth() {
    #expect(ServiceLevelClocks().nextCheckAt == nil)
    #expect(clocks(first: nil, resolution: 4_000).nextCheckAt == .at(3_000))
    #expect(clocks(first: 1_000, resolution: 4_000).nextCheckAt == .at(750))
  }

  @Test func theNearestRunningTargetIsUsed() {
    #expect(ServiceLevelClocks().nearestDueAt == nil)
    #expect(clocks(first: nil, resolution: 4_000).nearestDueAt == .at(4_000))
    var clocks = clocks(first: 1_000, resolution: 4_000)
    #expect(clocks.nearestDueAt == .at(1_000))
    _ = clocks.notify(at: .at(1_500), under: .abandoned)
    #expect(clocks.nearestDueAt == .at(1_000), "a late response stays pending")
    clocks.reply(at: .at(1_600))
    #expect(clocks.nearestDueAt == .at(4_000))
    clocks.pauseForCustomer(at: .at(1_600))
    #expect(clocks.nearestDueAt == nil)
    clocks.resume(at: .at(2_000))
    clocks.receive(at: .at(2_000))
    clocks.nextResponse.dueAt = .at(6_000)
    #expect(clocks.nearestDueAt == clocks.resolution.dueAt)
    clocks.resolution.notifiedPercent = 100
    #expect(clocks.nearestDueAt == .at(6_000), "a late resolution does not make a pending response late")
    clocks.reply(at: .at(5_000))
    #expect(clocks.nearestDueAt == clocks.resolution.dueAt)
    _ = clocks.stop(.settled, at: .at(5_100))
    #expect(clocks.nearestDueAt == nil)
  }

  @Test func withoutAServiceLevelNoClockRuns() {
    var none = ServiceLevelClocks()
    none.start(.none, from: .morning)
    #expect(none.stop(.settled, at: .at(5)) == [])
    none.receive(at: .at(6))
    none.settle(under: .abandoned, at: .normal, now: .at(6))
    #expect(none == ServiceLevelClocks())
  }

  @Test func bothClocksNotifyWhenBothAreReached() {
    var clocks = clocks(first: 1_000, resolution: 1_200)
    let notices = clocks.notify(at: .at(1_000), under: .abandoned)
    #expect(notices.map(\.clock) == [.firstResponse, .resolution])
    #expect(notices.map(\.sharePercent) == [100, 75])
    #expect(notices.map(\.dueAt) == [.at(1_000), .at(1_200)])
  }

  @Test func thePolicyDecidesWhetherCustomerWaitingTimeCounts() {
    var counting = clocks(first: 1_000, resolution: 1_000, pauses: false)
    counting.pauseForCustomer(at: .at(10))
    #expect(counting.resolution.isRunning)
    var pausing = clocks(first: 1_000, resolution: 1_000)
    pausing.pauseForCustomer(at: .at(10))
    #expect(!pausing.resolution.isRunning)
    #expect(pausing.firstResponse.isRunning, "the first response depends on the desk, not on the customer")
  }

  @Test func reopeningNeedsNoSecondFirstResponse() {
    var clocks = clocks(first: 1_000, resolution: 1_000)
    clocks.reply(at: .at(50))
    #expect(clocks.stop(.settled, at: .at(100)) == [])
    clocks.settle(under: .abandoned, at: .normal, now: .at(100))
    clocks.reopen(at: .at(400))
    clocks.settle(under: .abandoned, at: .normal, now: .at(400))
    #expect(!clocks.firstResponse.isRunning)
    #expect(clocks.firstResponse.metAt == .at(50))
    #expect(clocks.resolution.dueAt == .at(1_300))
  }

  // MARK: Unanswered responses

  @Test func settlingDoesNotMeetAnUnansweredFirstResponse() {
    var clocks = clocks(first: 1_000, resolution: 2_000)
    #expect(clocks.stop(.settled, at: .at(100)) == [.firstResponse])
    clocks.settle(under: .abandoned, at: .normal, now: .at(100))
    #expect(clocks.firstResponse.metAt == nil)
    #expect(clocks.firstResponse.ending == ServiceLevelClock.Ending(at: .at(100), .unanswered))
    #expect(clocks.firstResponse.used == .seconds(100))
    #expect(clocks.resolution.metAt == .at(100))
    #expect(clocks.nextCheckAt == nil)
    #expect(clocks.notify(at: .at(5_000), under: .abandoned).isEmpty, "an ended clock does not notify")
  }

  @Test func reopeningResumesAnUnansweredFirstResponse() {
    var clocks = clocks(first: 1_000, resolution: 2_000)
    _ = clocks.stop(.settled, at: .at(100))
    clocks.settle(under: .abandoned, at: .normal, now: .at(100))
    clocks.reopen(at: .at(5_000))
    clocks.settle(under: .abandoned, at: .normal, now: .at(5_000))
    #expect(clocks.firstResponse.isRunning)
    #expect(clocks.firstResponse.dueAt == .at(5_900), "a hundred seconds were used before it was settled")
    #expect(!clocks.nextResponse.isStarted, "the first response covers it")
    clocks.reply(at: .at(5_100))
    clocks.settle(under: .abandoned, at: .normal, now: .at(5_100))
    #expect(clocks.firstResponse.metAt == .at(5_100))
    #expect(clocks.firstResponse.used == .seconds(200))
  }

  @Test func reopeningResumesAnUnansweredNextResponse() {
    var clocks = clocks(first: 1_000, resolution: 2_000)
    clocks.reply(at: .at(50))
    clocks.receive(at: .at(60))
    clocks.nextResponse.allowed = .seconds(600)
    clocks.settle(under: .abandoned, at: .normal, now: .at(60))
    #expect(clocks.stop(.settled, at: .at(160)) == [.nextResponse])
    clocks.settle(under: .abandoned, at: .normal, now: .at(160))
    clocks.reopen(at: .at(1_000))
    clocks.settle(under: .abandoned, at: .normal, now: .at(1_000))
    #expect(clocks.nextResponse.used == .seconds(100))
    #expect(clocks.nextResponse.dueAt == .at(1_500))
  }

  @Test func aBreachBeforeTheEndStaysABreach() {
    var clocks = clocks(first: 1_000, resolution: 9_000)
    _ = clocks.notify(at: .at(1_200), under: .abandoned)
    _ = clocks.stop(.dropped, at: .at(1_300))
    clocks.settle(under: .abandoned, at: .normal, now: .at(1_300))
    #expect(clocks.firstResponse.notifiedPercent == 100)
    #expect(clocks.firstResponse.dueAt == .at(1_000))
  }

  @Test func anArticleWaivesTheResponseAndSettlesTheRest() {
    var clocks = clocks(first: 1_000, resolution: 2_000)
    clocks.pauseAfterAnswer(at: .at(10))
    #expect(clocks.stop(.settledByArticle, at: .at(60)) == [])
    #expect(clocks.firstResponse.ending?.reason == .waived)
    #expect(clocks.resolution.metAt == .at(60))
  }

  @Test func aMergedTicketIsNotResolved() {
    var clocks = clocks(first: nil, resolution: 2_000)
    #expect(clocks.stop(.dropped, at: .at(60)) == [.resolution], "there was no response target")
    #expect(clocks.resolution.metAt == nil)
  }
}

@Suite("A ticket's SLA targets through its lifecycle")
struct PromisedTicketTests {
  /// First response in an hour, next response in half an hour, resolution in a day; an escalation ladder of four steps.
  private static let policy: Policy = {
    var policy = Policy.sample
    policy.teams = ["orders": Team(id: "orders", lead: "lea")]
    policy.queues["escalations"] = QueuePolicy(
      id: "escalations", teams: [], skills: [SkillRequirement("calm", proficiency: 4)], offerTime: .seconds(30),
      relaxation: [])
    policy.serviceLevels = [
      ServiceLevelPolicy(
        name: "usual", condition: .always, calendar: nil,
        firstResponse: [.urgent: .seconds(900), .high: .seconds(3_600), .normal: .seconds(7_200)],
        nextResponse: [.urgent: .seconds(600), .high: .seconds(1_800)],
        resolution: [.urgent: .seconds(40_000), .high: .seconds(86_400)], pausesWhilePending: true,
        escalation: [
          EscalationStep(after: .zero, actions: [.tellLead]),
          EscalationStep(after: .seconds(300), actions: [.raisePriority(to: .urgent), .lowerProficiency(by: 2)]),
          EscalationStep(after: .seconds(600), actions: [.anySkill]),
          EscalationStep(after: .seconds(900), actions: [.hand(to: "escalations")]),
        ])
    ]
    return policy
  }()

  private func take(_ ticket: inout Ticket, _ event: TicketEvent, _ second: Int64) throws -> [TicketEffect] {
    try ticket.handle(event, now: .at(second), under: Self.policy)
  }

  private func queued() throws -> Ticket {
    var ticket = Ticket.fresh()
    _ = try take(&ticket, .routed(Self.policy.decision()), 1)
    return ticket
  }

  private func assigned(to agent: AgentID = "ann") throws -> Ticket {
    var ticket = try queued()
    _ = try take(&ticket, .offered(.to(agent)), 60)
    _ = try take(&ticket, .accepted(.number(1), by: agent), 70)
    return ticket
  }

  @Test func theNextResponseCountsFromTheOldestUnansweredMessage() throws {
    var ticket = try assigned()
    _ = try take(&ticket, .customerWrote(.number(2), .sample()), 90)
    #expect(!ticket.clocks.nextResponse.isStarted, "the first response covers it")
    _ = try take(&ticket, .replied(.number(3), by: "ann", awaitsCustomer: true), 100)
    _ = try take(&ticket, .customerWrote(.number(4), .sample()), 500)
    _ = try take(&ticket, .customerWrote(.number(5), .sample()), 900)
    #expect(ticket.clocks.nextResponse.dueAt == .at(500 + 1_800))
    #expect(ticket.clocks.nextCheckAt == .at(500 + 1_350))
    _ = try take(&ticket, .deadlineReached, 500 + 1_350)
    #expect(ticket.clocks.nextResponse.notifiedPercent == 75)
    _ = try take(&ticket, .replied(.number(6), by: "ann", awaitsCustomer: false), 2_000)
    #expect(ticket.clocks.nextResponse.metAt == .at(2_000))
    _ = try take(&ticket, .customerWrote(.number(7), .sample()), 3_000)
    #expect(ticket.clocks.nextResponse.dueAt == .at(3_000 + 1_800))
    #expect(ticket.clocks.nextResponse.notifiedPercent == 0)
  }

  @Test func settlingWithoutAReplyIsRecorded() throws {
    var ticket = try assigned()
    let effects = try take(&ticket, .resolved(by: "ann", reason: "spam"), 200)
    #expect(effects.detail(of: .resolved) == #"{"reason":"spam","unanswered":["first_response"]}"#)
    #expect(ticket.clocks.firstResponse.metAt == nil && ticket.clocks.firstResponse.stoppedAt == .at(200))
    _ = try take(&ticket, .customerWrote(.number(4), .sample()), 1_000)
    #expect(ticket.clocks.firstResponse.dueAt == .at(3_600 + 800))
    #expect(!ticket.clocks.nextResponse.isStarted)
    let closed = try {
      var other = try assigned()
      _ = try take(&other, .resolved(by: "ann"), 200)
      _ = try take(&other, .reopenWindowPassed, 900)
      return other
    }()
    #expect(closed.clocks.firstResponse.ending?.at == .at(200), "closing does not end a clock again")
  }

  @Test func aMergedTicketKeepsNoTargets() throws {
    var ticket = try queued()
    let effects = try take(&ticket, .merged(into: .number(2), by: .ann, reason: "same"), 300)
    #expect(
      effects.detail(of: .merged)
        == #"{"ticket":"00000000-0000-0000-0000-000000000002","reason":"same","unanswered":["first_response","resolution"]}"#
    )
  }

  @Test func reopeningStartsTheNextResponseClock() throws {
    var ticket = try assigned()
    _ = try take(&ticket, .replied(.number(3), by: "ann", awaitsCustomer: false), 100)
    _ = try take(&ticket, .resolved(by: "ann"), 200)
    #expect(ticket.clocks.nextCheckAt == nil)
    _ = try take(&ticket, .customerWrote(.number(4), .sample()), 1_000)
    #expect(ticket.clocks.nextResponse.dueAt == .at(1_000 + 1_800))
    #expect(ticket.clocks.resolution.dueAt == .at(86_400 + 800))
  }

  @Test func aNewPriorityChangesTargetsAndKeepsUsedTime() throws {
    var ticket = try queued()
    let effects = try take(&ticket, .priorityChanged(.urgent, by: .agent("lea"), reason: "key customer"), 100)
    #expect(
      effects.outline == [
        "record priority_changed by agent:lea", "notify ticket.priority_changed", "wake shipping",
      ])
    #expect(ticket.priority == .urgent)
    #expect(ticket.clocks.firstResponse.dueAt == .at(900))
    #expect(ticket.clocks.resolution.dueAt == .at(40_000))
    #expect(ticket.clocks.nextCheckAt == .at(675))
    _ = try take(&ticket, .priorityChanged(.normal, by: .agent("lea"), reason: "no"), 200)
    #expect(ticket.clocks.firstResponse.dueAt == .at(7_200))
    #expect(ticket.clocks.resolution.dueAt == nil)
    #expect(throws: TicketRefusal.changesNothing) {
      try take(&ticket, .priorityChanged(.normal, by: .agent("lea"), reason: "again"), 201)
    }
  }

  @Test func eachEscalationStepRunsOnceInOrder() throws {
    var ticket = try queued()
    let broken = try take(&ticket, .deadlineReached, 3_600)
    #expect(
      broken.outline == [
        "record sla_breached by service:sla-watcher", "notify sla.breached",
        "record escalated by service:sla-watcher", "notify ticket.escalated", "wake shipping",
      ])
    #expect(broken.detail(of: .escalated)?.contains(#""leads":["lea"]"#) == true)
    #expect(ticket.clocks.nextCheckAt == .at(3_900))
    #expect(try take(&ticket, .deadlineReached, 3_899) == [])
    let raised = try take(&ticket, .deadlineReached, 3_900)
    #expect(raised.outline.filter { $0.hasPrefix("record") } == ["record escalated by service:sla-watcher"])
    #expect(ticket.priority == .urgent)
    #expect(
      ticket.skills == [SkillRequirement("parcels", proficiency: 1), SkillRequirement("shipping", proficiency: 3)])
    #expect(ticket.clocks.firstResponse.dueAt == .at(3_600), "a breached target keeps its due time")
    #expect(ticket.clocks.resolution.dueAt == .at(40_000))
    _ = try take(&ticket, .deadlineReached, 4_200)
    #expect(ticket.skills.isEmpty)
    _ = try take(&ticket, .deadlineReached, 4_500)
    #expect(ticket.queue == "escalations")
    #expect(ticket.skills == [SkillRequirement("calm", proficiency: 4)])
    #expect(ticket.waitingSince == .morning)
    #expect(ticket.clocks.escalationSteps == 4)
    #expect(ticket.clocks.nextCheckAt == .at(30_000))
    // Another target is breached later: a notification is sent, but no escalation step is left.
    let second = try take(&ticket, .deadlineReached, 40_000)
    #expect(second.outline == ["record sla_breached by service:sla-watcher", "notify sla.breached"])
  }

  @Test func aLateCheckRunsAllDueEscalationsInOrder() throws {
    var ticket = try queued()
    let effects = try take(&ticket, .deadlineReached, 4_300)
    #expect(effects.outline.filter { $0.hasPrefix("record") }.count == 4)
    #expect(ticket.clocks.escalationSteps == 3)
    #expect(try take(&ticket, .deadlineReached, 4_300) == [])
  }

  @Test func aReplyStopsTheEscalation() throws {
    var ticket = try assigned()
    _ = try take(&ticket, .deadlineReached, 3_600)
    _ = try take(&ticket, .replied(.number(3), by: "ann", awaitsCustomer: false), 3_700)
    #expect(ticket.clocks.nextCheckAt == .at(64_800))
    #expect(try take(&ticket, .deadlineReached, 5_000) == [])
    #expect(ticket.clocks.escalationSteps == 1)
  }

  @Test func theEscalationQueueTakesTheTicketFromItsAgent() throws {
    var ticket = try assigned()
    let effects = try take(&ticket, .deadlineReached, 4_500)
    #expect(effects.loads == ["ann": -1])
    #expect(ticket.state == .queued)
    #expect(ticket.agent == nil)
    #expect(ticket.refusedBy == ["ann"])
    #expect(effects.outline.contains("record requeued by service:sla-watcher"))

    var offered = try queued()
    _ = try take(&offered, .offered(.to("bob")), 60)
    #expect(try take(&offered, .deadlineReached, 4_500).loads == ["bob": -1])
    #expect(offered.state == .queued)
    #expect(offered.offer == nil)
  }

  @Test func aManuallyLabelledTicketFollowsTheNewServiceLevel() throws {
    var policy = Self.policy
    policy.serviceLevels.insert(
      ServiceLevelPolicy(
        name: "praise", condition: .oneOf(.category, ["praise"]), calendar: nil,
        firstResponse: [.normal: .seconds(50_000)], resolution: [:], pausesWhilePending: false), at: 0)
    var ticket = Ticket.fresh()
    _ = try ticket.handle(.routed(policy.decision(.sample(confidence: 0.1))), now: .at(1), under: policy)
    #expect(ticket.clocks.firstResponse.dueAt == .at(7_200))
    _ = try ticket.handle(.routed(policy.decision(.sample(category: "praise"))), now: .at(500), under: policy)
    #expect(ticket.clocks.serviceLevel == "praise")
    #expect(ticket.clocks.firstResponse.dueAt == .at(50_000))
    #expect(ticket.clocks.resolution.dueAt == nil)
    #expect(!ticket.clocks.pausesWhilePending)
  }

  @Test func aRemovedServiceLevelCountsAroundTheClock() throws {
    var ticket = try queued()
    var policy = Self.policy
    policy.serviceLevels = []
    let effects = try ticket.handle(.deadlineReached, now: .at(5_000), under: policy)
    #expect(effects.outline == ["record sla_breached by service:sla-watcher", "notify sla.breached"])
  }

  @Test func aLateHolidayMovesTheDeadline() throws {
    var policy = Self.policy
    policy.calendars = ["office": BusinessCalendarTests.office(.utc)]
    policy.serviceLevels = [
      ServiceLevelPolicy(
        name: "usual", condition: .always, calendar: "office", firstResponse: [.high: .seconds(8 * 3_600)],
        resolution: [:], pausesWhilePending: true)
    ]
    var ticket = Ticket.fresh()
    _ = try ticket.handle(.routed(policy.decision()), now: .at(1), under: policy)
    let firstDueAt = try #require(ticket.clocks.firstResponse.dueAt)
    #expect(firstDueAt == BusinessCalendarTests.moment(2026, 3, 3, 9, 30))
    policy.calendars = [
      "office": BusinessCalendarTests.office(.utc, [BusinessCalendarTests.day(2026, 3, 3): []])
    ]
    let warned = try ticket.handle(.deadlineReached, now: firstDueAt, under: policy)
    #expect(warned.outline == ["record sla_warned by service:sla-watcher", "notify sla.warned"])
    #expect(ticket.clocks.firstResponse.dueAt == BusinessCalendarTests.moment(2026, 3, 4, 9, 30))
  }
}
