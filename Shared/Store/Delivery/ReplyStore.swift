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
  public private(set) var body: String
  /// References to files, as a JSON list; nil for none.
  public private(set) var attachments: String?
  /// When it was written.
  public let writtenAt: Instant
  /// How far it has come.
  public var delivery: ReplyDelivery

  /// As a store has it.
  package init(
    id: MessageID, sequence: Int64, ticket: TicketID, customer: String, body: String, attachments: String?,
    writtenAt: Instant, delivery: ReplyDelivery
  ) {
    self.id = id
    self.sequence = sequence
    self.ticket = ticket
    self.customer = customer
    self.body = body
    self.attachments = attachments
    self.writtenAt = writtenAt
    self.delivery = delivery
  }
}

extension StoredReply: WordedRow {
  mutating func open(by words: WordCodec) throws {
    try words.open(&body, .body(id))
    try words.open(json: &attachments, .attachments(id))
  }
}

/// The replies of one channel that are not with it yet.
public struct ReplyBacklog: Sendable, Hashable {
  /// The channel.
  public let channel: ChannelID
  /// How many.
  public let waiting: Int64
  /// Since when the oldest waits.
  public let oldest: Instant
}

/// Replies to customers on their way to the channels, and what channels report about them.
///
/// A channel's replies are numbered when it reads them, so a cursor never passes a reply that is committed later (`m0100_replies.sql`).
public struct ReplyStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
  let words: WordCodec
}

// MARK: - Reading

extension ReplyStore {
  /// Which replies are read.
  public enum Selection: Sendable, Hashable {
    /// All, whatever their state.
    case all
    /// Those that are not with the channel yet.
    case queued
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
    let next = selection == .queued ? ReplyStore.nextQueued : ReplyStore.next
    let ids = try await pool.query(next, [channel, cursor, Int64(limit)])
    guard let span = IdentifierSpan(of: ids) else { return [] }
    return try await confirmed(
      try await pool.query(ReplyStore.page.opening(words), [ids, span.first, span.last, Int64(bytes)]))
  }

  /// Returns the newest replies on a ticket by one channel, in order.
  /// - Parameter customer: only those for this customer of the channel; nil for all.
  public func replies(
    on ticket: TicketID, by channel: ChannelID, to customer: String?, limit: Int
  ) async throws -> [StoredReply] {
    try await number(channel)
    return try await confirmed(
      try await pool.query(
        ReplyStore.ofTicket.opening(words), [ticket, channel, customer, Int64(limit), MessageFloor.of([ticket])]))
  }

  /// A reply reaches a customer, and its number a channel's cursor: neither may be lost afterwards.
  private func confirmed(_ replies: [StoredReply]) async throws -> [StoredReply] {
    if !replies.isEmpty { try await pool.confirmReads() }
    return replies
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
  public func sent(_ replies: [MessageID], of channel: ChannelID) async throws {
    guard !replies.isEmpty else { return }
    try await retryingDeadlocks { try await pool.execute(ReplyStore.markSent, [channel, replies]) }
  }

  /// Records that the channel has its replies up to this number: it goes on behind them.
  public func sent(upTo cursor: Int64, of channel: ChannelID) async throws {
    guard cursor > 0 else { return }
    try await retryingDeadlocks { try await pool.execute(ReplyStore.markPassed, [channel, cursor]) }
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

// MARK: - Failures

/// A failed reply that has not brought its ticket back to a person yet.
public struct FailedReply: Sendable, Hashable {
  /// The reply.
  public let id: MessageID
  /// The ticket that it was written on; it may have ended since, or been merged.
  public let ticket: TicketID
  /// Whether it only notified of the ticket's progress: then no one has to see to it.
  public let isProgressNotice: Bool

  /// As a store has it.
  package init(id: MessageID, ticket: TicketID, isProgressNotice: Bool) {
    self.id = id
    self.ticket = ticket
    self.isProgressNotice = isProgressNotice
  }
}

extension ReplyStore {
  /// Returns failed replies that have not brought their tickets back yet, oldest first, without those of quarantined tickets.
  public func failed(limit: Int) async throws -> [FailedReply] {
    // The tickets of replies are in the history of any day, and most looks find no reply.
    guard try await pool.query(ReplyStore.hasFailed).first == true else { return [] }
    return try await pool.query(ReplyStore.failures, [Int64(limit), setAside.tickets])
  }

  /// Returns those of these replies that have failed and not brought their tickets back yet.
  ///
  /// A caller reads the tickets first and calls this afterwards: a step that brings a ticket back marks the reply and raises the ticket's
  /// version in one transaction, so of two callers only one commits (promise I2).
  public func unreturned(among replies: [MessageID]) async throws -> Set<MessageID> {
    Set(try await pool.query(ReplyStore.stillFailed, [replies]))
  }

  /// Moves failed replies on tickets that have ended to the dead letters, each once: an operator sees them there, and can replay them. Not
  /// those whose delivery to the channel's hook is a dead letter already.
  /// - Returns: those that had not brought their tickets back.
  @discardableResult
  public func deadLetter(_ replies: [MessageID]) async throws -> [MessageID] {
    guard !replies.isEmpty else { return [] }
    return try await retryingDeadlocks { try await pool.query(ReplyStore.letters, [replies]) }
  }

  /// Marks failed replies that bring nothing back.
  public func dismiss(_ replies: [MessageID]) async throws {
    guard !replies.isEmpty else { return }
    try await retryingDeadlocks { try await pool.execute(ReplyStore.markReturned, [replies]) }
  }

  /// Marks replies in the step that brings the ticket back.
  static let markReturned = PostgresStatement<Void>(
    "replies_returned",
    """
    UPDATE desk.reply r SET returned_at = now()
      FROM (SELECT id FROM desk.reply
             WHERE id = ANY($1::uuid[]) AND state = 'failed' AND returned_at IS NULL ORDER BY id FOR UPDATE) AS f
     WHERE r.id = f.id
    """, planning: .once)

  private static let hasFailed = PostgresStatement<Bool>(
    "has_failed_replies",
    "SELECT EXISTS (SELECT FROM desk.reply WHERE state = 'failed' AND returned_at IS NULL)", planning: .once)

  private static let failures = PostgresStatement(
    "failed_replies",
    """
    SELECT r.id, m.ticket_id, starts_with(m.author, '\(OutgoingMessage.progressAuthor)')
      FROM desk.reply r JOIN desk.message m ON m.id = r.id
     WHERE r.state = 'failed' AND r.returned_at IS NULL AND m.ticket_id <> ALL($2::uuid[]) ORDER BY r.id LIMIT $1
    """, planning: .once
  ) { row in try FailedReply(id: row.next(), ticket: row.next(), isProgressNotice: row.next()) }

  private static let stillFailed = PostgresStatement<MessageID>(
    "still_failed_replies",
    "SELECT id FROM desk.reply WHERE id = ANY($1::uuid[]) AND state = 'failed' AND returned_at IS NULL",
    planning: .once)

  private static let letters = PostgresStatement<MessageID>(
    "dead_letter_replies",
    """
    WITH failed AS MATERIALIZED (
      SELECT id FROM desk.reply
       WHERE id = ANY($1::uuid[]) AND state = 'failed' AND returned_at IS NULL ORDER BY id FOR UPDATE),
    returned AS (
      UPDATE desk.reply r SET returned_at = now() FROM failed f WHERE r.id = f.id RETURNING r.id, r.channel, r.hook, r.reason),
    letter AS (
      INSERT INTO desk.dead_letter (id, kind, ticket_id, reason, body)
      SELECT r.id, 'reply', m.ticket_id,
             'the reply failed after its ticket had ended' || coalesce(': ' || r.reason, ''), jsonb_build_object('channel', r.channel)
        FROM returned r JOIN desk.message m ON m.id = r.id
       WHERE NOT EXISTS (
         SELECT FROM desk.dead_letter d
          WHERE d.hook = r.hook AND d.replayed_at IS NULL AND d.kind = 'notice' AND d.ticket_id = m.ticket_id)
      ON CONFLICT (id) DO UPDATE SET reason = excluded.reason, failed_at = now(), replayed_at = NULL)
    SELECT id FROM returned ORDER BY id
    """)

  /// The assignments that queue a failed reply again. It gets a new number, behind what its channel has read.
  static let queuedAgain = """
    state = 'queued', state_at = clock_timestamp(), reason = NULL, returned_at = NULL, sequence = NULL
    """
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

  private static let next = next("next_replies", where: "sequence > $2")

  /// The condition is that of the index `reply_queued`: whoever asks again and again does not read what has left.
  private static let nextQueued = next("next_queued_replies", where: "sequence > $2 AND state = 'queued'")

  private static func next(_ name: String, where condition: String) -> PostgresStatement<MessageID> {
    PostgresStatement(
      name, "SELECT id FROM desk.reply WHERE channel = $1 AND \(condition) ORDER BY sequence LIMIT $3", planning: .once)
  }

  /// Text is read only for those that fit.
  private static let page = PostgresStatement(
    "reply_page",
    """
    WITH near AS MATERIALIZED (
      SELECT r.id, r.sequence, octet_length(m.body) + coalesce(pg_column_size(m.attachments), 0) AS bytes
        FROM desk.reply r JOIN desk.message m ON m.id = r.id AND m.id >= $2 AND m.id <= $3
       WHERE r.id = ANY($1)),
    page AS (SELECT id, sum(bytes) OVER (ORDER BY sequence) - bytes AS before FROM near)
    SELECT r.id, r.sequence, m.ticket_id, r.customer, m.body, m.attachments::text, r.written_at, r.state, r.state_at, r.reason
      FROM page p JOIN desk.reply r ON r.id = p.id JOIN desk.message m ON m.id = p.id AND m.id >= $2 AND m.id <= $3
     WHERE p.before < $4 ORDER BY r.sequence
    """, planning: .once, row: readReply)

  private static let ofTicket = PostgresStatement(
    "replies_of_ticket",
    """
    SELECT * FROM (
      SELECT r.id, r.sequence, m.ticket_id, r.customer, m.body, m.attachments::text, r.written_at, r.state, r.state_at, r.reason
        FROM desk.message m JOIN desk.reply r ON r.id = m.id
       WHERE m.ticket_id = $1 AND m.id >= $5 AND m.direction = 2 AND r.channel = $2 AND r.sequence IS NOT NULL
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
    SELECT channel, count(*), min(state_at) FROM desk.reply WHERE state = 'queued' GROUP BY channel ORDER BY channel
    """
  ) { row in try ReplyBacklog(channel: row.next(), waiting: row.next(), oldest: row.next()) }

  private static let markSent = PostgresStatement<Void>(
    "replies_sent",
    """
    UPDATE desk.reply r SET state = 'sent', state_at = clock_timestamp()
      FROM (SELECT id FROM desk.reply WHERE channel = $1 AND id = ANY($2::uuid[]) AND state = 'queued' ORDER BY id FOR UPDATE) AS w
     WHERE r.id = w.id
    """, planning: .once)

  private static let markPassed = PostgresStatement<Void>(
    "replies_passed",
    """
    UPDATE desk.reply r SET state = 'sent', state_at = clock_timestamp()
      FROM (SELECT id FROM desk.reply WHERE channel = $1 AND state = 'queued' AND sequence <= $2 ORDER BY id FOR UPDATE) AS w
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
