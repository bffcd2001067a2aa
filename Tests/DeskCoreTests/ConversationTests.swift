import Testing

@testable import DeskCore

/// Conversations as transcripts: what the customer writes, and what happens to the ticket.
@Suite("Each message is read in the light of the conversation")
struct ConversationTests {
  private static let policy: Policy = {
    var policy = Policy.sample
    policy.queues["complaints"] = QueuePolicy(
      id: "complaints", teams: [], skills: [SkillRequirement("complaints", proficiency: 5)], offerTime: .seconds(30),
      relaxation: [], limit: 100, overflow: "general")
    policy.rules =
      [
        Rule(
          name: "threat", condition: .all([.words(["lawyer", "律师"]), .oneOf(.sentiment, ["negative"])]),
          queue: "complaints", priority: .urgent, skills: []),
        Rule(
          name: "complaint", condition: .oneOf(.category, ["complaint"]), queue: "complaints", priority: .high,
          skills: []),
      ] + policy.rules
    policy.serviceLevels = [
      ServiceLevelPolicy(
        name: "all", condition: .always, calendar: nil,
        firstResponse: [.urgent: .seconds(900), .high: .seconds(1_800), .normal: .seconds(3_600)], resolution: [:],
        pausesWhilePending: true)
    ]
    return policy
  }()

  /// A ticket and its conversation.
  private struct Desk {
    let policy = ConversationTests.policy
    var ticket = Ticket.fresh()
    private var messages: UInt64 = 100

    /// A message of the customer, as a router handles it.
    mutating func write(
      _ text: String, _ labels: Labels, at second: Int64, full: Set<QueueID> = []
    ) throws -> [String] {
      messages += 1
      let id = MessageID.number(messages)
      let folded = FoldedText(text)
      let evidence = policy.evidence(of: folded, labels: labels, fullQueues: full)
      guard ticket.state == .received else {
        return try take(.customerWrote(id, labels, evidence: evidence), at: second)
      }
      var facts = RoutingFacts(channel: "web", tier: .standard, labels: labels, text: text, openedAt: ticket.openedAt)
      let greets = policy.greets(evidence.reading)
      if greets { facts.labels = labels.greeting(share: evidence.reading.share) }
      var decision = policy.decide(facts)
      decision.message = id
      if greets { decision.greeting = .init(share: evidence.reading.share, wait: .seconds(20), reply: nil) }
      return try take(.routed(decision), at: second)
    }

    mutating func take(_ event: TicketEvent, at second: Int64) throws -> [String] {
      try effects(of: event, at: second).outline
    }

    mutating func effects(of event: TicketEvent, at second: Int64) throws -> [TicketEffect] {
      try ticket.handle(event, now: .at(second), under: policy)
    }

    /// An agent works on a parcel, and the rules suggest to move it to the complaints.
    mutating func suggestComplaints() throws {
      _ = try write("Where is my parcel?", .sample(), at: 1)
      try accept(at: 60)
      _ = try write("This is unacceptable", .sample(category: "complaint"), at: 70)
      #expect(ticket.conversation.suggestion?.queue == "complaints")
    }

    /// An agent takes the ticket.
    mutating func accept(at second: Int64) throws {
      _ = try take(.offered(.to("ann", number: UInt64(second), at: second)), at: second)
      _ = try take(.accepted(.number(UInt64(second)), by: "ann"), at: second + 1)
    }
  }

  private static func upset(_ category: String = "complaint", language: String = "en") -> Labels {
    .sample(category: category, urgency: .normal, sentiment: .negative, language: language)
  }

  @Test(arguments: [("Hi", "I will call my lawyer", "en"), ("你好", "我要找律师", "zh-Hans")])
  func theConcernAfterAGreetingIsRoutedLikeAFirstMessage(_ hi: String, _ threat: String, _ language: String) throws {
    var desk = Desk()
    #expect(
      try desk.write(hi, .sample(category: "out_of_scope", confidence: 0, language: language), at: 1) == [
        "record queued by service:router", "notify ticket.queued", "record greeted by service:router", "wake general",
      ])
    #expect(desk.ticket.queue == "general" && desk.ticket.priority == .normal && !desk.ticket.needsTriage)
    #expect(desk.ticket.conversation.heldUntil == .at(21))
    #expect(
      try desk.write(threat, Self.upset("other", language: language), at: 10) == [
        "record customer_wrote by customer", "notify message.received", "record rerouted by service:router",
        "notify ticket.queued", "wake complaints",
      ])
    #expect(desk.ticket.queue == "complaints" && desk.ticket.priority == .urgent)
    #expect(desk.ticket.skills == [SkillRequirement("complaints", proficiency: 5)])
    #expect(desk.ticket.conversation.heldUntil == nil && !desk.ticket.conversation.awaitsConcern)
    // The time since the greeting counts.
    #expect(desk.ticket.clocks.firstResponse.dueAt == .at(900))
    // Written at once, the same message gets the same decision.
    var direct = Desk()
    _ = try direct.write(threat, Self.upset("other", language: language), at: 10)
    #expect(direct.ticket.queue == desk.ticket.queue && direct.ticket.priority == desk.ticket.priority)
    #expect(direct.ticket.clocks.firstResponse == desk.ticket.clocks.firstResponse)
  }

  @Test func aReroutingIsReplayedBitByBit() throws {
    var desk = Desk()
    _ = try desk.write("Hi", .sample(), at: 1)
    let labels = Self.upset("other")
    let evidence = desk.policy.evidence(of: FoldedText("I will call my lawyer"), labels: labels)
    let effects = try desk.effects(of: .customerWrote(.number(102), labels, evidence: evidence), at: 10)
    let kept = try #require(effects.detail(of: .rerouted))
    let event = try #require(TimelineEvent(kind: "rerouted", detail: kept))
    let routed = try #require(event.routed)
    #expect(routed.message == .number(102) && routed.rule == "threat")
    let replay = try #require(RoutingRecord(routed)).replay(under: desk.policy)
    #expect(replay.isEqual, "\(replay)")
    // Under rules without the threat, another decision results.
    var other = desk.policy
    other.rules.removeFirst()
    #expect(try #require(RoutingRecord(routed)).replay(under: other).isEqual == false)
  }

  @Test func wordsAndAngerOfEarlierMessagesCount() throws {
    var desk = Desk()
    _ = try desk.write("Where is my parcel?", .sample(), at: 1)
    #expect(desk.ticket.queue == "shipping")
    _ = try desk.write("My lawyer is informed", .sample(), at: 2)
    #expect(desk.ticket.queue == "shipping", "the customer is calm")
    _ = try desk.write("This is outrageous", .sample(sentiment: .negative), at: 3)
    #expect(desk.ticket.queue == "complaints" && desk.ticket.priority == .urgent)
    // Two calm messages change nothing; the third does.
    for second in 4...5 {
      let quiet = ["record customer_wrote by customer", "notify message.received"]
      #expect(try desk.write("Number 4711", .sample(), at: Int64(second)) == quiet)
    }
    #expect(desk.ticket.labels?.sentiment == .negative)
    _ = try desk.write("Number 4712", .sample(), at: 6)
    #expect(desk.ticket.labels?.sentiment == .neutral && desk.ticket.queue == "shipping")
  }

  @Test func urgencyRisesAtOnceAndFallsByOneLevel() throws {
    var state = ConversationState()
    var labels = Labels.sample(urgency: .low)
    func read(_ urgency: Urgency) -> Urgency {
      labels = state.labels(
        after: .sample(urgency: urgency), .concern, following: labels, reopens: false, under: Self.policy)
      return labels.urgency
    }
    #expect(
      [.high, .low, .low, .high, .low, .low, .low, .low, .low, .low].map(read) == [
        .high, .high, .high, .high, .high, .high, .normal, .normal, .normal, .low,
      ])
  }

  @Test func aGreetingOrThanksChangeNoLabels() {
    for act in [DialogueAct.greeting, .closing] {
      var state = ConversationState()
      let labels = state.labels(
        after: .sample(category: "praise", language: "en"), act, following: Self.upset(), reopens: false,
        under: Self.policy)
      #expect(labels == Self.upset())
      #expect(state == ConversationState())
    }
  }

  @Test func anUnclearMessageKeepsTheCategoryAndLanguage() {
    var state = ConversationState()
    let labels = state.labels(
      after: .sample(category: "praise", confidence: 0.4, urgency: .high, language: "und"), .concern,
      following: .sample(), reopens: false, under: Self.policy)
    #expect(labels == .sample(urgency: .high))
  }

  @Test func aLabelOfAPersonLastsUntilTheTicketIsReopened() {
    let person = Labels.sample(category: "complaint", confidence: Labels.certain)
    for (reopens, category) in [(false, "complaint"), (true, "logistics")] {
      var state = ConversationState()
      let labels = state.labels(after: .sample(), .concern, following: person, reopens: reopens, under: Self.policy)
      #expect(labels.category == category)
    }
  }

  @Test func anOpenOfferIsWithdrawnWhenTheQueueChanges() throws {
    var desk = Desk()
    _ = try desk.write("Where is my parcel?", .sample(), at: 1)
    _ = try desk.take(.offered(.to("ann")), at: 60)
    let effects = try desk.effects(of: .customerWrote(.number(9), Self.upset()), at: 61)
    #expect(
      effects.outline == [
        "record customer_wrote by customer", "notify message.received", "record offer_withdrawn by service:router",
        "load ann -1", "wake shipping", "record rerouted by service:router", "notify ticket.queued", "wake complaints",
      ])
    #expect(effects.loads == ["ann": -1])
    #expect(desk.ticket.state == .queued && desk.ticket.offer == nil && desk.ticket.waitingSince == .morning)
    #expect(throws: TicketRefusal.offerIsOver) { try desk.take(.accepted(.number(1), by: "ann"), at: 62) }
  }

  @Test func anOpenOfferStaysWhenOnlyThePriorityChanges() throws {
    var desk = Desk()
    _ = try desk.write("A question", .sample(category: "other"), at: 1)
    _ = try desk.take(.offered(.to("ann")), at: 60)
    #expect(
      try desk.take(.customerWrote(.number(9), .sample(category: "other", urgency: .high)), at: 61) == [
        "record customer_wrote by customer", "notify message.received", "record rerouted by service:router",
        "notify ticket.priority_changed",
      ])
    #expect(desk.ticket.state == .offered && desk.ticket.priority == .high)
    #expect(desk.ticket.clocks.firstResponse.dueAt == .at(1_800))
  }

  // MARK: An agent works on it

  @Test func theAgentIsOfferedTheMoveAndAcceptsIt() throws {
    var desk = Desk()
    _ = try desk.write("Where is my parcel?", .sample(), at: 1)
    try desk.accept(at: 60)
    #expect(
      try desk.write("I will call my lawyer", Self.upset("other"), at: 70) == [
        "record customer_wrote by customer", "notify message.received", "record move_suggested by service:router",
      ])
    #expect(desk.ticket.state == .assigned && desk.ticket.queue == "shipping" && desk.ticket.priority == .high)
    #expect(
      desk.ticket.conversation.suggestion == .init(queue: "complaints", priority: .urgent, rule: "threat"))
    #expect(throws: TicketRefusal.notYours(owner: "ann")) {
      try desk.take(.moveAnswered(accepts: true, by: .bob), at: 71)
    }
    #expect(
      try desk.take(.moveAnswered(accepts: true, by: .ann, reason: "not mine"), at: 72) == [
        "load ann -1", "record rerouted by agent:ann", "notify ticket.queued", "wake complaints",
      ])
    #expect(desk.ticket.state == .queued && desk.ticket.queue == "complaints" && desk.ticket.priority == .urgent)
    #expect(desk.ticket.agent == nil && desk.ticket.refusedBy == ["ann"] && desk.ticket.conversation.suggestion == nil)
    #expect(desk.ticket.clocks.firstResponse.dueAt == .at(900))
  }

  @Test func theAgentDeclinesTheMove() throws {
    var desk = Desk()
    _ = try desk.write("Where is my parcel?", .sample(), at: 1)
    try desk.accept(at: 60)
    _ = try desk.write("I will call my lawyer", Self.upset("other"), at: 70)
    #expect(
      try desk.take(.moveAnswered(accepts: false, by: .ann), at: 72) == ["record move_declined by agent:ann"])
    #expect(desk.ticket.state == .assigned && desk.ticket.conversation.suggestion == nil)
    #expect(throws: TicketRefusal.changesNothing) { try desk.take(.moveAnswered(accepts: true, by: .ann), at: 73) }
    // The ticket stays where the agent wanted it, also when they leave.
    _ = try desk.take(.agentLeft("ann"), at: 80)
    #expect(desk.ticket.queue == "shipping")
  }

  @Test func anOpenSuggestionIsFollowedWhenTheAgentLeaves() throws {
    var desk = Desk()
    _ = try desk.write("Where is my parcel?", .sample(), at: 1)
    try desk.accept(at: 60)
    _ = try desk.write("I will call my lawyer", Self.upset("other"), at: 70)
    #expect(
      try desk.take(.agentLeft("ann"), at: 80) == [
        "record requeued by service:console", "load ann -1", "wake shipping", "record rerouted by service:router",
        "notify ticket.queued", "wake complaints",
      ])
    #expect(desk.ticket.queue == "complaints" && desk.ticket.priority == .urgent)
  }

  @Test func theAnswerToASuggestedMoveKnowsWhichQueuesWereFull() throws {
    for leaves in [false, true] {
      var desk = Desk()
      _ = try desk.write("Where is my parcel?", .sample(), at: 1)
      try desk.accept(at: 60)
      _ = try desk.write("I will call my lawyer", Self.upset("other"), at: 70, full: ["complaints"])
      #expect(desk.ticket.conversation.suggestion?.queue == "general")
      _ = try desk.take(leaves ? .agentLeft("ann") : .moveAnswered(accepts: true, by: .ann), at: 72)
      #expect(desk.ticket.queue == "general" && desk.ticket.priority == .urgent)
    }
  }

  @Test func aMessageAfterTheAgentLeftReroutesOnce() throws {
    var desk = Desk()
    try desk.suggestComplaints()
    _ = try desk.take(.replied(.number(6), by: "ann", awaitsCustomer: true), at: 75)
    _ = try desk.take(.agentLeft("ann"), at: 80)
    #expect(desk.ticket.state == .pending && desk.ticket.queue == "shipping")
    let effects = try desk.write("I will call my lawyer", Self.upset(), at: 90)
    #expect(effects.count { $0.hasPrefix("record rerouted") } == 1, "\(effects)")
    #expect(desk.ticket.queue == "complaints" && desk.ticket.priority == .urgent)
    #expect(desk.ticket.conversation.suggestion == nil)
  }

  @Test func aCorrectedLabelEndsASuggestionThatItContradicts() throws {
    var desk = Desk()
    try desk.suggestComplaints()
    let decision = desk.policy.decision(.sample())
    _ = try desk.take(.labelled(decision, .sample(by: .ann, to: "logistics"), reason: "r"), at: 71)
    #expect(desk.ticket.conversation.suggestion == nil)
    _ = try desk.take(.agentLeft("ann"), at: 80)
    #expect(desk.ticket.queue == "shipping")
  }

  // MARK: People's choices

  @Test func theRulesDoNotUndoATransferOrLowerAPriority() throws {
    var desk = Desk()
    _ = try desk.write("A question", .sample(category: "other", urgency: .high), at: 1)
    _ = try desk.take(.transferred(.queue("triage", skills: []), by: .eve, reason: "r"), at: 2)
    _ = try desk.take(.priorityChanged(.urgent, by: .agent("eve"), reason: "r"), at: 3)
    #expect(
      try desk.write("My parcel is late", .sample(), at: 4) == [
        "record customer_wrote by customer", "notify message.received",
      ])
    #expect(desk.ticket.queue == "triage" && desk.ticket.priority == .urgent)
    #expect(desk.ticket.labels?.category == "logistics")
  }

  @Test func aRaisedPriorityFollowsEvenWhereThePlaceWasChosen() throws {
    var desk = Desk()
    _ = try desk.write("A question", .sample(category: "other"), at: 1)
    _ = try desk.take(.transferred(.queue("shipping", skills: []), by: .eve, reason: "r"), at: 2)
    let labels = Self.upset("other")
    let evidence = desk.policy.evidence(of: FoldedText("my lawyer"), labels: labels)
    let effects = try desk.effects(of: .customerWrote(.number(9), labels, evidence: evidence), at: 4)
    #expect(desk.ticket.queue == "shipping" && desk.ticket.priority == .urgent)
    let detail = try #require(effects.detail(of: .rerouted))
    #expect(detail.contains(#""queue":"complaints""#) && detail.contains(#""kept_queue":"shipping""#))
  }

  // MARK: Settled tickets

  @Test func thanksConfirmAResolvedTicket() throws {
    var desk = Desk()
    _ = try desk.write("Where is my parcel?", .sample(), at: 1)
    try desk.accept(at: 60)
    _ = try desk.take(.resolved(by: "ann"), at: 100)
    let before = desk.ticket
    #expect(
      try desk.write("Thank you!", .sample(category: "praise", sentiment: .positive, language: "en"), at: 200) == [
        "record customer_wrote by customer", "record confirmed by service:router",
      ])
    #expect(desk.ticket.state == .resolved && desk.ticket.confirmedAt == .at(200) && desk.ticket.reopenCount == 0)
    #expect(desk.ticket.labels == before.labels && desk.ticket.clocks == before.clocks)
    // It still helps: the next message reopens.
    _ = try desk.write("谢谢，但是还没收到", .sample(), at: 300)
    #expect(desk.ticket.state == .queued && desk.ticket.confirmedAt == nil && desk.ticket.reopenCount == 1)
  }

  @Test func thanksSettleAnAnsweredTicket() throws {
    var ticket = try Ticket.example(in: .answered)
    let evidence = MessageEvidence(DialogueActReading(.closing, share: 0.9))
    let effects = try ticket.handle(.customerWrote(.number(20), .sample(), evidence: evidence), now: .at(30))
    #expect(
      effects.outline == [
        "record customer_wrote by customer", "record confirmed by service:router", "record resolved by customer",
        "notify ticket.resolved",
      ])
    #expect(ticket.state == .resolved && ticket.confirmedAt == .at(30))
    let kept = try #require(effects.detail(of: .confirmed).flatMap { TimelineEvent(kind: "confirmed", detail: $0) })
    guard case .confirmed(let confirmed) = kept else { return }
    #expect(confirmed.share == 0.9 && confirmed.threshold == 0.8 && confirmed.formerState == .answered)
    #expect(confirmed.replay(under: .sample)?.isEqual == true)
    var stricter = Policy.sample
    stricter.life.conversation.closingFrom = 0.95
    #expect(confirmed.replay(under: stricter)?.isEqual == false)
  }

  @Test func thanksOnATicketInProgressAreAMessage() throws {
    var ticket = try Ticket.example(in: .pending)
    let evidence = MessageEvidence(DialogueActReading(.closing, share: 1))
    _ = try ticket.handle(.customerWrote(.number(20), .sample(), evidence: evidence), now: .at(300))
    #expect(ticket.state == .assigned && ticket.confirmedAt == nil)
  }

  @Test func aReopenedTicketWithAnotherConcernGoesToItsQueue() throws {
    var desk = Desk()
    _ = try desk.write("Where is my parcel?", .sample(), at: 1)
    _ = try desk.take(.transferred(.queue("general", skills: []), by: .eve, reason: "r"), at: 2)
    try desk.accept(at: 60)
    _ = try desk.take(.resolved(by: "ann"), at: 100)
    #expect(
      try desk.write("You broke my vase", Self.upset(), at: 200) == [
        "record customer_wrote by customer", "record reopened by customer", "notify ticket.reopened", "wake general",
        "record rerouted by service:router", "notify ticket.queued", "wake complaints",
      ])
    #expect(desk.ticket.queue == "complaints" && desk.ticket.lastAgent == nil)
    // The same concern goes back to the agent who knows it.
    var same = Desk()
    _ = try same.write("Where is my parcel?", .sample(), at: 1)
    try same.accept(at: 60)
    _ = try same.take(.resolved(by: "ann"), at: 100)
    _ = try same.write("It is still not there", .sample(), at: 200)
    #expect(same.ticket.queue == "shipping" && same.ticket.lastAgent == "ann")
  }
}
