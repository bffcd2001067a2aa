public import DeskCore
import PostgreSQL

/// A stored message.
public struct StoredMessage: Sendable {
  /// Its identifier.
  public let id: MessageID
  /// Its ticket.
  public let ticket: TicketID
  /// 1 from the customer, 2 to the customer, 3 an internal note.
  public let direction: Int16
  /// The channel.
  public let channel: ChannelID
  /// The customer's external id, or the agent who wrote it.
  public let author: String
  /// The external id of the answered customer, if that is not the ticket's own.
  public let addressee: String?
  /// The subject line.
  public private(set) var subject: String?
  /// The message text.
  public private(set) var body: String
  /// References to files, as a JSON list; nil for none.
  public private(set) var attachments: String?
  /// What the channel sent about the message or its customer, as a JSON object of strings; nil for none.
  public private(set) var attributes: String?
  /// When it was accepted or written.
  public let receivedAt: Instant
  /// Whether it is undecided.
  public let isUndecided: Bool
  /// How far a reply has come on its way to the customer; nil for any other message, and for a reply from before schema 97.
  public let delivery: ReplyDelivery?

  /// As a store has it.
  package init(
    id: MessageID, ticket: TicketID, direction: Int16, channel: ChannelID, author: String, addressee: String?,
    subject: String?, body: String, attachments: String?, attributes: String?, receivedAt: Instant, isUndecided: Bool,
    delivery: ReplyDelivery?
  ) {
    self.id = id
    self.ticket = ticket
    self.direction = direction
    self.channel = channel
    self.author = author
    self.addressee = addressee
    self.subject = subject
    self.body = body
    self.attachments = attachments
    self.attributes = attributes
    self.receivedAt = receivedAt
    self.isUndecided = isUndecided
    self.delivery = delivery
  }
}

extension StoredMessage: WordedRow {
  mutating func open(by words: WordCodec) throws {
    try words.open(&subject, .subject(id))
    try words.open(&body, .body(id))
    try words.open(json: &attachments, .attachments(id))
    try words.open(json: &attributes, .attributes(id))
  }
}

/// A stored entry of a ticket's timeline.
public struct StoredEvent: Sendable {
  /// The ticket's version after the step.
  public let version: Int32
  /// The position within the step.
  public let position: Int16
  /// What happened.
  public let kind: String
  /// Who did it.
  public let actor: String
  /// When it happened.
  public let at: Instant
  /// The details as JSON.
  public let detail: String
  /// The trace it belongs to.
  public let traceparent: String?

  /// As a store has it.
  package init(
    version: Int32, position: Int16, kind: String, actor: String, at: Instant, detail: String, traceparent: String?
  ) {
    self.version = version
    self.position = position
    self.kind = kind
    self.actor = actor
    self.at = at
    self.detail = detail
    self.traceparent = traceparent
  }

  /// What happened, with its details, read from `kind` and `detail`; nil for a kind that this build does not know.
  public var content: TimelineEvent? { TimelineEvent(kind: kind, detail: detail) }
}

/// An ended ticket.
public struct ClosedTicket: Sendable {
  /// Its identifier.
  public let id: TicketID
  /// `closed` or `rejected`.
  public let state: String
  /// The channel.
  public let channel: ChannelID
  /// The customer's external id.
  public let customer: String
  /// The last queue.
  public let queue: QueueID?
  /// When it was opened.
  public let openedAt: Instant
  /// When it ended.
  public let closedAt: Instant
  /// Its category, and the model that predicted it; nil for one that was never labelled.
  public let category: String?
  public let modelVersion: String?

  /// As a store has it.
  package init(
    id: TicketID, state: String, channel: ChannelID, customer: String, queue: QueueID?, openedAt: Instant,
    closedAt: Instant, category: String?, modelVersion: String?
  ) {
    self.id = id
    self.state = state
    self.channel = channel
    self.customer = customer
    self.queue = queue
    self.openedAt = openedAt
    self.closedAt = closedAt
    self.category = category
    self.modelVersion = modelVersion
  }
}

extension ConversationStore {
  /// Returns a message by identifier.
  public func message(_ id: MessageID) async throws -> StoredMessage? {
    try await pool.query(ConversationStore.oneMessage.opening(words), [id]).first
  }

  /// Returns an ended ticket.
  public func closedTicket(_ id: TicketID) async throws -> ClosedTicket? {
    try await pool.query(ConversationStore.closed, [id]).first
  }

  static let messageColumns = """
    m.id, m.ticket_id, m.direction, m.channel, m.author, m.addressee, m.subject, m.body, m.attachments::text,
    m.attributes::text, m.received_at,
    EXISTS (SELECT FROM desk.inbox b WHERE b.message_id = m.id),
    CASE WHEN m.direction = 2 THEN (SELECT r.state FROM desk.reply r WHERE r.id = m.id) END,
    CASE WHEN m.direction = 2 THEN (SELECT r.state_at FROM desk.reply r WHERE r.id = m.id) END,
    CASE WHEN m.direction = 2 THEN (SELECT r.reason FROM desk.reply r WHERE r.id = m.id) END
    """

  static let readMessage: @Sendable (inout PostgresRowReader) throws -> StoredMessage = { row in
    try StoredMessage(
      id: row.next(), ticket: row.next(), direction: row.next(), channel: row.next(), author: row.next(),
      addressee: row.next(), subject: row.next(), body: row.next(), attachments: row.next(),
      attributes: row.next(), receivedAt: row.next(), isUndecided: row.next(), delivery: readDelivery(&row))
  }

  private static let readDelivery: @Sendable (inout PostgresRowReader) throws -> ReplyDelivery? = { row in
    let (state, at, reason) = try (row.next(ReplyState?.self), row.next(Instant?.self), row.next(String?.self))
    guard let state, let at else { return nil }
    return ReplyDelivery(state: state, at: at, reason: reason)
  }

  private static let oneMessage = PostgresStatement(
    "one_message", "SELECT \(messageColumns) FROM desk.message m WHERE m.id = $1", planning: .once, row: readMessage)

  private static let closed = PostgresStatement(
    "closed_ticket",
    """
    SELECT id, state, channel, customer, queue, opened_at, closed_at, ticket->>'category', ticket->>'model_version'
      FROM desk.closed_ticket WHERE id = $1
    """
  ) { row in
    try ClosedTicket(
      id: row.next(), state: row.next(), channel: row.next(), customer: row.next(), queue: row.next(),
      openedAt: row.next(), closedAt: row.next(), category: row.next(), modelVersion: row.next())
  }
}
