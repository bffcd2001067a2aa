import PostgreSQL
import Store
import Testing

@testable import DeskCore

/// Report figures, on tickets whose history is known to the second.
@Suite struct ReportTests {
  /// Six tickets that were opened an hour ago, and their outcomes.
  private struct Stories {
    let desk: TestDesk
    private let policy: Policy
    private let level = ServiceLevelPolicy(
      name: "p", condition: .always, calendar: nil, firstResponse: [.high: .seconds(60)],
      nextResponse: [.high: .seconds(60)], resolution: [.high: .seconds(600)], pausesWhilePending: true)

    init(_ desk: TestDesk) {
      self.desk = desk
      policy = Policy(
        version: 1, teams: [:], agents: [:], queues: [:], rules: [], defaultQueue: "billing", triageQueue: "triage",
        triageThreshold: 0.5, serviceLevels: [level], calendars: [:], channels: [:], hooks: [:])
    }

    /// A ticket that has been waiting for its first decision for an hour.
    func open(_ customer: String) async throws -> (ticket: Ticket, message: MessageID) {
      let accepted = try #require(
        await desk.store.inbox.accept([desk.message("of \(customer)", from: customer)], owner: nil)[0].acceptance)
      try await desk.run(
        "UPDATE desk.open_ticket SET opened_at = opened_at - interval '1 hour' WHERE ticket_id = '\(accepted.ticket)'")
      return (try #require(await desk.store.tickets.tickets([accepted.ticket])[accepted.ticket]), accepted.message)
    }

    /// Applies an event to a ticket, a number of seconds after it was opened.
    func happen(
      _ event: TicketEvent, to ticket: inout Ticket, after seconds: Int, decides: [MessageID] = [],
      outgoing: OutgoingMessage? = nil
    ) async throws {
      let (version, at) = (ticket.version, ticket.openedAt + .seconds(seconds))
      let effects = try ticket.handle(event, now: at, under: policy)
      let step = TicketStep(
        expectedVersion: version, ticket: ticket, at: at, effects: effects, decides: decides, outgoing: outgoing,
        traceparent: nil, reopenWindow: .seconds(60))
      #expect(try await desk.store.tickets.commit([step]) == [ticket.id], "\(event)")
    }

    func decision(_ message: MessageID, _ ticket: Ticket, queue: QueueID) -> RoutingDecision {
      let start = ticket.openedAt
      return .test(
        message, queue: queue,
        targets: ServiceLevelTargets(
          policy: "p", firstResponse: ServiceLevelTarget(allowed: .seconds(60), from: start, in: .always),
          resolution: ServiceLevelTarget(allowed: .seconds(600), from: start, in: .always), pausesWhilePending: true))
    }

    /// Routes a new ticket.
    func queued(_ customer: String, in queue: QueueID) async throws -> Ticket {
      var (ticket, message) = try await open(customer)
      try await happen(.routed(decision(message, ticket, queue: queue)), to: &ticket, after: 1, decides: [message])
      return ticket
    }

    func taken(_ ticket: inout Ticket, by agent: AgentID, after seconds: Int) async throws {
      let offer = try await Offer(
        id: desk.fresh(), agent: agent, offeredAt: ticket.openedAt, expiresAt: ticket.openedAt + .seconds(10_000))
      try await happen(.offered(offer), to: &ticket, after: seconds)
      try await happen(.accepted(offer.id, by: agent), to: &ticket, after: seconds)
    }

    func tell() async throws {
      try await desk.upsert(["ada", "bo"], capacity: 5)
      try await desk.store.privacy.setCustomer("ann", of: "web", tier: .vip, dedicatedAgent: nil)

      // Ann is answered and settled in time, rates it, and comes back with something new after it was closed.
      var ann = try await queued("ann", in: "billing")
      try await taken(&ann, by: "ada", after: 10)
      try await happen(.replied(desk.fresh(), by: "ada", awaitsCustomer: false), to: &ann, after: 20)
      try await happen(.resolved(by: "ada"), to: &ann, after: 100)
      let four = Feedback(solved: true, rating: 4, comment: nil, followUpBelow: 3, lead: nil)
      try await happen(.feedbackReceived(four), to: &ann, after: 200)
      try await happen(.reopenWindowPassed, to: &ann, after: 300)
      _ = try await desk.store.inbox.accept([desk.message("once more", from: "ann")], owner: nil)

      // Bob is answered late, settled late, and writes again; that is answered in time.
      var bob = try await queued("bob", in: "billing")
      try await happen(.deadlineReached, to: &bob, after: 61)
      try await taken(&bob, by: "bo", after: 70)
      try await happen(.replied(desk.fresh(), by: "bo", awaitsCustomer: false), to: &bob, after: 90)
      try await happen(.deadlineReached, to: &bob, after: 601)
      try await happen(.resolved(by: "bo"), to: &bob, after: 700)
      let again = try #require(
        await desk.store.inbox.accept([desk.message("not yet", from: "bob")], owner: nil)[0].acceptance)
      try await happen(.customerWrote(again.message, .test), to: &bob, after: 800, decides: [again.message])
      try await taken(&bob, by: "ada", after: 810)
      try await happen(.replied(desk.fresh(), by: "ada", awaitsCustomer: true), to: &bob, after: 830)

      // Cyn gets an article, and it helps.
      var (cyn, question) = try await open("cyn")
      let answer = OutgoingMessage(id: try await desk.fresh(), answerOf: "parcel", body: "see the tracking page")
      try await happen(
        .answered(decision(question, cyn, queue: "parcels"), "parcel", answer.id), to: &cyn, after: 1,
        decides: [question], outgoing: answer)
      let five = Feedback(solved: true, rating: 5, comment: nil, followUpBelow: 3, lead: nil)
      try await happen(.feedbackReceived(five), to: &cyn, after: 5)

      // Dan waits and is late by now, whether reported or not. Eve's message cannot be processed.
      _ = try await queued("dan", in: "parcels")
      var (eve, poison) = try await open("eve")
      try await happen(.rejected(reason: "poison"), to: &eve, after: 2, decides: [poison])
    }

    func report(by grouping: ReportGrouping) async throws -> TicketReport {
      let now = try await desk.store.now()
      let day = ReportPeriod.Day(name: "today", start: now - .seconds(60))
      return try await desk.store.reports.ticketReport(
        by: grouping, of: ReportPeriod(days: [day], end: now + .seconds(60), zone: "UTC"))
    }
  }

  @Test func everyEventIsCounted() async throws {
    try await TestDesk.with { desk in
      let stories = Stories(desk)
      try await stories.tell()
      let total = try await stories.report(by: .queue).total
      #expect(total.tickets == 6 && total.messages == 7)
      #expect(total.firstAnswer == ReportWait(tickets: 3, medianSeconds: 20, p90Seconds: 76))
      #expect(total.agent == ReportWait(tickets: 2, medianSeconds: 40, p90Seconds: 64))
      #expect(total.resolution == ReportWait(tickets: 2, medianSeconds: 52.5, p90Seconds: 90.5))
      #expect(total.firstResponsesKept == ReportShare(1, of: 3), "Ann's; Bob's and Dan's are late, Cyn needed none")
      #expect(total.firstUnanswered == 0 && total.nextUnanswered == 0)
      #expect(total.nextResponsesKept == ReportShare(1, of: 1), "Bob's, after he came back")
      #expect(total.resolutionsKept == ReportShare(2, of: 4), "Ann's and Cyn's; Bob's was late once, Dan's is")
      #expect(total.resolved == ReportShare(2, of: 6))
      #expect(total.reopened == ReportShare(1, of: 3), "Bob's, of those that were settled once")
      #expect(total.selfService == ReportShare(1, of: 6))
      #expect(total.repeatContacts == ReportShare(1, of: 6), "Ann's second")
      #expect(total.ratings == 2 && total.meanRating == 4.5)
    }
  }

  @Test(arguments: [
    (ReportGrouping.queue, ["billing": 2, "parcels": 2, nil: 2] as [String?: Int64]), (.channel, ["web": 6]),
    (.category, ["billing": 4, nil: 2]), (.tier, ["vip": 2, "standard": 4]), (.agent, ["ada": 2, nil: 4]),
  ])
  func ticketsAreGrouped(by grouping: ReportGrouping, into expected: [String?: Int64]) async throws {
    try await TestDesk.with { desk in
      let stories = Stories(desk)
      try await stories.tell()
      let report = try await stories.report(by: grouping)
      #expect(Dictionary(uniqueKeysWithValues: report.rows.map { ($0.group, $0.tickets) }) == expected)
      #expect(report.rows.map(\.tickets) == report.rows.map(\.tickets).sorted(by: >), "the largest first")
      #expect(report.total.tickets == 6)
      #expect(report.rows.reduce(0) { $0 + $1.messages } == report.total.messages)
    }
  }

  /// The days are passed as timestamps: they may have any length, and the row of a ticket follows from its identifier, like the period.
  @Test func eachTicketCountsInExactlyOneDay() async throws {
    try await TestDesk.with { desk in
      let tickets = try await desk.queued(["ann", "bob", "cyn", "dan"]).sorted { $0.id < $1.id }
      let start = tickets[0].id.instant
      let middle = tickets[2].id.instant
      let end = tickets[3].id.instant + .milliseconds(1)
      // A day of no length, as where a zone left one out.
      let days = [("short", start), ("empty", middle), ("long", middle)].map {
        ReportPeriod.Day(name: $0.0, start: $0.1)
      }
      func report(_ days: [ReportPeriod.Day], until end: Instant) async throws -> TicketReport {
        try await desk.store.reports.ticketReport(by: .day, of: ReportPeriod(days: days, end: end, zone: "UTC"))
      }
      // The row's opening time does not move a ticket into another day, or out of the report.
      try await desk.run(
        "UPDATE desk.open_ticket SET opened_at = '2026-03-01T20:00:00Z' WHERE ticket_id = '\(tickets[3].id)'")
      let whole = try await report(days, until: end)
      #expect(whole.total.tickets == 4)
      #expect(whole.rows.reduce(0) { $0 + $1.tickets } == 4)
      #expect(Set(whole.rows.compactMap(\.group)).isSubset(of: ["short", "long"]))
      let first = try await report([days[0]], until: middle)
      let second = try await report([days[2]], until: end)
      #expect(first.total.tickets + second.total.tickets == 4)
      #expect(whole.rows.first { $0.group == "short" }?.tickets ?? 0 == first.total.tickets)
      #expect(whole.rows.first { $0.group == "long" }?.tickets == second.total.tickets)
    }
  }

  @Test func mergedTicketsAreNotSettled() async throws {
    try await TestDesk.with { desk in
      let tickets = try await desk.queued(["ann", "bob"])
      var (source, target) = (tickets[0], tickets[1])
      let hand = ActingAgent("ada", leads: false)
      let steps = try await [
        desk.step(&source, .merged(into: target.id, by: hand, reason: "r")),
        desk.step(&target, .absorbed(source.id, by: hand, reason: "r")),
      ]
      #expect(try await desk.store.tickets.commit(together: steps))
      let total = try await Stories(desk).report(by: .day).total
      #expect(total.tickets == 2 && total.resolved == ReportShare(0, of: 2))
    }
  }

  @Test func unansweredTicketsDoNotMeetTheirTarget() async throws {
    try await TestDesk.with { desk in
      let stories = Stories(desk)
      try await desk.upsert(["ada"], capacity: 9)
      // Fay is settled without a word, Gus is merged, Hal is answered, asks again and is settled without a further word.
      var fay = try await stories.queued("fay", in: "billing")
      try await stories.taken(&fay, by: "ada", after: 10)
      try await stories.happen(.resolved(by: "ada"), to: &fay, after: 20)
      try await stories.happen(.reopenWindowPassed, to: &fay, after: 200)
      let gus = try await stories.queued("gus", in: "billing")
      var (source, target) = (gus, try await stories.queued("ivy", in: "billing"))
      let hand = ActingAgent("ada", leads: false)
      let steps = try await [
        desk.step(&source, .merged(into: target.id, by: hand, reason: "r")),
        desk.step(&target, .absorbed(source.id, by: hand, reason: "r")),
      ]
      #expect(try await desk.store.tickets.commit(together: steps))
      var hal = try await stories.queued("hal", in: "billing")
      try await stories.taken(&hal, by: "ada", after: 10)
      try await stories.happen(.replied(desk.fresh(), by: "ada", awaitsCustomer: false), to: &hal, after: 20)
      let again = try #require(
        await desk.store.inbox.accept([desk.message("and now?", from: "hal")], owner: nil)[0].acceptance)
      try await stories.happen(.customerWrote(again.message, .test), to: &hal, after: 30, decides: [again.message])
      try await stories.happen(.resolved(by: "ada"), to: &hal, after: 40)
      let total = try await stories.report(by: .queue).total
      // Gus and Ivy were opened an hour ago and are late by then.
      #expect(total.firstResponsesKept == ReportShare(1, of: 3), "Hal's, of his and the two that are late")
      #expect(total.firstUnanswered == 1, "Fay's")
      #expect(total.nextResponsesKept == ReportShare(0, of: 0) && total.nextUnanswered == 1, "Hal's second one")
      #expect(total.resolutionsKept == ReportShare(2, of: 4), "Fay's and Hal's; Gus's is late and so is Ivy's")
      // Rows of a build without the distinction are evaluated by their timelines.
      try await desk.run(
        """
        UPDATE desk.ticket SET clock_state = clock_state - 'first_ended' - 'next_ended';
        UPDATE desk.closed_ticket SET ticket = jsonb_set(ticket, '{clock_state}', (ticket->'clock_state') - 'first_ended')
         WHERE ticket->'clock_state' ? 'first_ended'
        """)
      let before = try await stories.report(by: .queue).total
      #expect(before == total)
    }
  }

  @Test func aDeskWithoutTicketsHasZeroTotals() async throws {
    let desk = try await TestDesk.shared()
    for grouping in ReportGrouping.allCases {
      let none = try await desk.store.reports.ticketReport(
        by: grouping,
        of: ReportPeriod(
          days: [.init(name: "1970-01-01", start: Instant(microseconds: 0))],
          end: Instant(microseconds: 86_400_000_000),
          zone: "UTC"))
      #expect(none.rows.isEmpty && none.total.tickets == 0 && none.total.messages == 0)
      #expect(none.total.firstAnswer == ReportWait(tickets: 0, medianSeconds: nil, p90Seconds: nil))
      #expect(none.total.resolved.share == nil && none.total.meanRating == nil)
    }
  }
}
