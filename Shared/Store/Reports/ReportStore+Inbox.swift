public import DeskCore
import PostgreSQL

/// Figures of the undecided messages.
public struct InboxFigures: Sendable, Hashable {
  /// The number of undecided messages.
  public let waiting: Int64
  /// Those of them with labels.
  public let labelled: Int64
  /// Since when the oldest is waiting.
  public let oldest: Instant?
}

extension ReportStore {
  /// Returns how many are waiting and since when.
  public func inboxFigures() async throws -> InboxFigures {
    try await pool.query(ReportStore.inboxFigures).first ?? InboxFigures(waiting: 0, labelled: 0, oldest: nil)
  }
}

extension ReportStore {
  private static let inboxFigures = PostgresStatement(
    "inbox_figures", "SELECT count(*), count(category), min(accepted_at) FROM desk.inbox", planning: .once
  ) { row in
    try InboxFigures(waiting: row.next(), labelled: row.next(), oldest: row.next())
  }
}
