/// One row of a result that was read by itself.
public enum RowReading<Row, Key> {
  /// What it holds.
  case read(Row)
  /// It cannot be read: a column holds what this program does not know. The key is the row's first column, nil where even that
  /// cannot be read.
  case unreadable(Key?, any Error)
}

extension RowReading: Sendable where Row: Sendable, Key: Sendable {}

extension PostgresStatement {
  /// The same statement, each of whose rows is read by itself, so that one that cannot be read does not hide the others.
  ///
  /// - Parameter key: what the first column is read as, to name rows that cannot be read.
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
