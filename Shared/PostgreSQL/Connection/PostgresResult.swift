import CPostgreSQL

/// Owns one `PGresult`.
///
/// `@unchecked Sendable`: libpq never changes a result after returning it and allows reading it from any thread; it is
/// cleared with the last reference.
final class PostgresResult: @unchecked Sendable {
  private let pointer: OpaquePointer

  /// Takes ownership of the result.
  init(_ pointer: OpaquePointer) {
    self.pointer = pointer
  }

  deinit {
    PQclear(pointer)
  }

  var status: ExecStatusType { PQresultStatus(pointer) }

  /// The number of rows that an INSERT, UPDATE, DELETE or SELECT affected or returned.
  var affectedRows: Int {
    PQcmdTuples(pointer).flatMap { Int(String(cString: $0)) } ?? 0
  }

  /// The command tag, such as `COMMIT` or `ROLLBACK`.
  var commandTag: String {
    PQcmdStatus(pointer).map { String(cString: $0) } ?? ""
  }

  /// Decodes all rows, on the caller's thread.
  func rows<Row>(of statement: PostgresStatement<Row>) throws -> [Row] {
    try withExtendedLifetime(self) {
      let count = PQntuples(pointer)
      let columns = PQnfields(pointer)
      var rows: [Row] = []
      rows.reserveCapacity(Int(count))
      for row in 0..<count {
        var reader = PostgresRowReader(result: pointer, statement: statement.name, row: row, columns: columns)
        rows.append(try statement.decode(&reader))
        try reader.checkComplete()
      }
      return rows
    }
  }

  /// The error that the server reported.
  func serverError() -> PostgresError {
    let sqlState = field("C")
    var error = PostgresError(.server, Self.message(sqlState, primary: field("M")), sqlState: sqlState)
    error.schema = field("s")
    error.table = field("t")
    error.column = field("c")
    error.constraint = field("n")
    return error
  }

  /// Returns the SQLSTATE of a notice that says that a commit's wait for a synchronous standby was cancelled or terminated.
  ///
  /// Recognised by the server's function, because the text is translated and the SQLSTATE of a cancelled wait is that of any warning.
  static func sqlState(ofUnconfirmedCommit notice: OpaquePointer?) -> String? {
    guard field("V", of: notice) == "WARNING", field("R", of: notice) == "SyncRepWaitForLSN" else { return nil }
    return field("C", of: notice)
  }

  private func field(_ code: Character) -> String? { Self.field(code, of: pointer) }

  private static func field(_ code: Character, of result: OpaquePointer?) -> String? {
    guard let ascii = code.asciiValue else { return nil }
    return PQresultErrorField(result, Int32(ascii)).map { String(cString: $0) }
  }

  /// The server's own message only for classes that concern names, settings and resources. Those of data (22), integrity
  /// (23), raised exceptions (P0) and unknown classes may quote a value.
  private static func message(_ sqlState: String?, primary: String?) -> String {
    guard let sqlState, let primary else { return "the server reported an error" }
    switch sqlState.prefix(2) {
    case "08", "25", "26", "28", "3D", "3F", "40", "42", "53", "55", "57": return primary
    case "22": return "a value has the wrong format or range"
    case "23": return "a constraint was violated"
    case "P0": return "an exception was raised"
    default: return "the server rejected the statement"
    }
  }
}
