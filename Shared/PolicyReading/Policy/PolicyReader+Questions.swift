import DeskCore
import Yams

// MARK: - Questions to customers

extension PolicyReader {
  /// Reads `questions:`, what customers are asked before an agent gets their ticket, and the fields that their answers fill.
  mutating func questions(_ place: PolicyNode?) -> QuestionPolicy {
    var questions = QuestionPolicy()
    let known = ["turns", "wait", "fields", "person", "grave", "unknown", "ask"]
    guard let place, let section = fields(of: place, known: known) else { return questions }
    if let turns = section["turns"].flatMap({ integer($0, in: PolicyLimits.questionTurns) }) { questions.turns = turns }
    if let wait = section["wait"].flatMap({ duration($0, in: PolicyLimits.questionWait) }) { questions.wait = wait }
    for entry in named(section["fields"], limit: TicketFields.most) {
      // Known also when it cannot be read: a question or a rule that names it is no second mistake.
      let kind = fieldKind(entry)
      ticketFields[FieldName(entry.name)] = FieldDefinition(FieldName(entry.name), kind ?? .text(atMost: 1))
    }
    questions.fields = ticketFields
    if let list = wordList(section["person"]) { questions.person = list }
    if let list = wordList(section["grave"]) { questions.grave = list }
    if let list = wordList(section["unknown"]) { questions.unknown = list }
    for item in items(section["ask"], limit: PolicyLimits.questionnaires) {
      guard let questionnaire = questionnaire(item, after: questions.questionnaires) else { continue }
      questions.questionnaires.append(questionnaire)
    }
    return questions
  }

  private mutating func wordList(_ place: PolicyNode?) -> WordList? {
    place.map { WordList(findable(itemsOrOne($0, limit: PolicyLimits.phrases), called: "phrase")) }
  }

  // MARK: Fields

  private mutating func fieldKind(_ entry: PolicyEntry) -> FieldDefinition.Kind? {
    let known = ["title", "kind", "pattern", "choice", "calendar", "at_most"]
    guard let fields = fields(of: entry.value, known: known) else { return nil }
    title(fields["title"], of: "fields.\(entry.name)")
    let kinds = ["kind", "pattern", "choice"].filter { fields[$0] != nil }
    guard kinds.count == 1, let kind = kinds.first, let place = fields[kind] else {
      report(
        entry.value, "the field needs one of `kind`, `pattern` and `choice`",
        remedy: "write `kind: order_number`, `date` or `text`, or a `pattern`, or a `choice`")
      return nil
    }
    switch kind {
    case "pattern": return patterns(place)
    case "choice": return choices(place)
    default:
      switch word(place, among: ["order_number", "date", "text"].map { ($0, $0) }) {
      case "order_number": return .orderNumber
      case "date":
        let calendar: CalendarID? = fields["calendar"].flatMap {
          reference($0, to: "calendar", among: calendarNames)
        }
        return .date(calendar ?? "always")
      case "text":
        let longest = fields["at_most"].flatMap { integer($0, in: PolicyLimits.fieldCharacters) }
        return .text(atMost: longest ?? PolicyLimits.fieldCharacters.upperBound)
      default: return nil
      }
    }
  }

  private mutating func patterns(_ place: PolicyNode) -> FieldDefinition.Kind? {
    var patterns: [FieldPattern] = []
    for item in itemsOrOne(place, limit: PolicyLimits.fieldForms) {
      guard let (text, _) = scalar(item) else { continue }
      guard let pattern = FieldPattern(text) else {
        report(
          item, "\(quoted(text)) is not a pattern",
          remedy: """
            write 0 for a digit, A for a letter, and other ASCII characters as they are, at most \(FieldPattern.longest); it begins and ends \
            with a letter or digit, and has \(FieldPattern.fewestPlaces) or more 0 and A
            """)
        continue
      }
      patterns.append(pattern)
    }
    return patterns.isEmpty ? nil : .pattern(patterns)
  }

  private mutating func choices(_ place: PolicyNode) -> FieldDefinition.Kind? {
    var choices: [FieldChoice] = []
    for entry in named(place, limit: PolicyLimits.fieldForms) {
      let words = findable(itemsOrOne(entry.value, limit: PolicyLimits.phrases), called: "phrase")
      if words.isEmpty {
        report(entry.value, "the choice has no phrases", remedy: "list what customers write for it, in each language")
      }
      choices.append(FieldChoice(entry.name, words: WordList(words)))
    }
    guard choices.count >= 2 else {
      report(place, "there are fewer than two choices", remedy: "list the choices with what customers write for each")
      return nil
    }
    return .choice(choices)
  }

  // MARK: Questionnaires

  private mutating func questionnaire(_ item: PolicyNode, after earlier: [Questionnaire]) -> Questionnaire? {
    guard let fields = fields(of: item, known: ["name", "when", "questions"]) else { return nil }
    let name = needed("name", in: fields).flatMap { text($0) }
    let scope = needed("when", in: fields).flatMap { self.scope($0) }
    let list = needed("questions", in: fields)
    let places = items(list, limit: PolicyLimits.questions)
    var questions: [Question] = []
    for place in places {
      guard let question = question(place) else { continue }
      if questions.contains(where: { $0.field == question.field }) {
        report(place, "the field \(quoted(question.field.rawValue)) is asked for twice", remedy: "keep one question")
      }
      questions.append(question)
    }
    if places.isEmpty, let list { report(list, "there are no questions", remedy: "list at least one") }
    guard let name, let scope else { return nil }
    let questionnaire = Questionnaire(
      name: name, categories: scope.categories, intents: scope.intents, channels: scope.channels, questions: questions)
    if earlier.contains(where: { $0.name.hasSameBytes(as: name) }) {
      report(item, "another questionnaire has the name \(quoted(name))", remedy: "choose another name")
    } else if let blocker = earlier.first(where: { $0.covers(questionnaire) }) {
      report(
        item, "the questionnaire is never reached: \(quoted(blocker.name)) matches before it",
        remedy: "move it up, or remove it")
    }
    return questionnaire
  }

  private mutating func scope(
    _ place: PolicyNode
  ) -> (categories: Set<String>, intents: Set<String>, channels: Set<ChannelID>)? {
    guard let fields = fields(of: place, known: ["category", "intent", "channel"]) else { return nil }
    if fields["category"] == nil, fields["intent"] == nil {
      report(place, "no label is named", remedy: "add `category:` or `intent:`")
    }
    let categories = (fields["category"].map { itemsOrOne($0) } ?? []).compactMap { text($0) }
    let intents = (fields["intent"].map { itemsOrOne($0) } ?? []).compactMap { text($0) }
    return (
      Set(categories), Set(intents), references(fields["channel"], to: "channel", among: channelNames)
    )
  }

  private mutating func question(_ place: PolicyNode) -> Question? {
    let known = ["field", "attempts", "again"] + PolicyReader.articleLanguages
    guard let fields = fields(of: place, known: known) else { return nil }
    let field: FieldName? = needed("field", in: fields).flatMap {
      reference($0, to: "field", among: Set(ticketFields.keys.map(\.rawValue)))
    }
    let attempts = fields["attempts"].flatMap { integer($0, in: PolicyLimits.questionAttempts) } ?? 2
    let texts = questionTexts(fields)
    let repeated = fields["again"].flatMap { again in
      self.fields(of: again, known: PolicyReader.articleLanguages).map { questionTexts($0) }
    }
    // Customers write in both languages on every channel.
    if !texts.keys.contains(where: { $0.hasPrefix("zh") }) || texts["en"] == nil {
      report(place, "the question is not written in both languages", remedy: "add `zh:` and `en:`")
    }
    guard let field else { return nil }
    return Question(field: field, attempts: attempts, texts: texts, repeated: repeated ?? [:])
  }

  private mutating func questionTexts(_ fields: PolicyFields) -> [String: String] {
    var texts: [String: String] = [:]
    for language in PolicyReader.articleLanguages {
      guard let place = fields[language], let (text, _) = scalar(place) else { continue }
      guard (1...PolicyLimits.questionCharacters).contains(text.unicodeScalars.count), !text.isBlank,
        !text.unicodeScalars.contains("\0")
      else {
        report(
          place, "the text is blank, too long or contains U+0000",
          remedy: "write 1 to \(PolicyLimits.questionCharacters) characters")
        continue
      }
      for name in Question.placeholders(in: text) where ticketFields[name] == nil {
        report(
          place, "unknown field \(quoted(name.rawValue)) in the text", remedy: "name a field of `questions.fields`")
      }
      texts[language] = text
    }
    return texts
  }
}

extension Questionnaire {
  /// Whether it applies wherever another one does.
  fileprivate func covers(_ other: Questionnaire) -> Bool {
    func covers<Value: Hashable>(_ mine: Set<Value>, _ theirs: Set<Value>) -> Bool {
      mine.isEmpty || (!theirs.isEmpty && theirs.isSubset(of: mine))
    }
    return covers(categories, other.categories) && covers(intents, other.intents) && covers(channels, other.channels)
  }
}

// MARK: - Conditions on fields

extension PolicyReader {
  /// Reads `field:`, values by field: `{parcel_state: [damaged, missing]}`. All of them must hold.
  mutating func fieldValues(_ place: PolicyNode) -> Condition? {
    let entries = named(place, limit: TicketFields.most)
    var tests: [Condition] = []
    for entry in entries {
      guard let name: FieldName = fieldReference(entry.key), let field = ticketFields[name] else { continue }
      let items = itemsOrOne(entry.value, limit: PolicyLimits.conditionParts)
      let values = items.compactMap { fieldValue($0, of: field) }
      guard !values.isEmpty, values.count == items.count else { continue }
      tests.append(.field(FieldTest(name, in: Set(values.map { ExactString($0) }))))
    }
    guard let first = tests.first, tests.count == entries.count else { return nil }
    return tests.count == 1 ? first : .all(tests)
  }

  /// Reads `field_given:`, fields that must have a value.
  mutating func fieldsGiven(_ place: PolicyNode) -> Condition? {
    let items = itemsOrOne(place, limit: TicketFields.most)
    let tests = items.compactMap { item in fieldReference(item).map { Condition.field(FieldTest($0)) } }
    guard let first = tests.first, tests.count == items.count else { return nil }
    return tests.count == 1 ? first : .all(tests)
  }

  private mutating func fieldReference(_ place: PolicyNode) -> FieldName? {
    reference(place, to: "field", among: Set(ticketFields.keys.map(\.rawValue)))
  }

  private mutating func fieldValue(_ place: PolicyNode, of field: FieldDefinition) -> String? {
    switch field.kind {
    case .choice(let choices): return word(place, among: choices.map { ($0.value, $0.value) })
    case .text:
      report(place, "a free text cannot be compared", remedy: "write `field_given: \(field.name)`")
      return nil
    case .orderNumber, .pattern, .date: return text(place)
    }
  }
}
