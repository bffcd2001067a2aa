// What the timeline keeps of the questions that customers are asked. Fields are named, and their values are not kept here.

extension TimelineEvent {
  /// A question to the customer, and everything that it was chosen from.
  public struct Asked: TimelinePayload {
    /// The questionnaire and the field.
    public internal(set) var questionnaire: String?
    public internal(set) var field: FieldName?
    /// The message that carries the question.
    public internal(set) var question: MessageID?
    /// How often this question has been asked, and how many questions the customer has been asked, this one included.
    public internal(set) var attempt: Int?
    public internal(set) var turn: Int?
    /// Until when the ticket waits for the answer.
    public internal(set) var heldUntil: Instant?
    /// The version of the policy.
    public internal(set) var policyVersion: Int32?
    /// The members of `facts`.
    public internal(set) var channel: ChannelID?
    public internal(set) var category: String?
    public internal(set) var intent: String?
    public internal(set) var known: [FieldName] = []
    public internal(set) var skipped: [FieldName] = []
    public internal(set) var formerQuestionnaire: String?
    public internal(set) var formerField: FieldName?
    public internal(set) var formerAttempts: Int?

    init() {}

    /// What is kept of a question.
    public init(
      _ asked: QuestionFacts.Asked, as question: MessageID, from facts: QuestionFacts, heldUntil: Instant,
      policyVersion: Int32
    ) {
      questionnaire = asked.questionnaire
      field = asked.field
      self.question = question
      attempt = asked.attempts
      turn = facts.turns + 1
      self.heldUntil = heldUntil
      self.policyVersion = policyVersion
      channel = facts.channel
      category = facts.category
      intent = facts.intent
      known = facts.known
      skipped = facts.skipped
      formerQuestionnaire = facts.asked?.questionnaire
      formerField = facts.asked?.field
      formerAttempts = facts.asked?.attempts
    }

    /// What the question was chosen from; nil for an entry that lacks a part of it.
    public var facts: QuestionFacts? {
      guard let channel, let category, let intent, let turn else { return nil }
      var former: QuestionFacts.Asked?
      if let formerQuestionnaire, let formerField, let formerAttempts {
        former = .init(questionnaire: formerQuestionnaire, field: formerField, attempts: formerAttempts)
      }
      return QuestionFacts(
        channel: channel, category: category, intent: intent, known: known, skipped: skipped, asked: former,
        turns: turn - 1)
    }

    /// Why this question was asked.
    public var explanation: JSONValue {
      .object([
        .init("questionnaire", questionnaire.map { .text($0) } ?? .null),
        .init("field", field.map { .text($0.rawValue) } ?? .null),
        .init("attempt", attempt.map { .integer(Int64($0)) } ?? .null),
        .init("turn", turn.map { .integer(Int64($0)) } ?? .null),
        .init("known", .list(known.map { .text($0.rawValue) })),
        .init("skipped", .list(skipped.map { .text($0.rawValue) })),
      ])
    }

    /// Chooses again under the policy that chose.
    /// - Returns: nil for an entry that lacks what the question was chosen from.
    public func replay(under policy: Policy) -> Replay? {
      guard let facts, let questionnaire, let field, let attempt else { return nil }
      func outcome(_ choice: QuestionChoice) -> JSONValue {
        switch choice {
        case .ask(let asked):
          .object([
            .init("questionnaire", .text(asked.questionnaire)), .init("field", .text(asked.field.rawValue)),
            .init("attempt", .integer(Int64(asked.attempts))),
          ])
        case .end(let reason): .object([.init("ended", .text(reason.rawValue))])
        }
      }
      return Replay(
        kept: outcome(.ask(.init(questionnaire: questionnaire, field: field, attempts: attempt))),
        replayed: outcome(policy.life.questions.choose(facts)))
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("questionnaire", &questionnaire)
      members.member("field", &field)
      members.member("question", &question)
      members.member("attempt", &attempt)
      members.member("turn", &turn)
      members.member("held_until_us", &heldUntil)
      members.member("policy", &policyVersion)
      members.member("channel", &channel)
      members.member("category", &category)
      members.member("intent", &intent)
      members.list("known", &known)
      members.list("skipped", &skipped)
      members.member("former_questionnaire", &formerQuestionnaire)
      members.member("former_field", &formerField)
      members.member("former_attempts", &formerAttempts)
    }
  }

  /// A message with values of fields.
  public struct AnsweredQuestion: TimelinePayload {
    /// The message.
    public internal(set) var answer: MessageID?
    /// The fields whose values it changed.
    public internal(set) var fields: [FieldName] = []
    /// Whether it answers the question that was asked last; otherwise the customer gave the values unasked.
    public internal(set) var isAsked = false

    init() {}

    /// What is kept of an answer.
    public init(_ answer: MessageID, fields: [FieldName], isAsked: Bool) {
      self.answer = answer
      self.fields = fields
      self.isAsked = isAsked
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("answer", &answer)
      members.list("fields", &fields)
      members.flag("asked", &isAsked)
    }
  }

  /// The end of the questions.
  public struct QuestionsEnded: TimelinePayload {
    /// The questionnaire.
    public internal(set) var questionnaire: String?
    /// The field that was asked for last.
    public internal(set) var field: FieldName?
    /// Why.
    public internal(set) var reason: QuestionsEnd?
    /// How many questions the customer has been asked.
    public internal(set) var turns: Int?

    init() {}

    /// What is kept of the end.
    public init(_ last: QuestionFacts.Asked, because reason: QuestionsEnd, turns: Int) {
      questionnaire = last.questionnaire
      field = last.field
      self.reason = reason
      self.turns = turns
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("questionnaire", &questionnaire)
      members.member("field", &field)
      members.member("ended", &reason)
      members.member("turns", &turns)
    }
  }
}

extension QuestionsEnd: TimelineValue {}
