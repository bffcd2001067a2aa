// Synchronous replication: what was read may not be on a standby yet.
//
// A commit waits until a synchronous standby has it, and its rows are visible to others only then. But a wait can be cancelled, and a
// server that crashes ends it: then the rows are visible and a failover may still lose them. A commit that is confirmed proves that
// everything before it in the log is on the standby, too.

extension PostgresSession {
  /// Returns when all that was committed before is confirmed as a commit is: call it before acknowledging something because it was found.
  /// Without synchronous standbys it is a read.
  /// - Throws: `PostgresError`; of code `commitUnconfirmed` when no standby has confirmed it.
  public func confirmReads(file: StaticString = #fileID, line: UInt = #line) async throws {
    try await execute(PostgresConfirmation.statement, file: file, line: line)
  }
}

extension PostgresBatch {
  /// Lets the batch end only when what it has read is confirmed; see `PostgresSession.confirmReads`. A batch that writes needs no such
  /// statement.
  public mutating func confirmReads() {
    add(PostgresConfirmation.statement)
  }

  /// Lets the batch commit when it is on the server's own disk, whatever standbys there are: for signs of life, which say how things are
  /// and are written again within seconds. While no standby confirms, they are how operators learn of it.
  public mutating func commitLocally() {
    add(PostgresConfirmation.local)
  }

  /// Lets the batch end before it is on the disk: for what is worth nothing without a later commit of the same work. Whatever confirms
  /// that one confirms this one, too, because it comes before it in the log.
  public mutating func commitWithLater() {
    add(PostgresConfirmation.later)
  }
}

private enum PostgresConfirmation {
  /// The smallest record that makes a commit wait: an identifier of a transaction alone does not.
  static let statement = PostgresStatement<Void>(
    "confirm_reads",
    """
    SELECT CASE WHEN current_setting('synchronous_standby_names') <> '' THEN pg_logical_emit_message(true, 'frontdesk', '') END
    """, planning: nil)

  static let local = PostgresStatement<Void>(
    "commit_locally", "SELECT set_config('synchronous_commit', 'local', true)", planning: nil)

  static let later = PostgresStatement<Void>(
    "commit_with_later", "SELECT set_config('synchronous_commit', 'off', true)", planning: nil)
}
