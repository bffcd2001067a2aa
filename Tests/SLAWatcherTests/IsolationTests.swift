import DeskCore
import Observability
import PostgreSQL
import ServiceHealth
import Store
import SystemPrimitives
import TestService
import Testing

@testable import SLAWatcher

/// A failure of one ticket, or of one count, does not affect others.
@Suite("The watcher's isolation")
struct IsolationTests {
  private typealias Round = Watcher.Round

  @Test(arguments: ["skills = 'billing'", "clock_state = '{\"escalation_steps\": \"many\"}'", "urgency = 99"])
  func unreadableTicketsDoNotBlockDeadlines(poison: String) async throws {
    try await WatchedDesk.with { desk in
      let tickets = [try await desk.ticket(from: "ann"), try await desk.ticket(from: "bob")]
      try await desk.store.pool.executeScript("UPDATE desk.ticket SET \(poison) WHERE id = '\(tickets[0].id)'")
      let watcher = try await desk.watcher()
      desk.set(tickets[1].openedAt + WatchedDesk.allowed)
      #expect(try await watcher.runOnce() == Round(notified: 1))
      #expect(try await desk.notified(of: tickets[1]) == ["sla_breached"])
      #expect(desk.store.setAside.held.map(\.row) == [.ticket(tickets[0].id)])
    }
  }

  @Test func databaseRefusedTicketsDoNotBlockDeadlines() async throws {
    try await WatchedDesk.with { desk in
      let tickets = [
        try await desk.ticket(from: "ann"), try await desk.ticket(from: "poison"), try await desk.ticket(from: "bob"),
      ]
      try await desk.store.pool.executeScript(
        "ALTER TABLE desk.ticket ADD CONSTRAINT poison CHECK (customer <> 'poison' OR first_notified = 0) NOT VALID")
      let watcher = try await desk.watcher()
      desk.set(tickets[2].openedAt + WatchedDesk.allowed)
      #expect(try await watcher.runOnce() == Round(notified: 2))
      #expect(try await desk.notified(of: tickets[0]) == ["sla_breached"])
      #expect(try await desk.notified(of: tickets[1]) == [])
      #expect(try await desk.notified(of: tickets[2]) == ["sla_breached"])
      #expect(desk.store.setAside.held.map(\.row) == [.ticket(tickets[1].id)])
    }
  }

  // MARK: Counts

  private func counter(
    _ desk: WatchedDesk, _ metrics: MetricsRegistry, under leadership: Leadership
  ) -> DeskCounter {
    DeskCounter(
      store: desk.store, clock: desk.clock, leadership: leadership, metrics: metrics, pause: .seconds(1),
      logger: .silent)
  }

  /// Each count, what breaks it alone, and gauges of it.
  private static let counts = [
    ("dead_letters", "dead_letter", "frontdesk_dead_letters"), ("inbox", "inbox", "frontdesk_stage_backlog"),
    ("states", "closed_ticket", "frontdesk_tickets"),
  ]

  @Test(arguments: IsolationTests.counts)
  func failedCountsKeepTheirLastFigures(
    count: String, table: String, gauge: String
  ) async throws {
    try await WatchedDesk.with { desk in
      _ = try await desk.ticket()
      let metrics = MetricsRegistry()
      let fence = try await desk.fence()
      let counter = counter(desk, metrics, under: Leadership { fence })
      // It has never succeeded: the others are there, and so is this one's age.
      try await desk.store.pool.executeScript("ALTER TABLE desk.\(table) RENAME TO hidden")
      await counter.runOnce()
      let others =
        Self.counts.map(\.2).filter { $0 != gauge } + ["frontdesk_queue_waiting", "frontdesk_service_level_tickets"]
      for _ in 0..<2 {
        let text = metrics.render()
        for other in others where !(table == "inbox" && other == "frontdesk_tickets") {
          #expect(text.contains("\n\(other)"), "\(other) is missing with \(count)")
        }
        #expect(text.contains("frontdesk_gauge_age_seconds{gauge=\"\(count)\"}"))
        await counter.runOnce()
      }
      await counter.runOnce()
      let problem = try #require(counter.tasks.compactMap(\.problem).first { $0.task == "count_\(count)" })
      #expect(problem.kind.contains("42P01"))
      // Once it has succeeded, it keeps its figures while it fails again.
      try await desk.store.pool.executeScript("ALTER TABLE desk.hidden RENAME TO \(table)")
      await counter.runOnce()
      #expect(counter.tasks.allSatisfy { $0.problem == nil })
      try await desk.store.pool.executeScript("ALTER TABLE desk.\(table) RENAME TO hidden")
      await counter.runOnce()
      #expect(metrics.render().contains("\n\(gauge)"))
    }
  }

  @Test func aStandByShowsNoFigures() async throws {
    try await WatchedDesk.with { desk in
      let metrics = MetricsRegistry()
      let fence = PthreadMutex<Fence?>(try await desk.fence())
      let counter = counter(desk, metrics, under: Leadership { fence.withLock { $0 } })
      await counter.runOnce()
      #expect(metrics.render().contains("frontdesk_dead_letters 0"))
      fence.withLock { $0 = nil }
      await counter.runOnce()
      #expect(!metrics.render().contains("frontdesk_dead_letters") && !metrics.render().contains("gauge_age"))
    }
  }
}
