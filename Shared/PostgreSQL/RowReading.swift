/// One row of a result, decoded independently.
public enum RowReading<Row, Key> {
  /// The decoded row.
  case read(Row)
  /// It cannot be decoded: a column contains something that this program does not know. The key is the row's first column, nil if even that
  /// cannot be decoded.
  case unreadable(Key?, any Error)
}

extension RowReading: Sendable where Row: Sendable, Key: Sendable {}

extension PostgresStatement {
  /// The same statement with each row decoded independently, so that an unreadable one does not hide the others.
  ///
  /// - Parameter key: the type of the first column, to name unreadable rows.
  public func rowByRow<Key: PostgresDecodable & SendableMetatype>(
    keyedBy key: Key.Type
  ) -> PostgresStatement<RowReading<Row, Key>> {
    let decode = decode
    return PostgresStatement<RowReading<Row, Key>>(name, sql, planning: planning) { row in
      do {
        return .read(try decode(&row))
      } catch {
        row.skipRest()
        return .unreadable(row.firstColumn(), error)
      }
    }
  }
}
