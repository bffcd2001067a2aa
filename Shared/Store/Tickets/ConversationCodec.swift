import DeskCore
import PostgreSQL

/// The encoding of what a ticket remembers of its conversation, in the column `conversation`: NULL for the initial state.
///
/// `held_until_us` is also read by SQL, where tickets that wait for a concern or an answer are not offered.
enum ConversationCodec {
  static func document(of state: ConversationState) -> PostgresJSON? {
    if state == ConversationState() { return nil }
    var fields: [JSONValue.Field] = []
    func add(_ name: String, _ number: Int) {
      if number != 0 { fields.append(.init(name, .integer(Int64(number)))) }
    }
    func add(_ name: String, _ flag: Bool) {
      if flag { fields.append(.init(name, .flag(true))) }
    }
    add("less_urgent", state.lessUrgentMessages)
    add("calmer", state.calmerMessages)
    if !state.found.isEmpty {
      fields.append(.init("found", .list(state.found.map { .integer(Int64(bitPattern: $0)) })))
    }
    if !state.productLine.isEmpty { fields.append(.init("product_line", .text(state.productLine))) }
    add("awaits_concern", state.awaitsConcern)
    if let until = state.heldUntil { fields.append(.init("held_until_us", .integer(until.microseconds))) }
    add("placed_by_hand", state.isPlacedByHand)
    add("prioritised_by_hand", state.isPrioritisedByHand)
    if let suggestion = state.suggestion {
      fields.append(
        .init(
          "suggestion",
          .object(
            [
              .init("queue", .text(suggestion.queue.rawValue)), .init("priority", .text(suggestion.priority.name)),
              .init("rule", suggestion.rule.map { .text($0) } ?? .null),
            ] + (suggestion.full.isEmpty ? [] : [.init("full", .list(suggestion.full.map { .text($0.rawValue) }))]))))
    }
    if !state.crises.isEmpty {
      fields.append(.init("crises", .list(state.crises.map { .text($0.description) })))
    }
    if let question = state.question {
      fields.append(
        .init(
          "question",
          .object([
            .init("questionnaire", .text(question.questionnaire)), .init("field", .text(question.field.rawValue)),
            .init("attempts", .integer(Int64(question.attempts))),
          ])))
    }
    if !state.skippedFields.isEmpty {
      fields.append(.init("skipped", .list(state.skippedFields.map { .text($0.rawValue) })))
    }
    add("questions", state.questionsAsked)
    return PostgresJSON(JSONValue.object(fields).json)
  }

  /// Reads the column as text: NULL, or a document, of which unknown keys are ignored.
  static func state(from text: String?) throws -> ConversationState {
    guard let text else { return ConversationState() }
    guard let document = JSONValue(json: text), case .object = document else {
      throw StoreError.unreadable("conversation")
    }
    var suggestion: ConversationState.Suggestion?
    if let stored = document["suggestion"] {
      guard let queue = stored["queue"]?.text, let priority = stored["priority"]?.text.flatMap({ Priority(name: $0) })
      else { throw StoreError.unreadable("conversation") }
      suggestion = .init(
        queue: QueueID(queue), priority: priority, rule: stored["rule"]?.text,
        full: stored["full"]?.list?.compactMap { $0.text.map { QueueID($0) } } ?? [])
    }
    var question: QuestionFacts.Asked?
    if let stored = document["question"] {
      guard let questionnaire = stored["questionnaire"]?.text, let field = stored["field"]?.text else {
        throw StoreError.unreadable("conversation")
      }
      question = .init(
        questionnaire: questionnaire, field: FieldName(field), attempts: max(1, count(stored["attempts"])))
    }
    return ConversationState(
      lessUrgentMessages: count(document["less_urgent"]), calmerMessages: count(document["calmer"]),
      found: document["found"]?.list?.compactMap { $0.integer.map { UInt64(bitPattern: $0) } } ?? [],
      productLine: document["product_line"]?.text ?? "", awaitsConcern: document["awaits_concern"]?.flag ?? false,
      heldUntil: document["held_until_us"]?.integer.map { Instant(microseconds: $0) },
      isPlacedByHand: document["placed_by_hand"]?.flag ?? false,
      isPrioritisedByHand: document["prioritised_by_hand"]?.flag ?? false, suggestion: suggestion,
      crises: document["crises"]?.list?.compactMap { $0.text.flatMap { CrisisID($0) } } ?? [],
      question: question,
      skippedFields: document["skipped"]?.list?.compactMap { $0.text.map { FieldName($0) } } ?? [],
      questionsAsked: count(document["questions"]))
  }

  private static func count(_ value: JSONValue?) -> Int { value?.integer.map { Int(clamping: $0) } ?? 0 }
}
