public import DeskCore
import PostgreSQL

/// Something that could not be handled.
public struct DeadLetter: Sendable {
  /// Its identifier: the message's or the delivery's.
  public let id: Identifier<DeadLetter>
  /// `message` or `notice`.
  public let kind: String
  /// The ticket it belongs to.
  public let ticket: TicketID
  /// The hook that did not take it; nil for messages.
  public let hook: HookID?
  /// Why it is here.
  public let reason: String
  /// Since when.
  public let diedAt: Instant
  /// When it was put back to work; nil while it waits here.
  public let replayedAt: Instant?
}

extension DeskStore {
  /// Dead letters, newest first.
  public func deadLetters(includingReplayed all: Bool, limit: Int) async throws -> [DeadLetter] {
    try await pool.query(DeskStore.listDead, [all, Int64(limit)])
  }

  /// How many wait among the dead letters.
  public func deadLetterCount() async throws -> Int64 {
    try await pool.query(DeskStore.countDead).first ?? 0
  }

  /// Moves a message that cannot be decided to the dead letters, while its ticket goes on.
  ///
  /// - Returns: whether it was undecided until now.
  @discardableResult
  public func bury(_ message: MessageID, reason: String) async throws -> Bool {
    try await retryingDeadlocks { try await !pool.query(DeskStore.buryMessage, [message, reason]).isEmpty }
  }

  /// Puts a dead letter back to work: a delivery is tried again from the start; a message becomes undecided again, on its ticket
  /// if that lives, else on a new one of its customer.
  ///
  /// - Parameter freshTicket: the identifier of a new ticket, should one be needed.
  /// - Returns: whether there was such a dead letter that had not been replayed.
  public func replay(_ id: Identifier<DeadLetter>, freshTicket: TicketID) async throws -> Bool {
    if try await !pool.query(DeskStore.replayNotice, [id]).isEmpty { return true }
    return try await retryingDeadlocks { try await !pool.query(DeskStore.replayMessage, [id, freshTicket]).isEmpty }
  }

  private static let listDead = PostgresStatement(
    "list_dead_letters",
    """
    SELECT id, kind, ticket_id, hook, reason, died_at, replayed_at FROM desk.dead_letter
     WHERE $1 OR replayed_at IS NULL ORDER BY died_at DESC LIMIT $2
    """
  ) { row in
    try DeadLetter(
      id: row.next(), kind: row.next(), ticket: row.next(), hook: row.next(), reason: row.next(), diedAt: row.next(),
      replayedAt: row.next())
  }

  private static let countDead = PostgresStatement<Int64>(
    "count_dead_letters", "SELECT count(*) FROM desk.dead_letter WHERE replayed_at IS NULL")

  /// Raises the ticket's version like every statement that takes a message from the inbox, so that a router that is deciding the
  /// message now fails its compare-and-set. A ticket without a decision has no version to raise; a router that decides its first
  /// message locks the message's row, so it comes before this statement or finds nothing to decide.
  private static let buryMessage = PostgresStatement<MessageID>(
    "bury_message",
    """
    WITH raised AS (
      UPDATE desk.ticket SET version = version + 1
       WHERE id = (SELECT ticket_id FROM desk.inbox WHERE message_id = $1) RETURNING id),
    gone AS (
      DELETE FROM desk.inbox WHERE message_id = $1 AND (SELECT count(*) FROM raised) >= 0 RETURNING *)
    INSERT INTO desk.dead_letter (id, kind, ticket_id, reason, body)
    SELECT message_id, 'message', ticket_id, $2, to_jsonb(gone) FROM gone
    ON CONFLICT (id) DO UPDATE SET ticket_id = excluded.ticket_id, reason = excluded.reason, body = excluded.body,
      died_at = now(), replayed_at = NULL
    RETURNING id
    """)

  private static let replayNotice = PostgresStatement<Identifier<DeadLetter>>(
    "replay_notice",
    """
    WITH risen AS (
      UPDATE desk.dead_letter SET replayed_at = now() WHERE id = $1 AND kind = 'notice' AND replayed_at IS NULL RETURNING *)
    INSERT INTO desk.outbox (id, hook, kind, ticket_id, body, created_at, next_attempt_at)
    SELECT id, hook, body->>'kind', ticket_id, body->>'body', (body->>'created_at')::timestamptz, now() FROM risen
    ON CONFLICT (id) DO NOTHING RETURNING id
    """)

  private static let replayMessage = PostgresStatement<Identifier<DeadLetter>>(
    "replay_message",
    """
    WITH risen AS (
      UPDATE desk.dead_letter SET replayed_at = now() WHERE id = $1 AND kind = 'message' AND replayed_at IS NULL
      RETURNING id, ticket_id),
    words AS (
      SELECT r.id, r.ticket_id, m.channel, m.author AS customer FROM risen r JOIN desk.message m ON m.id = r.id),
    home AS (
      \(DeskStore.openTicket(for: "words", previous: "p.ticket_id"))),
    moved AS (UPDATE desk.message m SET ticket_id = h.ticket_id FROM words w, home h WHERE m.id = w.id)
    INSERT INTO desk.inbox (message_id, ticket_id, opens_ticket, accepted_at)
    SELECT w.id, h.ticket_id, h.opens_ticket, now() FROM words w, home h
    ON CONFLICT (message_id) DO NOTHING RETURNING message_id
    """)
}
