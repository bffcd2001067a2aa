import DeskCore
import Observability
import PostgreSQL
import Store
import SystemPrimitives
import TestService
import TestStore
import Testing
import ZeroMQ

@testable import ServiceHealth
@testable import ServiceProcess

@Suite("The fleet's register", .timeLimit(.minutes(2)))
struct FleetTests {
  @Test func anAnnouncedProcessIsKnownToTheOthers() async throws {
    try await withRegister { register in
      let (router, console) = (try await register.join("router"), try await register.join("console"))
      try await router.beat()
      #expect(Set(router.members.map(\.id)) == [router.me, console.me])
      #expect(router.members(of: "console").map(\.state) == [.starting])
      try await console.announce { $0.state = .draining }
      try await router.beat()
      #expect(router.members(of: "console").isEmpty, "a draining process gets nothing new")
      #expect(router.members.count == 2)
    }
  }

  @Test func aHeartbeatRenewsTheEntry() async throws {
    try await withRegister { register in
      let router = try await register.join("router")
      try await register.age(router.me, by: .seconds(1))
      let before = try #require(await register.store.fleet.livingInstances().first?.heartbeatAt)
      try await router.beat()
      let after = try #require(await register.store.fleet.livingInstances().first?.heartbeatAt)
      #expect(after - before >= .seconds(1))
    }
  }

  @Test func aRemovedEntryIsRegisteredAgain() async throws {
    try await withRegister { register in
      let router = try await register.join("router")
      try await register.store.fleet.deregister(router.me)
      try await router.beat()
      #expect(try await register.store.fleet.livingInstances().map(\.id) == [router.me])
    }
  }

  @Test func aSilentProcessIsGoneByTheDatabasesClock() async throws {
    try await withRegister { register in
      let (router, console) = (try await register.join("router"), try await register.join("console"))
      try await router.beat()
      #expect(router.members.count == 2)
      try await register.age(console.me, by: FleetBounds.silence + .seconds(1))
      try await router.beat()
      #expect(router.members.map(\.id) == [router.me])
      try await console.beat()
      try await router.beat()
      #expect(router.members.count == 2, "one that was only stopped for a while is back")
    }
  }

  /// After an outage of the database every entry is old: whoever returns first must not take the others for dead.
  @Test func afterAnOutageKnownProcessesGetTimeToReturn() async throws {
    try await withRegister { register in
      let (router, console) = (try await register.join("router"), try await register.join("console"))
      try await router.beat()
      try await register.age(console.me, by: FleetBounds.silence + .seconds(1))
      register.turnClock(by: FleetBounds.silence)
      try await router.beat()
      #expect(Set(router.members.map(\.id)) == [router.me, console.me])
      // Three regular heartbeats later it still has not sent one.
      for _ in 0..<3 {
        register.turnClock(by: FleetBounds.silence / 2 - .milliseconds(1))
        try await router.beat()
      }
      #expect(router.members.map(\.id) == [router.me])
    }
  }

  @Test func aFailingHeartbeatIsReportedAndRecovers() async throws {
    try await withRegister { register in
      let router = try await register.join("router")
      let task = try #require(router.tasks.first)
      try await register.hide()
      let running = Task { try await router.run() }
      try await register.log.wait(for: "background task keeps failing")
      #expect(task.problem?.failures ?? 0 >= TaskBounds.failuresBeforeWarning)
      try await register.show()
      try await register.log.wait(for: "background task recovered")
      #expect(task.problem == nil && task.failuresTotal >= TaskBounds.failuresBeforeWarning)
      running.cancel()
      _ = await running.result
    }
  }

  @Test func aFailedAnnouncementIsMadeUpForByTheNextHeartbeat() async throws {
    try await withRegister { register in
      let router = try await register.join("router")
      try await register.hide()
      await #expect(throws: PostgresError.self) { try await router.announce { $0.state = .draining } }
      try await register.show()
      try await router.beat()
      #expect(try await register.store.fleet.livingInstances().map(\.state) == [.draining])
    }
  }

  @Test func anAmendedEntryIsRegisteredByTheNextHeartbeat() async throws {
    try await withRegister { register in
      let router = try await register.join("router")
      await router.amend { $0.hintEndpoint = "tcp://127.0.0.1:9" }
      #expect(try await register.store.fleet.livingInstances().map(\.hintEndpoint) == [nil])
      try await router.beat()
      #expect(try await register.store.fleet.livingInstances().map(\.hintEndpoint) == ["tcp://127.0.0.1:9"])
    }
  }

  @Test func ofAnnouncementsThatOverlapTheNewestEntryStays() async throws {
    try await withRegister { register in
      let router = try await register.join("router")
      for round in 1...60 {
        let endpoint = "tcp://127.0.0.1:\(round)"
        async let first: Void = router.announce { $0.hintEndpoint = endpoint }
        async let second: Void = router.announce { $0.httpEndpoint = endpoint }
        _ = try await (first, second)
        try await router.beat()
        let entry = try #require(await register.store.fleet.livingInstances().first)
        #expect([entry.hintEndpoint, entry.httpEndpoint] == [endpoint, endpoint])
      }
    }
  }

  @Test func aProcessThatHasLeftIsGoneAtOnceAndStaysGone() async throws {
    try await withRegister { register in
      let (router, console) = (try await register.join("router"), try await register.join("console"))
      try await router.beat()
      await console.leave()
      try await router.beat()
      #expect(router.members.map(\.id) == [router.me])
      try await console.announce { $0.state = .ready }
      try await console.beat()
      #expect(try await register.store.fleet.livingInstances().map(\.id) == [router.me])
    }
  }

  @Test func aChangeOfTheRegisterIsPassedOn() async throws {
    try await withRegister { register in
      let router = try await register.join("router")
      var changes = await router.changes().makeAsyncIterator()
      #expect(await changes.next(isolation: nil)?.count == 1)
      _ = try await register.join("console")
      try await router.beat()
      #expect(await changes.next(isolation: nil)?.count == 2)
    }
  }

  @Test func aFailedKeyLookUpCountsAsAFailureOfTheTask() async throws {
    try await withRegister { register in
      let router = try await register.join("router")
      try await register.hide()
      let unknown = try #require(CurvePublicKey(bytes: Array(repeating: 0xFF, count: 32)))
      #expect(await router.owner(ofKey: unknown) == nil)
      #expect(router.tasks.first?.failuresTotal == 1)
    }
  }

  private func withRegister(_ body: (Register) async throws -> Void) async throws {
    try await TestDatabase.with(connections: 2) { store in try await body(Register(store: store)) }
  }
}

/// A register in a database, and processes in it.
private final class Register: Sendable {
  let store: DeskStore
  let log = LogRecorder()
  private let start = ContinuousClock.now
  private let offset = PthreadMutex(Duration.zero)
  private let count = PthreadMutex<UInt8>(0)

  init(store: DeskStore) { self.store = store }

  /// Registers a process, which sends no heartbeats.
  func join(_ service: String) async throws -> Fleet {
    let number = count.withLock { count in
      count += 1
      return count
    }
    let now = try await store.now()
    var random = SystemRandom()
    let entry = ServiceInstance(
      id: InstanceID(at: now, using: &random), service: service, build: "1", host: "here", processID: Int32(number),
      state: .starting, linkEndpoint: nil, hintEndpoint: nil, httpEndpoint: nil, operationsEndpoint: nil,
      curvePublicKey: Array(repeating: number, count: 32), startedAt: now, heartbeatAt: now)
    let fleet = Fleet(
      entry, store: store, clock: DatabaseClock(now), logger: log.logger,
      now: { [start, offset] in start + offset.withLock { $0 } })
    try await fleet.announce()
    return fleet
  }

  /// Turns the processes' own clock, not the database's.
  func turnClock(by time: Duration) { offset.withLock { $0 += time } }

  /// Makes the last heartbeat of a process older.
  func age(_ id: InstanceID, by time: Duration) async throws {
    try await store.pool.executeScript(
      "UPDATE desk.service_instance SET heartbeat_at = heartbeat_at - interval '\(time.seconds) s' WHERE id = '\(id)'")
  }

  /// Makes every access to the register fail, until `show`.
  func hide() async throws {
    try await store.pool.executeScript("ALTER TABLE desk.service_instance RENAME TO hidden")
  }

  func show() async throws {
    try await store.pool.executeScript("ALTER TABLE desk.hidden RENAME TO service_instance")
  }
}
