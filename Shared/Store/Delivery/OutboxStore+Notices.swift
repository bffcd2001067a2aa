public import DeskCore
import PostgreSQL

extension OutboxStore {
  /// Puts notices into the outbox that are not caused by a ticket step.
  public func enqueueNotices(_ notices: [Notice]) async throws {
    guard !notices.isEmpty else { return }
    var batch = PostgresBatch("enqueue_notices")
    OutboxStore.enqueueNotices(notices, in: &batch)
    _ = try await pool.transaction(batch)
  }

  /// Puts notices into the outbox within a transaction.
  static func enqueueNotices(_ notices: [Notice], in batch: inout PostgresBatch) {
    guard !notices.isEmpty else { return }
    batch.add(
      OutboxStore.insertNotices,
      [
        notices.map(\.id), notices.map(\.hook), notices.map(\.kind.rawValue), notices.map(\.ticket),
        notices.map(\.body.json),
      ])
  }

  private static let insertNotices = PostgresStatement<Void>(
    "owe_notices",
    """
    INSERT INTO desk.outbox (id, hook, kind, ticket_id, body, created_at, next_attempt_at)
    SELECT n.id, n.hook, n.kind, n.ticket_id, n.body, now(), now()
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[]) AS n(id, hook, kind, ticket_id, body)
    """)
}
