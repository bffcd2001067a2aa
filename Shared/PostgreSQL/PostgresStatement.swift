/// When the server plans a statement.
public enum PostgresPlanning: Sendable {
  /// As the connection is configured.
  case asConfigured
  /// Once per connection, regardless of values. It saves the planning of every later call, a millisecond and more for a
  /// statement that touches a handful of tables. For statements that find rows by key regardless of values: sequential scans
  /// and merge joins are off, because a table that is small when the plan is made may be large when it is used.
  case once

  /// The commands that put a session into this mode.
  var settings: [String] {
    switch self {
    case .asConfigured:
      ["SET plan_cache_mode TO DEFAULT", "SET enable_seqscan TO DEFAULT", "SET enable_mergejoin TO DEFAULT"]
    case .once:
      ["SET plan_cache_mode TO force_generic_plan", "SET enable_seqscan TO off", "SET enable_mergejoin TO off"]
    }
  }
}

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
  /// Nil for statements that are not planned.
  let planning: PostgresPlanning?
  let decode: @Sendable (inout PostgresRowReader) throws -> Row

  /// - Parameters:
  ///   - name: 1 to 63 bytes of ASCII, shown in errors.
  ///   - planning: when the server plans it; nil for statements without a plan, such as COMMIT.
  ///   - row: reads one row, column by column from the left. It must read every column.
  public init(
    _ name: String, _ sql: String, planning: PostgresPlanning? = .asConfigured,
    row: @escaping @Sendable (inout PostgresRowReader) throws -> Row
  ) {
    precondition(
      !name.isEmpty && name.utf8.count <= PostgresLimits.bytesPerStatementName && name.utf8.allSatisfy { $0 < 128 },
      "a statement's name has 1 to \(PostgresLimits.bytesPerStatementName) ASCII bytes")
    self.name = name
    self.sql = sql
    self.planning = planning
    decode = row
  }
}

extension PostgresStatement {
  /// The same statement, whose rows are read as something else.
  /// - Parameter transform: may throw for a row that cannot be used, like decoding it.
  public func map<New>(_ transform: @escaping @Sendable (Row) throws -> New) -> PostgresStatement<New> {
    let decode = decode
    return PostgresStatement<New>(name, sql, planning: planning) { row in try transform(decode(&row)) }
  }
}

extension PostgresStatement where Row == Void {
  /// Creates a statement whose rows, if any, are ignored.
  public init(_ name: String, _ sql: String, planning: PostgresPlanning? = .asConfigured) {
    self.init(name, sql, planning: planning) { $0.skipRest() }
  }
}

extension PostgresStatement where Row: PostgresDecodable & SendableMetatype {
  /// Creates a statement with a single column.
  public init(
    _ name: String, _ sql: String, planning: PostgresPlanning? = .asConfigured, column: Row.Type = Row.self
  ) {
    self.init(name, sql, planning: planning) { try $0.next() }
  }
}
