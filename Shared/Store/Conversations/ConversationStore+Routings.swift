public import DeskCore
import PostgreSQL

/// How a ticket was routed last, before people moved it.
public struct PastRouting: Sendable {
  /// The ticket.
  public let ticket: TicketID
  /// The decision as the timeline keeps it.
  public let decision: TimelineEvent.Routed
  /// The message that was decided on; nil when it is gone, empty when it was erased.
  public let text: String?
}

extension ConversationStore {
  /// Returns the newest routing decision of each of the newest tickets that have one, live or ended, newest first. Decisions that this
  /// build cannot read are left out.
  /// - Parameter limit: the maximum number of tickets.
  public func newestRoutings(limit: Int) async throws -> [PastRouting] {
    let rows = try await pool.query(ConversationStore.routings, [Int64(StoreBounds.versionsRouted), Int64(limit)])
    let read = rows.compactMap { row in
      TimelineEvent(kind: row.kind, detail: row.detail)?.routed.map { (ticket: row.ticket, decision: $0) }
    }
    let texts = try await pool.query(ConversationStore.bodies.opening(words), [read.compactMap(\.decision.message)])
    let byMessage = Dictionary(texts.map { ($0.id, $0.body) }, uniquingKeysWith: { first, _ in first })
    return read.map { row in
      PastRouting(ticket: row.ticket, decision: row.decision, text: row.decision.message.flatMap { byMessage[$0] })
    }
  }

  /// The primary key of the timeline is read from its end.
  private static let routings = PostgresStatement(
    "newest_routings",
    """
    SELECT DISTINCT ON (ticket_id) ticket_id, kind, detail::text FROM desk.ticket_event
     WHERE kind IN ('queued', 'triaged', 'answered') AND version <= $1
     ORDER BY ticket_id DESC, version DESC, position DESC LIMIT $2
    """
  ) { row in
    (ticket: try row.next(TicketID.self), kind: try row.next(String.self), detail: try row.next(String.self))
  }

  private static let bodies = PostgresStatement(
    "message_bodies", "SELECT id, body FROM desk.message WHERE id = ANY($1::uuid[])"
  ) { row in try MessageBody(id: row.next(), body: row.next()) }

  private struct MessageBody: WordedRow {
    let id: MessageID
    var body: String

    mutating func open(by words: WordCodec) { words.openOrEmpty(&body, .body(id)) }
  }
}
