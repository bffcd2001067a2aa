import DeskCore
import PostgreSQL

extension PrivacyStore {
  /// Creates the missing day partitions, each table's in its own transaction.
  /// - Returns: how many were created.
  /// - Throws: `PostgresError` of the first table whose partitions could not be created, after trying the others; quickly when another
  ///   transaction reads a table for long. Created ones stay; try again later.
  public func ensurePartitions() async throws -> Int32 {
    var made: Int32 = 0
    var failures = FirstFailure()
    for parent in ["message", "ticket_event", "closed_ticket", "search_entry"] {
      await failures.attempt {
        made += try await pool.query(PrivacyStore.partitions, [parent, StoreBounds.partitionDaysAhead]).first ?? 0
      }
    }
    try failures.rethrow()
    return made
  }

  private static let partitions = PostgresStatement<Int32>(
    "ensure_partitions", "SELECT desk.ensure_partitions_of($1, $2)")
}
