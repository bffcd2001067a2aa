import DeskCore
import ServiceHealth
import Store
import TestService
import Testing

@testable import SLAWatcher

@Suite struct RetentionSweeperTests {
  private static let done: [String: PeriodicTask.Turn] = [
    "retention": .done(.regular), "old_arrivals": .done(.regular), "dead_instances": .done(.regular),
  ]

  private func sweeping(
    keeping days: Int, _ body: (WatchedDesk, RetentionSweeper, TestLeadership) async throws -> Void
  ) async throws {
    try await WatchedDesk.with { desk in
      let leading = try await TestLeadership(desk)
      try await body(
        desk,
        RetentionSweeper(
          store: desk.store, leadership: leading.leadership, retentionDays: days, logger: .silent),
        leading)
    }
  }

  /// Three old days of each table, an arrival and an instance that are no longer needed, and an instance that is alive.
  private func age(_ desk: WatchedDesk) async throws {
    try await desk.addDays(9...11)
    let now = try await desk.store.now()
    let instances: [InstanceID] = [try await desk.fresh(), try await desk.fresh()]
    for (number, instance) in instances.enumerated() {
      try await desk.store.fleet.register(
        ServiceInstance(
          id: instance, service: "router", build: "1", host: "h", processID: 1, state: .ready, linkEndpoint: nil,
          hintEndpoint: nil, httpEndpoint: nil, operationsEndpoint: nil,
          curvePublicKey: Array(repeating: UInt8(number), count: 32),
          startedAt: now, heartbeatAt: now))
    }
    try await desk.run(
      """
      INSERT INTO desk.arrival_slot (category, slot, tickets) VALUES
        ('payment', '2020-01-01'::timestamptz, 1), ('payment', date_trunc('hour', now()), 1);
      UPDATE desk.service_instance SET heartbeat_at = now() - interval '1 day' WHERE id = '\(instances[0])';
      """)
  }

  private func rows(_ desk: WatchedDesk) async throws -> [Int64] {
    [
      try await desk.number("SELECT count(*) FROM desk.arrival_slot"),
      try await desk.number("SELECT count(*) FROM desk.service_instance"),
    ]
  }

  @Test func onlyTheLeaderDeletesWhatIsPastItsRetentionOnce() async throws {
    try await sweeping(keeping: 5) { desk, sweeper, leading in
      let kept = try await desk.days()
      try await age(desk)
      #expect(await sweeper.runOnce().values.allSatisfy { $0 == .standBy })
      #expect(try await desk.days() == kept + 9)
      #expect(try await rows(desk) == [2, 2])
      leading.lead()
      for _ in 1...2 {
        #expect(await sweeper.runOnce() == Self.done)
        #expect(try await desk.days() == kept)
        #expect(try await rows(desk) == [1, 1])
        #expect(try await desk.store.audit.newestAuditEntries(ofKind: "retention.dropped", limit: 20).count == 9)
      }
    }
  }

  @Test func historyIsKeptWithoutARetention() async throws {
    try await sweeping(keeping: 0) { desk, sweeper, leading in
      let kept = try await desk.days()
      try await age(desk)
      leading.lead()
      #expect(await sweeper.runOnce() == Self.done)
      #expect(try await desk.days() == kept + 9)
      #expect(try await rows(desk) == [1, 1])
    }
  }

  @Test func aFullRoundIsFollowedByTheNextAtOnce() async throws {
    try await sweeping(keeping: 5) { desk, sweeper, leading in
      let kept = try await desk.days()
      // Three tables of them are more than one round drops.
      let days = StoreBounds.partitionsPerRetention / 3 + 1
      try await desk.addDays(9...(8 + days))
      leading.lead()
      #expect(await sweeper.runOnce()["retention"] == .done(.none))
      #expect(try await desk.days() == kept + Int64(days * 3 - StoreBounds.partitionsPerRetention))
      #expect(await sweeper.runOnce()["retention"] == .done(.regular))
      #expect(try await desk.days() == kept)
    }
  }

  @Test(arguments: [
    ("service_instance", "dead_instances"), ("arrival_slot", "old_arrivals"), ("request_key", "retention"),
  ])
  func failedSweepsDoNotBlockOthers(table: String, task: String) async throws {
    try await sweeping(keeping: 5) { desk, sweeper, leading in
      try await age(desk)
      leading.lead()
      try await desk.run("ALTER TABLE desk.\(table) RENAME TO hidden")
      var turns = Self.done
      turns[task] = .failed
      #expect(await sweeper.runOnce() == turns)
      for watched in sweeper.tasks { #expect(watched.failuresTotal == (watched.name == task ? 1 : 0)) }
      try await desk.run("ALTER TABLE desk.hidden RENAME TO \(table)")
      #expect(await sweeper.runOnce() == Self.done)
      #expect(try await rows(desk) == [1, 1])
    }
  }
}
