/// A named statement with positional parameters (`$1`, `$2`, …) whose rows are read as `Row`.
///
/// ```swift
/// static let open = PostgresStatement(
///   "open_tickets", "SELECT id, version FROM ticket WHERE queue = $1 LIMIT $2"
/// ) { row in
///   try Ticket(id: row.next(), version: row.next())
/// }
/// ```
///
/// Each connection prepares it under its name when it is first used there. The name must be unique in the program; the
/// parameter types are those of the first call's values, and every later call must pass the same types.
public struct PostgresStatement<Row>: Sendable {
  public let name: String
  public let sql: String
  let decode: @Sendable (inout PostgresRowReader) throws -> Row

  /// - Parameters:
  ///   - name: 1 to 63 bytes of ASCII, shown in errors.
  ///   - row: reads one row, column by column from the left. It must read every column.
  public init(_ name: String, _ sql: String, row: @escaping @Sendable (inout PostgresRowReader) throws -> Row) {
    precondition(
      !name.isEmpty && name.utf8.count <= PostgresLimits.bytesPerStatementName && name.utf8.allSatisfy { $0 < 128 },
      "a statement's name has 1 to \(PostgresLimits.bytesPerStatementName) ASCII bytes")
    self.name = name
    self.sql = sql
    decode = row
  }
}

extension PostgresStatement where Row == Void {
  /// A statement whose rows, if any, are of no interest.
  public init(_ name: String, _ sql: String) {
    self.init(name, sql) { $0.skipRest() }
  }
}

extension PostgresStatement where Row: PostgresDecodable & SendableMetatype {
  /// A statement with a single column.
  public init(_ name: String, _ sql: String, column: Row.Type = Row.self) {
    self.init(name, sql) { try $0.next() }
  }
}
