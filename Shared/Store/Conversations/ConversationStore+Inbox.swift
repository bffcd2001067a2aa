public import DeskCore
import PostgreSQL

/// The end of a ticket's conversation, as an inbox shows it to one agent.
public struct InboxLine: Hashable, Sendable {
  /// The newest message; nil when none is kept.
  public struct LastMessage: Hashable, Sendable {
    public let id: MessageID
    /// 1 from the customer, 2 to the customer, 3 an internal note.
    public let direction: Int16
    /// The customer's external id, or who wrote it.
    public let author: String
    /// The beginning of the text, at most `StoreBounds.excerptCharacters`.
    public internal(set) var excerpt: String
    public let at: Instant
  }

  public internal(set) var last: LastMessage?
  /// Messages of customers, and notes of others, since the agent's read mark; at most `StoreBounds.unreadCounted`.
  public let unread: Int64
}

extension ConversationStore {
  /// Returns the ends of conversations, as an agent's inbox shows them: one statement, which finds the messages of each ticket by index.
  public func inboxLines(of tickets: [TicketID], for agent: AgentID) async throws -> [TicketID: InboxLine] {
    var lines = try await inboxLines(of: tickets, for: agent, from: MessageFloor.of(tickets))
    // A ticket that was opened by a message much older than it.
    let empty = tickets.filter { lines[$0]?.last == nil }
    if !empty.isEmpty {
      lines.merge(try await inboxLines(of: empty, for: agent, from: MessageFloor.none), uniquingKeysWith: { $1 })
    }
    return lines
  }

  private func inboxLines(
    of tickets: [TicketID], for agent: AgentID, from floor: MessageID
  ) async throws -> [TicketID: InboxLine] {
    guard !tickets.isEmpty else { return [:] }
    let rows = try await pool.query(
      ConversationStore.lines.opening(words),
      [tickets, agent, Int32(StoreBounds.excerptCharacters), Int64(StoreBounds.unreadCounted), floor])
    return Dictionary(rows.map { ($0.ticket, $0.line) }, uniquingKeysWith: { first, _ in first })
  }

  /// Moves an agent's read mark to a message of the ticket. It never moves backwards.
  /// - Returns: the mark after it; nil when the message is none of the ticket, or of one that became part of it.
  public func markAsRead(_ message: MessageID, on ticket: TicketID, by agent: AgentID) async throws -> MessageID? {
    try await pool.execute(ConversationStore.moveMark, [ticket, agent, message])
    return try await pool.query(ConversationStore.mark, [ticket, agent, message]).first
  }

  /// Returns the newest message on a ticket that a person wrote or a decision sent: notices of progress do not count, because nobody
  /// acts differently for them. Nil when there is none.
  public func newestMessage(on ticket: TicketID) async throws -> MessageID? {
    if let found = try await pool.query(ConversationStore.newest, [ticket, MessageFloor.of([ticket])]).first {
      return found
    }
    return try await pool.query(ConversationStore.newest, [ticket, MessageFloor.none]).first
  }

  // MARK: Statements

  private struct Line: WordedRow {
    let ticket: TicketID
    var line: InboxLine

    mutating func open(by words: WordCodec) {
      guard var last = line.last else { return }
      words.openOrEmpty(&last.excerpt, .body(last.id))
      last.excerpt.keepBeginning(StoreBounds.excerptCharacters)
      line.last = last
    }
  }

  private static let lines = PostgresStatement(
    "inbox_lines",
    """
    SELECT t.id, l.id, l.direction, l.author, l.excerpt, l.received_at, u.unread
      FROM unnest($1::uuid[]) AS t(id)
      LEFT JOIN LATERAL (
        SELECT m.id, m.direction, m.author, \(WordCodec.beginning(of: "m.body", "$3::integer")) AS excerpt, m.received_at
          FROM desk.message m WHERE m.ticket_id = t.id AND m.id >= $5::uuid ORDER BY m.id DESC LIMIT 1) l ON true
      LEFT JOIN LATERAL (
        SELECT r.message FROM desk.ticket_read r WHERE r.ticket = t.id AND r.agent = $2::text LIMIT 1) r ON true
      CROSS JOIN LATERAL (
        SELECT count(*) AS unread FROM (
          SELECT FROM desk.message m
           WHERE m.ticket_id = t.id AND m.id >= $5::uuid AND m.id > coalesce(r.message, '00000000-0000-0000-0000-000000000000')
             AND (m.direction = 1 OR m.direction = 3 AND m.author <> $2::text)
           LIMIT $4::bigint) few) u
    """, planning: .once
  ) { row in
    let ticket = try row.next(TicketID.self)
    let (id, direction, author) = try (
      row.next(MessageID?.self), row.next(Int16?.self), row.next(String?.self)
    )
    let (excerpt, at) = try (row.next(String?.self), row.next(Instant?.self))
    var last: InboxLine.LastMessage?
    if let id, let direction, let author, let excerpt, let at {
      last = InboxLine.LastMessage(id: id, direction: direction, author: author, excerpt: excerpt, at: at)
    }
    return Line(ticket: ticket, line: InboxLine(last: last, unread: try row.next()))
  }

  private static let moveMark = PostgresStatement<Void>(
    "move_read_mark",
    """
    INSERT INTO desk.ticket_read AS r (ticket, agent, message)
    SELECT $1::uuid, $2::text, m.id FROM desk.message m WHERE m.id = $3::uuid
       AND (m.ticket_id = $1::uuid
         OR EXISTS (SELECT FROM desk.ticket_link l WHERE l.ticket = m.ticket_id AND l.other = $1::uuid AND l.kind = 'merged_into'))
    ON CONFLICT (ticket, agent) DO UPDATE SET message = excluded.message, read_at = clock_timestamp()
      WHERE r.message < excluded.message
    """, planning: .once)

  private static let mark = PostgresStatement<MessageID>(
    "read_mark",
    "SELECT message FROM desk.ticket_read WHERE ticket = $1 AND agent = $2 AND message >= $3", planning: .once)

  private static let newest = PostgresStatement<MessageID>(
    "newest_message",
    """
    SELECT m.id FROM desk.message m
     WHERE m.ticket_id = $1 AND m.id >= $2 AND NOT (m.direction = 2 AND m.author LIKE '\(OutgoingMessage.progressAuthor)%')
     ORDER BY m.id DESC LIMIT 1
    """, planning: .once)
}
