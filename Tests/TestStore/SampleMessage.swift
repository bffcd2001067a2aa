public import DeskCore
public import Store

extension IncomingMessage {
  /// A message with content that no test depends on, except for what is given.
  public static func sample(
    id: MessageID, ticket: TicketID, on channel: ChannelID = "web", from customer: String, externalID: String,
    digest: UInt8 = 1, text: String = "words", traceparent: String? = nil
  ) -> IncomingMessage {
    IncomingMessage(
      id: id, ticket: ticket, channel: channel, customer: customer, externalID: externalID,
      digest: Array(repeating: digest, count: 32), subject: nil, body: text, attributes: nil, attachments: nil,
      sentAt: nil, traceparent: traceparent)
  }
}

extension Labels {
  /// Labels with content that no test depends on, except for what is given.
  public static func of(category: String, confidence: Double = 0.9) -> Labels {
    Labels(
      category: category, intent: category, confidence: confidence, urgency: .normal, sentiment: .neutral,
      language: "en", modelVersion: "m")
  }
}

/// The database did not do what a fixture needs.
public struct FixtureError: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
