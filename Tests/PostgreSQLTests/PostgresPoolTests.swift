import PostgreSQL
import TestKit
import TestPostgres
import Testing

/// A pool on a real server.
@Suite struct PostgresPoolTests {
  static let one = PostgresStatement<Int32>("one", "SELECT 1")
  static let backend = PostgresStatement<Int32>("backend", "SELECT pg_backend_pid()")
  static let terminate = PostgresStatement<Bool>("terminate", "SELECT pg_terminate_backend($1)")
  static let lock = PostgresStatement<Void>("lock", "SELECT pg_advisory_xact_lock($1)")

  private func withPool(
    _ configuration: PostgresConfiguration, maximum: Int = 4, change: (inout PostgresPoolLimits) -> Void = { _ in },
    _ body: (PostgresPool) async throws -> Void
  ) async throws {
    var limits = PostgresPoolLimits(connectionsMinimum: 1, connectionsMaximum: maximum)
    // Other suites use the same cores and the same server; only tests of the wait timeout set a short one.
    limits.waitTimeout = HangLimit.duration
    change(&limits)
    let pool = PostgresPool(configuration, limits: limits)
    do {
      try await body(pool)
    } catch {
      await pool.shutdown()
      throw error
    }
    await pool.shutdown()
  }

  @Test func servesMoreCallsThanItHasConnections() async throws {
    try await withPool(try await PrivatePostgres.shared().createDatabase()) { pool in
      try await withThrowingTaskGroup(of: [Int32].self) { group in
        for _ in 0..<200 { group.addTask { try await pool.query(Self.one) } }
        for try await rows in group { #expect(rows == [1]) }
      }
      let metrics = await pool.metrics
      #expect(metrics.acquired == 200)
      #expect(metrics.connects <= 4)
      #expect(metrics.connectionsInUse == 0)
      #expect(metrics.connectionsIdle == metrics.connects)
      #expect(metrics.waitTotal >= metrics.waitMaximum)
    }
  }

  @Test func limitsWaitersAndTheirWaitingTime() async throws {
    let configuration = try await PrivatePostgres.shared().createDatabase()
    try await withPool(configuration, maximum: 1) {
      $0.waitersMaximum = 1
      $0.waitTimeout = .milliseconds(50)
    } _: { pool in
      _ = try await retrying { try await pool.query(Self.one) }
      try await pool.withConnection { _ in
        // One waits until its timeout; the rejection of a second waiter meanwhile shows which of them was which.
        let errors = await withTaskGroup(of: PostgresError?.self) { group in
          for _ in 0..<2 {
            group.addTask {
              do {
                _ = try await pool.query(Self.one)
                return nil
              } catch {
                return error as? PostgresError
              }
            }
          }
          return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(errors.compactMap { $0?.code }) == [.poolExhausted, .poolTimedOut])
        #expect(errors.allSatisfy { $0?.isRetriable == true })
      }
      #expect(try await pool.query(Self.one) == [1])
    }
  }

  @Test func aCancelledCallStopsWaiting() async throws {
    let configuration = try await PrivatePostgres.shared().createDatabase()
    try await withPool(configuration, maximum: 1) { pool in
      try await pool.withConnection { _ in
        let task = Task { try await pool.query(Self.one) }
        task.cancel()
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(await pool.metrics.waiting == 0)
      }
    }
  }

  @Test func replacesATerminatedConnectionAndPreparesAgain() async throws {
    let configuration = try await PrivatePostgres.shared().createDatabase()
    try await withPool(configuration, maximum: 1) { pool in
      let victim = try #require(try await pool.query(Self.backend).first)
      let thread = PostgresThread()
      let other = try await PostgresConnection.connect(configuration, on: thread)
      #expect(try await other.query(Self.terminate, [victim]) == [true])
      await other.close()
      await thread.stop()
      // The call may still meet the dying connection; that is a retriable error, and the next gets a new one.
      let next = try await retrying { try await pool.query(Self.backend).first }
      #expect(next != nil && next != victim)
    }
  }

  @Test func aChangedTableReplacesConnectionsWithStaleStatements() async throws {
    try await withPool(try await PrivatePostgres.shared().createDatabase(), maximum: 1) { pool in
      try await pool.executeScript("CREATE TABLE a (x int8); INSERT INTO a VALUES (1)")
      let all = PostgresStatement<Int64>("all", "SELECT * FROM a")
      #expect(try await pool.query(all) == [1])
      try await pool.executeScript("ALTER TABLE a ALTER x TYPE int4")
      let error = await #expect(throws: PostgresError.self) { try await pool.query(all) }
      #expect(error?.sqlState == "0A000")
      #expect(error?.isRetriable == true)
      #expect(try await pool.query(all) == [1])
    }
  }

  @Test func aHostThatNeitherAnswersNorRefusesIsPassedOver() async throws {
    // It takes the connection, as the kernel of a host does whose processes are stopped.
    let silent = try LocalServer { _ = $0.readRequest() }
    defer { silent.stop() }
    var configuration = try await PrivatePostgres.shared().createDatabase()
    configuration["port"] = "\(silent.port),\(configuration["port"] ?? "5432")"
    configuration["host"] = "127.0.0.1,\(configuration["host"] ?? "")"
    configuration.connectTimeout = .seconds(1)
    try await withPool(configuration, maximum: 1) { pool in
      let answer = try await retrying { try await pool.query(Self.one) }
      #expect(answer == [1])
      #expect(silent.connectionCount > 0)
      #expect(await pool.metrics.connectFailures > 0)
    }
  }

  @Test func recoversWhenTheServerReturns() async throws {
    let server = try await PrivatePostgres.own()
    let configuration = try await server.createDatabase()
    do {
      try await withPool(configuration, maximum: 3, change: { $0.waitTimeout = .milliseconds(300) }) { pool in
        #expect(try await retrying { try await pool.query(Self.one) } == [1])
        try await server.stopImmediately()
        // The first may notice the loss itself; then no connection is possible.
        for _ in 1...2 {
          let error = await #expect(throws: PostgresError.self) { try await pool.query(Self.one) }
          #expect(error?.isRetriable == true)
        }
        #expect(await pool.isReachable(within: .milliseconds(100)) == false)
        try await server.start()
        #expect(try await retrying { try await pool.query(Self.one) } == [1])
        #expect(await pool.isReachable(within: HangLimit.duration))
        #expect(await pool.metrics.connectFailures > 0)
      }
    } catch {
      await server.remove()
      throw error
    }
    await server.remove()
  }

  @Test func droppedConnectionsEndWhatIsInProgress() async throws {
    try await withPool(try await PrivatePostgres.shared().createDatabase(), maximum: 2) { pool in
      let endless = PostgresStatement<Void>("endless", "SELECT pg_sleep(600)")
      let sleeping = PostgresStatement<Int64>(
        "sleeping",
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()")
      let inProgress = Task { try await pool.execute(endless, timeout: .seconds(600)) }
      try await eventually("a statement in progress") { try await pool.query(sleeping) == [1] }
      await pool.dropConnections()
      let error = await #expect(throws: PostgresError.self) { try await inProgress.value }
      #expect(error?.code == .connectionLost)
      #expect(try await retrying { try await pool.query(Self.one) } == [1])
    }
  }

  @Test func anUnfinishedTransactionIsClearedFromItsConnection() async throws {
    try await withPool(try await PrivatePostgres.shared().createDatabase(), maximum: 1) { pool in
      let first = try await pool.query(Self.backend)
      try await pool.withConnection { connection in
        let begin = PostgresStatement<Void>("open", "BEGIN")
        try await connection.execute(begin)
      }
      #expect(try await pool.query(Self.backend) != first)
    }
  }

  @Test func transactionsOnAPoolExcludeEachOther() async throws {
    try await withPool(try await PrivatePostgres.shared().createDatabase()) { pool in
      try await pool.executeScript("CREATE TABLE counter (n int8 NOT NULL); INSERT INTO counter VALUES (0)")
      let read = PostgresStatement<Int64>("read", "SELECT n FROM counter")
      let write = PostgresStatement<Void>("write", "UPDATE counter SET n = $1")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<40 {
          group.addTask {
            try await pool.withTransaction { transaction in
              try await transaction.execute(Self.lock, [7])
              let value = try #require(try await transaction.queryFirst(read))
              try await transaction.execute(write, [value + 1])
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await pool.query(read) == [40])
    }
  }

  @Test func shutdownRefusesNewCallsAndFinishesRunningOnes() async throws {
    let pool = PostgresPool(try await PrivatePostgres.shared().createDatabase())
    let result = try await pool.withConnection { connection in
      let ending = Task { await pool.shutdown() }
      try await eventually("the shutdown") {
        do {
          _ = try await pool.query(Self.one)
          return false
        } catch let error as PostgresError where error.code == .shutDown {
          return true
        }
      }
      let result = try await connection.query(Self.one)
      return (result, ending)
    }
    #expect(result.0 == [1])
    await result.1.value
    let error = await #expect(throws: PostgresError.self) { try await pool.query(Self.one) }
    #expect(error?.code == .shutDown)
    #expect(await pool.isReachable(within: .seconds(1)) == false)
    await pool.shutdown()
  }
}

/// Repeats `body` while it fails with a retriable error, at most 200 times.
private func retrying<Result>(_ body: () async throws -> Result) async throws -> Result {
  for _ in 1..<200 {
    do {
      return try await body()
    } catch let error as PostgresError where error.isRetriable {
      continue
    }
  }
  return try await body()
}
