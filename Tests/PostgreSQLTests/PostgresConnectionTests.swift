import PostgreSQL
import TestKit
import TestPostgres
import Testing

/// One connection to a real server, on a separate database.
@Suite struct PostgresConnectionTests {
  static let one = PostgresStatement<Int32>("one", "SELECT 1")
  static let divide = PostgresStatement<Int64>("divide", "SELECT 10 / $1")
  static let sleep = PostgresStatement<Void>("sleep", "SELECT pg_sleep($1)")
  static let insert = PostgresStatement<Void>("insert", "INSERT INTO thing (id, word) VALUES ($1, $2)")
  static let count = PostgresStatement<Int64>("count", "SELECT count(*) FROM thing")
  static let backend = PostgresStatement<Int32>("backend", "SELECT pg_backend_pid()")
  static let table = "CREATE TABLE thing (id int8 PRIMARY KEY, word text NOT NULL CHECK (word <> ''))"

  @Test func executesAStatementRepeatedly() async throws {
    try await withConnection { connection in
      for number in 1...50 {
        let rows = try await connection.query(Self.divide, [Int64(number)])
        #expect(rows == [10 / Int64(number)])
      }
    }
  }

  // MARK: Errors

  @Test func errorsCarryStateAndNamesButNoData() async throws {
    try await withConnection { connection in
      try await connection.executeScript(Self.table)
      try await connection.execute(Self.insert, [1, "customer words"])
      let error = await #expect(throws: PostgresError.self) {
        try await connection.execute(Self.insert, [1, "customer words"])
      }
      #expect(error?.code == .server)
      #expect(error?.sqlState == "23505")
      #expect(error?.constraint == "thing_pkey")
      #expect(error?.table == "thing")
      #expect(error?.statement == "insert")
      #expect(error?.place?.contains("PostgresConnectionTests.swift") == true)
      #expect(error?.isRetriable == false)
      #expect(error?.commitUnknown == false)
      let cast = PostgresStatement<Int64>("cast", "SELECT $1::text::int8")
      let refused = await #expect(throws: PostgresError.self) { try await connection.query(cast, ["customer words"]) }
      #expect(refused?.sqlState == "22P02")
      let nul = await #expect(throws: PostgresError.self) {
        try await connection.execute(Self.insert, [2, "a\0customer"])
      }
      #expect(nul?.sqlState == "22021")
      for error in [error, refused, nul] { #expect(error.map { "\($0)".contains("customer") } == false) }
      #expect(try await connection.query(Self.count) == [1])
    }
  }

  @Test func aFailedPrepareIsReportedAndHarmless() async throws {
    try await withConnection { connection in
      let wrong = PostgresStatement<Int32>("wrong", "SELECT missing_column FROM pg_class")
      for _ in 1...2 {
        let error = await #expect(throws: PostgresError.self) { try await connection.query(wrong) }
        #expect(error?.sqlState == "42703")
        #expect(error?.message.contains("missing_column") == true)
        let after = try await connection.query(Self.one)
        #expect(after == [1])
      }
    }
  }

  @Test func misuseIsRefusedBeforeSending() async throws {
    try await withConnection { connection in
      let rows = try await connection.query(Self.divide, [5])
      #expect(rows == [2])
      for parameters in [[Int32(5)], ["5"]] as [[any PostgresEncodable]] {
        let error = await #expect(throws: PostgresError.self) { try await connection.query(Self.divide, parameters) }
        #expect(error?.code == .misuse)
      }
      let other = PostgresStatement<Int64>("divide", "SELECT 20 / $1")
      let error = await #expect(throws: PostgresError.self) { try await connection.query(other, [5]) }
      #expect(error?.code == .misuse)
    }
  }

  @Test func aPipelineErrorFailsOnlyItsOwnRequest() async throws {
    try await withConnection { connection in
      let outcomes = try await withThrowingTaskGroup(of: (Int, String).self) { group in
        for number in 0..<100 {
          let divisor = Int64(number % 10)
          group.addTask {
            do {
              return (number, "\(try await connection.query(Self.divide, [divisor]))")
            } catch let error as PostgresError {
              return (number, error.sqlState ?? "\(error)")
            }
          }
        }
        return try await group.reduce(into: [Int: String]()) { $0[$1.0] = $1.1 }
      }
      let divisionByZero = "22012"
      for number in 0..<100 {
        #expect(outcomes[number] == (number % 10 == 0 ? divisionByZero : "[\(10 / (number % 10))]"))
      }
    }
  }

  // MARK: Transactions

  @Test func aBatchCommitsAllOrNothing() async throws {
    try await withConnection { connection in
      try await connection.executeScript(Self.table)
      var good = PostgresBatch("good")
      let first = good.add(Self.insert, [1, "a"])
      good.add(Self.insert, [2, "b"])
      let counted = good.add(Self.count)
      let results = try await connection.transaction(good)
      #expect(results.affectedRows(first) == 1)
      #expect(try results.rows(counted) == [2])
      var bad = PostgresBatch("bad")
      bad.add(Self.insert, [3, "c"])
      bad.add(Self.insert, [4, ""])
      bad.add(PostgresStatement<Int32>("never_prepared_before", "SELECT 3"))
      let error = await #expect(throws: PostgresError.self) { try await connection.transaction(bad) }
      #expect(error?.sqlState == "23514")
      #expect(error?.statement == "insert")
      #expect(try await connection.query(Self.count) == [2])
    }
  }

  @Test func commitErrorsAreReported() async throws {
    try await withConnection { connection in
      try await connection.executeScript(
        """
        CREATE TABLE parent (id int8 PRIMARY KEY);
        CREATE TABLE child (id int8 REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
        """)
      let orphan = PostgresStatement<Void>("orphan", "INSERT INTO child (id) VALUES ($1)")
      let error = await #expect(throws: PostgresError.self) { try await connection.execute(orphan, [1]) }
      #expect(error?.sqlState == "23503")
      #expect(try await connection.query(Self.one) == [1])
      let inTransaction = await #expect(throws: PostgresError.self) {
        try await connection.withTransaction { try await $0.execute(orphan, [1]) }
      }
      #expect(inTransaction?.sqlState == "23503")
      let children = try await connection.query(PostgresStatement<Int64>("children", "SELECT count(*) FROM child"))
      #expect(children == [0])
    }
  }

  @Test func aTransactionCommitsOrRollsBackWithItsClosure() async throws {
    struct Refused: Error {}
    try await withConnection { connection in
      try await connection.executeScript(Self.table)
      let seen = try await connection.withTransaction { transaction in
        try await transaction.execute(Self.insert, [1, "a"])
        return try await transaction.query(Self.count)
      }
      #expect(seen == [1])
      await #expect(throws: Refused.self) {
        try await connection.withTransaction { transaction in
          try await transaction.execute(Self.insert, [2, "b"])
          throw Refused()
        }
      }
      let swallowed = await #expect(throws: PostgresError.self) {
        try await connection.withTransaction { transaction in
          try await transaction.execute(Self.insert, [3, "c"])
          _ = try? await transaction.execute(Self.insert, [3, "c"])
        }
      }
      #expect(swallowed?.sqlState == "25P02")
      #expect(try await connection.query(Self.count) == [1])
    }
  }

  @Test func otherRequestsWaitForARunningTransaction() async throws {
    try await withConnection { connection in
      try await connection.executeScript(Self.table)
      let outside = try await connection.withTransaction { transaction in
        try await transaction.execute(Self.insert, [1, "a"])
        let outside = Task { try await connection.query(Self.count) }
        for number in 2...30 { try await transaction.execute(Self.insert, [number, "b"]) }
        return outside
      }
      #expect(try await outside.value == [30])
    }
  }

  @Test func aFinishedTransactionRefusesStatements() async throws {
    try await withConnection { connection in
      let kept = try await connection.withTransaction { $0 }
      let error = await #expect(throws: PostgresError.self) { try await kept.query(Self.one) }
      #expect(error?.code == .misuse)
    }
  }

  @Test func aScriptRunsManyStatementsThenResumesPipelining() async throws {
    try await withConnection { connection in
      let counted = PostgresStatement<Int64>("counted", "SELECT count(*) FROM a")
      async let before = connection.query(Self.one)
      async let script: Void = connection.executeScript("CREATE TABLE a (x int); INSERT INTO a VALUES (1), (2)")
      _ = try await (before, script)
      #expect(try await connection.query(counted) == [2])
      let error = await #expect(throws: PostgresError.self) {
        try await connection.executeScript("INSERT INTO a VALUES (3); SELECT 1 / 0", name: "half")
      }
      #expect(error?.sqlState == "22012")
      #expect(error?.statement == "half")
      #expect(try await connection.query(counted) == [2])
    }
  }

  // MARK: Cancellation

  @Test func aDeadlineCancelsOnTheServerAndTheConnectionStaysUsable() async throws {
    try await withConnection { connection in
      let pid = try await connection.query(Self.backend)
      let error = await #expect(throws: PostgresError.self) {
        try await connection.execute(Self.sleep, [600.0], timeout: .milliseconds(20))
      }
      #expect(error?.code == .timedOut)
      #expect(error?.sqlState == "57014")
      #expect(error?.commitUnknown == false)
      #expect(try await connection.query(Self.backend) == pid)
    }
  }

  @Test func cancellingTheTaskCancelsOnTheServer() async throws {
    try await withConnection { connection in
      let pid = try await connection.query(Self.backend)
      let task = Task { try await connection.execute(Self.sleep, [600.0]) }
      task.cancel()
      let error = await #expect(throws: PostgresError.self) { try await task.value }
      #expect(error?.code == .cancelled)
      #expect(try await connection.query(Self.backend) == pid)
    }
  }

  @Test func requestsBehindACancelledOneSucceed() async throws {
    try await withConnection { connection in
      let slow = Task { try await connection.execute(Self.sleep, [600.0], timeout: .milliseconds(30)) }
      let behind = Task { try await connection.query(Self.one) }
      let error = await #expect(throws: PostgresError.self) { try await slow.value }
      #expect(error?.code == .timedOut)
      let rows = try await behind.value
      #expect(rows == [1])
    }
  }

  @Test func aCancelledStatementRollsBackItsTransaction() async throws {
    try await withConnection { connection in
      try await connection.executeScript(Self.table)
      let task = Task {
        try await connection.withTransaction { transaction in
          try await transaction.execute(Self.insert, [1, "a"])
          try await transaction.execute(Self.sleep, [600.0], timeout: .milliseconds(50))
        }
      }
      await #expect(throws: PostgresError.self) { try await task.value }
      #expect(try await connection.query(Self.count) == [0])
    }
  }

  // MARK: Loss

  @Test func aTerminatedBackendReportsLostRequests() async throws {
    try await withConnection { connection in
      let suicide = PostgresStatement<Void>("suicide", "SELECT pg_terminate_backend(pg_backend_pid())")
      let error = await #expect(throws: PostgresError.self) { try await connection.execute(suicide) }
      #expect(error?.code == .connectionLost)
      #expect(error?.sqlState == "57P01")
      #expect(error?.isRetriable == true)
      #expect(error?.commitUnknown == false)
      let after = await #expect(throws: PostgresError.self) { try await connection.query(Self.one) }
      #expect(after?.isRetriable == true)
    }
  }

  @Test func aMissingServerIsRetriableAWrongDatabaseIsNot() async throws {
    let thread = PostgresThread()
    let nowhere = try PostgresConfiguration("host=/nonexistent port=1")
    let absent = await #expect(throws: PostgresError.self) { try await PostgresConnection.connect(nowhere, on: thread) }
    #expect(absent?.code == .connectionFailed)
    #expect(absent?.isRetriable == true)
    let wrong = try await PrivatePostgres.shared().configuration.database("no_such_database")
    let unknown = await #expect(throws: PostgresError.self) { try await PostgresConnection.connect(wrong, on: thread) }
    #expect(unknown?.sqlState == "3D000")
    #expect(unknown?.isRetriable == false)
    await thread.stop()
  }

  // MARK: Throughput

  @Test func manyConnectionsWaitConcurrentlyOnOneThread() async throws {
    let configuration = try await PrivatePostgres.shared().createDatabase()
    let pool = PostgresPool(configuration, limits: PostgresPoolLimits(connectionsMinimum: 8, connectionsMaximum: 8))
    try await withConnection(to: configuration) { holder in
      let lock = PostgresStatement<Void>("lock", "SELECT pg_advisory_lock(7)")
      let unlock = PostgresStatement<Bool>("unlock", "SELECT pg_advisory_unlock(7)")
      let pass = PostgresStatement<Int32>("pass", "SELECT 1 FROM pg_advisory_lock_shared(7)")
      let waiting = PostgresStatement<Int64>(
        "waiting",
        """
        SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """)
      try await holder.execute(lock)
      let queries = Task {
        try await withThrowingTaskGroup(of: [Int32].self) { group in
          for _ in 0..<8 { group.addTask { try await pool.query(pass) } }
          return try await group.reduce(into: []) { $0 += $1 }
        }
      }
      // All eight wait for the same lock, which only happens when they run side by side.
      try await eventually("eight waiting queries") { try await holder.query(waiting) == [8] }
      #expect(try await holder.query(unlock) == [true])
      #expect(try await queries.value == Array(repeating: 1, count: 8))
    }
    await pool.shutdown()
  }

  @Test func largeRequestsAndAnswersDoNotDeadlock() async throws {
    try await withConnection { connection in
      let echo = PostgresStatement<[UInt8]>("echo", "SELECT $1")
      let large = [UInt8](repeating: 7, count: 3_000_000)
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for _ in 0..<16 { group.addTask { try await connection.query(echo, [large]) == [large] } }
        var answers = 0
        for try await isSame in group {
          #expect(isSame)
          answers += 1
        }
        #expect(answers == 16)
      }
    }
  }
}

/// Opens a connection on a fresh database and closes it after `body`.
func withConnection(_ body: (PostgresConnection) async throws -> Void) async throws {
  try await withConnection(to: PrivatePostgres.shared().createDatabase(), body)
}

/// Opens a connection and closes it after `body`.
func withConnection(
  to configuration: PostgresConfiguration, _ body: (PostgresConnection) async throws -> Void
) async throws {
  let thread = PostgresThread()
  do {
    let connection = try await PostgresConnection.connect(configuration, on: thread)
    do {
      try await body(connection)
    } catch {
      await connection.close()
      throw error
    }
    await connection.close()
  } catch {
    await thread.stop()
    throw error
  }
  await thread.stop()
}
