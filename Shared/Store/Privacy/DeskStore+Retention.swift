import PostgreSQL

/// What retention took away.
public struct Forgotten: Sendable, Hashable {
  /// The day partitions that were dropped, in order.
  public var partitions: [String] = []
  /// What went after them: idempotency keys, settled dead letters, and whatever hung on forgotten tickets.
  public var rows: Int64 = 0

  /// Nothing yet.
  public init() {}
}

extension DeskStore {
  /// Drops history that is older than so many whole days, a day at a time.
  ///
  /// What a living ticket, an undecided message, a delivery that is owed or a dead letter that waits may still need stays, and nothing
  /// else: the history of the tickets that they belong to. A day with more of it than is moved at once stays whole until there is less.
  ///
  /// - Parameters:
  ///   - days: 1 or more.
  /// - Throws: `PostgresError`; of a lock that was not to be had in half a second. What was dropped until then stays dropped.
  public func forget(olderThan days: Int) async throws -> Forgotten {
    var forgotten = Forgotten()
    for parent in ["closed_ticket", "ticket_event", "message"] {
      while forgotten.partitions.count < StoreBounds.partitionsPerRetention,
        let name = try await pool.query(DeskStore.dropPartition, [parent, Int32(days)]).first ?? nil
      {
        forgotten.partitions.append(name)
      }
    }
    forgotten.rows =
      try await pool.query(DeskStore.forgetRows, [Int32(days)], timeout: StoreBounds.erasureTimeout).first ?? 0
    return forgotten
  }

  private static let dropPartition = PostgresStatement<String?>(
    "drop_oldest_partition", "SELECT desk.drop_oldest_partition($1, $2)")

  private static let forgetRows = PostgresStatement<Int64>("forget_before", "SELECT desk.forget_before($1)")
}
