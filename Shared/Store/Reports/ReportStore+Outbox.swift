public import DeskCore
import PostgreSQL

/// The backlog of a hook.
public struct OutboxFigures: Sendable, Hashable {
  /// The hook.
  public let hook: HookID
  /// Deliveries that are waiting or in progress.
  public let waiting: Int64
  /// When the oldest one was created.
  public let oldest: Instant?
}

extension ReportStore {
  /// Returns pending deliveries by hook. Reads the whole outbox.
  public func outboxFigures() async throws -> [OutboxFigures] {
    try await pool.query(ReportStore.outboxCounts)
  }

  private static let outboxCounts = PostgresStatement(
    "outbox_figures", "SELECT hook, count(*), min(created_at) FROM desk.outbox GROUP BY hook ORDER BY hook"
  ) { row in
    try OutboxFigures(hook: row.next(), waiting: row.next(), oldest: row.next())
  }
}
