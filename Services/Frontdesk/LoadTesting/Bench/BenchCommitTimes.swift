import CommandLineTool
import DeskCore
import PostgreSQL
import Store

/// When messages and their decisions were committed, as the server recorded it (`track_commit_timestamp`).
///
/// A commit's time is taken before its record is flushed, so it is earlier than the durable commit by the time of one flush. A server that
/// does not record commits gives the beginning of both transactions instead: the decision's commit is then missing.
struct BenchCommitTimes: Sendable {
  /// Of one message.
  struct Times: Sendable, Equatable {
    /// The channel's own id.
    var externalID: String
    var accepted: Instant
    var decided: Instant
  }

  let store: DeskStore

  /// Whether the server records the time of commits.
  func areRecorded() async throws -> Bool { try await store.pool.query(Self.recorded).first ?? false }

  /// Returns the times of the messages that were decided.
  /// - Parameters:
  ///   - prefix: of the messages' external ids.
  ///   - moment: before the first of them was accepted.
  func times(of prefix: String, since moment: Instant, limit: Int) async throws -> [Times] {
    let statement = try await areRecorded() ? Self.commits : Self.beginnings
    return try await store.pool.query(
      statement, [moment, prefix, Int64(limit)], timeout: BenchBounds.settleTime)
  }

  /// Returns the times of the messages whose tickets were offered; `decided` is that of the first offer.
  func offerTimes(of prefix: String, since moment: Instant, limit: Int) async throws -> [Times] {
    let statement = try await areRecorded() ? Self.offerCommits : Self.offerBeginnings
    return try await store.pool.query(
      statement, [moment, prefix, Int64(limit)], timeout: BenchBounds.settleTime)
  }

  /// Whether any message is undecided: a look at the end of the inbox's key, which does not read the inbox.
  func isUndecided() async throws -> Bool { try await !store.pool.query(Self.newestUndecided).isEmpty }

  /// Whether the search's index lacks messages: the last work that the desk does for each.
  func isUnindexed() async throws -> Bool { try await store.pool.query(Self.unindexed).first ?? false }

  private static let recorded = PostgresStatement<Bool>(
    "bench_commits_recorded", "SELECT current_setting('track_commit_timestamp')::boolean")

  // The newest is looked for, because the oldest would be behind all the rows that were just deleted.
  private static let newestUndecided = PostgresStatement<MessageID>(
    "bench_undecided_newest", "SELECT message_id FROM desk.inbox ORDER BY message_id DESC LIMIT 1", planning: .once)

  private static let unindexed = PostgresStatement<Bool>(
    "bench_unindexed",
    """
    SELECT EXISTS (SELECT FROM desk.watch_cursor
                    WHERE name = 'search' AND up_to < (SELECT id FROM desk.message ORDER BY id DESC LIMIT 1))
    """, planning: .once)

  /// Of the transaction that wrote a row.
  private static func commit(of row: String, orElse time: String) -> String {
    "coalesce(pg_xact_commit_timestamp(\(row).xmin), \(row).\(time))"
  }

  private static let commits = times(
    "bench_commits", accepted: commit(of: "m", orElse: "received_at"), decided: commit(of: "e", orElse: "at"))

  private static let beginnings = times("bench_beginnings", accepted: "m.received_at", decided: "e.at")

  private static let offerCommits = offers(
    "bench_offer_commits", accepted: commit(of: "m", orElse: "received_at"), offered: commit(of: "e", orElse: "at"))

  private static let offerBeginnings = offers("bench_offer_beginnings", accepted: "m.received_at", offered: "e.at")

  private static func times(_ name: String, accepted: String, decided: String) -> PostgresStatement<Times> {
    reading(
      name,
      """
      SELECT k.external_id, \(accepted), \(decided)
        FROM desk.message m
        JOIN desk.message_key k ON k.message_id = m.id
        JOIN desk.ticket_event e ON e.ticket_id = m.ticket_id AND e.detail->>'message' = m.id::text
       WHERE m.id >= desk.uuid_floor($1) AND m.direction = 1 AND starts_with(k.external_id, $2)
         AND e.kind IN ('queued', 'triaged', 'answered', 'customer_wrote', 'rejected') LIMIT $3
      """)
  }

  private static func offers(_ name: String, accepted: String, offered: String) -> PostgresStatement<Times> {
    reading(
      name,
      """
      SELECT k.external_id, min(\(accepted)), min(\(offered))
        FROM desk.message m
        JOIN desk.message_key k ON k.message_id = m.id
        JOIN desk.ticket_event e ON e.ticket_id = m.ticket_id AND e.kind = 'offered'
       WHERE m.id >= desk.uuid_floor($1) AND m.direction = 1 AND starts_with(k.external_id, $2)
       GROUP BY m.id, k.external_id LIMIT $3
      """)
  }

  private static func reading(_ name: String, _ sql: String) -> PostgresStatement<Times> {
    PostgresStatement(name, sql) { row in
      try Times(externalID: row.next(), accepted: row.next(), decided: row.next())
    }
  }
}
