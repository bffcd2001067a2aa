import PostgreSQL

/// The result of a retention run.
public struct Forgotten: Sendable, Hashable {
  /// The day partitions that were dropped, in order.
  public var partitions: [String] = []
  /// The rows deleted after them: idempotency keys, settled dead letters, and rows of deleted tickets.
  public var rows: Int64 = 0

  /// Creates an empty result.
  public init() {}
}

extension PrivacyStore {
  /// Drops history that is older than a given number of whole days, a day at a time.
  ///
  /// Only data that a live ticket, an undecided message, a pending delivery or a waiting dead letter may still need is kept:
  /// the history of their tickets. A day with more of it than can be moved at once is kept completely until there is less.
  ///
  /// - Parameters:
  ///   - days: 1 or more.
  /// - Throws: `PostgresError`; when a lock was not available within half a second. What was dropped until then stays dropped.
  public func forget(olderThan days: Int) async throws -> Forgotten {
    var forgotten = Forgotten()
    for parent in ["closed_ticket", "ticket_event", "message", "search_entry"] {
      while forgotten.partitions.count < StoreBounds.partitionsPerRetention,
        let name = try await pool.query(PrivacyStore.dropPartition, [parent, Int32(days)]).first ?? nil
      {
        forgotten.partitions.append(name)
      }
    }
    forgotten.rows =
      try await pool.query(PrivacyStore.forgetRows, [Int32(days)], timeout: StoreBounds.erasureTimeout).first ?? 0
    return forgotten
  }

  private static let dropPartition = PostgresStatement<String?>(
    "drop_oldest_partition", "SELECT desk.drop_oldest_partition($1, $2)")

  private static let forgetRows = PostgresStatement<Int64>("forget_before", "SELECT desk.forget_before($1)")
}
