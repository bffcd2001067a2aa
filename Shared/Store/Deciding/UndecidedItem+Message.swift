package import DeskCore

extension UndecidedItem {
  /// Reads a row of the inbox; nil when no classifier has labelled it yet.
  package init?(_ message: UndecidedMessage) {
    guard let labels = message.labels else { return nil }
    self.init(message, labels: labels)
  }

  /// Reads a row of the inbox with labels from elsewhere.
  package init(_ message: UndecidedMessage, labels: Labels) {
    self.init(
      id: message.id, ticket: message.ticket, channel: message.channel, customer: message.customer, tier: message.tier,
      text: message.body, acceptedAt: message.acceptedAt, opensTicket: message.opensTicket,
      traceparent: message.traceparent, labels: labels, productLine: message.productLine ?? "",
      suggestions: message.suggestions, guesses: message.guesses)
  }
}
