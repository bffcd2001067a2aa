/// Migrates a database to the schema that the program expects.
///
/// Each step runs in its own transaction, under an advisory lock that ends with it, so any number of programs may
/// migrate concurrently: each step is applied once, and the others find it applied.
public struct PostgresMigrator: Sendable {
  /// How long a step waits for other migrating programs.
  public var turnTimeout: Duration = .seconds(120)
  /// How long a step waits for a table's lock: behind it, all other users of the table wait too.
  public var lockTimeout: Duration = .seconds(5)
  /// How long one step may run.
  public var stepTimeout: Duration = .seconds(600)

  private let migrations: [PostgresMigration]

  /// - Parameter migrations: in any order.
  /// - Throws: `PostgresError` of code `migration` when a number is below 1 or duplicated, or another step than the first is a baseline.
  public init(_ migrations: [PostgresMigration]) throws(PostgresError) {
    let sorted = migrations.sorted { $0.number < $1.number }
    for (index, migration) in sorted.enumerated() {
      guard migration.number >= 1 else {
        throw PostgresError(.migration, "migration numbers start at 1", statement: migration.name)
      }
      guard index == 0 || sorted[index - 1].number < migration.number else {
        throw PostgresError(.migration, "migration \(migration.number) is defined twice", statement: migration.name)
      }
      if let upgrade = migration.upgrade {
        guard index == 0, upgrade.from < migration.number else {
          throw PostgresError(
            .migration, "the baseline \(migration.number) must be the first and follow \(upgrade.from)",
            statement: migration.name)
        }
      }
    }
    self.migrations = sorted
  }

  // MARK: Reading

  /// Compares the database with the program.
  /// - Throws: `PostgresError`; of code `migration` when a step was edited after it had been applied, or was skipped
  ///   although later ones are applied, or when the database is older than the history that the baseline replaces.
  public func status(of session: some PostgresSession) async throws -> PostgresSchemaStatus {
    // A failed statement would end a transaction, so the table is looked for first there; elsewhere that would cost a round trip at each
    // start of a process.
    if session is PostgresTransaction, try await session.queryFirst(Self.tableExists) != true { return try compare([]) }
    let applied: [Applied]
    do {
      applied = try await session.query(Self.applied)
    } catch let error as PostgresError where error.sqlState == "42P01" {
      applied = []
    }
    return try compare(applied)
  }

  /// The greatest number applied; 0 in an empty database.
  public func currentVersion(of session: some PostgresSession) async throws -> Int32 {
    try await status(of: session).currentVersion
  }

  /// Returns the pending migrations, in order.
  public func pending(in session: some PostgresSession) async throws -> [PostgresMigration] {
    try await status(of: session).pending
  }

  private func compare(_ applied: [Applied]) throws(PostgresError) -> PostgresSchemaStatus {
    let known = Dictionary(uniqueKeysWithValues: migrations.map { ($0.number, $0) })
    for step in applied {
      guard let migration = known[step.number] else { continue }
      guard migration.checksum == step.checksum else {
        throw PostgresError(
          .migration, "migration \(step.number) was changed after it had been applied", statement: migration.name)
      }
    }
    let current = applied.last?.number ?? 0
    try checkHistory(applied)
    let numbers = Set(applied.map(\.number))
    let pending = migrations.filter { !numbers.contains($0.number) }
    if let late = pending.first, late.number < current {
      throw PostgresError(
        .migration, "migration \(late.number) is missing although \(current) is applied", statement: late.name)
    }
    return PostgresSchemaStatus(
      currentVersion: current, knownVersion: migrations.last?.number ?? 0, pending: pending,
      unknown: applied.map(\.number).filter { known[$0] == nil && !isReplaced($0) },
      breaking: applied.filter { known[$0.number] == nil && !isReplaced($0.number) && !$0.expands }.map(\.number))
  }

  /// Whether a number belongs to the history that the baseline replaces.
  private func isReplaced(_ number: Int32) -> Bool {
    guard let baseline = migrations.first, baseline.upgrade != nil else { return false }
    return number < baseline.number
  }

  /// Checks that a database without the baseline is empty or can be upgraded to it.
  private func checkHistory(_ applied: [Applied]) throws(PostgresError) {
    guard let baseline = migrations.first, let upgrade = baseline.upgrade, let last = applied.last,
      last.number < baseline.number
    else { return }
    guard last.number == upgrade.from else {
      throw PostgresError(
        .migration,
        """
        the database has schema version \(last.number), and this program upgrades version \(upgrade.from) or newer: \
        migrate it first with the last release of version \(upgrade.from)
        """)
    }
    guard last.checksum == upgrade.checksum else {
      throw PostgresError(.migration, "migration \(last.number) was changed after it had been applied")
    }
  }

  // MARK: Migrating

  /// Applies the pending migrations, each in a transaction. A step that is chosen to end a deadlock with transactions of running services,
  /// which lock the same tables in another order, is tried again.
  /// - Returns: the numbers that this call applied; others may have been applied by another program meanwhile.
  /// - Throws: `PostgresError`; of code `migration` when the database belongs to a newer program or its history differs.
  ///   The steps before the one that failed stay applied.
  @discardableResult
  public func migrate(_ pool: PostgresPool) async throws -> [Int32] {
    var done: [Int32] = []
    while let number = try await PostgresError.repeatingConflicts(
      attempts: Self.attemptsPerStep, { try await pool.withTransaction { try await applyNext(in: $0) } })
    {
      done.append(number)
    }
    return done
  }

  /// How often a step is tried; a deadlock ends after the server's `deadlock_timeout`.
  private static let attemptsPerStep = 10

  private func applyNext(in transaction: PostgresTransaction) async throws -> Int32? {
    try await transaction.executeScript(
      """
      SET LOCAL statement_timeout = \(stepTimeout.wholeMilliseconds);
      SET LOCAL idle_in_transaction_session_timeout = \(stepTimeout.wholeMilliseconds);
      SET LOCAL lock_timeout = \(turnTimeout.wholeMilliseconds);
      SELECT pg_advisory_xact_lock(\(Self.advisoryLock));
      SET LOCAL lock_timeout = \(lockTimeout.wholeMilliseconds);
      """, name: "migration_turn", timeout: turnTimeout)
    let status = try await status(of: transaction)
    if let unknown = status.breaking.first {
      throw PostgresError(
        .migration, "the database has migration \(unknown), which this program does not know: it belongs to a newer one"
      )
    }
    guard let migration = status.pending.first else { return nil }
    try await transaction.executeScript(Self.createTable, name: "migration_table")
    let upgrade = status.currentVersion == 0 ? nil : migration.upgrade
    try await transaction.executeScript(
      upgrade?.sql ?? migration.sql, name: "migration_\(migration.number)_\(migration.name)", timeout: stepTimeout)
    try await transaction.execute(
      Self.record, [migration.number, migration.name, migration.checksum, migration.expands])
    return migration.number
  }

  // MARK: Statements

  private struct Applied {
    let number: Int32
    let checksum: Int64
    let expands: Bool
  }

  /// Identifies this purpose among a database's advisory locks: the bytes of "migrate".
  private static let advisoryLock: Int64 = 0x6D_6967_7261_7465

  // Explicitly in `public`: a step may create a schema with the user's name, which would come first in the search path.
  private static let tableExists = PostgresStatement<Bool>(
    "schema_migration_exists", "SELECT to_regclass('public.schema_migration') IS NOT NULL")

  private static let applied = PostgresStatement(
    "schema_migration_applied",
    // Read through JSON, because tables from before the column are read too.
    """
    SELECT number, checksum, coalesce((to_jsonb(m)->>'expands')::boolean, false)
      FROM public.schema_migration m ORDER BY number
    """
  ) { row in
    try Applied(number: row.next(), checksum: row.next(), expands: row.next())
  }

  private static let createTable = """
    CREATE TABLE IF NOT EXISTS public.schema_migration (
      number int PRIMARY KEY CHECK (number >= 1),
      name text NOT NULL,
      checksum bigint NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now()
    );
    ALTER TABLE public.schema_migration ADD COLUMN IF NOT EXISTS expands boolean NOT NULL DEFAULT false
    """

  private static let record = PostgresStatement(
    "schema_migration_record",
    "INSERT INTO public.schema_migration (number, name, checksum, expands) VALUES ($1, $2, $3, $4)")
}
