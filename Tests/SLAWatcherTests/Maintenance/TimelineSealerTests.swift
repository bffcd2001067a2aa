import PostgreSQL
import ServiceHealth
import Store
import TestService
import Testing

@testable import SLAWatcher

@Suite struct TimelineSealerTests {
  /// Another range is looked for soon.
  private static let sealed = PeriodicTask.Turn.done(.of(SLAWatcherBounds.sealingRangePause))
  private static let nothingReady = PeriodicTask.Turn.done(.regular)

  /// Timelines of three ranges; the middle one has a live ticket.
  private static let timelines = """
    INSERT INTO desk.ticket_event (ticket_id, version, position, kind, actor, at, detail)
    SELECT desk.uuid_floor(now() - make_interval(hours => hours)), version, 0, 'test', 'router', now(), '{}'
      FROM generate_series(3, 5) hours, generate_series(1, 2) version;
    INSERT INTO desk.open_ticket (ticket_id, channel, customer, opened_at)
    SELECT desk.uuid_floor(now() - interval '4 hours'), 'web', 'ann', now();
    """

  private func sealing(_ body: (WatchedDesk, TimelineSealer, TestLeadership) async throws -> Void) async throws {
    try await WatchedDesk.with { desk in
      let leading = try await TestLeadership(desk)
      try await desk.run(Self.timelines)
      try await body(
        desk,
        TimelineSealer(
          store: desk.store, leadership: leading.leadership, backlog: UndecidedBacklog(), logger: .silent), leading)
    }
  }

  private func sealedRanges(_ desk: WatchedDesk) async throws -> Int64 {
    try await desk.number("SELECT count(*) FROM desk.timeline_range WHERE sealed_at IS NOT NULL")
  }

  @Test func onlyTheLeaderSealsEachRangeOnceAfterItsLastTicketEnds() async throws {
    try await sealing { desk, sealer, leading in
      #expect(await sealer.runOnce() == .standBy)
      #expect(try await desk.number("SELECT count(*) FROM desk.timeline_range") == 0)
      leading.lead()
      #expect(await sealer.runOnce() == Self.sealed)
      #expect(await sealer.runOnce() == Self.sealed)
      for _ in 1...2 {
        #expect(await sealer.runOnce() == Self.nothingReady)
        #expect(try await sealedRanges(desk) == 2)
      }
      try await desk.run("DELETE FROM desk.open_ticket")
      #expect(await sealer.runOnce() == Self.sealed)
      #expect(await sealer.runOnce() == Self.nothingReady)
      #expect(try await sealedRanges(desk) == 3)
      #expect(try await desk.store.audit.newestAuditEntries(ofKind: "timeline.sealed", limit: 10).count == 3)
    }
  }

  @Test func aFailedRoundIsCountedAndTheNextSucceeds() async throws {
    try await sealing { desk, sealer, leading in
      leading.lead()
      try await desk.run("ALTER TABLE desk.open_ticket RENAME TO hidden")
      #expect(await sealer.runOnce() == .failed)
      #expect(sealer.task.failuresTotal == 1)
      try await desk.run("ALTER TABLE desk.hidden RENAME TO open_ticket")
      #expect(await sealer.runOnce() == Self.sealed)
      #expect(sealer.task.failuresTotal == 1)
    }
  }

  @Test func aRangeThatCannotBeSealedDelaysNoOther() async throws {
    try await sealing { desk, sealer, leading in
      leading.lead()
      _ = try await desk.store.audit.openTimelineRanges()
      try await desk.run(
        """
        DELETE FROM desk.open_ticket;
        DO $$
        BEGIN
          EXECUTE format('ALTER TABLE desk.timeline_range ADD CONSTRAINT poison CHECK (sealed_at IS NULL OR from_id <> %L) NOT VALID',
            (SELECT from_id FROM desk.timeline_range ORDER BY from_id LIMIT 1));
        END
        $$;
        """)
      for _ in 1...3 { #expect(await sealer.runOnce() == Self.sealed) }
      #expect(await sealer.runOnce() == Self.nothingReady)
      #expect(try await sealedRanges(desk) == 2)
      #expect(desk.store.setAside.held.count == 1)
    }
  }
}
