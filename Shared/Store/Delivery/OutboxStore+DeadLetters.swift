public import DeskCore
import PostgreSQL

/// A message or delivery that could not be processed, or a reply that failed after its ticket had ended.
public struct DeadLetter: Sendable {
  /// Its identifier: the message's, the delivery's or the reply's.
  public let id: Identifier<DeadLetter>
  /// `message`, `notice` or `reply`.
  public let kind: String
  /// The ticket it belongs to.
  public let ticket: TicketID
  /// The hook that did not accept it; nil for messages and replies.
  public let hook: HookID?
  /// Why it is a dead letter.
  public let reason: String
  /// Since when it is one.
  public let failedAt: Instant
  /// When it was replayed; nil while it is waiting.
  public let replayedAt: Instant?

  /// As a store has it.
  package init(
    id: Identifier<DeadLetter>, kind: String, ticket: TicketID, hook: HookID?, reason: String, failedAt: Instant,
    replayedAt: Instant?
  ) {
    self.id = id
    self.kind = kind
    self.ticket = ticket
    self.hook = hook
    self.reason = reason
    self.failedAt = failedAt
    self.replayedAt = replayedAt
  }
}

/// A filter of dead letters: all of its conditions must hold.
public struct DeadLetterFilter: Sendable, Hashable {
  /// The hook that did not accept it.
  public var hook: HookID?
  /// `message`, `notice`, `reply`, or the kind of notice, such as `message.replied`.
  public var kind: String?
  /// The ticket it belongs to.
  public var ticket: TicketID?
  /// It became a dead letter at this time or later.
  public var since: Instant?
  /// It became a dead letter before this time.
  public var until: Instant?

  /// What `kind` can be.
  public static let kinds = ["message", "reply", "notice"] + NoticeKind.allCases.map(\.rawValue)

  /// Matches all, until conditions are set.
  public init() {}

  fileprivate var parameters: [any PostgresEncodable] { [hook, kind, ticket, since, until] }

  /// The condition in SQL; its parameters begin at `$2`.
  fileprivate static let condition = """
    ($2::text IS NULL OR hook = $2) AND ($3::text IS NULL OR kind = $3 OR (kind = 'notice' AND body->>'kind' = $3))
       AND ($4::uuid IS NULL OR ticket_id = $4) AND ($5::timestamptz IS NULL OR failed_at >= $5)
       AND ($6::timestamptz IS NULL OR failed_at < $6)
    """
}

/// A set of waiting dead letters that someone has looked at: how many they were, and which.
public struct DeadLetterSet: Sendable, Hashable {
  /// How many.
  public var count: Int64
  /// The MD5 of their identifiers in order, in hexadecimal digits: the same digest, the same dead letters. Nothing depends on its strength.
  public var digest: String

  /// Describes a set.
  public init(count: Int64, digest: String) {
    self.count = count
    self.digest = digest
  }
}

extension OutboxStore {
  /// Counts the waiting dead letters that match a filter, and says which they are. Set `until` to the time of the first call: those that
  /// fail later are then not in the set.
  /// - Parameter most: with more, only the count is given, and the digest is empty.
  public func deadLetterSet(_ filter: DeadLetterFilter, most: Int) async throws -> DeadLetterSet {
    let parameters: [any PostgresEncodable] = [true] + filter.parameters + [Int64(most)]
    return try await pool.query(OutboxStore.setOfDead, parameters).first ?? DeadLetterSet(count: 0, digest: "")
  }

  /// Returns one dead letter; nil if there is none.
  public func deadLetter(_ id: Identifier<DeadLetter>) async throws -> DeadLetter? {
    try await pool.query(OutboxStore.oneDead, [id]).first
  }

  /// Returns dead letters, newest first.
  public func deadLetters(
    _ filter: DeadLetterFilter = DeadLetterFilter(), includingReplayed all: Bool, limit: Int
  ) async throws -> [DeadLetter] {
    try await pool.query(OutboxStore.listDead, [all] + filter.parameters + [Int64(limit)])
  }

  /// Returns how many of them are waiting.
  public func deadLetterCount(_ filter: DeadLetterFilter) async throws -> Int64 {
    try await pool.query(OutboxStore.countFiltered, [true] + filter.parameters).first ?? 0
  }

  /// Replays a batch of dead deliveries, oldest first, under their original identifiers, each with a fresh schedule.
  ///
  /// They become due one after the other, so that the endpoint is not overloaded, whichever notifier delivers them and whether or not the
  /// caller survives. A second call takes those that the first one has left.
  ///
  /// - Parameters:
  ///   - filter: which ones; messages are ignored. Set `until` to the time of the first call, or repeated failures are replayed again.
  ///   - delay: when the first of them is due.
  ///   - rate: how many become due per second, above 0.
  /// - Returns: how many; fewer than `StoreBounds.deliveriesPerReplay` when there are no more.
  public func replayDeliveries(
    _ filter: DeadLetterFilter, startingIn delay: Duration, perSecond rate: Int
  ) async throws -> Int {
    let parameters: [any PostgresEncodable] = [
      Int64(StoreBounds.deliveriesPerReplay), delay.inSeconds, 1 / Double(rate),
    ]
    return try await pool.query(OutboxStore.replayNotices, [true] + filter.parameters + parameters).first.map {
      Int($0)
    } ?? 0
  }

  /// Returns the number of waiting dead letters.
  public func deadLetterCount() async throws -> Int64 {
    try await pool.query(OutboxStore.countDead).first ?? 0
  }

  /// Moves a message that cannot be decided to the dead letters, while its ticket continues.
  ///
  /// - Returns: whether it was undecided until now.
  @discardableResult
  public func deadLetter(_ message: MessageID, reason: String) async throws -> Bool {
    try await retryingDeadlocks { try await !pool.query(OutboxStore.deadLetterMessage, [message, reason]).isEmpty }
  }

  /// Replays a dead letter: a delivery is attempted again from the start; a reply is queued for its channel; a message becomes undecided
  /// again, on its ticket if that is live, else on a new one of its customer.
  ///
  /// - Parameter freshTicket: the identifier of a new ticket, if one is needed.
  /// - Returns: whether there was such a dead letter that had not been replayed.
  public func replay(_ id: Identifier<DeadLetter>, freshTicket: TicketID) async throws -> Bool {
    if try await !pool.query(OutboxStore.replayNotice, [id]).isEmpty { return true }
    if try await !pool.query(OutboxStore.replayReply, [id]).isEmpty { return true }
    return try await retryingDeadlocks { try await !pool.query(OutboxStore.replayMessage, [id, freshTicket]).isEmpty }
  }

  private static let listDead = PostgresStatement(
    "list_dead_letters",
    """
    SELECT id, kind, ticket_id, hook, reason, failed_at, replayed_at FROM desk.dead_letter
     WHERE ($1 OR replayed_at IS NULL) AND \(DeadLetterFilter.condition) ORDER BY failed_at DESC LIMIT $7
    """, row: readDead)

  private static let oneDead = PostgresStatement(
    "dead_letter",
    "SELECT id, kind, ticket_id, hook, reason, failed_at, replayed_at FROM desk.dead_letter WHERE id = $1",
    row: readDead)

  private static let readDead: @Sendable (inout PostgresRowReader) throws -> DeadLetter = { row in
    try DeadLetter(
      id: row.next(), kind: row.next(), ticket: row.next(), hook: row.next(), reason: row.next(), failedAt: row.next(),
      replayedAt: row.next())
  }

  private static let setOfDead = PostgresStatement(
    "dead_letter_set",
    """
    SELECT count(*), CASE WHEN count(*) <= $7 THEN md5(coalesce(string_agg(id::text, ',' ORDER BY id), '')) ELSE '' END
      FROM desk.dead_letter WHERE $1 AND replayed_at IS NULL AND \(DeadLetterFilter.condition)
    """
  ) { row in try DeadLetterSet(count: row.next(), digest: row.next()) }

  private static let countDead = PostgresStatement<Int64>(
    "count_dead_letters", "SELECT count(*) FROM desk.dead_letter WHERE replayed_at IS NULL")

  private static let countFiltered = PostgresStatement<Int64>(
    "count_filtered_dead_letters",
    "SELECT count(*) FROM desk.dead_letter WHERE $1 AND replayed_at IS NULL AND \(DeadLetterFilter.condition)")

  /// A delivery that is already pending is not queued twice (I5).
  private static let replayNotices = PostgresStatement<Int64>(
    "replay_notices",
    """
    WITH picked AS MATERIALIZED (
      SELECT id FROM desk.dead_letter
       WHERE $1 AND replayed_at IS NULL AND kind = 'notice' AND \(DeadLetterFilter.condition)
       ORDER BY failed_at, id LIMIT $7 FOR UPDATE SKIP LOCKED),
    replayed AS (
      UPDATE desk.dead_letter d SET replayed_at = now() FROM picked WHERE d.id = picked.id RETURNING d.*),
    placed AS (SELECT *, row_number() OVER (ORDER BY failed_at, id) - 1 AS place FROM replayed),
    \(repliesQueuedAgain),
    outbox_due AS (
      INSERT INTO desk.outbox (id, hook, kind, ticket_id, body, created_at, next_attempt_at)
      SELECT id, hook, body->>'kind', ticket_id, body->>'body', (body->>'created_at')::timestamptz,
             statement_timestamp() + make_interval(secs => $8::float8 + $9::float8 * place)
        FROM placed ON CONFLICT (id) DO NOTHING)
    SELECT count(*) FROM replayed
    """)

  /// Raises the ticket's version like every statement that takes a message from the inbox, so that a router that is deciding the
  /// message now fails its compare-and-set. A ticket without a decision has no version to raise; a router that decides its first
  /// message locks the message's row, so it comes before this statement or finds nothing to decide.
  private static let deadLetterMessage = PostgresStatement<MessageID>(
    "dead_letter_message",
    """
    WITH raised AS (
      UPDATE desk.ticket SET version = version + 1
       WHERE id = (SELECT ticket_id FROM desk.inbox WHERE message_id = $1) RETURNING id),
    deleted AS (
      DELETE FROM desk.inbox WHERE message_id = $1 AND (SELECT count(*) FROM raised) >= 0 RETURNING *)
    INSERT INTO desk.dead_letter (id, kind, ticket_id, reason, body)
    SELECT message_id, 'message', ticket_id, $2, to_jsonb(deleted) FROM deleted
    ON CONFLICT (id) DO UPDATE SET ticket_id = excluded.ticket_id, reason = excluded.reason, body = excluded.body,
      failed_at = now(), replayed_at = NULL
    RETURNING id
    """)

  private static let replayNotice = PostgresStatement<Identifier<DeadLetter>>(
    "replay_notice",
    """
    WITH replayed AS (
      UPDATE desk.dead_letter SET replayed_at = now() WHERE id = $1 AND kind = 'notice' AND replayed_at IS NULL RETURNING *),
    \(repliesQueuedAgain)
    INSERT INTO desk.outbox (id, hook, kind, ticket_id, body, created_at, next_attempt_at)
    SELECT id, hook, body->>'kind', ticket_id, body->>'body', (body->>'created_at')::timestamptz, now() FROM replayed
    ON CONFLICT (id) DO NOTHING RETURNING id
    """)

  private static let replayReply = PostgresStatement<Identifier<DeadLetter>>(
    "replay_reply",
    """
    WITH replayed AS (
      UPDATE desk.dead_letter SET replayed_at = now() WHERE id = $1 AND kind = 'reply' AND replayed_at IS NULL RETURNING id),
    again AS (
      UPDATE desk.reply r SET \(ReplyStore.queuedAgain) FROM replayed d WHERE r.id = d.id AND r.state = 'failed')
    SELECT id FROM replayed
    """)

  /// The replies that replayed deliveries carry to their channels are on their way again.
  private static let repliesQueuedAgain = """
    again AS (
      UPDATE desk.reply r SET \(ReplyStore.queuedAgain) FROM replayed d
       WHERE d.body->>'kind' = 'message.replied' AND r.id = \(replyNamed(in: "d.body->>'body'")) AND r.hook = d.hook
         AND r.state = 'failed')
    """

  private static let replayMessage = PostgresStatement<Identifier<DeadLetter>>(
    "replay_message",
    """
    WITH replayed AS (
      UPDATE desk.dead_letter SET replayed_at = now() WHERE id = $1 AND kind = 'message' AND replayed_at IS NULL
      RETURNING id, ticket_id),
    words AS (
      SELECT r.id, r.ticket_id, m.channel, m.author AS customer FROM replayed r JOIN desk.message m ON m.id = r.id),
    home AS (
      \(InboxStore.openTicket(for: "words", previous: "p.ticket_id"))),
    moved AS (UPDATE desk.message m SET ticket_id = h.ticket_id FROM words w, home h WHERE m.id = w.id)
    INSERT INTO desk.inbox (message_id, ticket_id, opens_ticket, accepted_at)
    SELECT w.id, h.ticket_id, h.opens_ticket, now() FROM words w, home h
    ON CONFLICT (message_id) DO NOTHING RETURNING message_id
    """)
}
