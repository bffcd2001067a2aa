package import DeskCore

/// Folds the undecided messages of a ticket into one step. Pure: time, identifiers and randomness are handed in.
///
/// The router calls it between reading and committing; so does the simulation of the whole desk.
package struct DecisionFolding<Random: RandomNumberGenerator> {
  private let policy: Policy
  private let full: Set<QueueID>
  private let crises: [AnsweringCrisis]
  private let identifiers: IdentifierSource
  private var random: Random

  /// - Parameters:
  ///   - policy: the policy in force.
  ///   - full: the queues that have reached their limit.
  ///   - crises: the open cases of which an answer is switched on.
  package init(
    under policy: Policy, full: Set<QueueID>, crises: [AnsweringCrisis], identifiers: IdentifierSource, random: Random
  ) {
    self.policy = policy
    self.full = full
    self.crises = crises
    self.identifiers = identifiers
    self.random = random
  }

  /// Returns the step of a ticket and its undecided messages, oldest first.
  /// - Parameter onRefusal: called for a message that the ticket refuses, which would be a bug.
  package mutating func step(
    on ticket: Ticket, by group: ArraySlice<UndecidedItem>, at now: Instant, onRefusal: (TicketRefusal) -> Void
  ) -> TicketStep {
    var changed = ticket
    var effects: [TicketEffect] = []
    var answer: OutgoingMessage?
    for (place, item) in zip(group.indices, group) {
      do {
        let later = group[(place + 1)...]
        // A step writes one message to the customer. A question follows the newest message only, since that may contain what the others
        // lack, and none follows a prepared answer.
        var event = event(
          for: item, on: changed, mayAsk: later.isEmpty && answer == nil,
          isOpening: ticket.state == .received, now: now)
        // A case that finds no room answers the next message. What is written goes to whoever wrote last.
        let hasRoom = answer == nil && later.allSatisfy(item.hasSameAuthor)
        let prepared = hasRoom ? prepare(item, &event, on: changed, now: now) : nil
        // A customer who has written more than once already wants a person.
        if group.count == 1, prepared == nil {
          let automatic =
            answering(item, event, now: now) ?? greeting(item, event, now: now)
          if let automatic { (event, answer) = automatic }
        }
        effects += try changed.handle(event, now: now, under: policy)
        if let prepared { answer = prepared }
      } catch {
        onRefusal(error)
      }
    }
    for case .ask(let id, let questionnaire, let text) in effects {
      answer = OutgoingMessage(id: id, questionOf: questionnaire, body: text)
    }
    return TicketStep(
      from: ticket, to: changed, effects, at: now, under: policy, deciding: group.map(\.id), writing: answer,
      traceparent: group.first?.traceparent, using: &random)
  }

  private mutating func event(
    for item: UndecidedItem, on ticket: Ticket, mayAsk: Bool,
    isOpening: Bool, now: Instant
  ) -> TicketEvent {
    let text = FoldedText(item.text)
    var fields = FieldEvidence()
    if !policy.life.questions.questionnaires.isEmpty {
      let source = FieldSource(item.text, folded: text, at: now)
      fields = policy.fieldEvidence(of: source, text, labels: item.labels, on: ticket)
      fields.isOpening = isOpening
      if mayAsk { fields.reply = identifier(after: item, now: now) }
    }
    guard ticket.state == .received else {
      var evidence = policy.evidence(
        of: text, labels: item.labels, productLine: item.productLine, fullQueues: full)
      evidence.fields = fields
      return .customerWrote(
        item.id, item.labels, from: Correspondent(item.customer, on: item.channel), evidence: evidence)
    }
    let reading = policy.life.conversation.read(text, labels: item.labels)
    var facts = RoutingFacts(
      channel: item.channel, tier: ticket.tier, labels: item.labels, found: [], openedAt: ticket.openedAt,
      productLine: item.productLine)
    facts.wording = .text(text)
    facts.fullQueues = full
    facts.answers = .values(TicketFields(fields.readings.compactMapValues(\.value)))
    let greets = policy.greets(reading)
    if greets { facts.labels = item.labels.greeting(share: reading.share) }
    var decision = policy.decide(facts)
    decision.message = item.id
    decision.suggestions = item.suggestions
    decision.guesses = item.guesses
    decision.fields = fields
    if greets {
      let wait = policy.channels[item.channel]?.greeting.wait ?? .zero
      decision.greeting = RoutingDecision.Greeting(share: reading.share, wait: wait, reply: nil)
      decision.suggestions = []
    }
    return .routed(decision)
  }

  /// The identifier of an answer. A conversation is read in the order of its identifiers, so it must be greater than that of the message,
  /// which another process dated by its own reading of the database's clock.
  private mutating func identifier(after item: UndecidedItem, now: Instant) -> MessageID {
    let after = item.id.instant + .milliseconds(1)
    return identifiers.next(
      at: after - now <= StoreBounds.answerDistance ? max(now, after) : now, using: &random)
  }

  /// The channel's answer to a message that only greets, if it has one.
  private mutating func greeting(
    _ item: UndecidedItem, _ event: TicketEvent, now: Instant
  ) -> (TicketEvent, OutgoingMessage)? {
    guard case .routed(var decision) = event, decision.greeting != nil,
      let body = policy.channels[item.channel]?.greeting.answer(in: item.labels.language)
    else { return nil }
    let reply = OutgoingMessage(
      id: identifier(after: item, now: now), greetingOn: item.channel, body: body)
    decision.greeting?.reply = reply.id
    return (.routed(decision), reply)
  }

  /// Adds the answer that was prepared for a crisis to the event, if the message is one of those that get it. The ticket goes on to a
  /// person as it would without.
  /// - Returns: the message with the answer.
  private mutating func prepare(
    _ item: UndecidedItem, _ event: inout TicketEvent, on ticket: Ticket, now: Instant
  ) -> OutgoingMessage? {
    guard !crises.isEmpty else { return nil }
    let text = FoldedText(item.text)
    var facts = RoutingFacts(
      channel: item.channel, tier: item.tier, labels: item.labels, found: [], openedAt: ticket.openedAt,
      productLine: item.productLine)
    facts.wording = .text(text)
    let act = policy.life.conversation.read(text, labels: item.labels).act
    guard let (crisis, prepared, match) = policy.crisisAnswer(to: facts, act, on: ticket, among: crises),
      let body = prepared.text(in: item.labels.language)
    else { return nil }
    let reply = OutgoingMessage(
      id: identifier(after: item, now: now), crisisAnswer: prepared.name, body: body)
    let sent = CrisisReply(
      crisis: crisis.id, cause: crisis.cause, answer: prepared.name, match: match, reply: reply.id)
    switch event {
    case .routed(var decision):
      decision.crisis = sent
      // A step writes one message to the customer.
      decision.fields.reply = nil
      event = .routed(decision)
    case .customerWrote(let message, let labels, let author, var evidence):
      evidence.crisis = sent
      evidence.fields.reply = nil
      event = .customerWrote(message, labels, from: author, evidence: evidence)
    default: return nil
    }
    return reply
  }

  /// The answer of an article, if one may be given instead of an agent's.
  private mutating func answering(
    _ item: UndecidedItem, _ event: TicketEvent, now: Instant
  ) -> (TicketEvent, OutgoingMessage)? {
    guard case .routed(let decision) = event, !decision.needsTriage, decision.greeting == nil, !item.suggestions.isEmpty
    else { return nil }
    let facts = RoutingFacts(
      channel: item.channel, tier: item.tier, labels: item.labels, found: [], openedAt: item.acceptedAt)
    guard let id = policy.answer(to: facts, suggested: item.suggestions),
      let version = policy.life.answers.articles[id]?.version(for: item.labels.language)
    else { return nil }
    let reply = OutgoingMessage(
      id: identifier(after: item, now: now), answerOf: id, body: version.answer)
    return (.answered(decision, id, reply.id), reply)
  }
}
