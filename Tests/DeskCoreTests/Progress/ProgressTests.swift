import Testing

@testable import DeskCore

/// Progress notices as transcripts: what happens to a ticket, and what its customer is notified of.
@Suite("Customers are notified of the progress of their tickets")
struct ProgressTests {
  private static func notices(after: Duration = .zero) throws -> [ProgressEvent: ProgressPolicy.Notice] {
    var notices: [ProgressEvent: ProgressPolicy.Notice] = [:]
    for event in ProgressEvent.allCases {
      notices[event] = ProgressPolicy.Notice(
        after: after, texts: ["en": try ProgressTemplate("\(event.rawValue)", for: event)])
    }
    return notices
  }

  /// A ticket, and whoever sends its notices.
  private struct Desk {
    var policy = Policy.sample
    var ticket = Ticket.fresh()
    private var messages: UInt64 = 100

    init(_ change: (inout ProgressPolicy) throws -> Void = { _ in }) throws {
      policy.life.progress = ProgressPolicy(channels: ["web"], notices: try ProgressTests.notices())
      try change(&policy.life.progress)
    }

    @discardableResult
    mutating func take(_ event: TicketEvent, at moment: Instant) throws -> [TicketEffect] {
      try ticket.handle(event, now: moment, under: policy)
    }

    @discardableResult
    mutating func take(_ event: TicketEvent, at second: Int64) throws -> [TicketEffect] {
      try take(event, at: .at(second))
    }

    /// Sends what is due.
    /// - Returns: the notices, such as `assigned 1`.
    mutating func send(at moment: Instant) throws -> [String] {
      guard ticket.progressDecision(at: moment, under: policy) != .nothing else { return [] }
      messages += 1
      let former = ticket
      let effects = try take(.progressDue(.number(messages), language: "en"), at: moment)
      // Nothing but the notices and the version changes.
      var same = ticket
      same.progress = former.progress
      same.version = former.version
      #expect(same == former)
      return effects.compactMap { effect in
        guard case .record(let entry) = effect, case .progressSent(let sent) = entry.event else { return nil }
        return "\(sent.progress?.rawValue ?? "?") \(sent.occurrence ?? 0)"
      }
    }

    mutating func send(at second: Int64) throws -> [String] { try send(at: .at(second)) }

    mutating func offer(to agent: AgentID = "ann", at second: Int64) throws {
      try take(.offered(.to(agent, number: UInt64(second), at: second)), at: second)
    }

    mutating func accept(by agent: AgentID = "ann", at second: Int64) throws {
      try offer(to: agent, at: second)
      try take(.accepted(.number(UInt64(second)), by: agent), at: second)
    }
  }

  @Test func eachStateIsNotifiedOfOnceInItsTurn() throws {
    var desk = try Desk()
    try desk.take(.routed(Policy.sample.decision()), at: 1)
    #expect(try desk.send(at: 1) == ["received 1"])
    #expect(try desk.send(at: 2) == [])
    try desk.accept(at: 10)
    #expect(try desk.send(at: 10) == ["assigned 1"])
    try desk.take(.replied(.number(9), by: "ann", awaitsCustomer: true), at: 20)
    #expect(try desk.send(at: 20) == ["waiting 1"])
    try desk.take(.customerWrote(.number(5), .sample()), at: 30)
    #expect(try desk.send(at: 30) == [], "the same agent has it again")
    try desk.take(.replied(.number(9), by: "ann", awaitsCustomer: true), at: 40)
    #expect(try desk.send(at: 40) == ["waiting 2"])
    try desk.take(.resolved(by: "ann"), at: 50)
    #expect(try desk.send(at: 50) == ["solved 1"])
    try desk.take(.customerWrote(.number(6), .sample()), at: 60)
    #expect(try desk.send(at: 60) == ["reopened 1"])
    try desk.accept(at: 70)
    #expect(try desk.send(at: 70) == ["assigned 2"], "after a reopening the same agent is news")
    #expect(try desk.send(at: 100_000) == [])
  }

  @Test func aNoticeIsAnOrderedTextForTheCustomer() throws {
    var desk = try Desk()
    try desk.take(.routed(Policy.sample.decision()), at: 1)
    let effects = try desk.take(.progressDue(.number(7), language: "en"), at: 1)
    #expect(effects.outline == ["record progress_sent by service:sla-watcher", "notify message.replied"])
    guard case .notify(_, let body) = effects[1] else { return }
    #expect(body["progress"]?.text == "received" && body["occurrence"]?.integer == 1)
    #expect(body["message"]?.text == MessageID.number(7).description && body["customer"]?.text == "c-1")
  }

  @Test func clocksAndTheReplyDueAreUntouched() throws {
    var desk = try Desk()
    try desk.take(.routed(Policy.sample.decision()), at: 1)
    try desk.accept(at: 10)
    let clocks = desk.ticket.clocks
    #expect(try desk.send(at: 10) == ["assigned 1"])
    #expect(desk.ticket.clocks == clocks && desk.ticket.clocks.firstResponse.metAt == nil)
    #expect(desk.ticket.replyDueSince == .at(10))
  }

  @Test func whatIsOvertakenIsNotSent() throws {
    var desk = try Desk { $0.interval = .seconds(600) }
    try desk.take(.routed(Policy.sample.decision()), at: 1)
    #expect(try desk.send(at: 1) == ["received 1"])
    try desk.accept(at: 10)
    #expect(try desk.send(at: 10) == [], "not more often than every ten minutes")
    try desk.take(.replied(.number(9), by: "ann", awaitsCustomer: true), at: 20)
    try desk.take(.resolved(by: "ann"), at: 30)
    #expect(try desk.send(at: 600) == [])
    #expect(try desk.send(at: 601) == ["solved 1"], "the newest state wins")
    #expect(try desk.send(at: 9_999) == [])
  }

  @Test func aReplySaysMoreThanTheNotice() throws {
    var desk = try Desk { $0.notices = $0.notices.filter { $0.key != .waiting } }
    try desk.take(.routed(Policy.sample.decision()), at: 1)
    try desk.accept(at: 10)
    try desk.take(.replied(.number(9), by: "ann", awaitsCustomer: false), at: 11)
    #expect(try desk.send(at: 20) == [])
  }

  @Test func aStateThatDoesNotLastIsNotSent() throws {
    var desk = try Desk { $0.notices = try ProgressTests.notices(after: .seconds(60)) }
    try desk.take(.routed(Policy.sample.decision()), at: 1)
    #expect(try desk.send(at: 60) == [])
    try desk.offer(at: 60)
    #expect(try desk.send(at: 61) == ["received 1"], "an offer is no news for the customer")
    try desk.take(.accepted(.number(60), by: "ann"), at: 70)
    try desk.take(.agentLeft("ann"), at: 80)
    #expect(try desk.send(at: 500) == [])
    try desk.accept(by: "bob", at: 510)
    #expect(try desk.send(at: 570) == ["assigned 2"])
  }

  @Test func anArticlesAnswerIsNotFollowedByReceived() throws {
    var desk = try Desk()
    try desk.take(.answered(Policy.sample.decision(), "where-is-my-parcel", .number(8)), at: 1)
    #expect(try desk.send(at: 100) == [])
    try desk.take(.feedbackReceived(.sample(solved: false)), at: 200)
    #expect(try desk.send(at: 200) == ["reopened 1"])
    var content = try Desk()
    try content.take(.answered(Policy.sample.decision(), "where-is-my-parcel", .number(8)), at: 1)
    try content.take(.feedbackReceived(.sample()), at: 200)
    #expect(content.ticket.state == .resolved)
    #expect(try content.send(at: 300) == [], "the customer has said so")
  }

  @Test func aGreetingIsReceivedWithItsConcern() throws {
    var desk = try Desk()
    var greeting = Policy.sample.decision(.sample(category: "greeting"))
    greeting.greeting = .init(share: 0.9, wait: .seconds(60), reply: .number(8))
    try desk.take(.routed(greeting), at: 1)
    #expect(try desk.send(at: 5) == [])
    try desk.take(.customerWrote(.number(5), .sample()), at: 10)
    #expect(try desk.send(at: 10) == ["received 1"])
    try desk.take(.customerWrote(.number(6), .sample()), at: 20)
    #expect(try desk.send(at: 20) == [])
  }

  @Test func aConfirmedTicketIsNotCalledSolved() throws {
    var desk = try Desk { $0.notices = try ProgressTests.notices(after: .seconds(60)) }
    try desk.take(.routed(Policy.sample.decision()), at: 1)
    try desk.accept(at: 10)
    try desk.take(.resolved(by: "ann"), at: 20)
    try desk.take(.feedbackReceived(.sample()), at: 30)
    #expect(try desk.send(at: 500) == [])
  }

  @Test func otherChannelsAndStatesAreSilentAndCostNothing() throws {
    var other = try Desk { $0.channels = ["app"] }
    try other.take(.routed(Policy.sample.decision()), at: 1)
    #expect(other.ticket.progress == ProgressState())
    var off = try Desk { $0.notices = [:] }
    try off.take(.routed(Policy.sample.decision()), at: 1)
    try off.accept(at: 10)
    #expect(off.ticket.progress == ProgressState())
  }

  @Test func aPolicyThatNoLongerAsksForItDropsIt() throws {
    var desk = try Desk()
    try desk.take(.routed(Policy.sample.decision()), at: 1)
    desk.policy.life.progress.notices[.received] = nil
    #expect(desk.ticket.progressDecision(at: .at(2), under: desk.policy) == .drop)
    #expect(try desk.send(at: 2) == [])
    #expect(desk.ticket.progress.pending == nil)
  }

  @Test func anErasedCustomerIsNotNotified() throws {
    var desk = try Desk()
    desk.ticket = Ticket(
      id: .number(1), channel: "web", customer: "erased:\(TicketID.number(1))", tier: .standard, openedAt: .morning)
    try desk.take(.routed(Policy.sample.decision()), at: 1)
    #expect(desk.ticket.progressDecision(at: .at(2), under: desk.policy) == .drop)
  }

  @Test func aWatcherThatDoesNotKnowTheNewestPolicyWaits() throws {
    var desk = try Desk()
    try desk.take(.routed(Policy.sample.decision()), at: 1)
    var former = Policy.sample
    former.version -= 1
    #expect(desk.ticket.progressDecision(at: .at(2), under: former) == .nothing)
  }

  // MARK: Quiet hours

  /// From 22:00 to 08:00 in Berlin.
  private static let night = QuietHours(zone: BusinessCalendarTests.berlin, from: 1_320, to: 480)

  private static func moment(_ month: Int, _ day: Int, _ hour: Int, _ minute: Int = 0) -> Instant {
    BusinessCalendarTests.moment(2026, month, day, hour, minute)
  }

  @Test func quietHoursPassMidnightAndFollowTheLocalClock() {
    let night = Self.night
    // Winter: UTC+1.
    #expect(night.end(during: Self.moment(1, 10, 20, 59)) == nil)
    #expect(night.end(during: Self.moment(1, 10, 21)) == Self.moment(1, 11, 7))
    #expect(night.end(during: Self.moment(1, 11, 6, 59)) == Self.moment(1, 11, 7))
    #expect(night.end(during: Self.moment(1, 11, 7)) == nil)
    // The night into summer is an hour shorter, the one out of it an hour longer.
    #expect(night.end(during: Self.moment(3, 28, 21)) == Self.moment(3, 29, 6))
    #expect(night.end(during: Self.moment(3, 29, 6)) == nil)
    #expect(night.end(during: Self.moment(10, 24, 20)) == Self.moment(10, 25, 7))
    #expect(night.end(during: Self.moment(10, 25, 6, 30)) == Self.moment(10, 25, 7))
  }

  @Test func quietHoursOfTheAfternoonStayOnTheirDay() {
    let rest = QuietHours(zone: BusinessCalendarTests.shanghai, from: 720, to: 840)
    #expect(rest.end(during: Self.moment(1, 10, 4)) == Self.moment(1, 10, 6))
    #expect(rest.end(during: Self.moment(1, 10, 6)) == nil)
    #expect(rest.end(during: Self.moment(1, 10, 3, 59)) == nil)
    let evening = QuietHours(zone: .utc, from: 1_320, to: 1_440)
    #expect(evening.end(during: Self.moment(1, 10, 23)) == Self.moment(1, 11, 0))
    #expect(evening.end(during: Self.moment(1, 11, 0)) == nil)
  }

  /// The end of the hour that a clock change repeats, or skips, lies at the change.
  @Test func aBoundaryInTheChangedHourIsFound() {
    let early = QuietHours(zone: BusinessCalendarTests.berlin, from: 1_320, to: 150)
    #expect(early.end(during: Self.moment(3, 28, 22)) == Self.moment(3, 29, 1))
    #expect(early.end(during: Self.moment(10, 24, 22)) == Self.moment(10, 25, 0, 30))
  }

  @Test func whatFallsIntoTheNightIsSentInTheMorningUnlessOvertaken() throws {
    let evening = Self.moment(10, 24, 21)
    let morning = Self.moment(10, 25, 7)
    var desk = try Desk { $0.quietHours = Self.night }
    desk.ticket = Ticket(id: .number(1), channel: "web", customer: "c-1", tier: .standard, openedAt: evening)
    try desk.take(.routed(Policy.sample.decision()), at: evening)
    var taken = desk
    #expect(try desk.send(at: morning - .seconds(1)) == [])
    #expect(try desk.send(at: morning) == ["received 1"])
    let offer = Offer(id: .number(2), agent: "ann", offeredAt: evening, expiresAt: morning)
    try taken.take(.offered(offer), at: evening + .seconds(10))
    try taken.take(.accepted(.number(2), by: "ann"), at: evening + .seconds(20))
    #expect(try taken.send(at: morning) == ["assigned 1"])
  }

  @Test func aNoticeThatIsLateWaitsForTheEndOfQuietHours() throws {
    let due = Self.moment(1, 10, 20, 59)
    var desk = try Desk { $0.quietHours = Self.night }
    desk.ticket = Ticket(id: .number(1), channel: "web", customer: "c-1", tier: .standard, openedAt: due)
    try desk.take(.routed(Policy.sample.decision()), at: due)
    #expect(try desk.send(at: Self.moment(1, 10, 22)) == [])
    #expect(desk.ticket.progress.pending?.due == Self.moment(1, 11, 7))
    #expect(try desk.send(at: Self.moment(1, 11, 7)) == ["received 1"])
  }
}
