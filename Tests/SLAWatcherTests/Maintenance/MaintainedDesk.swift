import PostgreSQL
import ServiceHealth
import Store
import SystemPrimitives
import TestStore

@testable import SLAWatcher

/// Whether the chores of a test lead; the test decides.
final class TestLeadership: Sendable {
  private let state: PthreadMutex<(fence: Fence, isLeading: Bool)>

  init(_ desk: WatchedDesk) async throws {
    state = PthreadMutex((try await desk.fence(), false))
  }

  /// For the chores.
  var leadership: Leadership { Leadership { self.state.withLock { $0.isLeading ? $0.fence : nil } } }

  func lead() {
    state.withLock { $0.isLeading = true }
  }
}

extension WatchedDesk {
  func run(_ script: String) async throws {
    try await store.pool.executeScript(script)
  }

  /// The result of a query for one number.
  func number(_ query: String) async throws -> Int64 {
    // A statement's name stands for one text.
    let name = "test_number_\(query.hashValue.magnitude)"
    return try await store.pool.query(PostgresStatement<Int64>(name, query, planning: .once)).first ?? 0
  }

  /// Day partitions of these days ago, of each of the three tables of history.
  func addDays(_ ago: ClosedRange<Int>) async throws {
    try await run(DayPartitions.script(daysAgo: ago))
  }

  /// The day partitions of all tables of history.
  func days() async throws -> Int64 {
    try await number(
      """
      SELECT count(*) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
       WHERE i.inhparent IN ('desk.message'::regclass, 'desk.ticket_event'::regclass, 'desk.closed_ticket'::regclass)
         AND c.relname ~ '_[0-9]{8}$'
      """)
  }
}
