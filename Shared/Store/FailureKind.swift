public import PostgreSQL

/// What kind of failure an error is, for logs, metrics and `frontdesk status`. Errors of libraries may quote what they could not read, so
/// of those only the type is named.
public enum FailureKind {
  /// A few words without anybody's data: for the database its code, SQLSTATE, statement and column.
  public static func of(_ error: any Error) -> String {
    switch error {
    case let error as PostgresError:
      let state = error.sqlState.map { " \($0)" } ?? ""
      let statement = error.statement.map { " in \($0)" } ?? ""
      let column = error.column.map { ", column \($0)" } ?? ""
      return "PostgreSQL \(error.code)\(state)\(statement)\(column)"
    case let error as StoreError: return error.description
    default: return "\(type(of: error))"
    }
  }

  /// Whether an error says only that its task was told to stop.
  public static func isStop(_ error: any Error) -> Bool {
    if error is CancellationError || Task.isCancelled { return true }
    guard let error = error as? PostgresError else { return false }
    return error.code == .cancelled || error.code == .shutDown
  }
}

extension PostgresError {
  /// Data exceptions, violated constraints, exceeded limits and raised exceptions: what one row can bring about, and what repetition
  /// does not heal.
  public var isFaultOfTheRow: Bool {
    guard let sqlState else { return false }
    return ["22", "23", "54", "P0"].contains { sqlState.hasPrefix($0) }
  }

  /// Somebody else held a row for longer than the connection waits for locks.
  var isLockTimeout: Bool { sqlState == PostgresCondition.lockNotAvailable }
}
