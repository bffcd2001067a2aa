import Testing

@testable import DeskCore

/// Questions as transcripts: what the customer writes, and what the desk asks.
@Suite("Customers are asked for what an agent needs before the agent gets their ticket")
struct QuestionTests {
  private static let policy: Policy = {
    var policy = Policy.sample
    policy.rules =
      [
        Rule(
          name: "broken", condition: .field(FieldTest("state", in: ["damaged"])), queue: "general", priority: .high,
          skills: [])
      ] + policy.rules
    policy.life.questions = QuestionPolicy(
      fields: [
        "order_number": FieldDefinition("order_number", .orderNumber),
        "state": FieldDefinition(
          "state",
          .choice([
            FieldChoice("damaged", words: ["damaged", "破损"]), FieldChoice("missing", words: ["missing", "没收到"]),
          ])),
        "details": FieldDefinition("details", .text(atMost: 100)),
      ],
      questionnaires: [
        Questionnaire(
          name: "parcel", categories: ["logistics"], channels: ["web"],
          questions: [
            Question(
              field: "order_number", texts: ["en": "Which order?", "zh": "请问是哪个订单？"],
              repeated: ["en": "The order number, please?", "zh": "请提供订单号。"]),
            Question(
              field: "state", attempts: 1,
              texts: ["en": "Order {order_number}: damaged or missing?", "zh": "订单{order_number}：破损还是没收到？"]),
          ]),
        Questionnaire(
          name: "fault", categories: ["product_fault"],
          questions: [Question(field: "details", attempts: 1, texts: ["en": "What happened?", "zh": "请描述一下。"])]),
      ], turns: 3, wait: .seconds(120))
    return policy
  }()

  /// A ticket and its conversation, as a router handles it.
  private struct Desk {
    var policy = QuestionTests.policy
    var ticket = Ticket.fresh()
    private var messages: UInt64 = 100

    mutating func write(
      _ text: String, _ labels: Labels, at second: Int64, isNewest: Bool = true, isOpening: Bool = false
    ) throws -> [String] {
      messages += 2
      let id = MessageID.number(messages)
      let folded = FoldedText(text)
      var fields = policy.fieldEvidence(
        of: FieldSource(text, folded: folded, at: .at(second)), folded, labels: labels, on: ticket)
      fields.reply = isNewest ? .number(messages + 1) : nil
      fields.isOpening = isOpening
      var evidence = policy.evidence(of: folded, labels: labels)
      evidence.fields = fields
      guard ticket.state == .received else {
        return try take(.customerWrote(id, labels, evidence: evidence), at: second)
      }
      var facts = RoutingFacts(channel: "web", tier: .standard, labels: labels, text: text, openedAt: ticket.openedAt)
      facts.answers = .values(TicketFields(fields.readings.compactMapValues(\.value)))
      let greets = evidence.reading.act == .greeting
      if greets { facts.labels = labels.greeting(share: evidence.reading.share) }
      var decision = policy.decide(facts)
      decision.message = id
      decision.fields = fields
      if greets { decision.greeting = .init(share: evidence.reading.share, wait: .seconds(20), reply: nil) }
      return try take(.routed(decision), at: second)
    }

    mutating func take(_ event: TicketEvent, at second: Int64) throws -> [String] {
      try ticket.handle(event, now: .at(second), under: policy).outline.filter { !$0.hasPrefix("notify message.rec") }
    }

    var asked: String? { ticket.conversation.question.map { "\($0.field) \($0.attempts)" } }
  }

  private static func parcel(_ language: String = "en") -> Labels { .sample(language: language) }

  /// The classifier's labels of an answer: they mean nothing.
  private static func unclear(_ language: String = "en") -> Labels {
    .sample(category: "out_of_scope", intent: "out_of_scope", confidence: 0.9, language: language)
  }

  /// The classifier's labels of a message about nothing in particular.
  private static let vague = Labels.sample(category: "out_of_scope", confidence: 0.2, language: "en")

  // MARK: Transcripts

  @Test func twoQuestionsAreAskedAndAnsweredInEnglish() throws {
    var desk = Desk()
    #expect(
      try desk.write("Where is my parcel?", Self.parcel(), at: 1) == [
        "record queued by service:router", "notify ticket.queued", "record asked by service:router",
        "ask parcel: Which order?", "notify message.replied", "wake shipping",
      ])
    #expect(desk.ticket.conversation.heldUntil == .at(121) && desk.asked == "order_number 1")
    #expect(
      try desk.write("It's fd-20263041", Self.unclear(), at: 30) == [
        "record customer_wrote by customer", "record answered_question by customer", "record asked by service:router",
        "ask parcel: Order FD-20263041: damaged or missing?", "notify message.replied",
      ])
    #expect(desk.ticket.labels == Self.parcel(), "an answer changes neither the concern nor the language")
    #expect(desk.ticket.queue == "shipping" && desk.ticket.conversation.heldUntil == .at(150))
    #expect(
      try desk.write("missing", Self.unclear(), at: 60) == [
        "record customer_wrote by customer", "record answered_question by customer",
        "record questions_ended by service:router",
      ])
    #expect(desk.ticket.fields.values == ["order_number": "FD-20263041", "state": "missing"])
    #expect(desk.ticket.conversation.heldUntil == nil && desk.asked == nil)
  }

  @Test func twoQuestionsAreAskedAndAnsweredInChinese() throws {
    var desk = Desk()
    #expect(try desk.write("我的快递呢？", Self.parcel("zh-Hans"), at: 1).contains("ask parcel: 请问是哪个订单？"))
    #expect(
      try desk.write("订单号ｆｄ２０２６３０４１", Self.unclear("en"), at: 30).contains("ask parcel: 订单FD20263041：破损还是没收到？"))
    // A value that a rule names moves the ticket.
    #expect(
      try desk.write("破损了", Self.unclear("zh-Hans"), at: 60) == [
        "record customer_wrote by customer", "record answered_question by customer",
        "record rerouted by service:router",
        "notify ticket.queued", "wake general", "record questions_ended by service:router",
      ])
    #expect(desk.ticket.queue == "general" && desk.ticket.fields["state"] == "damaged")
  }

  @Test func whatTheFirstMessageSaysIsNotAskedFor() throws {
    var desk = Desk()
    #expect(
      try desk.write("Order FD-20263041 is missing", Self.parcel(), at: 1) == [
        "record queued by service:router", "notify ticket.queued", "record answered_question by customer",
        "wake shipping",
      ])
    #expect(desk.ticket.fields.values == ["order_number": "FD-20263041", "state": "missing"])
    #expect(desk.ticket.conversation == ConversationState())
    var partly = Desk()
    #expect(
      try partly.write("我的包裹没收到", Self.parcel("zh-Hans"), at: 1).contains("ask parcel: 请问是哪个订单？"))
    _ = try partly.write("FD-20263041", Self.unclear(), at: 9)
    #expect(partly.asked == nil && partly.ticket.conversation.questionsAsked == 1)
  }

  @Test func aFirstMessageDecidesWithItsFields() throws {
    var desk = Desk()
    _ = try desk.write("FD-20263041 is damaged", Self.parcel(), at: 1)
    #expect(desk.ticket.queue == "general")
  }

  @Test func severalNumbersAreAQuestionWhich() throws {
    var desk = Desk()
    let effects = try desk.write("FD-11111111 or FD-22222222 is missing", Self.parcel(), at: 1)
    #expect(effects.contains("ask parcel: Which order?") && desk.ticket.fields["order_number"] == nil)
    #expect(desk.ticket.fields["state"] == "missing")
  }

  @Test func aQuestionIsAskedAgainOnceAndThenAPersonTakesOver() throws {
    var desk = Desk()
    _ = try desk.write("Where is my parcel?", Self.parcel(), at: 1)
    #expect(try desk.write("hello, anything?", Self.vague, at: 20).contains("ask parcel: The order number, please?"))
    #expect(desk.ticket.conversation.heldUntil == .at(140) && desk.asked == "order_number 2")
    #expect(try desk.write("hello?!", Self.vague, at: 30).last == "record questions_ended by service:router")
    #expect(desk.ticket.conversation.heldUntil == nil && desk.ticket.state == .queued)
    // The late answer is still kept, and nothing more is asked.
    #expect(
      try desk.write("FD-20263041", Self.unclear(), at: 40) == [
        "record customer_wrote by customer", "record answered_question by customer",
      ])
  }

  @Test(arguments: ["I don't know", "订单号找不到"])
  func whoCannotAnswerIsAskedTheNextQuestion(_ text: String) throws {
    var desk = Desk()
    _ = try desk.write("Where is my parcel?", Self.parcel(), at: 1)
    _ = try desk.write(text, Self.unclear(), at: 20)
    #expect(desk.asked == "state 1" && desk.ticket.conversation.skippedFields == ["order_number"])
  }

  @Test func aTicketIsAskedNoMoreThanItsTurns() throws {
    var desk = Desk()
    desk.policy.life.questions.turns = 1
    _ = try desk.write("Where is my parcel?", Self.parcel(), at: 1)
    #expect(
      try desk.write("FD-20263041", Self.unclear(), at: 20).last == "record questions_ended by service:router")
    #expect(desk.ticket.conversation.questionsAsked == 1)
  }

  @Test func freeTextIsKeptAndMayNameAnotherConcern() throws {
    var desk = Desk()
    #expect(
      try desk.write("It is broken", .sample(category: "product_fault", language: "en"), at: 1)
        .contains("ask fault: What happened?"))
    _ = try desk.write("The screen went black", .sample(category: "praise", language: "en"), at: 20)
    #expect(desk.ticket.fields["details"] == "The screen went black" && desk.ticket.labels?.category == "praise")
  }

  @Test func theQuestionFollowsTheConcernAfterAGreeting() throws {
    var desk = Desk()
    _ = try desk.write("Hi", .sample(category: "out_of_scope", confidence: 0, language: "en"), at: 1)
    #expect(desk.asked == nil)
    #expect(try desk.write("Where is my parcel?", Self.parcel(), at: 5).contains("ask parcel: Which order?"))
  }

  @Test func anotherConcernHasItsOwnQuestions() throws {
    var desk = Desk()
    _ = try desk.write("Where is my parcel?", Self.parcel(), at: 1)
    let effects = try desk.write(
      "Forget the parcel, my phone does not start any more", .sample(category: "product_fault", language: "en"), at: 20)
    #expect(effects.contains("ask fault: What happened?") && desk.asked == "details 1")
  }

  @Test func aConcernWithoutQuestionsEndsThem() throws {
    var desk = Desk()
    _ = try desk.write("Where is my parcel?", Self.parcel(), at: 1)
    let effects = try desk.write(
      "Forget the parcel, I have a question about my account", .sample(category: "account", language: "en"), at: 20)
    #expect(effects.last == "record questions_ended by service:router" && desk.asked == nil)
  }

  // MARK: What ends them at once

  @Test(arguments: [
    ("I want to talk to a real person", Labels.sample(language: "en"), QuestionsEnd.person),
    ("转人工", .sample(language: "zh-Hans"), .person),
    ("This is outrageous", .sample(sentiment: .negative, language: "en"), .anger),
    ("今天必须送到", .sample(urgency: .high, language: "zh-Hans"), .urgency),
    ("I will call my lawyer", .sample(language: "en"), .grave), ("电池着火了", .sample(language: "zh-Hans"), .grave),
  ])
  func whatNeedsAPersonEndsThem(_ text: String, _ labels: Labels, _ reason: QuestionsEnd) throws {
    var desk = Desk()
    _ = try desk.write("Where is my parcel?", Self.parcel(), at: 1)
    let before = desk.ticket
    #expect(try desk.write(text, labels, at: 20).last == "record questions_ended by service:router")
    #expect(desk.ticket.conversation.heldUntil == nil && desk.ticket.state == .queued)
    let folded = FoldedText(text)
    let evidence = desk.policy.fieldEvidence(
      of: FieldSource(text, folded: folded, at: .at(20)), folded, labels: labels, on: before)
    #expect(evidence.lift == reason)
    // The same words in the first message: nothing is asked.
    var first = Desk()
    _ = try first.write(text, labels, at: 1)
    #expect(first.asked == nil && first.ticket.conversation.questionsAsked == 0)
  }

  @Test func thanksEndThem() throws {
    var desk = Desk()
    _ = try desk.write("Where is my parcel?", Self.parcel(), at: 1)
    #expect(try desk.write("Thanks, solved", Self.vague, at: 20).last == "record questions_ended by service:router")
  }

  @Test func anUrgentTicketIsNotAsked() throws {
    var desk = Desk()
    desk.policy.rules = [Rule(name: "all", condition: .always, queue: "general", priority: .urgent, skills: [])]
    _ = try desk.write("Where is my parcel?", Self.parcel(), at: 1)
    #expect(desk.asked == nil)
  }

  @Test func theTimeIsOver() throws {
    var desk = Desk()
    _ = try desk.write("Where is my parcel?", Self.parcel(), at: 1)
    #expect(
      try desk.take(.offered(.to("ann")), at: 122) == [
        "record offered by service:router", "load ann +1", "record questions_ended by service:router",
      ])
    #expect(desk.asked == nil && desk.ticket.conversation.heldUntil == nil)
    // The answer reaches the agent.
    #expect(
      try desk.write("FD-20263041", Self.unclear(), at: 125) == [
        "record customer_wrote by customer", "record answered_question by customer",
      ])
    #expect(desk.ticket.state == .offered && desk.ticket.fields["order_number"] == "FD-20263041")
    var late = Desk()
    _ = try late.write("Where is my parcel?", Self.parcel(), at: 1)
    #expect(try late.write("what?", Self.vague, at: 121).last == "record questions_ended by service:router")
  }

  @Test func aPersonsDecisionEndsThem() throws {
    var desk = Desk()
    _ = try desk.write("Where is my parcel?", Self.parcel(), at: 1)
    let effects = try desk.take(
      .transferred(.queue("general", skills: []), by: .eve, reason: "mine"), at: 20)
    #expect(effects.last == "record questions_ended by service:router" && desk.asked == nil)
    var merged = Desk()
    _ = try merged.write("Where is my parcel?", Self.parcel(), at: 1)
    let ended = try merged.take(.merged(into: .number(9), by: .eve, reason: "same"), at: 20)
    #expect(merged.asked == nil && !ended.contains("record questions_ended by service:router"))
  }

  /// A question may contain what was answered before, and the next message may be another customer's.
  @Test func aMergeEndsThemOnTheTicketThatRemains() throws {
    var desk = Desk()
    _ = try desk.write("Where is my parcel?", Self.parcel(), at: 1)
    let effects = try desk.take(.absorbed(.number(9), by: .eve, reason: "same"), at: 20)
    #expect(effects.last == "record questions_ended by service:router" && desk.asked == nil)
    #expect(desk.ticket.conversation.heldUntil == nil && desk.ticket.state == .queued)
    // A ticket whose last message came from a guest is not asked either.
    var shared = Desk()
    _ = try shared.write("I have a question", .sample(category: "account", language: "en"), at: 1)
    _ = try shared.take(
      .absorbed(.number(9), by: .eve, reason: "same", addressing: Correspondent("gus", on: "app")), at: 20)
    let policy = shared.policy
    var evidence = policy.evidence(of: FoldedText("My parcel is late"), labels: Self.parcel())
    evidence.fields.reply = .number(501)
    let later = try shared.take(
      .customerWrote(.number(500), Self.parcel(), from: Correspondent("gus", on: "app"), evidence: evidence), at: 30)
    #expect(later.allSatisfy { !$0.hasPrefix("ask") } && shared.asked == nil)
  }

  @Test func aReopenedTicketIsNotAsked() throws {
    var desk = Desk()
    desk.ticket = try .example(in: .resolved)
    _ = try desk.write("My other parcel is still not here", Self.parcel(), at: 300)
    #expect(desk.ticket.state == .queued && desk.asked == nil)
  }

  // MARK: Two messages at once

  @Test func onlyTheNewestOfSeveralMessagesIsFollowedByAQuestion() throws {
    var desk = Desk()
    #expect(
      try desk.write("Where is my parcel?", Self.parcel(), at: 1, isNewest: false, isOpening: true)
        .contains { $0.hasPrefix("ask") } == false)
    #expect(
      try desk.write("FD-20263041", Self.unclear(), at: 1, isOpening: true)
        .filter { $0.hasPrefix("ask") } == ["ask parcel: Order FD-20263041: damaged or missing?"])
    _ = try desk.write("one moment", Self.vague, at: 10, isNewest: false)
    #expect(desk.asked == "state 1", "the decision is left to the newest message")
    _ = try desk.write("missing", Self.unclear(), at: 10)
    #expect(desk.asked == nil && desk.ticket.fields["state"] == "missing")
  }

  /// The step answers the customer otherwise, so that no question can follow: what is complete goes to an agent all the same.
  @Test func aCompleteAnswerThatNoQuestionCanFollowEndsThem() throws {
    var desk = Desk()
    _ = try desk.write("Where is my parcel?", Self.parcel(), at: 1)
    _ = try desk.write("FD-20263041", Self.unclear(), at: 20, isNewest: false)
    #expect(desk.asked == "order_number 1", "the other question is not asked yet")
    _ = try desk.write("and?", Self.vague, at: 21)
    #expect(desk.asked == "state 1")
    let effects = try desk.write("missing", Self.unclear(), at: 30, isNewest: false)
    #expect(effects.last == "record questions_ended by service:router" && desk.asked == nil)
    #expect(desk.ticket.conversation.heldUntil == nil)
  }

  // MARK: Service levels

  /// A question neither stops nor pauses a clock.
  @Test func theClocksRunAndAQuestionIsNoFirstResponse() throws {
    var desk = Desk()
    desk.policy.rules = Policy.sample.rules
    _ = try desk.write("Where is my parcel?", Self.parcel(), at: 1)
    #expect(desk.ticket.clocks.firstResponse.isRunning && desk.ticket.clocks.firstResponse.dueAt == .at(3_600))
    _ = try desk.write("FD-20263041", Self.unclear(), at: 60)
    #expect(desk.ticket.clocks.firstResponse.isRunning && desk.ticket.clocks.firstResponse.dueAt == .at(3_600))
    #expect(desk.ticket.clocks.firstResponse.metAt == nil && desk.ticket.clocks.firstResponse.pausedAt == nil)
  }

  @Test func nothingIsAskedThatCouldNotBeAnsweredInTime() throws {
    var desk = Desk()
    desk.policy.rules = Policy.sample.rules
    desk.policy.serviceLevels = [
      ServiceLevelPolicy(
        name: "fast", condition: .always, calendar: nil, firstResponse: [.high: .seconds(121)], resolution: [:],
        pausesWhilePending: true)
    ]
    _ = try desk.write("Where is my parcel?", Self.parcel(), at: 1)
    #expect(desk.asked == nil, "due at 121 s, and an answer may take until then")
    var first = desk
    first.ticket = .fresh()
    first.policy.life.questions.wait = .seconds(60)
    _ = try first.write("Where is my parcel?", Self.parcel(), at: 1)
    #expect(first.asked == "order_number 1")
    _ = try first.write("FD-20263041", Self.unclear(), at: 61)
    #expect(first.asked == nil)
  }

  // MARK: Explanation

  @Test func everyQuestionIsReplayedBitByBit() throws {
    var desk = Desk()
    var kept: [TimelineEvent.Asked] = []
    func collect(_ effects: [TicketEffect]) {
      for case .record(let entry) in effects { if case .asked(let asked) = entry.event { kept.append(asked) } }
    }
    let labels = Self.parcel()
    for (second, text) in [(1, "Where is my parcel?"), (20, "what?"), (30, "FD-20263041")] as [(Int64, String)] {
      let folded = FoldedText(text)
      var fields = desk.policy.fieldEvidence(
        of: FieldSource(text, folded: folded, at: .at(second)), folded, labels: labels, on: desk.ticket)
      fields.reply = .number(UInt64(second))
      if desk.ticket.state == .received {
        var decision = desk.policy.decision(labels, text: text)
        decision.message = .number(500)
        decision.fields = fields
        collect(try desk.ticket.handle(.routed(decision), now: .at(second), under: desk.policy))
      } else {
        var evidence = desk.policy.evidence(of: folded, labels: labels)
        evidence.fields = fields
        collect(
          try desk.ticket.handle(
            .customerWrote(.number(501), labels, evidence: evidence), now: .at(second), under: desk.policy))
      }
    }
    #expect(kept.map(\.attempt) == [1, 2, 1] && kept.map(\.turn) == [1, 2, 3])
    for asked in kept {
      let stored = try #require(TimelineEvent(kind: "asked", detail: TimelineEvent.asked(asked).detail.json))
      guard case .asked(let read) = stored else { return }
      #expect(try #require(read.replay(under: desk.policy)).isEqual)
    }
    var other = desk.policy
    other.life.questions.questionnaires.removeFirst()
    #expect(try #require(kept[0].replay(under: other)).isEqual == false)
  }

  @Test func aRuleOnAFieldIsReplayedWithoutItsValue() throws {
    var facts = RoutingFacts(channel: "web", tier: .standard, labels: .sample(), text: "", openedAt: .morning)
    facts.answers = .values(TicketFields(["state": "damaged", "order_number": "FD-20263041"]))
    let decision = Self.policy.decide(facts)
    #expect(decision.rule == "broken")
    let stored = decision.detail.json
    #expect(stored.contains(#""fields_met":[0]"#) && !stored.contains("FD-20263041") && !stored.contains("damaged"))
    let event = try #require(TimelineEvent(kind: "queued", detail: stored))
    let record = try #require(event.routed.flatMap { RoutingRecord($0) })
    #expect(record.replay(under: Self.policy).isEqual)
    // Without the value the next rule decides.
    let explanation = Self.policy.explain(record.facts(under: Self.policy))
    #expect(
      explanation.alternatives.contains { $0.rule == "parcels" && $0.text.contains("not (field state is damaged)") })
  }

  @Test func aValueThatLooksLikeAPlaceholderIsNotFilledAgain() {
    let question = Question(field: "b", texts: ["en": "{a}, {b}, {c}"])
    let fields = TicketFields(["a": "{b}", "b": "{c}"])
    #expect(question.text(in: "en", attempt: 1, fields: fields) == "{b}, {c}, {c}")
  }

  @Test func aTicketHasABoundedNumberOfFields() {
    var fields = TicketFields()
    var results: [Bool] = []
    for number in 0..<TicketFields.most { results.append(fields.set(FieldName("f\(number)"), to: "1")) }
    #expect(!results.contains(false))
    results = [fields.set("another", to: "1"), fields.set("f0", to: "2"), fields.set("f0", to: "2")]
    #expect(results == [false, true, false] && fields.names.count == TicketFields.most)
  }
}
