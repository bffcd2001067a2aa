package import DeskCore
import Foundation

extension Labels {
  /// Converts a work item's labels.
  package init(_ labels: WireLabels) {
    self.init(
      category: labels.category, intent: labels.intent, confidence: Labels.rounded(Double(labels.confidence)),
      urgency: Urgency(rawValue: Int(labels.urgency)) ?? .normal,
      sentiment: Sentiment(rawValue: Int(labels.sentiment)) ?? .neutral, language: labels.language,
      modelVersion: labels.modelVersion)
  }
}

extension LabelledMessage {
  /// Converts a work item's labels and articles.
  package init(_ labels: WireLabels, of message: MessageID) {
    self.init(message: message, labels: Labels(labels), suggestions: labels.suggestions, guesses: labels.wholeGuesses)
  }
}

extension WireLabels {
  /// The articles that may fit, best first.
  fileprivate var suggestions: [ArticleSuggestion] {
    zip(articleIds, articleCoverages).map { ArticleSuggestion(ArticleID($0), coverage: Double($1)) }
  }

  /// The model's best labels, best first.
  fileprivate var wholeGuesses: [LabelGuess] {
    guesses.prefix(LabelGuess.mostKept).map { LabelGuess($0.category, share: Double($0.probability)) }
  }
}

extension UndecidedItem {
  /// Reads an item of a link; nil when it has no labels or a malformed identifier, which our classifiers never send.
  package init?(_ item: WireWorkItem) {
    guard let id = MessageID(bytes: item.messageID), let ticket = TicketID(bytes: item.ticketID), item.hasLabels else {
      return nil
    }
    let labels = item.labels
    self.init(
      id: id, ticket: ticket, channel: ChannelID(item.channel), customer: item.customer,
      tier: CustomerTier(rawValue: item.tier) ?? .standard, text: item.text,
      acceptedAt: Instant(microseconds: item.receivedAtUs), opensTicket: item.opensTicket,
      traceparent: item.traceparent.isEmpty ? nil : item.traceparent, labels: Labels(labels),
      productLine: item.productLine, suggestions: labels.suggestions, guesses: labels.wholeGuesses)
  }
}
