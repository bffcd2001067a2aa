/// One numbered step of the schema: SQL text of any number of statements, run in one transaction.
///
/// Expand, then contract: a step that runs before the new program is deployed everywhere only adds (a table, a nullable column, an
/// index on a small table), and what is no longer read is dropped by a later step, when the old program is no longer running. A
/// released step is never changed, only followed by others. `CREATE INDEX CONCURRENTLY` cannot run in a transaction
/// and is therefore not a migration.
public struct PostgresMigration: Sendable {
  /// From 1, gaps allowed; determines the order of application.
  public let number: Int32
  public let name: String
  public let sql: String
  /// Whether programs that do not know the step keep working: it only adds. The database records it, so that an older program
  /// that restarts while a newer one is rolled out can tell.
  public let expands: Bool
  /// Set for a baseline: a first step that creates the whole schema in an empty database and replaces all steps before it.
  public let upgrade: Upgrade?

  /// How a database with the history that a baseline replaces reaches the same schema.
  public struct Upgrade: Sendable {
    /// The last number of that history. Databases that end with an earlier one must be migrated by an earlier program first.
    public let from: Int32
    /// The checksum recorded for that number.
    public let checksum: Int64
    /// Runs instead of the baseline's `sql`.
    public let sql: String

    public init(from: Int32, checksum: Int64, sql: String) {
      self.from = from
      self.checksum = checksum
      self.sql = sql
    }
  }

  public init(number: Int32, name: String, sql: String, expands: Bool = false, upgrade: Upgrade? = nil) {
    self.number = number
    self.name = name
    self.sql = sql
    self.expands = expands
    self.upgrade = upgrade
  }

  /// FNV-1a of the SQL text, 64 bits: detects released steps that were edited, and protects against nothing else.
  public var checksum: Int64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in sql.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return Int64(bitPattern: hash)
  }
}

/// The state of a database's schema relative to a program's migrations.
public struct PostgresSchemaStatus: Sendable {
  /// The greatest number applied; 0 in an empty database.
  public let currentVersion: Int32
  /// The greatest number that the program knows.
  public let knownVersion: Int32
  /// The pending migrations, in order.
  public let pending: [PostgresMigration]
  /// Applied numbers that the program does not know: the database belongs to a newer program.
  public let unknown: [Int32]
  /// Those of `unknown` that do more than add.
  public let breaking: [Int32]

  /// Whether the database is exactly what the program expects.
  public var isCurrent: Bool { pending.isEmpty && unknown.isEmpty }

  /// Whether the program can work: the database has everything it expects, and nothing has been removed since.
  public var isWorkable: Bool { pending.isEmpty && breaking.isEmpty }
}
