import DeskCore
import Store
import Testing

/// Instances and leases.
@Suite struct FleetTests {
  @Test(arguments: StoreKind.allCases) func aRenewalKeepsTheTermAndATakeOverRaisesIt(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let one = try await desk.fresh(ServiceInstance.self)
      let two = try await desk.fresh(ServiceInstance.self)
      let first = try #require(try await desk.store.fleet.acquireLeases(["a"], holder: one).first)
      let renewed = try #require(try await desk.store.fleet.acquireLeases(["a"], holder: one).first)
      #expect(first.term == 1 && renewed.term == 1 && renewed.expiresAt > first.expiresAt)
      // Another holder gets only free leases.
      #expect(try await desk.store.fleet.acquireLeases(["b", "a"], holder: two).map(\.name) == ["b"])
      try await desk.pass(FleetBounds.leaseTime)
      #expect(try await desk.store.fleet.acquireLeases(["a", "b"], holder: two).map(\.term) == [2, 2])
      #expect(try await desk.store.fleet.acquireLeases(["a"], holder: one).map(\.term) == [])
      #expect(try await desk.store.fleet.leases().map(\.holder) == [two, two])
      // Only the holder can end it, and a returning holder gets a new term.
      try await desk.store.fleet.releaseLeases(["a"], holder: one)
      #expect(try await desk.store.fleet.leases().map(\.name) == ["a", "b"])
      try await desk.store.fleet.releaseLeases(["a"], holder: two)
      #expect(try await desk.store.fleet.leases().map(\.name) == ["b"])
      #expect(try await desk.store.fleet.acquireLeases(["a"], holder: two).map(\.term) == [3])
    }
  }

  @Test(arguments: StoreKind.allCases) func onlyOneCompetitorGetsALease(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      for round in 0..<30 {
        let winners = try await withThrowingTaskGroup(of: Int.self) { group in
          for contender in 0..<4 {
            group.addTask {
              let holder = try await desk.fresh(ServiceInstance.self)
              let names = ["x\(round)", "y\(round)"]
              return try await desk.store.fleet.acquireLeases(
                contender % 2 == 0 ? names : names.reversed(), holder: holder
              )
              .count
            }
          }
          var sum = 0
          for try await count in group { sum += count }
          return sum
        }
        #expect(winners == 2)
      }
      #expect(try await desk.store.fleet.leases().map(\.term) == Array(repeating: 1, count: 60))
    }
  }

  @Test(arguments: StoreKind.allCases) func instancesAreFoundWhileAlive(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let one = try await desk.fresh(ServiceInstance.self)
      let two = try await desk.fresh(ServiceInstance.self)
      try await desk.store.fleet.register(.test(one, service: "router", state: .starting))
      try await desk.store.fleet.register(.test(two, service: "intake"))
      try await desk.store.fleet.register(.test(one, service: "router"))
      let beat = try await desk.store.fleet.heartbeat(one)
      #expect(beat.isRegistered && beat.living.map(\.id) == [two, one] && beat.living[1].state == .ready)
      #expect(beat.living[1].linkEndpoint == "tcp://h:1" && beat.living[1].curvePublicKey.count == 32)
      #expect(beat.living[1].heartbeatAt <= beat.now)
      try await desk.pass(FleetBounds.forgetAfter)
      _ = try await desk.store.fleet.heartbeat(one)
      #expect(try await desk.store.fleet.livingInstances().map(\.id) == [one])
      try await desk.store.fleet.forgetDeadInstances()
      #expect(try await desk.store.fleet.heartbeat(two).isRegistered == false)
      #expect(try await desk.count(of: .serviceInstance) == 1)
      try await desk.store.fleet.deregister(one)
      #expect(try await desk.store.fleet.livingInstances().map(\.id) == [])
    }
  }

  /// Timestamps from before the clock was set back are an hour ahead now.
  @Test(arguments: StoreKind.allCases) func aClockSetBackKeepsNoLeaseOrInstanceAlive(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let dead = try await desk.fresh(ServiceInstance.self)
      let living = try await desk.fresh(ServiceInstance.self)
      try await desk.store.fleet.register(.test(dead, service: "router"))
      try await desk.store.fleet.register(.test(living, service: "router"))
      #expect(try await desk.store.fleet.acquireLeases(["a"], holder: dead).map(\.term) == [1])
      let message = try await desk.accept(from: ["ann"], owner: dead)[0].message
      #expect(try await desk.store.inbox.claimUnlabelled(olderThan: .zero, limit: 9).isEmpty)
      try await desk.pass(.seconds(-3600))
      #expect(try await desk.store.fleet.heartbeat(living).living.map(\.id) == [living])
      #expect(try await desk.store.fleet.acquireLeases(["a"], holder: living).map(\.term) == [2])
      #expect(try await desk.store.inbox.adopt(for: living, limit: 9).map(\.id) == [message])
      try await desk.store.inbox.release([message], heldBy: living)
      // A claim from before a second jump.
      #expect(try await desk.store.inbox.adopt(for: living, limit: 9).map(\.id) == [message])
      try await desk.pass(.seconds(-3600))
      #expect(try await desk.store.inbox.claimUnlabelled(olderThan: .seconds(3), limit: 9).map(\.id) == [message])
      _ = try await desk.store.fleet.heartbeat(living)
      try await desk.store.fleet.forgetDeadInstances()
      #expect(try await desk.count(of: .serviceInstance) == 1)
    }
  }
}
