/// A labelled message that waits for its decision, from either path.
package struct UndecidedItem: Sendable {
  package let id: MessageID
  package let ticket: TicketID
  package let channel: ChannelID
  package var customer: String
  package let tier: CustomerTier
  package var text: String
  package let acceptedAt: Instant
  package let opensTicket: Bool
  package let traceparent: String?
  package let labels: Labels
  /// The product line named by the channel; empty if it named none.
  package var productLine = ""
  /// Articles that may fit, best first.
  package var suggestions: [ArticleSuggestion] = []
  /// The model's best labels, best first.
  package var guesses: [LabelGuess] = []

  /// - Parameters:
  ///   - productLine: empty if the channel named none.
  ///   - suggestions: best first.
  ///   - guesses: best first.
  package init(
    id: MessageID, ticket: TicketID, channel: ChannelID, customer: String, tier: CustomerTier, text: String,
    acceptedAt: Instant, opensTicket: Bool, traceparent: String?, labels: Labels, productLine: String = "",
    suggestions: [ArticleSuggestion] = [], guesses: [LabelGuess] = []
  ) {
    self.id = id
    self.ticket = ticket
    self.channel = channel
    self.customer = customer
    self.tier = tier
    self.text = text
    self.acceptedAt = acceptedAt
    self.opensTicket = opensTicket
    self.traceparent = traceparent
    self.labels = labels
    self.productLine = productLine
    self.suggestions = suggestions
    self.guesses = guesses
  }

  /// Whether the same customer wrote both.
  package func hasSameAuthor(_ other: UndecidedItem) -> Bool {
    channel == other.channel && customer.hasSameBytes(as: other.customer)
  }
}
