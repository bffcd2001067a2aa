package import DeskCore

extension ItemID {
  /// The id of a message, or of its ticket, on a link.
  package init(_ identifier: Identifier<some Any>) {
    self.init(high: identifier.high, low: identifier.low)
  }
}

extension Labels {
  /// Converts a link item's labels.
  package init(_ labels: LinkLabels) {
    self.init(
      category: labels.category, intent: labels.intent, confidence: Labels.rounded(Double(labels.confidence)),
      urgency: Urgency(rawValue: Int(labels.urgency)) ?? .normal,
      sentiment: Sentiment(rawValue: Int(labels.sentiment)) ?? .neutral, language: labels.language,
      modelVersion: labels.modelVersion)
  }
}

extension LabelledMessage {
  /// Converts a link item's labels and articles.
  package init(_ labels: LinkLabels, of message: MessageID) {
    self.init(message: message, labels: Labels(labels), suggestions: labels.suggestions, guesses: labels.wholeGuesses)
  }
}

extension LinkLabels {
  /// The articles that may fit, best first.
  fileprivate var suggestions: [ArticleSuggestion] {
    zip(articleIDs, articleCoverages).map { ArticleSuggestion(ArticleID($0), coverage: Double($1)) }
  }

  /// The model's best labels, best first.
  fileprivate var wholeGuesses: [LabelGuess] {
    guesses.prefix(LabelGuess.mostKept).map { LabelGuess($0.category, share: Double($0.probability)) }
  }
}

extension UndecidedItem {
  /// Reads an item of a link; nil when it has no labels or a malformed identifier, which our classifiers never send.
  package init?(_ item: LinkItem) {
    let content = item.content
    guard let ticket = content.ticketID, let labels = content.labels else { return nil }
    self.init(
      id: MessageID(high: item.id.high, low: item.id.low), ticket: TicketID(high: ticket.high, low: ticket.low),
      channel: ChannelID(content.channel), customer: content.customer,
      tier: CustomerTier(rawValue: content.tier) ?? .standard, text: content.text,
      acceptedAt: Instant(microseconds: content.receivedAtUs), opensTicket: content.opensTicket,
      traceparent: content.traceparent.isEmpty ? nil : content.traceparent, labels: Labels(labels),
      productLine: content.productLine, suggestions: labels.suggestions, guesses: labels.wholeGuesses)
  }
}
