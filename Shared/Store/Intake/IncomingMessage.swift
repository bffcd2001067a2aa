public import DeskCore
public import PostgreSQL

/// A message submitted by a channel, validated and normalised.
public struct IncomingMessage: Sendable {
  /// The identifier that it gets if it is new.
  public var id: MessageID
  /// The identifier of the ticket that it opens if its customer has none.
  public var ticket: TicketID
  /// The channel.
  public var channel: ChannelID
  /// The customer's external id on that channel.
  public var customer: String
  /// The channel's id of the message, which identifies retries.
  public var externalID: String
  /// A digest of the content, to detect an id that is reused for different content. At least 16 bytes.
  public var digest: [UInt8]
  /// The subject line, if the channel has one.
  public var subject: String?
  /// The message text.
  public var body: String
  /// Further properties as a JSON object.
  public var attributes: PostgresJSON?
  /// References to attachments as a JSON array.
  public var attachments: PostgresJSON?
  /// When it was sent, according to the channel.
  public var sentAt: Instant?
  /// Its W3C trace context.
  public var traceparent: String?
  /// The customer's contact data, if the channel sent it.
  public var contact: SealedContact?
  /// What the channel has verified of the customer, at most one of each kind; only what the policy trusts it with.
  public var proofs: [CustomerProof]

  /// Creates a message.
  public init(
    id: MessageID, ticket: TicketID, channel: ChannelID, customer: String, externalID: String, digest: [UInt8],
    subject: String?, body: String, attributes: PostgresJSON?, attachments: PostgresJSON?, sentAt: Instant?,
    traceparent: String?, contact: SealedContact? = nil, proofs: [CustomerProof] = []
  ) {
    self.id = id
    self.ticket = ticket
    self.channel = channel
    self.customer = customer
    self.externalID = externalID
    self.digest = digest
    self.subject = subject
    self.body = body
    self.attributes = attributes
    self.attachments = attachments
    self.sentAt = sentAt
    self.traceparent = traceparent
    self.contact = contact
    self.proofs = proofs
  }
}

extension IncomingMessage {
  /// `attributes` as text.
  package var attributesText: String? { attributes?.text }
  /// `attachments` as text.
  package var attachmentsText: String? { attachments?.text }
  /// The product line that the attributes name.
  package var productLine: String? { attributes.flatMap { Self.productLine(in: $0.text) } }

  /// The product line among attributes, a JSON object.
  static func productLine(in attributes: String) -> String? { JSONValue(json: attributes)?["product_line"]?.text }
}

/// The outcome of a submitted message.
public enum AcceptOutcome: Sendable, Hashable {
  /// It is new and in PostgreSQL.
  case accepted(Acceptance)
  /// It was accepted earlier, with the same content.
  case duplicate(Acceptance)
  /// It was accepted earlier, with the same content, and nothing else of it is kept.
  case duplicateOfDropped(MessageID)
  /// Its id was used earlier for different content.
  case conflict
  /// Another transaction has its customer's ticket locked; nothing was written.
  case heldUp
}

/// Where an accepted message went.
public struct Acceptance: Sendable, Hashable {
  /// The message.
  public let message: MessageID
  /// Its ticket.
  public let ticket: TicketID
  /// Whether it opened the ticket.
  public let opensTicket: Bool
  /// The customer's tier.
  public let tier: CustomerTier
  /// The time of the commit's statement, by the database's clock.
  public let acceptedAt: Instant

  /// As a store has it.
  package init(message: MessageID, ticket: TicketID, opensTicket: Bool, tier: CustomerTier, acceptedAt: Instant) {
    self.message = message
    self.ticket = ticket
    self.opensTicket = opensTicket
    self.tier = tier
    self.acceptedAt = acceptedAt
  }
}
