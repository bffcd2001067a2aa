import ServiceHealth
import TestService
import Testing

@testable import SLAWatcher

@Suite struct PartitionMaintainerTests {
  /// Drops the last day of a table.
  private func dropLastDay(of parent: String) -> String {
    """
    DO $$
    DECLARE
      name text;
    BEGIN
      SELECT max(c.relname) INTO name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
       WHERE i.inhparent = 'desk.\(parent)'::regclass AND c.relname ~ '_[0-9]{8}$';
      EXECUTE format('DROP TABLE desk.%I', name);
    END
    $$;
    """
  }

  private func maintaining(
    _ body: (WatchedDesk, PartitionMaintainer, TestLeadership) async throws -> Void
  ) async throws {
    try await WatchedDesk.with { desk in
      let leading = try await TestLeadership(desk)
      try await body(
        desk,
        PartitionMaintainer(store: desk.store, leadership: leading.leadership, logger: .silent), leading)
    }
  }

  @Test func onlyTheLeaderCreatesMissingDaysAndOnlyThose() async throws {
    try await maintaining { desk, maintainer, leading in
      let all = try await desk.days()
      try await desk.run(dropLastDay(of: "message") + dropLastDay(of: "ticket_event"))
      #expect(await maintainer.runOnce() == .standBy)
      #expect(try await desk.days() == all - 2)
      leading.lead()
      for _ in 1...2 {
        #expect(await maintainer.runOnce() == .done(.regular))
        #expect(try await desk.days() == all)
      }
    }
  }

  @Test func aFailureIsCountedAndAffectsNoOtherTable() async throws {
    try await maintaining { desk, maintainer, leading in
      leading.lead()
      let all = try await desk.days()
      try await desk.run(dropLastDay(of: "closed_ticket") + dropLastDay(of: "ticket_event"))
      try await desk.run("ALTER TABLE desk.ticket_event RENAME TO hidden")
      #expect(await maintainer.runOnce() == .failed)
      #expect(maintainer.task.failuresTotal == 1)
      try await desk.run("ALTER TABLE desk.hidden RENAME TO ticket_event")
      #expect(try await desk.days() == all - 1, "the other table's day was created")
      #expect(await maintainer.runOnce() == .done(.regular))
      #expect(try await desk.days() == all)
      #expect(maintainer.task.failuresTotal == 1)
    }
  }
}
