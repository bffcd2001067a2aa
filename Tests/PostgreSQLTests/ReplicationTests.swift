import TestKit
import TestPostgres
import Testing

@testable import PostgreSQL

/// Commits of a server whose synchronous standby has stopped.
@Suite struct ReplicationTests {
  static let insert = PostgresStatement<Void>("insert", "INSERT INTO thing (id) VALUES ($1)")
  static let count = PostgresStatement<Int64>("count", "SELECT count(*) FROM thing")
  static let backend = PostgresStatement<Int32>("backend", "SELECT pg_backend_pid()")
  static let transaction = PostgresStatement<Bool>(
    "has_transaction", "SELECT pg_current_xact_id_if_assigned() IS NOT NULL")

  @Test func aCommitThatNoStandbyHasConfirmedIsUnknownAndAConfirmedOneSurvivesAFailover() async throws {
    try await ReplicatedPostgres.with { servers in
      let configuration = try await servers.primary.createDatabase()
      try await withConnection(to: configuration) { connection in
        try await connection.executeScript("CREATE TABLE thing (id int8 PRIMARY KEY)")
        try await connection.execute(Self.insert, [Int64(0)])
        try await servers.stopStandby()
        let session = try await connection.query(Self.backend)

        // One after the other on one connection, which stays usable.
        let ways: [(String, @Sendable () async throws -> Void)] = [
          ("a statement", { try await connection.execute(Self.insert, [Int64(1)]) }),
          ("a batch", { try await connection.transaction(Self.batch(2)) }),
          (
            "a transaction",
            { try await connection.withTransaction { _ = try await $0.execute(Self.insert, [Int64(3)]) } }
          ),
          ("a script", { try await connection.executeScript("INSERT INTO thing VALUES (4)") }),
          ("a confirmation", { try await connection.confirmReads() }),
        ]
        for (name, way) in ways {
          let task = Task { try await way() }
          try await servers.endCommitWaits()
          let error = await #expect(throws: PostgresError.self, "\(name)") { try await task.value }
          #expect(error?.code == .commitUnconfirmed, "\(name)")
          #expect(error?.sqlState == "01000", "\(name)")
          #expect(error?.commitUnknown == true && error?.isRetriable == true, "\(name)")
        }
        #expect(try await connection.query(Self.backend) == session)
        #expect(try await connection.query(Self.count) == [5], "the server has committed")

        // Its own deadline and its own caller cancel a wait as anybody does.
        let late = await #expect(throws: PostgresError.self) {
          try await connection.execute(Self.insert, [Int64(5)], timeout: .milliseconds(50))
        }
        #expect(late?.code == .commitUnconfirmed && late?.commitUnknown == true)
        let abandoned = Task { try await connection.execute(Self.insert, [Int64(6)]) }
        try await servers.untilACommitWaits()
        abandoned.cancel()
        let cancelled = await #expect(throws: PostgresError.self) { try await abandoned.value }
        #expect(cancelled?.code == .commitUnconfirmed && cancelled?.commitUnknown == true)

        // The warning belongs to the commit that waited: what is behind it in the pipeline succeeds.
        let first = Task { try await connection.execute(Self.insert, [Int64(7)]) }
        try await servers.untilACommitWaits()
        let second = Task { try await connection.query(Self.count) }
        let third = Task { try await connection.query(Self.backend) }
        try await servers.endCommitWaits()
        let error = await #expect(throws: PostgresError.self) { try await first.value }
        #expect(error?.code == .commitUnconfirmed)
        #expect(try await second.value == [8])
        #expect(try await third.value == session)

        // Words of a warning are nobody's proof.
        try await connection.executeScript(
          "DO $$ BEGIN RAISE WARNING 'canceling wait for synchronous replication due to user request'; END $$")

        try await servers.startStandby()
        try await connection.confirmReads()
        try await connection.execute(Self.insert, [Int64(8)])
        #expect(try await connection.query(Self.count) == [9])

        // Without synchronous standbys an answer says nothing about them.
        try await servers.waitForStandbys(named: "")
        try await servers.stopStandby()
        try await connection.execute(Self.insert, [Int64(9)])
      }
      try await servers.failOver()
      let promoted = try await servers.standby.configuration.database(servers.primary.lastDatabase)
      try await withConnection(to: promoted) { connection in
        let rows = try await connection.query(Self.count)
        #expect(rows == [9], "the standby has everything that it has confirmed")
      }
    }
  }

  @Test func aTerminatedWaitIsALostConnectionAndBothAreCounted() async throws {
    let server = try await PrivatePostgres.own()
    do {
      let (observer, pool) = (try await server.observer(), try await server.observer())
      try await pool.executeScript("CREATE TABLE thing (id int8 PRIMARY KEY)")
      try await pool.confirmReads()
      // No such standby exists, so every commit waits.
      try await observer.waitForStandbys(named: "missing")
      let lost = Task { try await pool.execute(Self.insert, [Int64(1)]) }
      try await observer.endCommitWaits(terminating: true)
      let loss = await #expect(throws: PostgresError.self) { try await lost.value }
      #expect(loss?.code == .connectionLost && loss?.commitUnknown == true && loss?.isRetriable == true)
      let cancelled = Task { try await pool.execute(Self.insert, [Int64(2)]) }
      try await observer.endCommitWaits()
      let error = await #expect(throws: PostgresError.self) { try await cancelled.value }
      #expect(error?.code == .commitUnconfirmed)
      #expect(await pool.metrics.commitsUnconfirmed == 2)
      await pool.shutdown()
      await observer.shutdown()
    } catch {
      await server.remove()
      throw error
    }
    await server.remove()
  }

  @Test func aConfirmationWritesNothingWithoutSynchronousStandbys() async throws {
    try await withConnection { connection in
      var batch = PostgresBatch("confirmed")
      batch.confirmReads()
      let hasWritten = batch.add(Self.transaction)
      let results = try await connection.transaction(batch)
      #expect(try results.rows(hasWritten) == [false])
    }
  }

  @Test(
    arguments: [
      ("on", "", nil), ("off", "", PostgresDurability.Fault.unsafe("off")), ("local", "", nil),
      ("on", "s", nil), ("remote_apply", "s", nil), ("local", "s", .weak("local")),
      ("remote_write", "s", .weak("remote_write")), ("off", "s", .unsafe("off")),
    ] as [(String, String, PostgresDurability.Fault?)])
  func settingsThatMakeCommitsLessThanPromisedAreFaults(
    commit: String, standbys: String, fault: PostgresDurability.Fault?
  ) {
    let found = PostgresDurability(commit: commit, hasSynchronousStandbys: !standbys.isEmpty, leastMessage: "warning")
      .fault
    switch (found, fault) {
    case (nil, nil): break
    case (.unsafe(let reason), .unsafe(let word)), (.weak(let reason), .weak(let word)): #expect(reason.contains(word))
    default: Issue.record("\(String(describing: found)) instead of \(String(describing: fault))")
    }
    let mute = PostgresDurability(commit: commit, hasSynchronousStandbys: !standbys.isEmpty, leastMessage: "error")
      .fault
    if !standbys.isEmpty, case .unsafe? = mute {} else { #expect(standbys.isEmpty) }
  }

  @Test func theSettingsOfASessionAreRead() async throws {
    var configuration = try await PrivatePostgres.shared().createDatabase()
    try await withConnection(to: configuration) { connection in
      let settings = try await PostgresDurability.read(connection)
      #expect(settings == PostgresDurability(commit: "on", hasSynchronousStandbys: false, leastMessage: "warning"))
    }
    configuration["options"] = "-c synchronous_commit=off -c client_min_messages=error"
    try await withConnection(to: configuration) { connection in
      let settings = try await PostgresDurability.read(connection)
      #expect(settings == PostgresDurability(commit: "off", hasSynchronousStandbys: false, leastMessage: "error"))
    }
  }

  private static func batch(_ number: Int64) -> PostgresBatch {
    var batch = PostgresBatch("batch")
    batch.add(insert, [number])
    batch.add(count)
    return batch
  }
}
