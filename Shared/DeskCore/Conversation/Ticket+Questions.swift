// How a ticket asks its customer for what an agent will need.
//
// The service level's clocks run while an answer is awaited, and a question is not a first response: the time counts as if nothing had been
// asked. Nothing is asked that could not be answered before the first response is due.

extension Ticket {
  /// Keeps the values that a message has of fields.
  /// - Returns: what is recorded, and whether the message does nothing but give values, or say that the customer cannot.
  mutating func keep(_ evidence: FieldEvidence, from message: MessageID) -> (effects: [TicketEffect], isAnswer: Bool) {
    let asked = conversation.question?.field
    var changed: [FieldName] = []
    for (field, reading) in evidence.readings.sorted(by: { $0.key < $1.key }) {
      guard case .value(let value) = reading, fields.set(field, to: value) else { continue }
      changed.append(field)
    }
    if changed.isEmpty { return ([], asked != nil && evidence.isUnknown && evidence.isBare) }
    let event = TimelineEvent.answeredQuestion(
      .init(message, fields: changed, isAsked: asked.map(changed.contains) ?? false))
    return ([.record(TimelineEntry(event, by: .customer))], evidence.isBare)
  }

  /// Asks the first question after the message that opened the ticket.
  mutating func beginQuestions(
    with decision: RoutingDecision, under policy: Policy, now: Instant
  ) -> [TicketEffect] {
    guard decision.greeting == nil, let message = decision.message else { return [] }
    let kept = keep(decision.fields, from: message).effects
    return kept + begin(decision.fields, under: policy, now: now)
  }

  /// What follows a later message: the next question, the same one again, or none.
  mutating func askNext(
    after message: MessageID, _ evidence: MessageEvidence, since former: Reading, under policy: Policy, now: Instant
  ) -> [TicketEffect] {
    let fields = evidence.fields
    guard let asked = conversation.question else {
      let isNewConcern =
        fields.isOpening || former.conversation.awaitsConcern != conversation.awaitsConcern
        || questionnaire(for: labels, under: policy) != questionnaire(for: former.labels, under: policy)
      let isRead = evidence.reading.act == .concern || (fields.isOpening && evidence.reading.act == .greeting)
      return isNewConcern && isRead ? begin(fields, under: policy, now: now) : []
    }
    guard state.waitsForAgent, let heldUntil = conversation.heldUntil else { return [] }
    // A question may contain what another customer answered.
    if guest != nil { return end(.moved) }
    if let lift = fields.lift ?? (priority == .urgent ? .urgency : nil) { return end(lift) }
    if needsTriage { return end(.otherConcern) }
    if heldUntil <= now { return end(.waitOver) }
    let isKnown = self.fields[asked.field] != nil
    if evidence.reading.act == .closing, !isKnown { return end(.closing) }
    // Another message has arrived already, and what follows is decided after it; or the step answers the customer otherwise. An agent then
    // does not wait for an answer that has been given.
    guard let reply = fields.reply else { return isKnown ? endIfComplete(under: policy) : [] }
    if !isKnown, fields.isUnknown { conversation.skippedFields.append(asked.field) }
    return ask(as: reply, under: policy, now: now)
  }

  /// The end of every step: the questions of a ticket that an agent, a person's decision or an escalation has taken are over.
  mutating func endQuestions(after event: TicketEvent) -> [TicketEffect] {
    guard conversation.question != nil else { return [] }
    if case .absorbed = event { return end(.moved) }
    if state.waitsForAgent, conversation.heldUntil != nil { return [] }
    guard !state.isTerminal else {
      conversation.question = nil
      return []
    }
    if case .offered = event { return end(.waitOver) }
    return end(.moved)
  }

  /// Asks the first question, if the ticket waits for its first agent and nothing speaks against it.
  private mutating func begin(_ evidence: FieldEvidence, under policy: Policy, now: Instant) -> [TicketEffect] {
    guard let reply = evidence.reply, evidence.lift == nil, state == .queued, reopenCount == 0, lastAgent == nil,
      priority != .urgent, guest == nil, !conversation.awaitsConcern, !conversation.isPlacedByHand
    else { return [] }
    return ask(as: reply, under: policy, now: now)
  }

  private func questionnaire(for labels: Labels?, under policy: Policy) -> Questionnaire? {
    labels.flatMap {
      policy.life.questions.questionnaire(channel: channel, category: $0.category, intent: $0.intent)
    }
  }

  private var questionFacts: QuestionFacts? {
    labels.map {
      QuestionFacts(
        channel: channel, category: $0.category, intent: $0.intent, known: fields.names,
        skipped: conversation.skippedFields, asked: conversation.question, turns: conversation.questionsAsked)
    }
  }

  private mutating func endIfComplete(under policy: Policy) -> [TicketEffect] {
    guard let facts = questionFacts, case .end(.complete) = policy.life.questions.choose(facts) else { return [] }
    return end(.complete)
  }

  private mutating func ask(as reply: MessageID, under policy: Policy, now: Instant) -> [TicketEffect] {
    guard let labels, let facts = questionFacts else { return [] }
    let questions = policy.life.questions
    let next: QuestionFacts.Asked
    switch questions.choose(facts) {
    case .end(let reason): return end(reason)
    case .ask(let asked): next = asked
    }
    let until = now + questions.wait
    if let due = clocks.nearestDueAt, due <= until { return end(.due) }
    guard let question = questions.question(next),
      let text = question.text(in: labels.language, attempt: next.attempts, fields: fields)
    else { return end(.otherConcern) }
    conversation.question = next
    conversation.questionsAsked += 1
    conversation.heldUntil = until
    let event = TimelineEvent.asked(
      .init(next, as: reply, from: facts, heldUntil: until, policyVersion: policy.version))
    return [
      .record(TimelineEntry(event, by: .service("router"))),
      .ask(reply, questionnaire: next.questionnaire, text: text),
      .notify(
        .messageReplied,
        summary(
          to: addressee, message: reply,
          extra: [.init("asks", "question"), .init("field", .text(next.field.rawValue))])),
    ]
  }

  /// Ends the questions, if any was asked: the ticket can be offered at once.
  private mutating func end(_ reason: QuestionsEnd) -> [TicketEffect] {
    guard let last = conversation.question else { return [] }
    conversation.question = nil
    conversation.heldUntil = nil
    let event = TimelineEvent.questionsEnded(.init(last, because: reason, turns: conversation.questionsAsked))
    return [.record(TimelineEntry(event, by: .service("router")))]
  }
}
