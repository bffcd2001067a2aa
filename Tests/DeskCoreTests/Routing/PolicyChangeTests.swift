import Testing

@testable import DeskCore

@Suite("What a new policy changes for open tickets")
struct PolicyChangeTests {
  /// A desk that responds to complaints within three days of office hours, resolves them in twenty, and the rest within an hour.
  private static let old: Policy = {
    var policy = Policy.sample
    policy.calendars = ["office": BusinessCalendarTests.office(.utc)]
    policy.agents = [
      "ann": AgentProfile(
        id: "ann", teams: ["orders"], skills: ["shipping": 6, "parcels": 4], languages: [], capacity: 3),
      "bob": AgentProfile(id: "bob", teams: ["orders"], skills: [:], languages: [], capacity: 3),
    ]
    policy.channels["web"] = ChannelPolicy(id: "web", weight: 1, replyHook: nil, reopenWindow: .seconds(3_600))
    policy.serviceLevels = [
      ServiceLevelPolicy(
        name: "complaints", condition: .oneOf(.category, ["logistics"]), calendar: "office",
        firstResponse: [.high: .seconds(24 * 3_600)], resolution: [.high: .seconds(160 * 3_600)],
        pausesWhilePending: true),
      ServiceLevelPolicy(
        name: "rest", condition: .always, calendar: nil, firstResponse: [.normal: .seconds(3_600)], resolution: [:],
        pausesWhilePending: true),
    ]
    return policy
  }()

  private func queued(_ number: UInt64, _ category: String = "logistics") throws -> Ticket {
    var ticket = Ticket(
      id: .number(number), channel: "web", customer: "c-\(number)", tier: .standard, openedAt: .morning)
    _ = try ticket.handle(
      .routed(Self.old.decision(.sample(category: category))), now: .at(Int64(number)), under: Self.old)
    return ticket
  }

  private func work(_ tickets: Int, _ ticket: Ticket) -> OpenWork {
    OpenWork(tickets: tickets, first: ticket, last: ticket)
  }

  private func changes(_ work: [OpenWork], _ change: (inout Policy) -> Void) -> [PolicyChange] {
    var new = Self.old
    change(&new)
    return PolicyChange.changes(from: Self.old, to: new, on: work)
  }

  @Test func theSamePolicyChangesNothing() throws {
    #expect(try changes([work(3, queued(1)), work(2, queued(2, "praise"))]) { _ in }.isEmpty)
    #expect(changes([]) { $0.serviceLevels = [] }.isEmpty, "without open tickets nothing changes")
  }

  @Test func removedServiceLevelsAreReportedAndKeepTargets() throws {
    let ticket = try queued(1)
    let found = changes([work(12, ticket)]) { $0.serviceLevels.removeFirst() }
    #expect(found == [PolicyChange(.serviceLevelRemoved("complaints", renamed: nil), tickets: 12)])
    #expect(
      found.map(\.text) == ["12 open tickets: service level “complaints” is removed; they keep its targets"])
  }

  @Test func aRemovedServiceLevelWhoseCalendarChangesTooMovesDueTimes() throws {
    let ticket = try queued(1)
    let found = changes([work(1, ticket)]) { policy in
      policy.serviceLevels.removeFirst()
      policy.calendars["office"] = .always
    }
    #expect(found.count == 1)
    let before = try #require(ticket.clocks.firstResponse.dueAt)
    #expect(found[0].moves.first?.from == before && found[0].moves.first?.to == .at(24 * 3_600))
  }

  @Test func aRenamedServiceLevelNamesItsEquivalent() throws {
    let found = try changes([work(2, queued(1))]) { policy in
      let level = policy.serviceLevels[0]
      policy.serviceLevels[0] = ServiceLevelPolicy(
        name: "care", condition: level.condition, calendar: level.calendar, firstResponse: level.firstResponse,
        resolution: level.resolution, pausesWhilePending: true)
    }
    #expect(found.map(\.kind) == [.serviceLevelRemoved("complaints", renamed: "care")])
  }

  @Test func aHolidayMovesLaterDueTimes() throws {
    let tickets = (first: try queued(1), last: try queued(2))
    let found = changes([OpenWork(tickets: 40, first: tickets.first, last: tickets.last)]) { policy in
      policy.calendars["office"] = BusinessCalendarTests.office(
        .utc, [BusinessCalendarTests.day(2026, 3, 4): [], BusinessCalendarTests.day(2030, 1, 1): []])
    }
    #expect(found.map(\.kind) == [.hoursChanged("complaints")])
    #expect(found[0].tickets == 40)
    #expect(found[0].moves.map(\.clock) == [.firstResponse, .resolution])
    #expect(
      found[0].text.hasPrefix(
        "40 open tickets: service level “complaints” counts in different hours; first response due"))
    // A holiday after all due times moves nothing.
    #expect(
      changes([OpenWork(tickets: 40, first: tickets.first, last: tickets.last)]) { policy in
        policy.calendars["office"] = BusinessCalendarTests.office(.utc, [BusinessCalendarTests.day(2030, 1, 1): []])
      }.isEmpty)
  }

  @Test func unreachableTargetsAreReported() throws {
    let found = try changes([work(1, queued(1))]) { policy in
      policy.calendars["office"] = BusinessCalendar(
        zone: .utc, week: Array(repeating: [], count: 7), exceptions: [BusinessCalendarTests.day(2026, 3, 3): [0..<60]])
    }
    #expect(found[0].moves.allSatisfy { $0.to == nil })
    #expect(found[0].text.hasSuffix("is never reached"))
  }

  @Test func changedTargetsAndEscalationsAreReportedForOpenPriorities() throws {
    let found = try changes([work(5, queued(1)), work(2, queued(2, "praise"))]) { policy in
      policy.serviceLevels[0] = ServiceLevelPolicy(
        name: "complaints", condition: .oneOf(.category, ["logistics"]), calendar: "office",
        firstResponse: [.high: .seconds(7_200), .low: .seconds(60)], resolution: [.high: .seconds(160 * 3_600)],
        pausesWhilePending: true, warningPercents: [50])
    }
    #expect(
      found.map(\.text) == [
        "5 open tickets: service level “complaints” changes its target from 1 d to 2 h (first response, priority high); they keep the former target until their priority or label changes",
        "5 open tickets: service level “complaints” has different warnings or escalation steps",
      ])
  }

  @Test func aRemovedQueueReportsWhereItsTicketsMove() throws {
    var held = try queued(2)
    _ = try held.handle(.offered(.to("ann")), now: .at(60), under: Self.old)
    _ = try held.handle(.accepted(.number(1), by: "ann"), now: .at(61), under: Self.old)
    let found = try changes([work(7, queued(1)), work(3, held)]) { $0.queues["shipping"] = nil }
    #expect(found == [PolicyChange(.queueRemoved("shipping", movedTo: "general", waiting: 7), tickets: 10)])
    #expect(
      found[0].text
        == "10 open tickets: queue shipping is removed; 7 waiting move to general, 3 held by agents follow when they are returned"
    )
  }

  @Test func skillsWithoutAgentsAreReported() throws {
    let found = try changes([work(4, queued(1))]) { $0.agents["ann"] = nil }
    #expect(
      found.map(\.kind) == [
        .nobodyServes(
          "shipping", [SkillRequirement("parcels", proficiency: 2), SkillRequirement("shipping", proficiency: 5)])
      ])
  }

  @Test func newHeadStartsReorderOnlyWaitingTicketsThatHaveThem() throws {
    let waiting = try queued(1)
    #expect(waiting.priority == .high && waiting.tier == .standard)
    var held = waiting
    _ = try held.handle(.offered(.to("bob")), now: .at(60), under: Self.old)
    let work = [work(7, waiting), work(2, held), work(5, try queued(2, "praise"))]
    let found = changes(work) { policy in
      policy.headStarts.high = .seconds(5_400)
      policy.headStarts.vip = .zero
    }
    #expect(
      found.map(\.text) == [
        "7 open tickets: head starts change, high from 10 min to 90 min and vip from 5 min to 0 s; they wait, and are reordered at once"
      ])
    #expect(changes(work) { $0.headStarts.keyAccount = .zero }.isEmpty, "none of them is a key account's")
  }

  @Test func removedAgentsAndChannelsAreReported() throws {
    var held = try queued(1)
    _ = try held.handle(.offered(.to("bob")), now: .at(60), under: Self.old)
    let found = changes([work(2, held)]) { policy in
      policy.agents["bob"] = nil
      policy.channels["web"] = nil
    }
    #expect(
      found.map(\.text) == [
        "2 open tickets: agent bob is removed; they return to their queues",
        "2 open tickets: channel web is removed; replies to them no longer have a hook",
      ])
  }

  // MARK: Effects on tickets afterwards

  @Test func ticketsKeepTargetsOfARemovedServiceLevel() throws {
    var ticket = try queued(1)
    let due = try #require(ticket.clocks.firstResponse.dueAt)
    var new = Self.old
    new.serviceLevels.removeFirst()
    // Only its name is left: the hours of the night would count.
    var forgotten = ticket
    _ = try forgotten.handle(.deadlineReached, now: .at(3_600), under: new)
    #expect(forgotten.clocks.firstResponse.dueAt != due)
    new.keepServiceLevels(of: Self.old)
    _ = try ticket.handle(.deadlineReached, now: .at(3_600), under: new)
    #expect(ticket.clocks.firstResponse.dueAt == due)
  }

  @Test func newHolidaysApplyToRemovedServiceLevels() throws {
    var new = Self.old
    new.serviceLevels.removeFirst()
    new.calendars["office"] = BusinessCalendarTests.office(.utc, [BusinessCalendarTests.day(2026, 3, 4): []])
    new.keepServiceLevels(of: Self.old)
    #expect(new.serviceLevel(named: "complaints").calendar == new.calendars["office"])
    new.keepServiceLevels(of: Policy.sample, named: ["usual"])
    #expect(Set(new.formerServiceLevels.keys) == ["complaints", "usual"])
  }

  // MARK: Unreachable targets

  @Test func aTargetBeyondTheCalendarIsDetected() throws {
    var policy = Self.old
    var week = Array(repeating: BusinessCalendar.Hours(), count: 7)
    week[0] = [540..<1_080]
    policy.calendars["office"] = BusinessCalendar(zone: .utc, week: week, exceptions: [:])
    policy.serviceLevels = [
      ServiceLevelPolicy(
        name: "slow", condition: .always, calendar: "office", firstResponse: [.normal: .seconds(3_600)],
        resolution: [.normal: .seconds(5_000 * 3_600), .low: .seconds(100 * 3_600)], pausesWhilePending: true)
    ]
    #expect(
      policy.unreachablePromises == [
        UnreachableTarget(
          serviceLevel: "slow", clock: .resolution, priority: .normal, allowed: .seconds(5_000 * 3_600),
          calendar: "office", longest: .seconds(522 * 9 * 3_600))
      ])
    var ticket = Ticket.fresh()
    _ = try ticket.handle(.routed(policy.decision(.sample(category: "praise"))), now: .at(1), under: policy)
    #expect(ticket.clocks.resolution.isUnreachable && !ticket.clocks.firstResponse.isUnreachable)
    #expect(Self.old.unreachablePromises.isEmpty)
  }
}
