/// One numbered step of the schema: SQL text of any number of statements, run in one transaction.
///
/// Expand, then contract: a step that runs before the new program is everywhere only adds (a table, a nullable column, an
/// index on a small table), and what nobody reads any more is dropped by a later step, when the old program is gone. A
/// step that was released is never changed, only followed. `CREATE INDEX CONCURRENTLY` refuses to run in a transaction
/// and is therefore no migration.
public struct PostgresMigration: Sendable {
  /// From 1, without order gaps being required; the order of application.
  public let number: Int32
  public let name: String
  public let sql: String
  /// Whether programs that do not know the step work on beside it: it only adds. The database remembers it, so that an older program
  /// that starts again while a newer one is rolled out can tell.
  public let expands: Bool

  public init(number: Int32, name: String, sql: String, expands: Bool = false) {
    self.number = number
    self.name = name
    self.sql = sql
    self.expands = expands
  }

  /// FNV-1a of the SQL text, 64 bits: finds released steps that were edited, and defends against nothing else.
  public var checksum: Int64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in sql.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return Int64(bitPattern: hash)
  }
}

/// How the schema of a database stands to the migrations of a program.
public struct PostgresSchemaStatus: Sendable {
  /// The greatest number applied; 0 in an empty database.
  public let currentVersion: Int32
  /// The greatest number the program knows.
  public let knownVersion: Int32
  /// What is still to be applied, in order.
  public let pending: [PostgresMigration]
  /// Applied numbers that the program does not know: the database belongs to a newer program.
  public let unknown: [Int32]
  /// Those of `unknown` that did not only add.
  public let breaking: [Int32]

  /// Whether the database is exactly what the program expects.
  public var isCurrent: Bool { pending.isEmpty && unknown.isEmpty }

  /// Whether the program can work: the database has all that it expects, and nothing was taken away from it since.
  public var isWorkable: Bool { pending.isEmpty && breaking.isEmpty }
}
