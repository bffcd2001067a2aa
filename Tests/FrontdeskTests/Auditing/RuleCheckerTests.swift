import DeskCore
import Testing

@testable import Administration

/// Constructed timelines, each with at most one violation.
@Suite struct RuleCheckerTests {
  /// Writes timelines as services do: one step per second.
  private struct Scribe {
    var facts: [TimelineFact] = []
    private var versions: [TicketID: Int32] = [:]

    mutating func step(_ ticket: Int, at second: Int, _ entries: (kind: String, actor: String, detail: String)...) {
      let id = Scribe.ticket(ticket)
      let version = (versions[id] ?? 1) + 1
      versions[id] = version
      for (position, entry) in entries.enumerated() {
        facts.append(
          TimelineFact(
            ticket: id, version: version, position: Int16(position), kind: entry.kind, actor: entry.actor,
            at: Instant(seconds: Int64(second)), detail: entry.detail))
      }
    }

    /// The offer made at a second.
    static func offer(_ second: Int) -> OfferID { OfferID(high: 0, low: UInt64(second)) }

    static func ticket(_ number: Int) -> TicketID { TicketID(high: UInt64(number) << 16 | 0x7000, low: 1 << 63) }

    mutating func queue(_ ticket: Int, at second: Int, priority: String = "normal", weight: String = "1") {
      step(
        ticket, at: second,
        (
          "queued", "service:router",
          #"{"queue":"orders","priority":"\#(priority)","language":"en","skills":["shipping:5"],"weight":\#(weight),"opened_at_us":\#(second * 1_000_000)}"#
        ))
    }

    mutating func offer(_ ticket: Int, to agent: String, at second: Int) {
      step(
        ticket, at: second, ("offered", "service:router", #"{"offer":"\#(Scribe.offer(second))","agent":"\#(agent)"}"#))
    }

    mutating func accept(_ ticket: Int, offered: Int, by agent: String, at second: Int) {
      step(ticket, at: second, ("accepted", "agent:\(agent)", #"{"offer":"\#(Scribe.offer(offered))"}"#))
    }

    mutating func serve(_ ticket: Int, by agent: String, from second: Int, to end: Int) {
      offer(ticket, to: agent, at: second)
      accept(ticket, offered: second, by: agent, at: second + 1)
      step(ticket, at: end - 1, ("replied", "agent:\(agent)", #"{"message":"m"}"#))
      step(ticket, at: end, ("resolved", "agent:\(agent)", "{}"))
    }
  }

  private func breaches(of scribe: Scribe, capacity: Int32 = 1) -> [DeskRule] {
    var checker = RuleChecker(capacities: ["ann": capacity, "bob": capacity])
    for fact in scribe.facts.sorted(by: { ($0.ticket, $0.version, $0.position) < ($1.ticket, $1.version, $1.position) })
    {
      checker.take(fact)
    }
    checker.finish()
    #expect(checker.unknownKinds == [])
    return checker.breaches.map(\.rule)
  }

  @Test func aLongValidTimelineBreaksNoRule() {
    var scribe = Scribe()
    scribe.queue(1, at: 10)
    scribe.offer(1, to: "ann", at: 20)
    scribe.step(1, at: 25, ("declined", "agent:ann", #"{"offer":"\#(Scribe.offer(20))","agent":"ann"}"#))
    scribe.offer(1, to: "bob", at: 30)
    scribe.step(1, at: 60, ("offer_timed_out", "service:router", #"{"offer":"\#(Scribe.offer(30))","agent":"bob"}"#))
    scribe.offer(1, to: "ann", at: 70)
    scribe.accept(1, offered: 70, by: "ann", at: 75)
    scribe.step(
      1, at: 80, ("replied", "agent:ann", #"{"message":"m"}"#), ("pending", "agent:ann", "{}"))
    scribe.step(1, at: 90, ("customer_wrote", "customer", #"{"state":"pending"}"#))
    scribe.step(1, at: 95, ("requeued", "service:console", #"{"agent":"ann","reason":"agent_left"}"#))
    scribe.serve(1, by: "bob", from: 100, to: 110)
    scribe.step(
      1, at: 120, ("customer_wrote", "customer", #"{"state":"resolved"}"#),
      ("reopened", "customer", #"{"times":1}"#))
    scribe.serve(1, by: "bob", from: 130, to: 140)
    scribe.step(1, at: 900, ("closed", "service:sla-watcher", "{}"))
    #expect(breaches(of: scribe) == [])
  }

  @Test func aProgressNoticeThatWasSentTwiceIsFound() {
    var scribe = Scribe()
    scribe.queue(1, at: 10)
    func notify(_ event: String, _ occurrence: Int, at second: Int) {
      scribe.step(
        1, at: second,
        ("progress_sent", "service:sla-watcher", #"{"progress":"\#(event)","occurrence":\#(occurrence)}"#))
    }
    notify("received", 1, at: 11)
    notify("assigned", 1, at: 12)
    notify("assigned", 3, at: 13)
    #expect(breaches(of: scribe) == [])
    notify("assigned", 3, at: 14)
    #expect(breaches(of: scribe) == [.life])
  }

  @Test func aMissingStepIsFound() {
    var scribe = Scribe()
    scribe.queue(1, at: 10)
    scribe.offer(1, to: "ann", at: 20)
    scribe.accept(1, offered: 20, by: "ann", at: 21)
    scribe.facts.remove(at: 1)
    #expect(breaches(of: scribe).first == .life)
  }

  @Test func workOnASettledTicketIsFound() {
    var scribe = Scribe()
    scribe.queue(1, at: 10)
    scribe.serve(1, by: "ann", from: 20, to: 30)
    scribe.step(1, at: 40, ("closed", "service:sla-watcher", "{}"))
    scribe.offer(1, to: "bob", at: 50)
    #expect(breaches(of: scribe) == [.life])
  }

  @Test func workByAnotherAgentIsFound() {
    var scribe = Scribe()
    scribe.queue(1, at: 10)
    scribe.offer(1, to: "ann", at: 20)
    scribe.accept(1, offered: 20, by: "bob", at: 21)
    #expect(breaches(of: scribe) == [.hands])
    scribe = Scribe()
    scribe.queue(1, at: 10)
    scribe.offer(1, to: "ann", at: 20)
    scribe.accept(1, offered: 20, by: "ann", at: 21)
    scribe.step(1, at: 22, ("replied", "agent:bob", #"{"message":"m"}"#))
    #expect(breaches(of: scribe) == [.hands])
  }

  @Test func exceedingCapacityIsFoundButHandoversAreNot() {
    var scribe = Scribe()
    scribe.queue(1, at: 10)
    scribe.queue(2, at: 11)
    scribe.serve(1, by: "ann", from: 20, to: 30)
    scribe.serve(2, by: "ann", from: 30, to: 40)
    #expect(breaches(of: scribe) == [])
    scribe = Scribe()
    scribe.queue(1, at: 10)
    scribe.queue(2, at: 11)
    scribe.serve(1, by: "ann", from: 20, to: 30)
    scribe.serve(2, by: "ann", from: 28, to: 40)
    #expect(breaches(of: scribe) == [.capacity])
    #expect(breaches(of: scribe, capacity: 2) == [])
  }

  @Test func workDuringACallIsFoundAtAnyCapacity() {
    for order in [[#""whole""#, "1"], ["1", #""whole""#], [#""whole""#, #""whole""#]] {
      var scribe = Scribe()
      scribe.queue(1, at: 10, weight: order[0])
      scribe.queue(2, at: 11, weight: order[1])
      scribe.serve(1, by: "ann", from: 20, to: 30)
      scribe.serve(2, by: "ann", from: 28, to: 40)
      #expect(breaches(of: scribe, capacity: 9) == [.capacity])
    }
    var scribe = Scribe()
    for ticket in 1...3 { scribe.queue(ticket, at: 10 + ticket, weight: ticket == 2 ? #""whole""# : "1") }
    scribe.serve(1, by: "ann", from: 20, to: 30)
    scribe.serve(2, by: "ann", from: 30, to: 40)
    scribe.serve(3, by: "ann", from: 40, to: 50)
    #expect(breaches(of: scribe, capacity: 1) == [])
  }

  @Test func overtakingASimilarTicketIsFound() {
    var scribe = Scribe()
    scribe.queue(1, at: 10)
    scribe.queue(2, at: 20)
    scribe.serve(2, by: "ann", from: 30, to: 40)
    scribe.serve(1, by: "bob", from: 50, to: 60)
    #expect(breaches(of: scribe) == [.overtaking])
  }

  @Test func anOfferIsCheckedAtItsDecisionTime() {
    func breaches(decidedAt second: Int) -> [DeskRule] {
      var scribe = Scribe()
      scribe.queue(1, at: 10)
      scribe.offer(1, to: "cyn", at: 12)
      scribe.queue(2, at: 20)
      // Ticket 1 waits again between the decision for ticket 2 and the offer.
      scribe.step(1, at: 25, ("declined", "agent:cyn", #"{"offer":"\#(Scribe.offer(12))","agent":"cyn"}"#))
      scribe.step(
        2, at: 30,
        (
          "offered", "service:router",
          #"{"agent":"ann","offer":"\#(Scribe.offer(30))","why":{"agent":"ann","input":{"queue":"q","now_us":\#(second)000000}}}"#
        ))
      scribe.step(2, at: 31, ("accepted", "agent:ann", #"{"offer":"\#(Scribe.offer(30))","agent":"ann"}"#))
      scribe.serve(1, by: "bob", from: 50, to: 60)
      return self.breaches(of: scribe)
    }
    #expect(breaches(decidedAt: 24) == [])
    #expect(breaches(decidedAt: 29) == [.overtaking])
  }

  /// A statement may take seconds: its round recorded when it began, and decided on what was there when the statement was executed.
  @Test func whatChangesWhileARoundReadsIsNotOvertaken() {
    func breaches(escalatedAt second: Int, kind: (String, String, String)) -> [DeskRule] {
      var scribe = Scribe()
      scribe.queue(1, at: 10)
      scribe.queue(2, at: 20)
      scribe.step(
        2, at: 30,
        (
          "offered", "service:router",
          #"{"agent":"ann","offer":"\#(Scribe.offer(30))","why":{"agent":"ann","input":{"queue":"q","now_us":21000000}}}"#
        ))
      scribe.step(2, at: 31, ("accepted", "agent:ann", #"{"offer":"\#(Scribe.offer(30))","agent":"ann"}"#))
      scribe.step(1, at: second, kind)
      return self.breaches(of: scribe)
    }
    let breached = #"{"clock":"first_response","share_percent":100,"due_at_us":25000000}"#
    for kind in [
      ("escalated", "service:sla-watcher", #"{"clock":"first_response","to":["lead"]}"#),
      ("sla_breached", "service:sla-watcher", breached),
    ] {
      #expect(breaches(escalatedAt: 28, kind: kind) == [], "\(kind.0)")
      #expect(breaches(escalatedAt: 32, kind: kind) == [.overtaking], "\(kind.0)")
    }
  }

  @Test func onlyCustomersWhoChangedLanguageMayBeOvertaken() {
    func breaches(writingIn detail: String, passedAt second: Int = 40) -> [DeskRule] {
      var scribe = Scribe()
      scribe.queue(1, at: 10)
      scribe.queue(2, at: 20)
      scribe.step(1, at: 25, ("customer_wrote", "customer", detail))
      scribe.serve(2, by: "ann", from: second, to: second + 10)
      scribe.serve(1, by: "bob", from: 60, to: 70)
      return self.breaches(of: scribe)
    }
    let english = #"{"state":"queued","language":"en"}"#
    #expect(breaches(writingIn: english) == [.overtaking])
    #expect(breaches(writingIn: english, passedAt: 30) == [], "an offer may have been in flight")
    #expect(breaches(writingIn: #"{"state":"queued","language":"zh-Hans"}"#) == [])
    let thanks = #"{"state":"queued","language":"zh-Hans","act":"closing","act_share":0.9}"#
    #expect(breaches(writingIn: thanks) == [.overtaking], "closing words do not change a conversation's language")
    #expect(breaches(writingIn: #"{"state":"queued"}"#) == [], "an older timeline has no language")
  }

  @Test func urgentDeclinedOrLateTicketsAllowOvertaking() {
    var scribe = Scribe()
    scribe.queue(1, at: 10)
    scribe.queue(2, at: 20, priority: "urgent")
    scribe.serve(2, by: "ann", from: 30, to: 40)
    #expect(breaches(of: scribe) == [])

    scribe = Scribe()
    scribe.queue(1, at: 10)
    scribe.offer(1, to: "ann", at: 12)
    scribe.step(1, at: 14, ("declined", "agent:ann", #"{"offer":"\#(Scribe.offer(12))","agent":"ann"}"#))
    scribe.queue(2, at: 20)
    scribe.serve(2, by: "ann", from: 30, to: 40)
    #expect(breaches(of: scribe) == [])

    scribe = Scribe()
    scribe.queue(1, at: 10)
    scribe.queue(2, at: 20)
    scribe.step(
      1, at: 25,
      (
        "sla_breached", "service:sla-watcher",
        #"{"clock":"first_response","share_percent":100,"due_at_us":25000000}"#
      ))
    scribe.serve(2, by: "ann", from: 30, to: 40)
    #expect(breaches(of: scribe) == [])
  }

  @Test func duplicateEarlyOrLateNotificationsAreFound() {
    func notified(_ share: Int, due: Int, clock: String = "first_response") -> (String, String, String) {
      (
        share >= 100 ? "sla_breached" : "sla_warned", "service:sla-watcher",
        #"{"clock":"\#(clock)","share_percent":\#(share),"due_at_us":\#(due * 1_000_000)}"#
      )
    }
    var good = Scribe()
    good.queue(1, at: 10)
    for (second, share) in [(85, 75), (100, 90), (110, 100)] { good.step(1, at: second, notified(share, due: 110)) }
    #expect(breaches(of: good) == [])

    var twice = good
    twice.step(1, at: 120, notified(100, due: 110))
    #expect(breaches(of: twice) == [.promises])

    var early = Scribe()
    early.queue(1, at: 10)
    early.step(1, at: 90, notified(100, due: 110))
    #expect(breaches(of: early) == [.promises])

    var answered = Scribe()
    answered.queue(1, at: 10)
    answered.serve(1, by: "ann", from: 20, to: 30)
    answered.step(1, at: 90, notified(75, due: 110))
    #expect(breaches(of: answered) == [.promises])
  }

  @Test func lateNotificationsAndWrongUnansweredMarksAreFound() {
    let warned = (
      "sla_warned", "service:sla-watcher", #"{"clock":"first_response","share_percent":75,"due_at_us":110000000}"#
    )
    func settled(answered: Bool, _ detail: String) -> Scribe {
      var scribe = Scribe()
      scribe.queue(1, at: 10)
      scribe.offer(1, to: "ann", at: 20)
      scribe.accept(1, offered: 20, by: "ann", at: 21)
      if answered { scribe.step(1, at: 25, ("replied", "agent:ann", #"{"message":"m"}"#)) }
      scribe.step(1, at: 30, ("resolved", "agent:ann", detail))
      return scribe
    }
    let unanswered = #"{"unanswered":["first_response"]}"#
    var quiet = settled(answered: false, unanswered)
    #expect(breaches(of: quiet) == [])
    var late = quiet
    late.step(1, at: 85, warned)
    #expect(breaches(of: late) == [.promises], "an ended clock notifies nothing")
    quiet.step(
      1, at: 40, ("customer_wrote", "customer", #"{"state":"resolved"}"#), ("reopened", "customer", #"{"times":1}"#))
    quiet.step(1, at: 95, warned)
    #expect(breaches(of: quiet) == [], "the first response is still pending")
    #expect(breaches(of: settled(answered: true, unanswered)) == [.promises])
    #expect(breaches(of: settled(answered: false, #"{"unanswered":["resolution"]}"#)) == [.promises])
  }

  @Test func anOfferBeforeThePauseEndsIsFound() {
    func declined(again second: Int, _ more: (inout Scribe) -> Void = { _ in }) -> Scribe {
      var scribe = Scribe()
      scribe.queue(1, at: 10)
      scribe.offer(1, to: "ann", at: 20)
      scribe.step(
        1, at: 21,
        ("declined", "agent:ann", #"{"offer":"\#(Scribe.offer(20))","agent":"ann","times":1,"not_before_us":26000000}"#)
      )
      more(&scribe)
      scribe.offer(1, to: "ann", at: second)
      return scribe
    }
    #expect(breaches(of: declined(again: 26)) == [])
    #expect(breaches(of: declined(again: 23)) == [.pauses])
    let moved = declined(again: 23) { scribe in
      scribe.step(1, at: 22, ("transferred", "agent:eve", #"{"to_queue":"orders","reason":"r"}"#))
    }
    #expect(breaches(of: moved) == [], "a person moved it")
  }

  @Test func aTicketPausedForAnAgentIsNotOvertaken() {
    var scribe = Scribe()
    scribe.queue(1, at: 10)
    scribe.offer(1, to: "ann", at: 12)
    scribe.step(
      1, at: 14,
      (
        "offer_withdrawn", "service:router",
        #"{"offer":"\#(Scribe.offer(12))","agent":"ann","times":1,"not_before_us":60000000}"#
      ))
    scribe.queue(2, at: 20)
    scribe.serve(2, by: "ann", from: 30, to: 40)
    #expect(breaches(of: scribe) == [])
  }

  /// Entries from before schema 95 have another key.
  @Test(arguments: ["reply_due_since_us", "reply_owed_since_us"])
  func aMergedTicketsPendingReplyReactivatesTheTarget(key: String) {
    var scribe = Scribe()
    scribe.queue(1, at: 10)
    scribe.offer(1, to: "ann", at: 20)
    scribe.accept(1, offered: 20, by: "ann", at: 21)
    scribe.step(1, at: 25, ("replied", "agent:ann", #"{"message":"m"}"#), ("pending", "agent:ann", "{}"))
    scribe.step(1, at: 30, ("absorbed", "agent:ann", #"{"ticket":"t","reason":"r","\#(key)":30000000}"#))
    scribe.step(1, at: 35, ("pending", "agent:ann", "{}"))
    #expect(breaches(of: scribe) == [], "only a ticket being worked on can become pending again")
  }

  @Test(arguments: ["feedback_received", "judged"])
  func feedbackIsKnownByItsNameOfBeforeSchema95(kind: String) {
    var scribe = Scribe()
    scribe.queue(1, at: 10)
    scribe.step(1, at: 20, (kind, "customer", #"{"solved":true}"#))
    #expect(breaches(of: scribe) != [], "a ticket that waits has no answer to give feedback on")
    var checker = RuleChecker(capacities: [:])
    checker.take(
      TimelineFact(
        ticket: Scribe.ticket(1), version: 2, position: 0, kind: kind, actor: "customer", at: Instant(seconds: 1),
        detail: "{}"))
    checker.finish()
    #expect(checker.unknownKinds == [])
  }

  @Test func unknownKindsAreNamedAndNotChecked() {
    var checker = RuleChecker(capacities: [:])
    checker.take(
      TimelineFact(
        ticket: Scribe.ticket(1), version: 2, position: 0, kind: "sang", actor: "customer", at: Instant(seconds: 1),
        detail: "{}"))
    checker.finish()
    #expect(checker.unknownKinds == ["sang"])
    #expect(checker.breaches == [])
  }
}
