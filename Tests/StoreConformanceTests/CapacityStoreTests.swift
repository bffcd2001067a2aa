import DeskCore
import PostgreSQL
import Store
import Testing

/// The wanted numbers of processes, what they are decided from, and who may change them.
@Suite struct CapacityStoreTests {
  private func fence(_ desk: TestDesk) async throws -> Fence {
    let holder = try await desk.fresh(ServiceInstance.self)
    let lease = try #require(try await desk.store.fleet.acquireLeases(["sla-watcher"], holder: holder).first)
    return Fence(lease: lease.name, holder: holder, term: lease.term)
  }

  private func decision(_ wanted: Int, _ mode: CapacityRow.Mode = .auto, isApart: Bool = true) -> KeptCapacity {
    KeptCapacity(
      .router, mode: mode, wanted: wanted, range: 2...8,
      reason: CapacityReason(.busy, ["percent": .integer(90), "target": .integer(70), "needed": .integer(4)]).coded,
      isApart: isApart)
  }

  private func router(_ desk: TestDesk) async throws -> CapacityRow {
    try #require(try await desk.store.capacity.rows().first { $0.service == "router" })
  }

  private func audited(_ desk: TestDesk) async throws -> [AuditEntry] {
    try await desk.store.audit.newestAuditEntries(ofKind: "capacity.", limit: 20).reversed()
  }

  @Test func aNewDeskWantsTheBaseOfEachService() async throws {
    try await TestDesk.with { desk in
      let rows = try await desk.store.capacity.rows()
      #expect(
        rows.map { "\($0.service) \($0.mode) \($0.wanted) \($0.base)...\($0.ceiling)" } == [
          "classifier auto 1 1...4", "intake auto 1 1...4", "router auto 2 2...8",
        ])
      #expect(rows.allSatisfy { CapacityReason($0.reason)?.code == .base && $0.running == 0 && $0.apartSince == nil })
      let wanted = try await desk.store.capacity.wanted()
      #expect(wanted["router"]?.count == 2 && wanted["router"]?.changedAt == rows[2].changedAt)
      #expect(try await audited(desk).isEmpty)
    }
  }

  @Test func aLookShowsWhatIsReadyBusyAndWaiting() async throws {
    try await TestDesk.with { desk in
      let fleet = desk.store.fleet
      let loads: [(service: String, state: ServiceInstance.State, busy: Double?, rate: Double)] = [
        ("router", .ready, 0.5, 10), ("router", .ready, 1, 30), ("router", .draining, 0.1, 5),
        ("router", .starting, nil, 0),
        ("intake", .ready, 0.25, 60),
      ]
      for load in loads {
        let id = try await desk.fresh(ServiceInstance.self)
        try await fleet.register(.test(id, service: load.service, state: load.state))
        let measured = load.busy.map { ServiceInstance.Load(busyShare: $0, itemsPerSecond: load.rate) }
        #expect(try await fleet.heartbeat(id, load: measured).isRegistered)
      }
      _ = try await desk.accept(from: ["ann", "bea", "cara"])
      try await desk.run(
        "UPDATE desk.inbox SET accepted_at = clock_timestamp() - interval '9 seconds' WHERE message_id = (SELECT min(message_id::text)::uuid FROM desk.inbox)"
      )
      let looks = try await desk.store.capacity.look()
      #expect(looks.map(\.service) == [.classifier, .intake, .router])
      let router = looks[2].observation
      #expect(router.running == 2 && router.backlog == 3 && looks[2].row.running == 2)
      #expect(router.busyShare.map { abs($0 - 0.75) < 0.001 } == true)
      #expect(router.throughput == 45 && router.arrivals == 60)
      let oldest = PostgresStatement<Instant>("oldest", "SELECT min(accepted_at) FROM desk.inbox")
      #expect(try await desk.store.pool.query(oldest).first == router.at - router.oldestAge)
      #expect(router.oldestAge >= .seconds(9))
      #expect(
        looks[0].observation.running == 0 && looks[0].observation.busyShare == nil && looks[0].observation.backlog == 3)
      #expect(looks[1].observation.backlog == 0 && looks[1].observation.arrivals == nil)
    }
  }

  @Test func aBacklogIsCountedUpToABoundAndEstimatedBeyond() async throws {
    try await TestDesk.with(connections: 1) { desk in
      try await desk.run(
        """
        INSERT INTO desk.inbox (message_id, ticket_id, opens_ticket, accepted_at)
        SELECT desk.uuid_floor(now() - n * interval '1 millisecond'), desk.uuid_floor(now()), true, now() - n * interval '1 millisecond'
          FROM generate_series(1, 60000) n;
        ANALYZE desk.inbox
        """)
      #expect(try await desk.store.capacity.look()[2].observation.backlog == StoreBounds.backlogCounted)
      let id = try await desk.fresh(ServiceInstance.self)
      try await desk.store.fleet.register(.test(id, service: "intake"))
      _ = try await desk.store.fleet.heartbeat(id, load: ServiceInstance.Load(busyShare: 1, itemsPerSecond: 1_000))
      // A minute, and the time since, of a thousand messages a second.
      let router = try await desk.store.capacity.look()[2].observation
      #expect(router.backlog == Int(1_000 * router.oldestAge.inSeconds) && router.backlog >= 60_000)
    }
  }

  @Test func whoHoldsTheLeaseWritesAndOnlyThen() async throws {
    try await TestDesk.with { desk in
      let capacity = desk.store.capacity
      let fence = try await fence(desk)
      #expect(try await capacity.keep([decision(4)], fencedBy: fence) == [.router])
      let row = try await router(desk)
      #expect(row.wanted == 4 && row.apartSince != nil && row.changedAt <= row.decidedAt)
      #expect(CapacityReason(row.reason)?.code == .busy)
      // The time at which the number changed, and since when another one runs, stay.
      #expect(try await capacity.keep([decision(4)], fencedBy: fence) == [.router])
      let again = try await router(desk)
      #expect(again.changedAt == row.changedAt && again.apartSince == row.apartSince && again.decidedAt > row.decidedAt)
      #expect(try await capacity.keep([decision(4, isApart: false)], fencedBy: fence) == [.router])
      #expect(try await router(desk).apartSince == nil)
      let former = Fence(lease: fence.lease, holder: fence.holder, term: fence.term + 1)
      #expect(try await capacity.keep([decision(5)], fencedBy: former) == [])
      try await desk.store.fleet.releaseLeases([fence.lease], holder: fence.holder)
      #expect(try await capacity.keep([decision(5)], fencedBy: fence) == [])
      #expect(try await router(desk).wanted == 4)
      let entries = try await audited(desk)
      #expect(entries.map(\.kind) == ["capacity.raised"] && entries[0].subject == "router")
      #expect(entries[0].detail.contains("busy") && entries[0].detail.contains("\"before\": 2"))
    }
  }

  @Test func aPersonsChoiceHoldsUntilItIsTakenBack() async throws {
    try await TestDesk.with { desk in
      let capacity = desk.store.capacity
      let fence = try await fence(desk)
      try await capacity.choose("router", 20, by: "olga")
      #expect(try await capacity.keep([decision(4)], fencedBy: fence) == [], "decided before the choice")
      #expect(try await capacity.keep([decision(4, .fixed)], fencedBy: fence) == [])
      #expect(try await capacity.keep([decision(20, .fixed)], fencedBy: fence) == [.router], "for the time apart")
      let row = try await router(desk)
      #expect(row.mode == .fixed && row.wanted == 20 && row.apartSince != nil)
      try await capacity.choose("router", nil, by: "olga")
      let left = try await router(desk)
      #expect(left.mode == .auto && left.wanted == 8, "within the limit")
      #expect(CapacityReason(left.reason)?.text(in: .english) == "olga left the number to the load")
      try await capacity.choose("notifier", 2, by: "olga")
      #expect(try await capacity.wanted()["notifier"]?.count == 2)
      await #expect(throws: PostgresError.self) { try await capacity.choose("notifier", nil, by: "olga") }
      await #expect(throws: PostgresError.self) { try await capacity.choose("console", 2, by: "olga") }
      #expect(
        try await audited(desk).map { "\($0.kind) \($0.subject)" } == [
          "capacity.chosen router", "capacity.chosen router", "capacity.chosen notifier",
        ])
    }
  }

  @Test func peaksArePlannedChangedAndRemoved() async throws {
    try await TestDesk.with { desk in
      let capacity = desk.store.capacity
      let now = try await desk.store.now()
      func peak(_ service: ElasticService, _ workers: Int, at start: Duration) -> StoredPeak {
        StoredPeak(
          service,
          PlannedPeak(name: "Double 11", from: now + start, to: now + start + .seconds(3_600), workers: workers))
      }
      #expect(try await capacity.plan(peak(.router, 6, at: .seconds(60))))
      #expect(try await capacity.plan(peak(.router, 7, at: .seconds(120))))
      #expect(try await capacity.plan(peak(.classifier, 2, at: .seconds(120))))
      #expect(
        try await capacity.peaks() == [peak(.classifier, 2, at: .seconds(120)), peak(.router, 7, at: .seconds(120))])
      #expect(try await capacity.look()[2].peaks == [peak(.router, 7, at: .seconds(120)).peak])
      #expect(try await capacity.removePeak(named: "Double 11"))
      #expect(try await !capacity.removePeak(named: "Double 11"))
      #expect(try await capacity.look().allSatisfy(\.peaks.isEmpty))
      let ended = PlannedPeak(name: "x", from: now - .seconds(20), to: now - .seconds(10), workers: 1)
      #expect(try await capacity.plan(StoredPeak(.router, ended)))
      #expect(try await capacity.look()[2].peaks.isEmpty)
      #expect(
        try await audited(desk).map(\.kind) == Array(repeating: "capacity.peak_planned", count: 3)
          + Array(repeating: "capacity.peak_removed", count: 2) + ["capacity.peak_planned"])
    }
  }
}
