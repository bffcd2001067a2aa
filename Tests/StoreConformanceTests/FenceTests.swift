import Store
import Testing

@testable import DeskCore

/// Steps that only the holder of a lease may take.
@Suite struct FenceTests {
  @Test(arguments: StoreKind.allCases) func letsTheHolderWrite(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let holder = try await desk.fresh(ServiceInstance.self)
      let lease = try #require(try await desk.store.fleet.acquireLeases(["watch"], holder: holder).first)
      var ticket = try await desk.queued(["ann"])[0]
      let took = try await desk.take(
        &ticket, .customerWrote(try await desk.fresh(), .test),
        fence: Fence(lease: "watch", holder: holder, term: lease.term))
      #expect(took)
    }
  }

  @Test(arguments: StoreKind.allCases) func refusesAnExpiredLease(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let holder = try await desk.fresh(ServiceInstance.self)
      let lease = try #require(try await desk.store.fleet.acquireLeases(["watch"], holder: holder).first)
      try await desk.pass(FleetBounds.leaseTime)
      try await expectRefusal(desk, Fence(lease: "watch", holder: holder, term: lease.term))
    }
  }

  @Test(arguments: StoreKind.allCases) func refusesALeaseTakenOverByAnother(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let holder = try await desk.fresh(ServiceInstance.self)
      let successor = try await desk.fresh(ServiceInstance.self)
      let lease = try #require(try await desk.store.fleet.acquireLeases(["watch"], holder: holder).first)
      try await desk.store.fleet.releaseLeases(["watch"], holder: holder)
      let next = try #require(try await desk.store.fleet.acquireLeases(["watch"], holder: successor).first)
      #expect(next.term == lease.term + 1)
      try await expectRefusal(desk, Fence(lease: "watch", holder: holder, term: lease.term))
      try await expectRefusal(desk, Fence(lease: "watch", holder: holder, term: next.term))
    }
  }

  @Test(arguments: StoreKind.allCases) func refusesAnEarlierTermOfTheSameHolder(on kind: StoreKind) async throws {
    try await StoreUnderTest.with(kind) { desk in
      let holder = try await desk.fresh(ServiceInstance.self)
      let lease = try #require(try await desk.store.fleet.acquireLeases(["watch"], holder: holder).first)
      try await desk.store.fleet.releaseLeases(["watch"], holder: holder)
      let again = try #require(try await desk.store.fleet.acquireLeases(["watch"], holder: holder).first)
      #expect(again.term == lease.term + 1)
      try await expectRefusal(desk, Fence(lease: "watch", holder: holder, term: lease.term))
    }
  }

  private func expectRefusal(_ desk: some DeskFixture, _ fence: Fence) async throws {
    let ticket = try await desk.queued(["customer \(fence.term)-\(fence.holder)"])[0]
    var next = ticket
    let took = try await desk.take(&next, .customerWrote(try await desk.fresh(), .test), fence: fence)
    #expect(!took)
    #expect(try await desk.narrow.tickets.tickets([ticket.id])[ticket.id] == ticket)
    #expect(try await desk.narrow.conversations.timeline(of: ticket.id).count == 1)
  }
}
