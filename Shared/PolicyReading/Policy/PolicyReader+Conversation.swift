import DeskCore

// MARK: - Conversations and greetings

extension PolicyReader {
  /// Reads `conversation:`, how the messages of a conversation are read together. A list replaces the built-in one.
  mutating func conversation(_ place: PolicyNode?) -> ConversationPolicy {
    var conversation = ConversationPolicy()
    let known = [
      "calm_after", "concern_from", "closing_from", "greeting_from", "greetings", "closings", "objections", "fillers",
    ]
    guard let place, let fields = fields(of: place, known: known) else { return conversation }
    if let after = fields["calm_after"].flatMap({ integer($0, in: PolicyLimits.calmAfter) }) {
      conversation.calmAfter = after
    }
    if let from = fields["concern_from"].flatMap({ share($0) }) { conversation.concernFrom = from }
    if let from = fields["closing_from"].flatMap({ share($0) }) { conversation.closingFrom = from }
    if let from = fields["greeting_from"].flatMap({ share($0) }) { conversation.greetingFrom = from }
    if let list = phrases(fields["greetings"]) { conversation.greetings = list }
    if let list = phrases(fields["closings"]) { conversation.closings = list }
    if let list = phrases(fields["objections"]) { conversation.objections = list }
    if let list = phrases(fields["fillers"]) { conversation.fillers = list }
    return conversation
  }

  /// Reads a list of phrases; nil for a missing one. An empty list finds nothing.
  private mutating func phrases(_ place: PolicyNode?) -> PhraseList? {
    place.map { PhraseList(findable(itemsOrOne($0, limit: PolicyLimits.phrases), called: "phrase")) }
  }

  /// Reads a channel's `greeting:`, what happens to a first message that only greets.
  mutating func greeting(_ place: PolicyNode?) -> GreetingPolicy {
    var greeting = GreetingPolicy()
    guard let place, let fields = fields(of: place, known: ["wait", "answer"]) else { return greeting }
    if let wait = fields["wait"].flatMap({ duration($0, in: PolicyLimits.greetingWait) }) { greeting.wait = wait }
    guard let answer = fields["answer"],
      let versions = self.fields(of: answer, known: PolicyReader.articleLanguages)
    else { return greeting }
    for language in PolicyReader.articleLanguages {
      if let text = versions[language].flatMap({ text($0) }) { greeting.answers[language] = text }
    }
    return greeting
  }
}
