import Testing

@testable import DeskCore

/// Call-backs as part of a ticket: who may change them, what its other steps mean for them, and what is written and sent.
@Suite("A ticket's call-back")
struct TicketCallBackTests {
  /// Eve leads the team of the queue `shipping`; the desk is open from 09:00 to 17:00 in a zone that is an hour ahead of UTC.
  private static let policy: Policy = {
    var policy = Policy.sample
    policy.teams = ["orders": Team(id: "orders", lead: "eve")]
    let zone = ZoneOffsets(name: "Test/Zone", initialOffsetSeconds: 3_600, transitions: [])
    policy.calendars = [
      "office": BusinessCalendar(zone: zone, week: Array(repeating: [540..<1_020], count: 7), exceptions: [:])
    ]
    policy.life.callBacks = CallBackPolicy(within: .seconds(2 * 3_600), warnBefore: .seconds(600), calendar: "office")
    return policy
  }()

  private func take(_ ticket: inout Ticket, _ event: TicketEvent, at second: Int64) throws -> [TicketEffect] {
    try ticket.handle(event, now: .at(second), under: Self.policy)
  }

  private func promise(due second: Int64 = 3_600, owner: AgentID = "ann", by hand: ActingAgent = .ann) -> TicketEvent {
    .callBackChanged(.promise(dueAt: .at(second), owner: owner), by: hand, reason: nil)
  }

  private func body(of kind: NoticeKind, among effects: [TicketEffect]) -> JSONValue? {
    for case .notify(kind, let body) in effects { return body }
    return nil
  }

  @Test func itIsPromisedWarnedOfAndBroken() throws {
    var ticket = try Ticket.example(in: .assigned)
    let promised = try take(&ticket, promise(), at: 100)
    #expect(promised.outline == ["record call_back_promised by agent:ann", "notify callback.promised"])
    let sent = try #require(body(of: .callBackPromised, among: promised))
    // The customer writes Chinese; 10:00 UTC is 11:00 there.
    #expect(sent["text"]?.text == "我们会在 2026-03-02 11:00 (Test/Zone) 前给您回电。")
    #expect(sent["customer"]?.text == "c-1" && sent["call_back"]?["number"]?.integer == 1)
    #expect(ticket.callBack?.nextCheckAt == .at(3_000))
    #expect(throws: TicketRefusal.changesNothing) { try take(&ticket, .callBackDue, at: 2_999) }
    #expect(
      try take(&ticket, .callBackDue, at: 3_000).outline == [
        "record call_back_warned by service:sla-watcher", "notify callback.warned",
      ])
    #expect(throws: TicketRefusal.changesNothing) { try take(&ticket, .callBackDue, at: 3_001) }
    let broken = try take(&ticket, .callBackDue, at: 3_600)
    #expect(broken.outline == ["record call_back_broken by service:sla-watcher", "notify callback.broken"])
    #expect(broken.detail(of: .callBackBroken)?.contains(#""leads":["eve"]"#) == true)
    #expect(throws: TicketRefusal.changesNothing) { try take(&ticket, .callBackDue, at: 9_999) }
    let done = try take(
      &ticket, .callBackChanged(.finish(isDone: true), by: .ann, reason: "reached her"), at: 4_000)
    #expect(done.outline == ["record call_back_ended by agent:ann", "notify callback.ended"])
    #expect(ticket.callBack?.state == .broken)
    // The next one has the next number.
    _ = try take(&ticket, promise(due: 9_000), at: 4_100)
    #expect(ticket.callBack?.number == 2 && ticket.callBack?.state == .open)
  }

  @Test func theCustomerIsInformedOfAnotherTimeButNotOfAnotherOwner() throws {
    var ticket = try Ticket.example(in: .assigned)
    _ = try take(&ticket, promise(), at: 100)
    let handedOver = try take(
      &ticket, .callBackChanged(.move(dueAt: nil, owner: "bob"), by: .ann, reason: "off"), at: 200)
    #expect(handedOver.outline == ["record call_back_moved by agent:ann"])
    #expect(handedOver.detail(of: .callBackMoved)?.contains(#""former_owner":"ann""#) == true)
    // Bob owns the call-back though he does not have the ticket.
    let moved = try take(
      &ticket, .callBackChanged(.move(dueAt: .at(7_200), owner: nil), by: .bob, reason: nil), at: 300)
    #expect(moved.outline == ["record call_back_moved by agent:bob", "notify callback.moved"])
    #expect(ticket.callBack?.moves == 1)
    #expect(throws: TicketRefusal.changesNothing) {
      try take(&ticket, .callBackChanged(.move(dueAt: .at(7_200), owner: "bob"), by: .bob, reason: nil), at: 400)
    }
  }

  @Test func othersMayNotChangeIt() throws {
    var ticket = try Ticket.example(in: .assigned)
    #expect(throws: TicketRefusal.notYours(owner: "ann")) { try take(&ticket, promise(by: .bob), at: 100) }
    _ = try take(&ticket, promise(by: .eve), at: 100)
    #expect(throws: TicketRefusal.changesNothing) { try take(&ticket, promise(), at: 110) }
    for change: CallBackChange in [.move(dueAt: .at(9_999), owner: nil), .finish(isDone: true)] {
      #expect(throws: TicketRefusal.notYours(owner: "ann")) {
        try take(&ticket, .callBackChanged(change, by: .bob, reason: nil), at: 120)
      }
    }
    let settled = try Ticket.example(in: .resolved)
    #expect(throws: TicketRefusal.self) { try settled.nextPhase(after: promise(), now: .at(500)) }
  }

  @Test func aSettledTicketNeedsNone() throws {
    var resolved = try Ticket.example(in: .assigned)
    _ = try take(&resolved, promise(), at: 100)
    #expect(try take(&resolved, .resolved(by: "ann"), at: 200).outline.contains("record call_back_ended by agent:ann"))
    #expect(resolved.callBack?.state == .withdrawn)
    var late = try Ticket.example(in: .assigned)
    _ = try take(&late, promise(), at: 100)
    _ = try take(&late, .resolved(by: "ann"), at: 3_700)
    #expect(late.callBack?.state == .broken, "settling it after the due time does not keep the promise")
    // A reply does not keep what a person promised.
    var replied = try Ticket.example(in: .assigned)
    _ = try take(&replied, promise(), at: 100)
    _ = try take(&replied, .replied(.number(9), by: "ann", awaitsCustomer: true), at: 200)
    #expect(replied.callBack?.state == .open)
  }

  @Test func aMergeTakesItAlong() throws {
    var source = try Ticket.example(in: .assigned)
    _ = try take(&source, promise(), at: 100)
    var target = Ticket(id: .number(2), channel: "web", customer: "c-1", tier: .standard, openedAt: .morning)
    _ = try take(&target, .routed(Self.policy.decision()), at: 1)
    let absorbed = try take(
      &target, .absorbed(source.id, by: .ann, reason: "same", callBack: source.callBack), at: 200)
    #expect(absorbed.outline.contains("record call_back_promised by agent:ann"))
    #expect(!absorbed.outline.contains("notify callback.promised"), "the customer knows it already")
    #expect(target.callBack?.dueAt == .at(3_600) && target.callBack?.owner == "ann")
    _ = try take(&source, .merged(into: target.id, by: .ann, reason: "same"), at: 200)
    #expect(source.callBack?.state == .withdrawn)
  }

  @Test func anOverloadPromisesOneAndTheNextReplyKeepsIt() throws {
    var facts = RoutingFacts(channel: "web", tier: .standard, labels: .sample(), text: "", openedAt: .morning)
    facts.fullQueues = ["shipping"]
    let decision = Self.policy.decide(facts)
    #expect(decision.promisesCallback)
    var ticket = Ticket.fresh()
    let routed = try take(&ticket, .routed(decision), at: 60)
    #expect(
      routed.outline == [
        "record queued by service:router", "notify ticket.queued", "record call_back_promised by service:router",
        "notify callback.promised", "wake shipping",
      ])
    // 09:01 UTC is 10:01 there; two hours later the office is still open.
    #expect(ticket.callBack?.dueAt == .at(60 + 7_200) && ticket.callBack?.owner == nil)
    _ = try take(&ticket, .offered(.to("ann")), at: 100)
    #expect(
      try take(&ticket, .accepted(.number(1), by: "ann"), at: 110).outline.last == "record call_back_moved by agent:ann"
    )
    #expect(ticket.callBack?.owner == "ann")
    let replied = try take(&ticket, .replied(.number(9), by: "ann", awaitsCustomer: true), at: 200)
    #expect(replied.outline.contains("record call_back_ended by agent:ann"))
    #expect(ticket.callBack?.state == .kept)
  }

  @Test func anOverloadsPromiseCountsOpenHoursOnly() {
    // 16:00 there, an hour before the end; 09:00 the next day is open time again.
    let evening = Instant.at(6 * 3_600)
    #expect(Self.policy.callBackDue(from: evening) == evening + .seconds(3_600 + 16 * 3_600 + 3_600))
  }
}
