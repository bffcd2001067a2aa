import CPostgreSQL

/// Reads the columns of one row from left to right. It is valid only inside the closure that receives it.
public struct PostgresRowReader: ~Copyable {
  private let result: OpaquePointer
  private let statement: String
  private let columns: Int32
  private let row: Int32
  private var column: Int32 = 0

  init(result: OpaquePointer, statement: String, row: Int32, columns: Int32) {
    self.result = result
    self.statement = statement
    self.row = row
    self.columns = columns
  }

  /// Reads the next column.
  /// - Throws: `PostgresError` of code `decoding` that names the statement, the column and the expected type, when the
  ///   column is of another type, is NULL and must not be, or does not exist.
  public mutating func next<Value: PostgresDecodable>(_ type: Value.Type = Value.self) throws(PostgresError) -> Value {
    guard column < columns else { throw failure(Value.self, "the row has only \(columns) columns") }
    let oid = PQftype(result, column)
    guard Value.accepts(oid: oid) else { throw failure(Value.self, "the column has type oid \(oid)") }
    if PQgetisnull(result, row, column) != 0 {
      guard let null = Value.postgresNull else { throw failure(Value.self, "the value is NULL") }
      column += 1
      return null
    }
    let bytes = UnsafeRawBufferPointer(
      start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
    guard let value = Value(postgresValue: PostgresValue(bytes: bytes, oid: oid)) else {
      throw failure(Value.self, "the value cannot be decoded")
    }
    column += 1
    return value
  }

  /// The row's first column, regardless of the current position; nil when it cannot be decoded.
  func firstColumn<Value: PostgresDecodable>(_ type: Value.Type = Value.self) -> Value? {
    var reader = PostgresRowReader(result: result, statement: statement, row: row, columns: columns)
    return try? reader.next(type)
  }

  /// Skips one column.
  public mutating func skip() {
    column += 1
  }

  /// Skips all remaining columns.
  public mutating func skipRest() {
    column = columns
  }

  func checkComplete() throws(PostgresError) {
    guard column < columns else { return }
    throw PostgresError(
      .decoding, "the row has \(columns) columns, but only \(column) were read", statement: statement)
  }

  private func failure(_ type: (some PostgresDecodable).Type, _ reason: String) -> PostgresError {
    var error = PostgresError(
      .decoding, "column \(column + 1) should be read as \(type.postgresTypeName), but \(reason)", statement: statement)
    error.column = PQfname(result, column).map { String(cString: $0) }
    return error
  }
}
