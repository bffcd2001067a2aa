/// The questions that the desk asks customers before an agent gets their ticket.
public struct QuestionPolicy: Hashable, Sendable {
  /// The fields that answers fill, by name.
  public var fields: [FieldName: FieldDefinition]
  /// Questionnaires in order; the first that applies is asked.
  public var questionnaires: [Questionnaire]
  /// How many questions one ticket is asked at most, repetitions included.
  public var turns: Int
  /// How long an answer is awaited before the ticket goes to an agent without it.
  public var wait: Duration
  /// What customers ask for a person with: ends the questions.
  public var person: WordList { didSet { prepareSearch() } }
  /// What is too grave for questions.
  public var grave: WordList { didSet { prepareSearch() } }
  /// What says that the customer cannot answer: the next question follows.
  public var unknown: WordList { didSet { prepareSearch() } }
  private var search = WordSearch([])

  /// Creates a policy; without questionnaires nothing is asked.
  public init(
    fields: [FieldName: FieldDefinition] = [:], questionnaires: [Questionnaire] = [], turns: Int = 3,
    wait: Duration = .seconds(180), person: WordList = .person, grave: WordList = .grave, unknown: WordList = .unknown
  ) {
    self.fields = fields
    self.questionnaires = questionnaires
    self.turns = turns
    self.wait = wait
    self.person = person
    self.grave = grave
    self.unknown = unknown
    prepareSearch()
  }

  private mutating func prepareSearch() {
    search = WordSearch([person.needles, grave.needles, unknown.needles])
  }

  /// Which of `person`, `grave` and `unknown` a message contains.
  func signs(in text: FoldedText) -> (person: Bool, grave: Bool, unknown: Bool) {
    let found = search.lists(in: text)
    return (found.contains(0), found.contains(1), found.contains(2))
  }

  /// The questionnaire for a ticket: the first that applies.
  public func questionnaire(channel: ChannelID, category: String, intent: String) -> Questionnaire? {
    questionnaires.first { $0.applies(channel: channel, category: category, intent: intent) }
  }
}

/// Questions about tickets of some labels and channels, asked in order.
public struct Questionnaire: Hashable, Sendable {
  /// Its name.
  public let name: String
  /// The categories it is for; empty: any.
  public let categories: Set<String>
  /// The intents it is for; empty: any.
  public let intents: Set<String>
  /// The channels it is for; empty: any.
  public let channels: Set<ChannelID>
  /// The questions, in order, no two for one field.
  public let questions: [Question]

  /// Describes a questionnaire.
  public init(
    name: String, categories: Set<String>, intents: Set<String> = [], channels: Set<ChannelID> = [],
    questions: [Question]
  ) {
    self.name = name
    self.categories = categories
    self.intents = intents
    self.channels = channels
    self.questions = questions
  }

  func applies(channel: ChannelID, category: String, intent: String) -> Bool {
    (categories.isEmpty || categories.contains(category)) && (intents.isEmpty || intents.contains(intent))
      && (channels.isEmpty || channels.contains(channel))
  }
}

/// A question to a customer.
public struct Question: Hashable, Sendable {
  /// The field that the answer fills.
  public let field: FieldName
  /// How often it is asked at most, 1 or more.
  public let attempts: Int
  /// Its text by the beginning of a language code. `{name}` stands for the value of a field that is known then.
  public let texts: [String: String]
  /// The text when it is asked again; a language that is missing has its first text.
  public let repeated: [String: String]

  /// Describes a question.
  public init(field: FieldName, attempts: Int = 2, texts: [String: String], repeated: [String: String] = [:]) {
    self.field = field
    self.attempts = attempts
    self.texts = texts
    self.repeated = repeated
  }

  /// The text in a language, with the values of known fields.
  public func text(in language: String, attempt: Int, fields: TicketFields) -> String? {
    let own = texts.merging(attempt > 1 ? repeated : [:]) { _, again in again }
    guard let text = own.entry(forLanguage: language) else { return nil }
    return Question.filled(text, with: fields)
  }

  /// Replaces `{name}` once, from left to right: a value that looks like a placeholder stays as it is.
  private static func filled(_ text: String, with fields: TicketFields) -> String {
    guard text.utf8.contains(UInt8(ascii: "{")) else { return text }
    var result = ""
    var rest = text[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      result += rest[..<open]
      let name = FieldName(String(rest[rest.index(after: open)..<close]))
      result += fields[name] ?? String(rest[open...close])
      rest = rest[rest.index(after: close)...]
    }
    return result + rest
  }

  /// The fields that a text names.
  public static func placeholders(in text: String) -> [FieldName] {
    text.split(separator: "{", omittingEmptySubsequences: false).dropFirst().compactMap { part in
      part.firstIndex(of: "}").map { FieldName(String(part[..<$0])) }
    }
  }
}

extension WordList {
  /// How customers ask for a person, if the policy does not say.
  public static let person: WordList = [
    "a person", "real person", "a human", "human being", "human agent", "an agent", "live agent", "representative",
    "talk to someone", "speak to someone", "人工", "真人", "找客服", "转客服", "活人",
  ]

  /// What is too grave for questions, if the policy does not say.
  public static let grave: WordList = [
    "lawyer", "lawsuit", "sue", "police", "court", "ombudsman", "injured", "injury", "hospital", "burned", "on fire",
    "caught fire", "exploded", "poisoned", "hacked", "fraud", "律师", "起诉", "报警", "法院", "消协", "12315", "曝光", "受伤", "烧伤",
    "住院",
    "医院", "着火", "起火", "爆炸", "中毒", "盗刷", "被盗", "诈骗",
  ]

  /// How customers say that they cannot answer, if the policy does not say.
  public static let unknown: WordList = [
    "don't know", "dont know", "do not know", "no idea", "not sure", "don't have", "dont have", "do not have",
    "can't find", "cannot find", "don't remember", "不知道", "不清楚", "不记得", "忘了", "忘记了", "找不到", "没有", "不确定",
  ]
}

// MARK: - The next question

/// What the next question is chosen from; the timeline keeps it, so that the choice can be replayed. Contains no customer text.
public struct QuestionFacts: Hashable, Sendable {
  /// A question that the customer has been asked.
  public struct Asked: Hashable, Sendable {
    /// The questionnaire.
    public let questionnaire: String
    /// The field.
    public let field: FieldName
    /// How often it has been asked.
    public let attempts: Int

    /// Describes a question.
    public init(questionnaire: String, field: FieldName, attempts: Int) {
      self.questionnaire = questionnaire
      self.field = field
      self.attempts = attempts
    }
  }

  /// The channel.
  public var channel: ChannelID
  /// The category and the intent of the conversation.
  public var category: String
  public var intent: String
  /// The fields that have a value, in ascending order.
  public var known: [FieldName]
  /// The fields that the customer cannot answer, in the order in which they were asked.
  public var skipped: [FieldName]
  /// The question asked last, if its answer is still awaited.
  public var asked: Asked?
  /// How many questions the ticket has been asked.
  public var turns: Int

  /// Collects the facts.
  public init(
    channel: ChannelID, category: String, intent: String, known: [FieldName], skipped: [FieldName] = [],
    asked: Asked? = nil, turns: Int = 0
  ) {
    self.channel = channel
    self.category = category
    self.intent = intent
    self.known = known
    self.skipped = skipped
    self.asked = asked
    self.turns = turns
  }
}

/// What follows a message, as far as questions are concerned.
public enum QuestionChoice: Hashable, Sendable {
  /// This question is asked.
  case ask(QuestionFacts.Asked)
  /// Nothing is asked, and the ticket goes to an agent.
  case end(QuestionsEnd)
}

/// Why no further question is asked.
public enum QuestionsEnd: String, Hashable, Sendable, CaseIterable {
  /// Every field has a value, or the customer cannot answer what is missing.
  case complete
  /// A question has been asked as often as it may be.
  case unanswered
  /// The ticket has been asked as many questions as it may be.
  case turns
  /// No answer came in time.
  case waitOver = "wait_over"
  /// The customer asked for a person.
  case person
  /// The customer is angry.
  case anger
  /// The message is urgent.
  case urgency
  /// The message contains grave words.
  case grave
  /// The customer thanked or took leave.
  case closing
  /// The first response is due before an answer could be awaited.
  case due
  /// No questionnaire applies any more: another concern, or another policy.
  case otherConcern = "other_concern"
  /// A person or an escalation moved or labelled the ticket, or an agent took it.
  case moved
}

extension QuestionPolicy {
  /// Chooses the next question. Pure: the same policy and the same facts always give the same choice.
  public func choose(_ facts: QuestionFacts) -> QuestionChoice {
    let found = questionnaire(channel: facts.channel, category: facts.category, intent: facts.intent)
    guard let questionnaire = found else { return .end(.otherConcern) }
    func ask(_ field: FieldName, attempts: Int) -> QuestionChoice {
      facts.turns < turns
        ? .ask(.init(questionnaire: questionnaire.name, field: field, attempts: attempts)) : .end(.turns)
    }
    func isOpen(_ field: FieldName) -> Bool { !facts.known.contains(field) && !facts.skipped.contains(field) }
    if let asked = facts.asked, asked.questionnaire.hasSameBytes(as: questionnaire.name), isOpen(asked.field),
      let question = questionnaire.questions.first(where: { $0.field == asked.field })
    {
      guard asked.attempts < question.attempts else { return .end(.unanswered) }
      return ask(asked.field, attempts: asked.attempts + 1)
    }
    guard let next = questionnaire.questions.first(where: { isOpen($0.field) }) else { return .end(.complete) }
    return ask(next.field, attempts: 1)
  }

  func question(_ asked: QuestionFacts.Asked) -> Question? {
    questionnaires.first { $0.name.hasSameBytes(as: asked.questionnaire) }?.questions.first { $0.field == asked.field }
  }
}
