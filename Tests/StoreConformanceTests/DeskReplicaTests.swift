import DeskCore
import PostgreSQL
import SystemPrimitives
import TestKit
import TestStore
import Testing

@testable import Store

/// Reading from a physical standby: the age of its data, and when the primary answers instead.
@Suite(.timeLimit(.minutes(10))) struct DeskReplicaTests {
  @Test func aReplicaAnswersAndSaysHowOldItsDataIs() async throws {
    try await ReplicatedDesk.with { desk in
      // What was there when the replica was made current, and what it has not replayed yet.
      _ = try await desk.accept(from: "ann")
      let heartbeat = try await desk.beat()
      try await desk.database.catchUp()
      try await desk.database.pauseReplay()
      _ = try await desk.accept(from: "bea")
      _ = try await desk.beat()

      try await desk.look(at: heartbeat + .seconds(7))
      let old = try await desk.waiting()
      #expect(old.messages == 1 && old.age == .seconds(7))
      #expect(old.until == heartbeat)
      try await desk.look(at: heartbeat + .seconds(60))
      #expect(try await desk.waiting().messages == 1)
      #expect(desk.reader.counts.answered == 2 && desk.reader.counts.fellBack.isEmpty)

      // Beyond the limit the primary answers.
      try await desk.look(at: heartbeat + .seconds(60) + .milliseconds(1))
      let new = try await desk.waiting()
      #expect(new.messages == 2 && new.age == nil)
      #expect(desk.reader.counts.fellBack == [.late: 1])

      // A replica that has caught up answers again.
      try await desk.database.resumeReplay()
      let newest = try await desk.beat()
      try await desk.database.catchUp()
      try await desk.look(at: newest)
      let current = try await desk.waiting()
      #expect(current.messages == 2 && current.age == .zero)
    }
  }

  @Test func thePrimaryAnswersWhileAReplicaIsDown() async throws {
    try await ReplicatedDesk.with { desk in
      let heartbeat = try await desk.beat()
      try await desk.database.catchUp()
      try await desk.look(at: heartbeat)
      #expect(try await desk.waiting().age == .zero)

      // A read that is in progress when it goes down is repeated.
      #expect(try await desk.isRepeated(after: { try await desk.database.stopStandby() }))
      #expect(desk.reader.counts.fellBack == [.failed: 1])
      // Nothing is asked of a replica that could not be dated.
      let hasty = DeskReplica(
        desk.database.standby, connections: 1, setAside: SetAsideRows(), patience: .milliseconds(100))
      let reader = DeskReader(primary: desk.database.store, replicas: [hasty]) { heartbeat }
      await #expect(throws: PostgresError.self) { try await hasty.look(for: [desk.instance], now: heartbeat) }
      #expect(try await reader.read { $0.replica == nil })
      #expect(reader.counts.fellBack == [.unreachable: 1])
      await hasty.close()

      try await desk.database.startStandby()
      try await desk.look(at: heartbeat)
      #expect(try await desk.waiting().age == .zero)
    }
  }

  @Test func aReplicaThatIsNotDatedAnyMoreIsNotUsed() async throws {
    try await ReplicatedDesk.with { desk in
      let heartbeat = try await desk.beat()
      try await desk.database.catchUp()
      try await desk.look(at: heartbeat)
      desk.set(heartbeat + ReplicaBounds.silence)
      #expect(try await desk.waiting().age == ReplicaBounds.silence)
      desk.set(heartbeat + ReplicaBounds.silence + .milliseconds(1))
      #expect(try await desk.waiting().age == nil)
      #expect(desk.reader.counts.fellBack == [.unreachable: 1])
    }
  }

  @Test func aReadThatReplayingCancelsIsRepeated() async throws {
    try await ReplicatedDesk.with { desk in
      let store = desk.database.store
      try await store.pool.executeScript("CREATE TABLE held AS SELECT generate_series(1, 1000) AS number")
      try await desk.database.whileCancelling {
        let heartbeat = try await desk.beat()
        try await desk.database.catchUp()
        try await desk.look(at: heartbeat)
        let isRepeated = try await desk.isRepeated {
          // What the statement on the standby still sees is removed for good.
          try await store.pool.executeScript("DELETE FROM held")
          try await store.pool.executeScript("VACUUM held")
        }
        #expect(isRepeated)
        #expect(desk.reader.counts.fellBack == [.conflict: 1])
      }
    }
  }

  @Test func aReplicaOpensWhatThePrimarySealed() async throws {
    try await ReplicatedDesk.with { desk in
      let words = WordCodec(TestCipher("k1"))
      let sealing = DeskStore(pool: desk.database.store.pool, words: words)
      let acceptance = try await sealing.accept(sealing.message(from: "ann", text: "a swordfish"))
      let stored = PostgresStatement<String>("stored", "SELECT body FROM desk.message")
      #expect(try await desk.database.store.pool.query(stored).first?.contains("swordfish") == false)
      let heartbeat = try await desk.beat()
      try await desk.database.catchUp()
      let replica = DeskReplica(
        desk.database.standby, connections: 1, setAside: SetAsideRows(), words: words, patience: HangLimit.duration)
      try await replica.look(for: [desk.instance], now: heartbeat)
      let text = try await DeskReader(primary: sealing, replicas: [replica]) { heartbeat }.read { source in
        #expect(source.replica != nil)
        return try await source.store.conversations.message(acceptance.message)?.body
      }
      #expect(text == "a swordfish")
      await replica.close()
    }
  }

  @Test func anErrorOfAReplicaThatAnswersDoesNotMakeItUnreachable() async throws {
    try await ReplicatedDesk.with { desk in
      let heartbeat = try await desk.beat()
      try await desk.database.catchUp()
      try await desk.look(at: heartbeat)
      let store = desk.database.store
      try await store.pool.executeScript("ALTER TABLE desk.service_instance RENAME TO service_instance_away")
      try await desk.database.catchUp()
      let error = await #expect(throws: PostgresError.self) { try await desk.look(at: heartbeat + .seconds(1)) }
      #expect(error?.code == .server && desk.replica.isReachable(at: heartbeat + .seconds(1)))
      #expect(try await desk.reader.read { $0.replica != nil })
      #expect(!desk.replica.isReachable(at: heartbeat + ReplicaBounds.silence + .milliseconds(1)))
    }
  }

  @Test func whatWritesOrIsMissingIsDoneOnThePrimary() async throws {
    try await ReplicatedDesk.with { desk in
      let heartbeat = try await desk.beat()
      try await desk.database.catchUp()
      try await desk.look(at: heartbeat)
      let instance = try await desk.database.store.fresh(ServiceInstance.self)
      try await desk.reader.read { try await $0.store.fleet.register(.test(instance, service: "router")) }
      #expect(try await desk.database.store.fleet.livingInstances().contains { $0.id == instance })
      let found = try await desk.reader.read { source in
        if source.replica != nil { throw DeskReader.Missing() }
        return "primary"
      }
      #expect(found == "primary")
      #expect(desk.reader.counts.fellBack == [.failed: 1, .missing: 1])
      // What is wrong wherever it is read is the answer, and so is a deadline.
      struct Wrong: Error {}
      await #expect(throws: Wrong.self) { try await desk.reader.read { _ in throw Wrong() } }
      let late = await #expect(throws: PostgresError.self) {
        try await desk.reader.read { source in
          #expect(source.replica != nil)
          _ = try await source.store.pool.query(ReplicatedDesk.endless, timeout: .milliseconds(1))
        }
      }
      #expect(late?.code == .timedOut)
      #expect(desk.reader.counts.fellBack == [.failed: 1, .missing: 1])
    }
  }

  @Test func aDatabaseOfAnotherDeskIsNotUsed() async throws {
    try await ReplicatedDesk.with { desk in
      let heartbeat = try await desk.beat()
      try await desk.database.catchUp()
      let stranger = try await desk.database.store.fresh(ServiceInstance.self)
      await #expect(throws: DeskReplica.Foreign.self) {
        try await desk.replica.look(for: [stranger], now: heartbeat)
      }
      await #expect(throws: DeskReplica.Foreign.self) { try await desk.replica.look(for: [], now: heartbeat) }
      // A heartbeat far in the future says nothing either: the primary's clock was set back.
      await #expect(throws: DeskReplica.Foreign.self) {
        try await desk.replica.look(for: [desk.instance], now: heartbeat - .seconds(3600))
      }
      desk.set(heartbeat)
      #expect(try await desk.waiting().age == nil)
    }
  }

  @Test func theFirstReplicaThatMayAnswerDoes() async throws {
    try await ReplicatedDesk.with { desk in
      let heartbeat = try await desk.beat()
      try await desk.database.catchUp()
      var nowhere = desk.database.standby
      nowhere["host"] = "/tmp/frontdesk-no-server"
      let down = DeskReplica(nowhere, connections: 1, setAside: SetAsideRows())
      let reader = DeskReader(primary: desk.database.store, replicas: [down, desk.replica]) { heartbeat }
      await #expect(throws: PostgresError.self) { try await down.look(for: [desk.instance], now: heartbeat) }
      try await desk.look(at: heartbeat)
      #expect(try await reader.read { $0.replica != nil })
      await down.close()
    }
  }
}

/// A desk whose primary has a standby, with a process whose heartbeats date it.
private struct ReplicatedDesk {
  let database: ReplicatedDatabase
  let instance: InstanceID
  let replica: DeskReplica
  let reader: DeskReader
  private let now: PthreadMutex<Instant>

  static func with(_ body: (ReplicatedDesk) async throws -> Void) async throws {
    try await ReplicatedDatabase.with { database in
      let instance = try await database.store.fresh(ServiceInstance.self)
      try await database.store.fleet.register(.test(instance, service: "console"))
      let replica = DeskReplica(
        database.standby, connections: 2, setAside: SetAsideRows(), patience: HangLimit.duration)
      let now = PthreadMutex(Instant(seconds: 0))
      let reader = DeskReader(primary: database.store, replicas: [replica]) { now.withLock { $0 } }
      let desk = ReplicatedDesk(
        database: database, instance: instance, replica: replica, reader: reader, now: now)
      do {
        try await body(desk)
        await replica.close()
      } catch {
        await replica.close()
        throw error
      }
    }
  }

  /// Sends a heartbeat.
  /// - Returns: the primary's time in it.
  func beat() async throws -> Instant {
    let living = try await database.store.fleet.heartbeat(instance).living
    return try #require(living.first { $0.id == instance }).heartbeatAt
  }

  /// Sets the clock.
  func set(_ moment: Instant) { now.withLock { $0 = moment } }

  /// Sets the clock and dates the replica.
  func look(at moment: Instant) async throws {
    set(moment)
    try await replica.look(for: [instance], now: moment)
  }

  func accept(from customer: String) async throws -> Acceptance {
    try await database.store.accept(database.store.message(from: customer))
  }

  /// How many messages wait for their decision, and what that was read from.
  func waiting() async throws -> (messages: Int64, age: Duration?, until: Instant) {
    try await reader.read { source in
      (try await source.store.reports.inboxFigures().waiting, source.replica?.age, try await source.knowsUntil())
    }
  }

  /// Returns whether the primary answers a read that was in progress on the replica when `disturb` ran.
  func isRepeated(after disturb: () async throws -> Void) async throws -> Bool {
    let began = TestSignal()
    async let answeredByPrimary = reader.read { source in
      guard source.replica != nil else { return true }
      began.fire()
      return try await source.store.pool.query(Self.endless).isEmpty
    }
    try await began.wait()
    try await untilBusy()
    try await disturb()
    return try await answeredByPrimary
  }

  static let endless = PostgresStatement<String>(
    "endless", "SELECT pg_sleep(600)::text FROM desk.service_instance")

  /// Waits until a statement that never ends runs on the standby.
  private func untilBusy() async throws {
    let pool = PostgresPool(database.standby, limits: PostgresPoolLimits(connectionsMaximum: 1))
    let sleeping = PostgresStatement<Bool>(
      "sleeping",
      "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database())")
    try await eventually("a statement that runs") { try await pool.query(sleeping).first == true }
    await pool.shutdown()
  }
}
