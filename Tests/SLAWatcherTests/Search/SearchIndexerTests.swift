import Observability
import PostgreSQL
import ServiceHealth
import ServiceProcess
import Store
import TestService
import TestStore
import Testing

@testable import DeskCore
@testable import SLAWatcher

/// The index of the search is filled after messages were written.
@Suite struct SearchIndexerTests {
  /// Reads what was written just now.
  private static let reader = SearchReader(name: "search", distance: .seconds(-1))

  private func indexer(
    _ desk: WatchedDesk, _ leading: TestLeadership, metrics: MetricsRegistry = MetricsRegistry(),
    reader: SearchReader = SearchIndexerTests.reader
  ) -> SearchIndexer {
    SearchIndexer(
      store: desk.store, reader: reader, leadership: leading.leadership, backlog: UndecidedBacklog(),
      metrics: SLAWatcherMetrics(metrics), logger: .silent)
  }

  private func indexed(_ desk: WatchedDesk) async throws -> Int64 {
    try await desk.number("SELECT count(*) FROM desk.search_entry")
  }

  @Test func theLeaderIndexesEachMessageOnce() async throws {
    try await WatchedDesk.with { desk in
      let leading = try await TestLeadership(desk)
      let metrics = MetricsRegistry()
      let (one, other) = (indexer(desk, leading, metrics: metrics), indexer(desk, leading))
      for customer in ["ann", "bob", "cara"] { _ = try await desk.ticket(from: customer, saying: "我的快递") }
      #expect(await one.runOnce() == .standBy)
      #expect(try await indexed(desk) == 0)
      leading.lead()
      // Two that both believe to lead.
      async let first = one.round()
      async let second = other.round()
      let both = try await [first, second]
      #expect(both.reduce(0) { $0 + $1.indexed } == 3)
      #expect(await one.runOnce() == .done(.regular))
      #expect(try await indexed(desk) == 3)
      #expect(metrics.render().contains("frontdesk_search_behind_seconds{reader=\"search\"} 0"))
      #expect(metrics.render().contains("frontdesk_search_indexed_total"))
      let found = try await desk.store.search.find(
        #require(SearchQuery("快递")), SearchFilter(), limit: 5, now: desk.store.now(), timeout: .seconds(20))
      #expect(found.tickets.map(\.customer) == ["cara", "bob", "ann"])
    }
  }

  @Test func databaseRefusedMessagesDoNotBlockOthers() async throws {
    try await WatchedDesk.with { desk in
      let leading = try await TestLeadership(desk)
      leading.lead()
      for customer in ["ann", "poison", "bob"] { _ = try await desk.ticket(from: customer) }
      try await desk.run("ALTER TABLE desk.search_entry ADD CONSTRAINT poison CHECK (NOT terms @@ 'poison'::tsquery)")
      #expect(await indexer(desk, leading).runOnce() == .done(.regular))
      #expect(try await indexed(desk) == 2)
      #expect(desk.store.setAside.held.count == 1)
      // The reader has passed it; a later one tries again.
      #expect(try await desk.store.search.read(by: Self.reader)?.messages.isEmpty == true)
      try await desk.run("ALTER TABLE desk.search_entry DROP CONSTRAINT poison")
      let again = indexer(desk, leading, reader: SearchReader(name: "search_hour", distance: .seconds(-1)))
      #expect(try await again.round().indexed == 1)
      #expect(try await indexed(desk) == 3)
    }
  }

  @Test func anIndexThatFallsBehindIsAProblem() async throws {
    try await WatchedDesk.with { desk in
      let leading = try await TestLeadership(desk)
      leading.lead()
      let metrics = MetricsRegistry()
      let indexer = indexer(desk, leading, metrics: metrics, reader: .newest)
      let perRound = StoreBounds.messagesReadForIndex * SLAWatcherBounds.searchReadingsPerRound
      try await desk.run(
        """
        INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at)
        SELECT desk.uuid_floor(now() - interval '10 minutes' + n * interval '1 millisecond'), gen_random_uuid(), 3, 'web', 'ann', 'a note', now()
          FROM generate_series(1, \(perRound + 10)) n;
        UPDATE desk.watch_cursor SET up_to = desk.uuid_floor(now() - interval '1 hour') WHERE name = 'search';
        """)
      #expect(await indexer.runOnce() == .failed)
      #expect(try await indexed(desk) == Int64(perRound))
      #expect(indexer.task.failuresTotal == 1 && indexer.task.name == "search_index")
      #expect(!metrics.render().contains("frontdesk_search_behind_seconds{reader=\"search\"} 0"))
      #expect(await indexer.runOnce() == .done(.regular))
      #expect(try await indexed(desk) == Int64(perRound + 10))
    }
  }
}
