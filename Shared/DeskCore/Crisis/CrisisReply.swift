/// An open case of which an answer is switched on.
public struct AnsweringCrisis: Hashable, Sendable {
  /// The case.
  public let id: CrisisID
  /// Why it exists.
  public let cause: CrisisCause
  /// The categories that it is about; empty where it is not about categories.
  public let kinds: [String]
  /// The answers that are switched on.
  public let answers: [String]

  /// Describes a case.
  public init(id: CrisisID, cause: CrisisCause, kinds: [String], answers: [String]) {
    self.id = id
    self.cause = cause
    self.kinds = kinds
    self.answers = answers
  }
}

/// A prepared answer to one message.
public struct CrisisReply: Hashable, Sendable {
  /// Why the message is one of those that the case is about.
  public enum Match: String, Hashable, Sendable, CaseIterable {
    /// The answer's own condition holds.
    case condition
    /// It contains one of the topic's words.
    case words
    /// Its category is one of the case's.
    case category
    /// The case is about every message.
    case every
  }

  /// The case.
  public let crisis: CrisisID
  /// The case's cause.
  public let cause: CrisisCause
  /// The answer's name.
  public let answer: String
  /// Why it fits.
  public let match: Match
  /// The message that carries it.
  public let reply: MessageID

  /// Describes a reply.
  public init(crisis: CrisisID, cause: CrisisCause, answer: String, match: Match, reply: MessageID) {
    self.crisis = crisis
    self.cause = cause
    self.answer = answer
    self.match = match
    self.reply = reply
  }
}

extension Ticket {
  /// How many cases may answer one ticket.
  static let crisisAnswersMost = 8

  /// Whether a case may answer this ticket: once, and not while an agent works on it.
  public func takesAnswer(of crisis: CrisisID) -> Bool {
    switch state {
    case .received, .triage, .queued, .offered, .answered, .resolved: break
    case .assigned, .pending, .closed, .rejected: return false
    }
    return conversation.crises.count < Ticket.crisisAnswersMost && !conversation.crises.contains(crisis)
  }

  /// Remembers a prepared answer, and explains it.
  mutating func answerInCrisis(_ reply: CrisisReply, policyVersion: Int32) -> [TicketEffect] {
    guard takesAnswer(of: reply.crisis) else { return [] }
    conversation.crises.append(reply.crisis)
    return [
      .record(
        TimelineEntry(.crisisAnswered(.init(reply, policyVersion: policyVersion)), by: .service("router"))),
      .notify(
        .messageReplied,
        summary(
          to: addressee, message: reply.reply, extra: [.init("crisis", .text(reply.crisis.description))])),
    ]
  }
}

extension Policy {
  /// The first prepared answer that fits a message, and why.
  ///
  /// - Parameters:
  ///   - facts: the message, with its text.
  ///   - act: what the message does; only a concern is answered.
  ///   - crises: the open cases with answers that are switched on, oldest first.
  ///   - ticket: the ticket that the message belongs to.
  public func crisisAnswer(
    to facts: RoutingFacts, _ act: DialogueAct, on ticket: Ticket, among crises: [AnsweringCrisis]
  ) -> (crisis: AnsweringCrisis, answer: CrisisPolicy.Answer, match: CrisisReply.Match)? {
    guard act == .concern else { return nil }
    for crisis in crises where ticket.takesAnswer(of: crisis.id) {
      for answer in life.crisis.answers where crisis.answers.contains(where: { $0.hasSameBytes(as: answer.name) }) {
        if let match = match(facts, answer, crisis) { return (crisis, answer, match) }
      }
    }
    return nil
  }

  private func match(
    _ facts: RoutingFacts, _ answer: CrisisPolicy.Answer, _ crisis: AnsweringCrisis
  ) -> CrisisReply.Match? {
    if let condition = answer.condition {
      var facts = facts
      if case .calendars = facts.hours { facts.hours = .calendars(calendars) }
      return condition.holds(for: facts) ? .condition : nil
    }
    switch crisis.cause {
    case .words(let name):
      // A topic that the policy no longer has matches nothing.
      return life.crisis.topics.contains { $0.name.hasSameBytes(as: name) && facts.mentions($0.words) } ? .words : nil
    case .hotKinds:
      let isTrusted = facts.labels.confidence >= triageThreshold
      return isTrusted && crisis.kinds.contains { $0.hasSameBytes(as: facts.labels.category) } ? .category : nil
    case .surge, .anger, .byHand: return .every
    }
  }
}
