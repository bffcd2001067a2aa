public import DeskCore
import PostgreSQL

/// A reply to a customer, as its channel gets it.
public struct StoredReply: Sendable, Hashable {
  /// The message, by which the channel drops repetitions.
  public let id: MessageID
  /// Its number among the channel's replies, from 1: the cursor behind it.
  public let sequence: Int64
  /// Its ticket.
  public let ticket: TicketID
  /// Whom it is for, as the channel names them.
  public let customer: String
  /// The text.
  public let body: String
  /// References to files, as a JSON list; nil for none.
  public let attachments: String?
  /// When it was written.
  public let writtenAt: Instant
  /// How far it has come.
  public var delivery: ReplyDelivery
}

/// The replies of one channel that are not with it yet.
public struct ReplyBacklog: Sendable, Hashable {
  /// The channel.
  public let channel: ChannelID
  /// How many.
  public let waiting: Int64
  /// When the oldest was written.
  public let oldest: Instant
}

/// Replies to customers on their way to the channels, and what channels report about them.
///
/// A channel's replies are numbered when it reads them, so a cursor never passes a reply that is committed later (`m0097_replies.sql`).
public struct ReplyStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
}

// MARK: - Reading

extension ReplyStore {
  /// Which replies are read.
  public enum Selection: Sendable, Hashable {
    /// All, whatever their state.
    case all
    /// Those that are not with the channel yet.
    case waiting
  }

  /// Returns a channel's replies in order.
  /// - Parameters:
  ///   - cursor: only those with a greater number.
  ///   - limit: the maximum number, 1 or more.
  ///   - bytes: the maximum text size, unless a single reply is larger.
  public func replies(
    of channel: ChannelID, after cursor: Int64, _ selection: Selection = .all, limit: Int,
    bytes: Int = StoreBounds.pageBytes
  ) async throws -> [StoredReply] {
    try await number(channel)
    return try await pool.query(
      ReplyStore.page, [channel, cursor, Int64(limit), Int64(bytes), selection == .waiting])
  }

  /// Returns the newest replies on a ticket by one channel, in order.
  /// - Parameter customer: only those for this customer of the channel; nil for all.
  public func replies(
    on ticket: TicketID, by channel: ChannelID, to customer: String?, limit: Int
  ) async throws -> [StoredReply] {
    try await number(channel)
    return try await pool.query(ReplyStore.ofTicket, [ticket, channel, customer, Int64(limit)])
  }

  /// Returns the number of a channel's newest reply; 0 if it has none. Replies that are not numbered yet do not count.
  public func newestSequence(of channel: ChannelID) async throws -> Int64 {
    try await pool.query(ReplyStore.newest, [channel]).first ?? 0
  }

  /// Returns the channels with replies that are not with them yet, by name.
  public func backlogs() async throws -> [ReplyBacklog] {
    try await pool.query(ReplyStore.countWaiting)
  }

  /// Numbers the channel's new replies.
  private func number(_ channel: ChannelID) async throws {
    // One batch numbers as many as a page can hold; a channel further behind numbers the rest with its next page.
    guard try await pool.query(ReplyStore.hasNew, [channel]).first == true else { return }
    try await retryingDeadlocks {
      var batch = PostgresBatch("number_replies")
      batch.add(ReplyStore.lockChannel, [channel])
      // A separate statement, whose snapshot is taken behind the lock: it sees what the one before has numbered.
      batch.add(ReplyStore.numberNew, [channel, Int64(StoreBounds.repliesPerNumbering)])
      _ = try await pool.transaction(batch)
    }
  }
}

// MARK: - Reports

extension ReplyStore {
  /// Records that the channel has these replies. Those in a later state, and those of other channels, stay as they are.
  public func fetched(_ replies: [MessageID], of channel: ChannelID) async throws {
    guard !replies.isEmpty else { return }
    try await retryingDeadlocks { try await pool.execute(ReplyStore.markFetched, [channel, replies]) }
  }

  /// Records what a channel reports, in the order given.
  /// - Returns: for each report what it did; nil if the channel has no such reply.
  public func record(
    _ receipts: [ReplyReceipt], of channel: ChannelID
  ) async throws -> [(outcome: ReplyDelivery.Outcome, state: ReplyState)?] {
    let named = Set(receipts.map(\.reply)).sorted()
    return try await retryingDeadlocks {
      try await pool.withTransaction { transaction in
        var known: [MessageID: ReplyDelivery] = [:]
        var changed: Set<MessageID> = []
        var now = Instant(microseconds: 0)
        for row in try await transaction.query(ReplyStore.lock, [channel, named]) {
          known[row.reply] = row.delivery
          now = row.now
        }
        let outcomes = receipts.map { receipt -> (outcome: ReplyDelivery.Outcome, state: ReplyState)? in
          guard var delivery = known[receipt.reply] else { return nil }
          let outcome = delivery.handle(receipt, now: now)
          if outcome == .recorded {
            known[receipt.reply] = delivery
            changed.insert(receipt.reply)
          }
          return (outcome, delivery.state)
        }
        let written = changed.sorted().compactMap { id in known[id].map { (id, $0) } }
        if !written.isEmpty {
          _ = try await transaction.query(
            ReplyStore.write,
            [
              written.map(\.0), written.map(\.1.state.rawValue), written.map(\.1.at), written.map(\.1.reason),
            ])
        }
        return outcomes
      }
    }
  }
}

// MARK: - Statements

extension ReplyStore {
  private static let hasNew = PostgresStatement<Bool>(
    "has_new_replies", "SELECT EXISTS (SELECT FROM desk.reply WHERE channel = $1 AND sequence IS NULL)",
    planning: .once)

  private static let lockChannel = PostgresStatement<Void>(
    "lock_reply_channel",
    """
    INSERT INTO desk.reply_channel AS c (channel) VALUES ($1)
    ON CONFLICT (channel) DO UPDATE SET last_sequence = c.last_sequence
    """, planning: .once)

  private static let numberNew = PostgresStatement<Void>(
    "number_replies",
    """
    WITH fresh AS MATERIALIZED (
      SELECT id, row_number() OVER (ORDER BY position) AS place
        FROM (SELECT id, position FROM desk.reply WHERE channel = $1 AND sequence IS NULL ORDER BY position LIMIT $2) AS n),
    head AS (
      UPDATE desk.reply_channel SET last_sequence = last_sequence + (SELECT count(*) FROM fresh)
       WHERE channel = $1 RETURNING last_sequence)
    UPDATE desk.reply r SET sequence = head.last_sequence - (SELECT count(*) FROM fresh) + fresh.place
      FROM fresh, head WHERE r.id = fresh.id
    """, planning: .once)

  private static let newest = PostgresStatement<Int64>(
    "newest_reply", "SELECT last_sequence FROM desk.reply_channel WHERE channel = $1", planning: .once)

  /// The numbers are found first; text is read only for those on the page.
  private static let page = PostgresStatement(
    "reply_page",
    """
    WITH near AS MATERIALIZED (
      SELECT r.id, r.sequence, octet_length(m.body) + coalesce(pg_column_size(m.attachments), 0) AS bytes
        FROM desk.reply r JOIN desk.message m ON m.id = r.id
       WHERE r.channel = $1 AND r.sequence > $2 AND (NOT $5 OR r.state = 'waiting') ORDER BY r.sequence LIMIT $3),
    page AS (SELECT id, sum(bytes) OVER (ORDER BY sequence) - bytes AS before FROM near)
    SELECT r.id, r.sequence, m.ticket_id, r.customer, m.body, m.attachments::text, r.written_at, r.state, r.state_at, r.reason
      FROM page p JOIN desk.reply r ON r.id = p.id JOIN desk.message m ON m.id = p.id
     WHERE p.before < $4 ORDER BY r.sequence
    """, planning: .once, row: readReply)

  private static let ofTicket = PostgresStatement(
    "replies_of_ticket",
    """
    SELECT * FROM (
      SELECT r.id, r.sequence, m.ticket_id, r.customer, m.body, m.attachments::text, r.written_at, r.state, r.state_at, r.reason
        FROM desk.message m JOIN desk.reply r ON r.id = m.id
       WHERE m.ticket_id = $1 AND m.direction = 2 AND r.channel = $2 AND r.sequence IS NOT NULL
         AND ($3::text IS NULL OR r.customer = $3)
       ORDER BY r.sequence DESC LIMIT $4) AS newest
     ORDER BY sequence
    """, planning: .once, row: readReply)

  private static let readReply: @Sendable (inout PostgresRowReader) throws -> StoredReply = { row in
    try StoredReply(
      id: row.next(), sequence: row.next(), ticket: row.next(), customer: row.next(), body: row.next(),
      attachments: row.next(), writtenAt: row.next(),
      delivery: ReplyDelivery(state: row.next(), at: row.next(), reason: row.next()))
  }

  private static let countWaiting = PostgresStatement(
    "reply_backlogs",
    """
    SELECT channel, count(*), min(written_at) FROM desk.reply WHERE state = 'waiting' GROUP BY channel ORDER BY channel
    """
  ) { row in try ReplyBacklog(channel: row.next(), waiting: row.next(), oldest: row.next()) }

  private static let markFetched = PostgresStatement<Void>(
    "replies_fetched",
    """
    UPDATE desk.reply r SET state = 'fetched', state_at = clock_timestamp()
      FROM (SELECT id FROM desk.reply WHERE channel = $1 AND id = ANY($2::uuid[]) AND state = 'waiting' ORDER BY id FOR UPDATE) AS w
     WHERE r.id = w.id
    """, planning: .once)

  private static let lock = PostgresStatement(
    "lock_replies",
    """
    SELECT id, state, state_at, reason, clock_timestamp() FROM desk.reply
     WHERE channel = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR UPDATE
    """, planning: .once
  ) { row in
    (
      reply: try row.next(MessageID.self),
      delivery: try ReplyDelivery(state: row.next(), at: row.next(), reason: row.next()),
      now: try row.next(Instant.self)
    )
  }

  private static let write = PostgresStatement<Void>(
    "write_reply_states",
    """
    UPDATE desk.reply r SET state = n.state, state_at = n.at, reason = n.reason
      FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[]) AS n(id, state, at, reason) WHERE r.id = n.id
    """, planning: .once)
}
