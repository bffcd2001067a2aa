public import DeskCore
import PostgreSQL

/// A page of an append-only list that is read from its end: later additions never shift earlier pages.
public struct NewestPage<Element: Sendable, Place: Sendable>: Sendable {
  /// Oldest first.
  public let elements: [Element]
  /// The cursor of the previous page; nil when this one contains the beginning.
  public let earlier: Place?

  /// Creates a page.
  public init(elements: [Element], earlier: Place?) {
    self.elements = elements
    self.earlier = earlier
  }
}

/// An entry's position in its ticket's timeline, written as `VERSION.POSITION`.
public struct TimelinePlace: Sendable, Hashable, LosslessStringConvertible {
  /// The ticket's version after the step.
  public let version: Int32
  /// The position within the step.
  public let position: Int16

  /// Creates a position.
  public init(version: Int32, position: Int16) {
    self.version = version
    self.position = position
  }

  /// Parses the output of `description`; nil for anything else.
  public init?(_ description: String) {
    let parts = description.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let version = Int32(parts[0]), let position = Int16(parts[1]) else { return nil }
    self.init(version: version, position: position)
    guard self.description == description else { return nil }
  }

  public var description: String { "\(version).\(position)" }
}

/// What was written on a ticket and what happened to it, for people.
public struct ConversationStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
  let words: WordCodec
}

extension ConversationStore {
  /// Returns a page of a conversation, from its end.
  /// - Parameters:
  ///   - parts: the tickets of the conversation: a ticket and those merged into it.
  ///   - before: only older messages; nil for the newest.
  ///   - limit: the maximum number, 1 or more.
  ///   - bytes: the maximum text size of a page, unless a single message is larger.
  public func messages(
    of parts: ConversationParts, before: MessageID?, limit: Int, bytes: Int = StoreBounds.pageBytes
  ) async throws -> NewestPage<StoredMessage, MessageID> {
    let beyond = MessageID(high: .max, low: .max)
    let rows = try await pool.query(
      ConversationStore.conversationPage.opening(words),
      [parts.tickets, before ?? beyond, Int64(limit) + 1, Int64(bytes), parts.floor])
    // One more than requested shows whether there are more.
    let kept = rows.suffix(limit)
    let isCut = (rows.first?.near ?? 0) > kept.count
    return NewestPage(elements: kept.map(\.element), earlier: isCut ? kept.first?.element.id : nil)
  }

  /// Returns the newest messages of a ticket, oldest first. Those much older than the ticket are left out, unless it has no others.
  public func messages(of ticket: TicketID, limit: Int) async throws -> [StoredMessage] {
    let found = try await messages(of: ConversationParts([ticket]), before: nil, limit: limit).elements
    guard found.isEmpty else { return found }
    let all = ConversationParts([ticket], floor: MessageFloor.none)
    return try await messages(of: all, before: nil, limit: limit).elements
  }

  /// Returns the last message of the ticket's customer, or of one who shares it; nil when there is none.
  public func newestMessageOfCustomer(on ticket: TicketID) async throws -> StoredMessage? {
    let statement = ConversationStore.newestOfCustomer.opening(words)
    if let found = try await pool.query(statement, [ticket, MessageFloor.of([ticket])]).first { return found }
    return try await pool.query(statement, [ticket, MessageFloor.none]).first
  }

  /// Returns replies and notes on a ticket whose identifiers end with these 8 bytes.
  public func writtenMessages(on ticket: TicketID, endingWith tail: [UInt8]) async throws -> [MessageID] {
    try await pool.query(ConversationStore.writtenWithTail, [ticket, tail, MessageFloor.of([ticket])])
  }

  /// Returns a page of a ticket's timeline, from its end.
  /// - Parameters:
  ///   - kinds: only entries of these; empty for all.
  ///   - before: only earlier entries; nil for the newest.
  ///   - limit: the maximum number, 1 or more.
  ///   - bytes: the maximum size of a page's details, unless a single entry is larger.
  public func timelinePage(
    of ticket: TicketID, kinds: Set<TimelineEntry.Kind> = [], before: TimelinePlace? = nil, limit: Int,
    bytes: Int = StoreBounds.pageBytes
  ) async throws -> NewestPage<StoredEvent, TimelinePlace> {
    let place = before ?? TimelinePlace(version: .max, position: .max)
    let rows = try await pool.query(
      ConversationStore.eventPage,
      [ticket, place.version, place.position, Int64(limit) + 1, Int64(bytes), kinds.flatMap(\.storedNames).sorted()])
    let kept = rows.suffix(limit)
    let isCut = (rows.first?.near ?? 0) > kept.count
    return NewestPage(
      elements: kept.map(\.element),
      earlier: isCut
        ? kept.first.map { TimelinePlace(version: $0.element.version, position: $0.element.position) } : nil)
  }

  /// Returns the newest entries of a ticket's timeline, oldest first, at most `StoreBounds.eventsPerPage`.
  public func timeline(of ticket: TicketID) async throws -> [StoredEvent] {
    try await timelinePage(of: ticket, limit: StoreBounds.eventsPerPage).elements
  }

  /// Returns the product line that the ticket's customer named last, in a message or in an earlier one; nil when there is none.
  public func productLine(on ticket: TicketID, upTo message: MessageID) async throws -> String? {
    let candidates = try await pool.query(
      ConversationStore.namedProductLine.opening(words),
      [ticket, message, Int64(StoreBounds.productLinesRead), min(message, MessageFloor.of([ticket]))])
    return candidates.lazy.compactMap(\.name).first { !$0.isEmpty }
  }

  /// Returns the newest timeline entry of a ticket that suggests articles or keeps the model's guesses.
  public func newestSuggestion(of ticket: TicketID) async throws -> StoredEvent? {
    try await pool.query(ConversationStore.suggestion, [ticket]).first
  }

  // MARK: Statements

  /// A row, and how many rows there were before applying the byte limit.
  fileprivate struct Near<Element: Sendable>: Sendable {
    var element: Element
    let near: Int64
  }

  /// The product line that a message names, or the sealed attributes that may contain one.
  private struct NamedProductLine: WordedRow {
    let message: MessageID
    var name: String?
    var sealed: String?

    mutating func open(by words: WordCodec) throws {
      guard var attributes = sealed else { return }
      try words.open(&attributes, .attributes(message))
      name = IncomingMessage.productLine(in: attributes)
    }
  }

  /// The identifiers are found first, by the conversation index and one ticket at a time; text is read only for those on
  /// the page.
  private static let conversationPage = PostgresStatement(
    "conversation_page",
    """
    WITH near AS MATERIALIZED (
      SELECT n.id, n.bytes FROM unnest($1::uuid[]) AS t(id)
       CROSS JOIN LATERAL (
         SELECT m.id, octet_length(m.body) + coalesce(pg_column_size(m.attachments), 0) + coalesce(pg_column_size(m.attributes), 0) AS bytes
           FROM desk.message m WHERE m.ticket_id = t.id AND m.id < $2 AND m.id >= $5 ORDER BY m.id DESC LIMIT $3) n
       ORDER BY n.id DESC LIMIT $3),
    page AS (SELECT id, sum(bytes) OVER (ORDER BY id DESC) - bytes AS newer FROM near)
    SELECT \(ConversationStore.messageColumns), (SELECT count(*) FROM near)
      FROM page p JOIN desk.message m ON m.id = p.id AND m.id < $2 AND m.id >= $5 WHERE p.newer < $4 ORDER BY m.id
    """, planning: .once
  ) { row in
    try Near(element: ConversationStore.readMessage(&row), near: row.next())
  }

  private static let newestOfCustomer = PostgresStatement(
    "newest_of_customer",
    """
    SELECT \(ConversationStore.messageColumns) FROM desk.message m
     WHERE m.ticket_id = $1 AND m.id >= $2 AND m.direction = 1 ORDER BY m.id DESC LIMIT 1
    """, planning: .once, row: ConversationStore.readMessage)

  private static let namedProductLine = PostgresStatement(
    "named_product_line",
    """
    SELECT m.id, m.attributes->>'product_line', \(WordCodec.sealedJSON("m.attributes")) FROM desk.message m
     WHERE m.ticket_id = $1 AND m.id <= $2 AND m.id >= $4 AND m.direction = 1
       AND (m.attributes->>'product_line' <> '' OR jsonb_typeof(m.attributes) = 'string')
     ORDER BY m.id DESC LIMIT $3
    """, planning: .once
  ) { row in
    try NamedProductLine(message: row.next(), name: row.next(), sealed: row.next())
  }

  private static let writtenWithTail = PostgresStatement<MessageID>(
    "written_with_tail",
    """
    SELECT id FROM desk.message
     WHERE ticket_id = $1 AND id >= $3 AND direction IN (2, 3) AND substring(uuid_send(id) FROM 9) = $2 ORDER BY id LIMIT 8
    """, planning: .once)

  private static let eventColumns =
    "version, position, kind, actor, at, (detail - 'reason_salt')::text AS detail, traceparent"

  private static let readEvent: @Sendable (inout PostgresRowReader) throws -> StoredEvent = { row in
    try StoredEvent(
      version: row.next(), position: row.next(), kind: row.next(), actor: row.next(), at: row.next(),
      detail: row.next(), traceparent: row.next())
  }

  private static let eventPage = PostgresStatement(
    "timeline_of_ticket",
    """
    WITH near AS MATERIALIZED (
      SELECT \(eventColumns) FROM desk.ticket_event
       WHERE ticket_id = $1 AND (version, position) < ($2::integer, $3::smallint)
         AND (cardinality($6::text[]) = 0 OR kind = ANY($6))
       ORDER BY version DESC, position DESC LIMIT $4),
    page AS (
      SELECT *, sum(octet_length(detail)) OVER (ORDER BY version DESC, position DESC) - octet_length(detail) AS newer FROM near)
    SELECT version, position, kind, actor, at, detail, traceparent, (SELECT count(*) FROM near)
      FROM page WHERE newer < $5 ORDER BY version, position
    """, planning: .once
  ) { row in
    try Near(element: readEvent(&row), near: row.next())
  }

  private static let suggestion = PostgresStatement(
    "newest_suggestion",
    """
    SELECT \(eventColumns) FROM desk.ticket_event
     WHERE ticket_id = $1 AND version <= \(StoreBounds.versionsRouted)
       AND kind IN ('queued', 'triaged', 'answered') AND (detail ? 'articles' OR detail ? 'guesses')
     ORDER BY version DESC, position DESC LIMIT 1
    """, planning: .once, row: readEvent)
}

extension ConversationStore.Near: WordedRow where Element: WordedRow {
  mutating func open(by words: WordCodec) throws { try element.open(by: words) }
}
