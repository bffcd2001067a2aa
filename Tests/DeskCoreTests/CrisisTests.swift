import Testing

@testable import DeskCore

/// Crisis cases as transcripts: what happens to a case, and what it leads to.
@Suite("A crisis is one case over many tickets")
struct CrisisTests {
  private static let policy: Policy = {
    var policy = Policy.sample
    policy.life.crisis = CrisisPolicy(
      owner: "ann", hotKinds: 2, surge: HotIssueRule(least: 50, times: 3), anger: .init(least: 5, share: 0.5),
      topics: [.init(name: "recall", words: ["召回", "recall"], least: 3)], checklist: ["Inform legal", "Call back"],
      answers: [
        .init(name: "vip", condition: .oneOf(.tier, ["vip"]), texts: ["en": "Dear member"]),
        .init(name: "recall", texts: ["en": "We are checking", "zh": "正在核实"]),
      ])
    return policy
  }()

  private static func opened(_ cause: CrisisCause = .words("recall"), kinds: [String] = []) -> CrisisCase {
    CrisisCase(
      id: .number(1), cause: cause, evidence: CrisisEvidence(tickets: 3, kinds: kinds, firstSeen: .at(1)),
      by: .service("sla-watcher"), under: policy.life.crisis, now: .at(10))
  }

  private static let lead = TimelineEntry.Actor.agent("eve")

  // MARK: Causes

  @Test func everyCauseHasOneName() {
    let causes: [CrisisCause] = [.hotKinds, .surge, .anger, .words("recall"), .byHand("flood: north")]
    #expect(causes.map(\.text) == ["hot_kinds", "surge", "anger", "words:recall", "hand:flood: north"])
    #expect(causes.map { CrisisCause($0.text) } == causes)
    #expect(CrisisCause("storm") == nil && CrisisCause("storm:x") == nil)
  }

  @Test func signsBelowTheThresholdsOpenNothing() {
    let rules = Self.policy.life.crisis
    let calm = CrisisSignals(
      hotKinds: ["payment"], tickets: 49, angry: 4, expectation: .init(mean: 1, deviation: 1), windowStart: .at(0),
      topics: ["recall": .init(tickets: 2, firstSeen: .at(1), examples: [])])
    #expect(rules.causes(in: calm).isEmpty)
    #expect(CrisisPolicy().causes(in: calm).isEmpty, "a policy without settings opens nothing")
  }

  @Test func everySignOpensACaseOfItsCause() {
    let signals = CrisisSignals(
      hotKinds: ["refund", "payment"], tickets: 60, angry: 30, expectation: .init(mean: 10, deviation: 3),
      windowStart: .at(0), examples: [.number(9)],
      topics: ["recall": .init(tickets: 3, firstSeen: .at(5), examples: [.number(7)])])
    let found = Self.policy.life.crisis.causes(in: signals)
    #expect(found.map(\.cause) == [.words("recall"), .hotKinds, .surge, .anger])
    #expect(found[0].evidence == CrisisEvidence(tickets: 3, firstSeen: .at(5), examples: [.number(7)]))
    #expect(found[1].evidence.kinds == ["payment", "refund"])
    #expect(found[2].evidence.expected == 10 && found[3].evidence.angry == 30)
  }

  @Test func aSurgeNeedsHistoryAndAngerItsShare() {
    var signals = CrisisSignals(tickets: 500, angry: 100, windowStart: .at(0))
    #expect(Self.policy.life.crisis.causes(in: signals).isEmpty)
    signals.angry = 250
    #expect(Self.policy.life.crisis.causes(in: signals).map(\.cause) == [.anger])
  }

  @Test func topicsAreFoundInBothLanguages() {
    let rules = Self.policy.life.crisis
    #expect(rules.topics(in: FoldedText("Is there a RECALL of this kettle?")) == ["recall"])
    #expect(rules.topics(in: FoldedText("这个产品要召回吗")) == ["recall"])
    #expect(rules.topics(in: FoldedText("I recalled my order number")) == [], "a part of another word")
  }

  // MARK: The case

  @Test func aCaseFromItsOpeningToItsEnd() throws {
    var crisis = Self.opened()
    #expect(crisis.owner == "ann" && crisis.checklist.map(\.text) == ["Inform legal", "Call back"])
    func take(_ event: CrisisEvent, at second: Int64) throws -> [NoticeKind] {
      try crisis.handle(event, now: .at(second), under: Self.policy)
    }
    #expect(try take(.checked(1, isDone: true, by: Self.lead), at: 20) == [])
    #expect(crisis.checklist[1].done == .init(by: Self.lead, at: .at(20)) && crisis.version == 2)
    // Ticked again by someone else: the first mark stays.
    #expect(try take(.checked(1, isDone: true, by: .agent("bob")), at: 30) == [])
    #expect(crisis.checklist[1].done?.by == Self.lead && crisis.version == 2)
    #expect(try take(.answerSwitched("recall", on: true, by: Self.lead), at: 40) == [.crisisChanged])
    #expect(crisis.answersOn == ["recall"])
    #expect(try take(.answerSwitched("recall", on: true, by: Self.lead), at: 41) == [])
    #expect(try take(.ownerChanged("ann", by: Self.lead), at: 42) == [], "she owns it already")
    let figures = CrisisFigures(
      tickets: 40, angry: 4, answered: 12, queues: ["shipping": 40], peak: .init(at: .at(0), tickets: 20))
    #expect(try take(.ended(reason: "false alarm", by: Self.lead, figures), at: 50) == [.crisisEnded])
    #expect(crisis.answersOn == [] && crisis.version == 4)
    let summary = crisis.summary()
    #expect(summary["state"]?.text == "ended" && summary["end_reason"]?.text == "false alarm")
    #expect(summary["figures"]?["tickets"]?.integer == 40 && summary["figures"]?["peak_tickets"]?.integer == 20)
    #expect(summary["figures"]?["queues"]?["shipping"]?.integer == 40)
    #expect(throws: CrisisRefusal.hasEnded) { try take(.checked(0, isDone: true, by: Self.lead), at: 60) }
  }

  @Test func whatDoesNotExistIsRefused() {
    var crisis = Self.opened()
    for (event, refusal) in [
      (.checked(2, isDone: true, by: Self.lead), .noSuchItem), (.checked(-1, isDone: true, by: Self.lead), .noSuchItem),
      (.answerSwitched("flood", on: true, by: Self.lead), .noSuchAnswer),
      (.answerSwitched("flood", on: false, by: Self.lead), .noSuchAnswer),
      (.ownerChanged("zoe", by: Self.lead), .noSuchAgent),
    ] as [(CrisisEvent, CrisisRefusal)] {
      #expect(throws: refusal) { try crisis.handle(event, now: .at(20), under: Self.policy) }
    }
    #expect(crisis == Self.opened(), "refusals change nothing")
  }

  @Test func anAnswerThatThePolicyLostCanBeSwitchedOff() throws {
    var crisis = Self.opened()
    _ = try crisis.handle(.answerSwitched("recall", on: true, by: Self.lead), now: .at(20), under: Self.policy)
    var poorer = Self.policy
    poorer.life.crisis.answers = []
    _ = try crisis.handle(.answerSwitched("recall", on: false, by: Self.lead), now: .at(30), under: poorer)
    #expect(crisis.answersOn == [])
    #expect(throws: CrisisRefusal.noSuchAnswer) {
      try crisis.handle(.answerSwitched("recall", on: true, by: Self.lead), now: .at(40), under: poorer)
    }
  }

  // MARK: Answers

  private static func match(
    _ text: String, _ cause: CrisisCause, kinds: [String] = [], answers: [String] = ["recall"],
    labels: Labels = .sample(), tier: CustomerTier = .standard, on ticket: Ticket = .fresh()
  ) -> String? {
    let facts = RoutingFacts(channel: "web", tier: tier, labels: labels, text: text, openedAt: .at(0))
    let crisis = AnsweringCrisis(id: .number(1), cause: cause, kinds: kinds, answers: answers)
    let act = policy.life.conversation.read(FoldedText(text), labels: labels).act
    return policy.crisisAnswer(to: facts, act, on: ticket, among: [crisis]).map {
      "\($0.answer.name) by \($0.match.rawValue)"
    }
  }

  @Test func onlyMessagesThatTheCaseIsAboutGetItsAnswer() {
    #expect(Self.match("Is there a recall?", .words("recall")) == "recall by words")
    #expect(Self.match("Where is my parcel?", .words("recall")) == nil)
    #expect(Self.match("Is there a recall?", .words("forgotten topic")) == nil)
    let refund = Labels.sample(category: "refund")
    #expect(Self.match("My money, please", .hotKinds, kinds: ["refund"], labels: refund) == "recall by category")
    #expect(Self.match("My money, please", .hotKinds, kinds: ["payment"], labels: refund) == nil)
    let unsure = Labels.sample(category: "refund", confidence: 0.01)
    #expect(Self.match("My money, please", .hotKinds, kinds: ["refund"], labels: unsure) == nil, "a guess")
    #expect(Self.match("My money, please", .byHand("flood")) == "recall by every")
    #expect(Self.match("Thanks, all good", .byHand("flood")) == nil, "who thanks does not ask")
    #expect(Self.match("My money, please", .surge, answers: ["vip"]) == nil)
    #expect(Self.match("My money, please", .surge, answers: ["vip"], tier: .vip) == "vip by condition")
  }

  private static let reply = CrisisReply(
    crisis: .number(1), cause: .words("recall"), answer: "recall", match: .words, reply: .number(8))

  @Test func aTicketIsAnsweredOnceAndGoesOnToAPerson() throws {
    var ticket = Ticket.fresh()
    var decision = Self.policy.decide(
      RoutingFacts(channel: "web", tier: .standard, labels: .sample(), text: "recall", openedAt: .at(0)))
    decision.crisis = Self.reply
    let effects = try ticket.handle(.routed(decision), now: .at(1), under: Self.policy).outline
    #expect(
      effects == [
        "record queued by service:router", "notify ticket.queued", "record crisis_answered by service:router",
        "notify message.replied", "wake shipping",
      ])
    #expect(ticket.state == .queued && ticket.conversation.crises == [.number(1)])
    #expect(Self.match("recall", .words("recall"), on: ticket) == nil)
    // A router that has not noticed cannot repeat it either.
    var evidence = MessageEvidence()
    evidence.crisis = Self.reply
    let again = try ticket.handle(
      .customerWrote(.number(9), .sample(), evidence: evidence), now: .at(2), under: Self.policy)
    #expect(!again.outline.contains("record crisis_answered by service:router"))
  }

  @Test func anAgentAtWorkIsNotInterrupted() throws {
    var ticket = Ticket.fresh()
    _ = try ticket.handle(
      .routed(
        Self.policy.decide(
          RoutingFacts(channel: "web", tier: .standard, labels: .sample(), text: "x", openedAt: .at(0)))), now: .at(1),
      under: Self.policy)
    #expect(ticket.takesAnswer(of: .number(1)))
    _ = try ticket.handle(.offered(.to("ann", number: 5, at: 2)), now: .at(2), under: Self.policy)
    _ = try ticket.handle(.accepted(.number(5), by: "ann"), now: .at(3), under: Self.policy)
    #expect(!ticket.takesAnswer(of: .number(1)))
  }
}
