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

/// The wanted numbers, decided by the watcher that leads.
@Suite struct CapacityKeeperTests {
  private func keeper(
    _ watcher: Watcher, metrics: MetricsRegistry = MetricsRegistry(), backlog: UndecidedBacklog = UndecidedBacklog()
  ) -> CapacityKeeper {
    CapacityKeeper(
      store: watcher.desk.store, policy: watcher.desk.policy, leadership: watcher.leadership,
      backlog: backlog, metrics: metrics, logger: .silent)
  }

  /// A router that is ready and busy.
  @discardableResult
  private func router(_ desk: WatchedDesk, busy: Double) async throws -> InstanceID {
    let id: InstanceID = try await desk.fresh()
    let now = try await desk.store.now()
    try await desk.store.fleet.register(
      ServiceInstance(
        id: id, service: "router", build: "b", host: "h", processID: 1, state: .ready, linkEndpoint: nil,
        hintEndpoint: nil, httpEndpoint: nil, operationsEndpoint: nil, curvePublicKey: Array(repeating: 1, count: 32),
        startedAt: now, heartbeatAt: now))
    _ = try await desk.store.fleet.heartbeat(id, load: ServiceInstance.Load(busyShare: busy, itemsPerSecond: 50))
    return id
  }

  private func row(_ desk: WatchedDesk, _ service: String = "router") async throws -> CapacityRow {
    try #require(try await desk.store.capacity.rows().first { $0.service == service })
  }

  @Test func whatIsDecidedIsWrittenOnce() async throws {
    try await WatchedDesk.with { desk in
      let watcher = try await desk.watcher()
      let fence = try #require(watcher.leadership.fence)
      let keeper = keeper(watcher)
      for _ in 0..<2 { try await router(desk, busy: 0.9) }
      // Classifiers and intakes are wanted and none runs, which is noted once.
      #expect(try await keeper.decide(fencedBy: fence) == [.router, .classifier, .intake])
      let first = try await row(desk)
      #expect(first.wanted == 3 && CapacityReason(first.reason)?.code == .busy && first.apartSince != nil)
      #expect(try await keeper.decide(fencedBy: fence) == [])
      try await router(desk, busy: 0.3)
      #expect(try await keeper.decide(fencedBy: fence) == [.router], "as many run as are wanted")
      #expect(try await row(desk).apartSince == nil)
      let entries = try await desk.store.audit.newestAuditEntries(ofKind: "capacity.", limit: 9)
      #expect(entries.map { "\($0.kind) \($0.subject)" } == ["capacity.raised router"])
    }
  }

  @Test func thePolicysSettingsCountAndAPersonsChoiceIsKept() async throws {
    try await WatchedDesk.with(adding: "capacity: { router: { base: 4, limit: 5 } }\n") { desk in
      let watcher = try await desk.watcher()
      let fence = try #require(watcher.leadership.fence)
      let keeper = keeper(watcher)
      try await keeper.decide(fencedBy: fence)
      let based = try await row(desk)
      #expect(based.wanted == 4 && based.base == 4 && based.ceiling == 5)
      try await desk.store.capacity.choose("router", 7, by: "olga")
      try await keeper.decide(fencedBy: fence)
      let fixed = try await row(desk)
      #expect(fixed.mode == .fixed && fixed.wanted == 7 && CapacityReason(fixed.reason)?.code == .chosen)
      try await desk.store.capacity.choose("router", nil, by: "olga")
      try await keeper.decide(fencedBy: fence)
      // From the limit it comes down after a cool-down only.
      #expect(try await row(desk).wanted == 5)
    }
  }

  @Test func withoutTheLeaseNothingIsWrittenOrShown() async throws {
    try await WatchedDesk.with { desk in
      let leader = try await desk.watcher()
      let standBy = try await desk.watcher()
      let (shown, silent) = (MetricsRegistry(), MetricsRegistry())
      let (leading, waiting) = (keeper(leader, metrics: shown), keeper(standBy, metrics: silent))
      #expect(await leading.runOnce() == .done(.regular))
      #expect(await waiting.runOnce() == .standBy)
      #expect(shown.render().contains("frontdesk_router_workers_wanted 2"))
      #expect(shown.render().contains("frontdesk_router_workers_running 0"))
      #expect(shown.render().contains("frontdesk_intake_workers_wanted 1"))
      #expect(!silent.render().contains("_workers_"))

      let fence = try #require(leader.leadership.fence)
      await leader.leases.want([])
      await standBy.renew()
      for _ in 0..<2 { try await router(desk, busy: 1) }
      // A round that began before the lease was lost.
      #expect(try await leading.decide(fencedBy: fence) == [])
      #expect(try await row(desk).wanted == 2)
      #expect(await leading.runOnce() == .standBy)
      #expect(!shown.render().contains("_workers_"), "only the leader shows them")
      #expect(await waiting.runOnce() == .done(.regular))
      #expect(try await row(desk).wanted == 3)
    }
  }

  /// Not for a few old ones nor for many new ones, and not for long after the last look.
  @Test func bulkWorkYieldsWhileMessagesWait() {
    let backlog = UndecidedBacklog()
    let start = ContinuousClock.now
    func look(_ items: Int, _ age: Duration) {
      backlog.note(
        CapacityObservation(
          at: Instant(seconds: 0), running: 1, backlog: items, oldestAge: age, arrivals: nil, busyShare: nil,
          throughput: nil), at: start)
    }
    let (items, age) = (SLAWatcherBounds.backlogThatWaits, SLAWatcherBounds.ageThatWaits)
    #expect(!backlog.isWaiting(at: start), "nothing was seen")
    look(items, age)
    #expect(backlog.isWaiting(at: start))
    #expect(!backlog.isWaiting(at: start + SLAWatcherBounds.backlogSightHolds))
    look(items - 1, .seconds(600))
    #expect(!backlog.isWaiting(at: start))
    look(items, age)
    look(items * 10, age - .milliseconds(1))
    #expect(!backlog.isWaiting(at: start))
  }

  @Test func theKeeperSeesTheBacklog() async throws {
    try await WatchedDesk.with { desk in
      let watcher = try await desk.watcher()
      let fence = try #require(watcher.leadership.fence)
      let backlog = UndecidedBacklog()
      let keeper = keeper(watcher, backlog: backlog)
      func wait(_ messages: Int) async throws {
        try await desk.store.pool.executeScript(
          """
          INSERT INTO desk.inbox (message_id, ticket_id, opens_ticket, accepted_at)
          SELECT gen_random_uuid(), gen_random_uuid(), true, now() - interval '1 minute' FROM generate_series(1, \(messages))
          """)
      }
      try await wait(SLAWatcherBounds.backlogThatWaits - 1)
      try await keeper.decide(fencedBy: fence)
      #expect(!backlog.isWaiting())
      try await wait(1)
      try await keeper.decide(fencedBy: fence)
      #expect(backlog.isWaiting())
      try await desk.store.pool.executeScript("DELETE FROM desk.inbox")
      try await keeper.decide(fencedBy: fence)
      #expect(!backlog.isWaiting())
    }
  }
}
