import DeskCore
import Foundation
import Store
import Wire

/// A labelled message that waits for its decision, from either path.
struct UndecidedItem: Sendable {
  let id: MessageID
  let ticket: TicketID
  let channel: ChannelID
  var customer: String
  let tier: CustomerTier
  var text: String
  let acceptedAt: Instant
  let opensTicket: Bool
  let traceparent: String?
  let labels: Labels
  /// The product line named by the channel; empty if it named none.
  var productLine = ""
  /// Articles that may fit, best first.
  var suggestions: [ArticleSuggestion] = []
  /// The model's best labels, best first.
  var guesses: [LabelGuess] = []
}

extension UndecidedItem {
  /// Reads an item of a link; nil when it has no labels or a malformed identifier, which our classifiers never send.
  init?(_ item: WireWorkItem) {
    guard let id = MessageID(bytes: item.messageID), let ticket = TicketID(bytes: item.ticketID), item.hasLabels else {
      return nil
    }
    self.id = id
    self.ticket = ticket
    channel = ChannelID(item.channel)
    customer = item.customer
    tier = CustomerTier(rawValue: item.tier) ?? .standard
    text = item.text
    acceptedAt = Instant(microseconds: item.receivedAtUs)
    opensTicket = item.opensTicket
    traceparent = item.traceparent.isEmpty ? nil : item.traceparent
    labels = Labels(
      category: item.labels.category, intent: item.labels.intent, confidence: Double(item.labels.confidence),
      urgency: Urgency(rawValue: Int(item.labels.urgency)) ?? .normal,
      sentiment: Sentiment(rawValue: Int(item.labels.sentiment)) ?? .neutral, language: item.labels.language,
      modelVersion: item.labels.modelVersion)
    productLine = item.productLine
    suggestions = zip(item.labels.articleIds, item.labels.articleCoverages).map {
      ArticleSuggestion(ArticleID($0), coverage: Double($1))
    }
    guesses = item.labels.guesses.prefix(LabelGuess.mostKept).map {
      LabelGuess($0.category, share: Double($0.probability))
    }
  }

  /// Reads a row of the inbox; nil when no classifier has labelled it yet.
  init?(_ message: UndecidedMessage) {
    guard let labels = message.labels else { return nil }
    self.init(message, labels: labels)
  }

  /// Reads a row of the inbox with labels from elsewhere.
  init(_ message: UndecidedMessage, labels: Labels) {
    id = message.id
    ticket = message.ticket
    channel = message.channel
    customer = message.customer
    tier = message.tier
    text = message.body
    acceptedAt = message.acceptedAt
    opensTicket = message.opensTicket
    traceparent = message.traceparent
    productLine = message.productLine ?? ""
    suggestions = message.suggestions
    guesses = message.guesses
    self.labels = labels
  }
}
