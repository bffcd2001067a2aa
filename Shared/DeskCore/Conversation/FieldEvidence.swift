/// What a message says about a ticket's fields and about the desk's questions, and whether a question may follow it.
public struct FieldEvidence: Hashable, Sendable {
  /// The fields of which the message says something.
  public var readings: [FieldName: FieldReading]
  /// Why the message ends the questions, whatever it answers; nil when it does not.
  public var lift: QuestionsEnd?
  /// Whether the customer says that they cannot answer.
  public var isUnknown: Bool
  /// Whether it contains little but values, so that a message that answers a question says nothing about the concern.
  public var isBare: Bool
  /// The identifier of the question that may follow; nil when none may, because another message has arrived already.
  public var reply: MessageID?
  /// Whether it is among the messages that opened the ticket.
  public var isOpening: Bool

  /// Collects the evidence; without arguments, that of a message that says nothing about fields and that no question may follow.
  public init(
    readings: [FieldName: FieldReading] = [:], lift: QuestionsEnd? = nil, isUnknown: Bool = false,
    isBare: Bool = false, reply: MessageID? = nil, isOpening: Bool = false
  ) {
    self.readings = readings
    self.lift = lift
    self.isUnknown = isUnknown
    self.isBare = isBare
    self.reply = reply
    self.isOpening = isOpening
  }
}

extension Policy {
  /// Reads what a message says about the fields that the ticket may have: those of the questionnaires for its labels or the message's.
  ///
  /// - Parameters:
  ///   - source: the message.
  ///   - text: the same, folded.
  ///   - ticket: the ticket as it was before the message.
  public func fieldEvidence(
    of source: FieldSource, _ text: FoldedText, labels: Labels, on ticket: Ticket
  ) -> FieldEvidence {
    let questions = life.questions
    var evidence = FieldEvidence(isBare: source.isBare)
    let signs = questions.signs(in: text)
    evidence.lift =
      signs.person
      ? .person
      : signs.grave ? .grave : labels.sentiment == .negative ? .anger : labels.urgency == .high ? .urgency : nil
    let asked = ticket.conversation.question
    evidence.isUnknown = text.count <= ConversationPolicy.longestAct && signs.unknown
    let concerns = [labels, ticket.labels].compactMap(\.self)
    var names = Set(
      questions.questionnaires.filter { questionnaire in
        concerns.contains {
          questionnaire.applies(channel: ticket.channel, category: $0.category, intent: $0.intent)
        }
      }.flatMap { $0.questions.map(\.field) })
    if let asked { names.insert(asked.field) }
    for name in names {
      guard let field = questions.fields[name] else { continue }
      if case .text = field.kind {
        // "I don't know" answers nothing, and any other text may name another concern.
        if evidence.isUnknown { continue }
        if asked?.field == name { evidence.isBare = false }
      }
      // A later code corrects a known one; other words may occur in any message.
      if ticket.fields[name] != nil, !field.isCode { continue }
      evidence.readings[name] = source.reading(of: field, isAsked: asked?.field == name, calendars: calendars)
    }
    return evidence
  }
}
