public import DeskCore
import PostgreSQL

/// A new ticket whose first message may be relevant to the product team.
public struct FeedbackCandidate: Sendable, Hashable {
  /// The ticket.
  public let ticket: TicketID
  /// Its category.
  public let category: String
  /// Its first message.
  public let message: MessageID
  /// When it arrived.
  public let at: Instant
  /// The message text.
  public let body: String
}

/// A group of similar messages.
public struct FeedbackGroup: Sendable, Hashable {
  /// The group.
  public let id: Identifier<FeedbackGroup>
  /// The category of its messages.
  public let category: String
  /// The signature of its first message.
  public let signature: [UInt8]
  /// The first message, and its ticket.
  public let firstMessage: MessageID
  public let firstTicket: TicketID
  /// When the first arrived.
  public let openedAt: Instant
  /// How many have arrived.
  public var messages: Int64

  /// Creates a group.
  public init(
    id: Identifier<FeedbackGroup>, category: String, signature: [UInt8], firstMessage: MessageID,
    firstTicket: TicketID, openedAt: Instant, messages: Int64
  ) {
    self.id = id
    self.category = category
    self.signature = signature
    self.firstMessage = firstMessage
    self.firstTicket = firstTicket
    self.openedAt = openedAt
    self.messages = messages
  }
}

/// A group as the product team sees it.
public struct FeedbackFigures: Sendable, Hashable {
  /// The group.
  public let id: Identifier<FeedbackGroup>
  /// Its category.
  public let category: String
  /// How many messages there are, of the last seven days, and of the seven days before those.
  public let messages: Int64
  public let lastWeek: Int64
  public let weekBefore: Int64
  /// When the first and the last arrived.
  public let openedAt: Instant
  public let lastAt: Instant
  /// The first message's text; nil when retention has dropped it.
  public private(set) var example: String?
  /// Some of its tickets, newest first.
  public let tickets: [TicketID]

  /// Creates a group.
  public init(
    id: Identifier<FeedbackGroup>, category: String, messages: Int64, lastWeek: Int64, weekBefore: Int64,
    openedAt: Instant, lastAt: Instant, example: String?, tickets: [TicketID]
  ) {
    self.id = id
    self.category = category
    self.messages = messages
    self.lastWeek = lastWeek
    self.weekBefore = weekBefore
    self.openedAt = openedAt
    self.lastAt = lastAt
    self.example = example
    self.tickets = tickets
  }
}

extension FeedbackFigures {
  fileprivate mutating func open(by words: WordCodec, _ place: WordPlace) { words.openOrEmpty(&example, place) }
}

extension LearningStore {
  /// Returns new, not yet collected tickets of some categories, oldest first, and the reader's new position.
  ///
  /// Reads only tickets before which everything is decided, so that none is skipped.
  public func feedbackCandidates(
    in categories: Set<String>, distance: Duration, limit: Int
  ) async throws -> (candidates: [FeedbackCandidate], upTo: TicketID?) {
    let rows = try await pool.query(
      LearningStore.newTickets, [categories.sorted(), distance.inSeconds, Int64(limit)])
    let found = rows.filter { $0.category != nil }.map(\.ticket)
    let messages = try await pool.query(
      LearningStore.firstMessages.opening(words), [found, MessageFloor.of(found)])
    let byTicket = Dictionary(messages.map { ($0.ticket, $0) }, uniquingKeysWith: { first, _ in first })
    let candidates = rows.compactMap { row -> FeedbackCandidate? in
      guard let category = row.category, let message = byTicket[row.ticket] else { return nil }
      return FeedbackCandidate(
        ticket: row.ticket, category: category, message: message.message, at: message.at, body: message.body)
    }
    return (candidates, rows.last?.ticket)
  }

  /// Returns the most recently grown groups, at most `limit`.
  public func feedbackGroups(limit: Int) async throws -> [FeedbackGroup] {
    try await pool.query(LearningStore.groups, [Int64(limit)])
  }

  /// Stores the assignment of messages to groups, new groups, subscriber notices, and the reader's position: in
  /// one transaction, so that a retry finds all of it done or none.
  public func gather(
    _ members: [(candidate: FeedbackCandidate, group: Identifier<FeedbackGroup>)], opening groups: [FeedbackGroup],
    notifying notices: [Notice], upTo: TicketID
  ) async throws {
    var batch = PostgresBatch("gather_feedback")
    batch.add(
      LearningStore.openGroups,
      [
        groups.map(\.id), groups.map(\.category), groups.map(\.signature), groups.map(\.firstMessage),
        groups.map(\.firstTicket), groups.map(\.openedAt),
      ])
    batch.add(
      LearningStore.addMembers,
      [
        members.map(\.candidate.message), members.map(\.candidate.ticket), members.map(\.group),
        members.map(\.candidate.at),
      ])
    batch.add(LearningStore.moveCursor, ["feedback", upTo])
    OutboxStore.enqueueNotices(notices, in: &batch)
    _ = try await pool.transaction(batch)
  }

  /// Returns the groups for the product team, largest of the last week first.
  public func feedbackFigures(limit: Int) async throws -> [FeedbackFigures] {
    try await pool.query(LearningStore.figures.opening(words), [Int64(limit)]).map(\.figures)
  }

  static let moveCursor = PostgresStatement<Void>(
    "move_watch_cursor", "UPDATE desk.watch_cursor SET up_to = greatest(up_to, $2) WHERE name = $1")

  private struct NewTicket {
    let ticket: TicketID
    let category: String?
  }

  private struct FirstMessage: WordedRow {
    let ticket: TicketID
    let message: MessageID
    let at: Instant
    var body: String

    mutating func open(by words: WordCodec) { words.openOrEmpty(&body, .body(message)) }
  }

  /// A group whose example is read as it is stored.
  private struct FiguresRow: WordedRow {
    var figures: FeedbackFigures
    let firstMessage: MessageID

    mutating func open(by words: WordCodec) { figures.open(by: words, .body(firstMessage)) }
  }

  /// The last row gives the position reached, with or without a category.
  private static let newTickets = PostgresStatement(
    "feedback_candidates",
    """
    WITH span AS MATERIALIZED (
      SELECT (SELECT up_to FROM desk.watch_cursor WHERE name = 'feedback') AS low,
             desk.settled_horizon(make_interval(secs => $2)) AS high),
    fresh AS (
      SELECT t.id, t.category FROM desk.ticket t
       WHERE t.id > (SELECT low FROM span) AND t.id < (SELECT high FROM span) AND t.category = ANY($1::text[])
       ORDER BY t.id LIMIT $3)
    SELECT id, category FROM fresh
    UNION ALL
    SELECT high, NULL FROM span WHERE high > low AND (SELECT count(*) FROM fresh) < $3
    """, planning: .once
  ) { row in
    try NewTicket(ticket: row.next(), category: row.next())
  }

  private static let firstMessages = PostgresStatement(
    "first_messages",
    """
    SELECT DISTINCT ON (m.ticket_id) m.ticket_id, m.id, m.received_at, m.body
      FROM desk.message m
     WHERE m.ticket_id = ANY($1) AND m.id >= $2 AND m.direction = 1 ORDER BY m.ticket_id, m.id
    """, planning: .once
  ) { row in
    try FirstMessage(ticket: row.next(), message: row.next(), at: row.next(), body: row.next())
  }

  private static let groups = PostgresStatement(
    "feedback_groups",
    """
    SELECT id, category, signature, first_message, first_ticket, opened_at, messages
      FROM desk.feedback_group ORDER BY last_at DESC LIMIT $1
    """
  ) { row in
    try FeedbackGroup(
      id: row.next(), category: row.next(), signature: row.next(), firstMessage: row.next(), firstTicket: row.next(),
      openedAt: row.next(), messages: row.next())
  }

  private static let openGroups = PostgresStatement<Void>(
    "open_feedback_groups",
    """
    INSERT INTO desk.feedback_group (id, category, signature, first_message, first_ticket, opened_at, last_at)
    SELECT g.*, g.opened_at
      FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::uuid[], $5::uuid[], $6::timestamptz[])
        AS g(id, category, signature, first_message, first_ticket, opened_at)
    """)

  private static let addMembers = PostgresStatement<Void>(
    "add_feedback",
    """
    WITH added AS (
      INSERT INTO desk.feedback (message, ticket, group_id, at)
      SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[])
      ON CONFLICT (message) DO NOTHING RETURNING group_id, at)
    UPDATE desk.feedback_group g SET messages = g.messages + a.added, last_at = greatest(g.last_at, a.newest)
      FROM (SELECT group_id, count(*) AS added, max(at) AS newest FROM added GROUP BY group_id) a WHERE g.id = a.group_id
    """)

  private static let figures = PostgresStatement(
    "feedback_figures",
    """
    SELECT g.id, g.category, g.messages, f.last_week, f.week_before, g.opened_at, g.last_at, m.body,
           ARRAY(SELECT t.ticket FROM desk.feedback t WHERE t.group_id = g.id ORDER BY t.at DESC LIMIT 5), g.first_message
      FROM desk.feedback_group g
      CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE f.at > now() - interval '7 days') AS last_week,
               count(*) FILTER (WHERE f.at <= now() - interval '7 days') AS week_before
          FROM desk.feedback f WHERE f.group_id = g.id AND f.at > now() - interval '14 days') f
      LEFT JOIN desk.message m ON m.id = g.first_message
     ORDER BY f.last_week DESC, g.messages DESC, g.id LIMIT $1
    """
  ) { row in
    try FiguresRow(
      figures: FeedbackFigures(
        id: row.next(), category: row.next(), messages: row.next(), lastWeek: row.next(), weekBefore: row.next(),
        openedAt: row.next(), lastAt: row.next(), example: row.next(), tickets: row.next()),
      firstMessage: row.next())
  }
}
