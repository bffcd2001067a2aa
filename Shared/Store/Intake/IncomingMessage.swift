public import DeskCore
public import PostgreSQL

/// A message as a channel handed it in, checked and normalised.
public struct IncomingMessage: Sendable {
  /// The identifier that it gets if it is new.
  public var id: MessageID
  /// The identifier of the ticket that it opens if its customer has none.
  public var ticket: TicketID
  /// The way in.
  public var channel: ChannelID
  /// The customer's external id on that channel.
  public var customer: String
  /// The channel's own id of the message; repetitions are known by it.
  public var externalID: String
  /// A digest of the content, so that an id that comes back with other content is noticed. At least 16 bytes.
  public var digest: [UInt8]
  /// The subject line, where the channel has one.
  public var subject: String?
  /// The customer's words.
  public var body: String
  /// Further properties as a JSON object.
  public var attributes: PostgresJSON?
  /// References to attachments as a JSON array.
  public var attachments: PostgresJSON?
  /// When the channel says it was sent.
  public var sentAt: Instant?
  /// The W3C trace context it travels under.
  public var traceparent: String?
  /// How the customer can be reached, where the channel said.
  public var contact: SealedContact?

  /// Collects a message.
  public init(
    id: MessageID, ticket: TicketID, channel: ChannelID, customer: String, externalID: String, digest: [UInt8],
    subject: String?, body: String, attributes: PostgresJSON?, attachments: PostgresJSON?, sentAt: Instant?,
    traceparent: String?, contact: SealedContact? = nil
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
  }
}

/// What became of a message that was handed in.
public enum AcceptOutcome: Sendable, Hashable {
  /// It is new and in PostgreSQL.
  case accepted(Acceptance)
  /// It was accepted earlier, with the same content.
  case duplicate(Acceptance)
  /// It was accepted earlier, with the same content, and nothing is kept of it but that.
  case duplicateOfDropped(MessageID)
  /// Its id was used earlier for other content.
  case conflict
  /// Another transaction holds its customer's ticket; nothing was written.
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
  /// The customer's standing.
  public let tier: CustomerTier
  /// The moment of the commit's statement, by the database's clock.
  public let acceptedAt: Instant
}
