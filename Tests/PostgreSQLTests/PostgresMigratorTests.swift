import PostgreSQL
import TestKit
import TestPostgres
import Testing

/// Migrations of an empty database on a real server.
@Suite struct PostgresMigratorTests {
  static let first = PostgresMigration(
    number: 1, name: "create", sql: "CREATE TABLE a (x int8); INSERT INTO a VALUES (1);")
  static let second = PostgresMigration(
    number: 2, name: "widen", sql: "ALTER TABLE a ADD y text; UPDATE a SET x = x + 1;")
  static let sum = PostgresStatement<Int64>("sum", "SELECT sum(x)::int8 FROM a")

  private func withPool(_ body: (PostgresPool) async throws -> Void) async throws {
    let pool = PostgresPool(try await PrivatePostgres.shared().createDatabase())
    do {
      try await body(pool)
    } catch {
      await pool.shutdown()
      throw error
    }
    await pool.shutdown()
  }

  @Test func appliesInOrderAndOnlyOnce() async throws {
    try await withPool { pool in
      let migrator = try PostgresMigrator([Self.second, Self.first])
      #expect(try await migrator.currentVersion(of: pool) == 0)
      #expect(try await migrator.pending(in: pool).map(\.number) == [1, 2])
      #expect(try await migrator.migrate(pool) == [1, 2])
      #expect(try await migrator.migrate(pool) == [])
      #expect(try await migrator.status(of: pool).isCurrent)
      #expect(try await migrator.currentVersion(of: pool) == 2)
      #expect(try await pool.query(Self.sum) == [2])
    }
  }

  /// A running service locks the tables of a step in the other order, and waits for the step when the step begins to wait for it.
  @Test func aStepThatEndsADeadlockIsTriedAgain() async throws {
    try await withPool { pool in
      try await pool.withTransaction {
        try await $0.executeScript("CREATE TABLE a (); CREATE TABLE b ();", name: "tables")
      }
      let step = PostgresMigration(
        number: 1, name: "both", sql: "LOCK TABLE a; SELECT pg_advisory_xact_lock(42); ALTER TABLE b ADD y text;")
      let waits = PostgresStatement<Int64>(
        "waits",
        """
        SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = $1
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """)
      // However late this test gets its turn: it is the deadlock that ends the step's wait.
      var migrator = try PostgresMigrator([step])
      migrator.lockTimeout = .seconds(600)
      func untilOneWaits(for kind: String) async throws {
        try await eventually("a wait for a lock") { try await pool.queryFirst(waits, [kind]) == 1 }
      }
      let (migrating, service) = try await pool.withTransaction { gate in
        try await gate.executeScript("SELECT pg_advisory_xact_lock(42)", name: "gate")
        let migrating = Task { [migrator] in try await migrator.migrate(pool) }
        try await untilOneWaits(for: "advisory")
        // Never the one that looks for the deadlock.
        let service = Task {
          try await pool.withTransaction {
            try await $0.executeScript(
              "SET LOCAL deadlock_timeout = '1h'; LOCK TABLE b; LOCK TABLE a;", name: "service")
          }
        }
        try await untilOneWaits(for: "relation")
        return (migrating, service)
      }
      try await service.value
      #expect(try await migrating.value == [1])
    }
  }

  /// `"$user"` comes first in the search path: the history must not move when a step creates a schema of that name.
  @Test func theHistoryIgnoresASchemaNamedLikeTheUser() async throws {
    try await withPool { pool in
      let schema = PostgresMigration(
        number: 1, name: "schema", sql: "DO $$ BEGIN EXECUTE format('CREATE SCHEMA %I', current_user); END $$;")
      let migrator = try PostgresMigrator([
        schema, PostgresMigration(number: 2, name: "table", sql: "CREATE TABLE b (x int8);"),
      ])
      let applied = try await migrator.migrate(pool)
      #expect(applied == [1, 2])
      let again = try await migrator.migrate(pool)
      #expect(again == [])
      let isCurrent = try await migrator.status(of: pool).isCurrent
      #expect(isCurrent)
    }
  }

  /// Creates at once what `first` and `second` make.
  private static let baseline = PostgresMigration(
    number: 5, name: "baseline", sql: "CREATE TABLE a (x int8, z text); INSERT INTO a VALUES (7)",
    upgrade: .init(from: 2, checksum: second.checksum, sql: "ALTER TABLE a RENAME y TO z"))
  private static let third = PostgresMigration(number: 6, name: "more", sql: "UPDATE a SET x = x + 1, z = 'new'")

  @Test func aBaselineCreatesTheSchemaOfAnEmptyDatabase() async throws {
    try await withPool { pool in
      let migrator = try PostgresMigrator([Self.baseline, Self.third])
      #expect(try await migrator.migrate(pool) == [5, 6])
      #expect(try await pool.query(Self.sum) == [8])
      #expect(try await migrator.status(of: pool).isCurrent)
    }
  }

  @Test func aBaselineUpgradesTheHistoryThatItReplaces() async throws {
    try await withPool { pool in
      try await PostgresMigrator([Self.first, Self.second]).migrate(pool)
      let migrator = try PostgresMigrator([Self.baseline, Self.third])
      let before = try await migrator.status(of: pool)
      #expect(before.currentVersion == 2 && before.pending.map(\.number) == [5, 6])
      #expect(before.unknown == [] && before.breaking == [])
      #expect(try await migrator.migrate(pool) == [5, 6])
      #expect(try await pool.query(Self.sum) == [3])
      #expect(try await migrator.migrate(pool) == [])
      #expect(try await migrator.status(of: pool).isCurrent)
      // The earlier program sees a newer database.
      #expect(try await PostgresMigrator([Self.first, Self.second]).status(of: pool).breaking == [5, 6])
    }
  }

  @Test func aBaselineRefusesOlderAndForeignHistories() async throws {
    try await withPool { pool in
      try await PostgresMigrator([Self.first]).migrate(pool)
      let migrator = try PostgresMigrator([Self.baseline])
      let old = await #expect(throws: PostgresError.self) { try await migrator.migrate(pool) }
      #expect(old?.code == .migration && old?.message.contains("version 1") == true)
      let other = PostgresMigration(number: 2, name: "other", sql: "ALTER TABLE a ADD y int8")
      try await PostgresMigrator([Self.first, other]).migrate(pool)
      let foreign = await #expect(throws: PostgresError.self) { try await migrator.migrate(pool) }
      #expect(foreign?.code == .migration)
      #expect(try await pool.query(Self.sum) == [1])
    }
  }

  @Test func onlyTheFirstStepIsABaseline() {
    #expect(throws: PostgresError.self) { try PostgresMigrator([Self.first, Self.baseline]) }
  }

  @Test func concurrentMigratorsApplyEachStepOnce() async throws {
    try await withPool { pool in
      let migrator = try PostgresMigrator([Self.first, Self.second])
      let applied = try await withThrowingTaskGroup(of: [Int32].self) { group in
        for _ in 0..<6 { group.addTask { try await migrator.migrate(pool) } }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(applied.sorted() == [1, 2])
      #expect(try await pool.query(Self.sum) == [2])
    }
  }

  @Test func aFailedStepIsRolledBackAndNamed() async throws {
    try await withPool { pool in
      let broken = PostgresMigration(number: 2, name: "broken", sql: "INSERT INTO a VALUES (5); SELECT 1 / 0;")
      let migrator = try PostgresMigrator([Self.first, broken])
      let error = await #expect(throws: PostgresError.self) { try await migrator.migrate(pool) }
      #expect(error?.sqlState == "22012")
      #expect(error?.statement == "migration_2_broken")
      #expect(try await migrator.currentVersion(of: pool) == 1)
      #expect(try await pool.query(Self.sum) == [1])
      #expect(try await PostgresMigrator([Self.first, Self.second]).migrate(pool) == [2])
    }
  }

  @Test func editedMissingAndUnknownStepsAreDistinguished() async throws {
    try await withPool { pool in
      try await PostgresMigrator([Self.first, Self.second]).migrate(pool)
      let older = try PostgresMigrator([Self.first])
      #expect(try await older.status(of: pool).unknown == [2])
      let edited = PostgresMigration(number: 1, name: "create", sql: "CREATE TABLE a (x int4)")
      let between = PostgresMigration(number: 3, name: "late", sql: "SELECT 1")
      for (migrator, word) in [
        (older, "newer"), (try PostgresMigrator([edited, Self.second]), "changed"),
      ] {
        let error = await #expect(throws: PostgresError.self) { try await migrator.migrate(pool) }
        #expect(error?.code == .migration)
        #expect(error?.message.contains(word) == true)
      }
      let fourth = PostgresMigration(number: 4, name: "fourth", sql: "SELECT 1")
      try await PostgresMigrator([Self.first, Self.second, fourth]).migrate(pool)
      let missing = await #expect(throws: PostgresError.self) {
        try await PostgresMigrator([Self.first, Self.second, between, fourth]).migrate(pool)
      }
      #expect(missing?.message.contains("missing") == true)
    }
  }

  @Test func anOlderProgramToleratesOnlyAdditiveSteps() async throws {
    try await withPool { pool in
      let added = PostgresMigration(number: 3, name: "added", sql: "ALTER TABLE a ADD COLUMN y int", expands: true)
      let taken = PostgresMigration(number: 4, name: "taken", sql: "ALTER TABLE a DROP COLUMN y")
      let older = try PostgresMigrator([Self.first])
      try await PostgresMigrator([Self.first, added]).migrate(pool)
      let olderStatus = try await older.status(of: pool)
      #expect(olderStatus.isWorkable && !olderStatus.isCurrent)
      #expect(olderStatus.unknown == [3] && olderStatus.breaking == [])
      #expect(try await older.migrate(pool) == [])
      try await PostgresMigrator([Self.first, added, taken]).migrate(pool)
      let after = try await older.status(of: pool)
      #expect(!after.isWorkable)
      #expect(after.breaking == [4])
      await #expect(throws: PostgresError.self) { try await older.migrate(pool) }
    }
  }

  @Test func aLegacyHistoryTableIsRead() async throws {
    try await withPool { pool in
      try await PostgresMigrator([Self.first]).migrate(pool)
      try await pool.executeScript("ALTER TABLE public.schema_migration DROP COLUMN expands")
      let migrator = try PostgresMigrator([Self.first, Self.second])
      #expect(try await migrator.status(of: pool).pending.map(\.number) == [2])
      #expect(try await migrator.migrate(pool) == [2])
      #expect(try await migrator.status(of: pool).isCurrent)
    }
  }

  @Test func numbersMustBePositiveAndUnique() {
    let zero = PostgresMigration(number: 0, name: "zero", sql: "")
    #expect(throws: PostgresError.self) { try PostgresMigrator([zero]) }
    #expect(throws: PostgresError.self) { try PostgresMigrator([Self.first, Self.first]) }
  }
}
