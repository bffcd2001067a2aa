public import PostgreSQL

/// Classifies errors for logs, metrics and `frontdesk status`. Library errors may quote what they could not read, so
/// of those only the type is named.
public enum FailureKind {
  /// A short description without data: for the database its code, SQLSTATE, statement and column.
  public static func of(_ error: any Error) -> String {
    switch error {
    case let error as PostgresError:
      let state = error.sqlState.map { " \($0)" } ?? ""
      let statement = error.statement.map { " in \($0)" } ?? ""
      let column = error.column.map { ", column \($0)" } ?? ""
      return "PostgreSQL \(error.code)\(state)\(statement)\(column)"
    case let error as StoreError: return error.description
    // It names a key, never a text.
    case let error as WordSealError: return error.description
    default: return "\(type(of: error))"
    }
  }

  /// Whether an error only means that its task was cancelled.
  public static func isStop(_ error: any Error) -> Bool {
    if error is CancellationError || Task.isCancelled { return true }
    guard let error = error as? PostgresError else { return false }
    return error.code == .cancelled || error.code == .shutDown
  }
}

extension PostgresError {
  /// Data exceptions, violated constraints, exceeded limits and raised exceptions: errors that one row can cause and a retry
  /// does not fix.
  public var isFaultOfTheRow: Bool {
    guard let sqlState else { return false }
    return ["22", "23", "54", "P0"].contains { sqlState.hasPrefix($0) }
  }

  /// The reason that a client is given to repeat its request later; nil for an error that repeating does not fix.
  public var reasonToRepeat: String? {
    guard isRetriable || commitUnknown || code == .shutDown else { return nil }
    return code == .commitUnconfirmed
      ? "No standby has confirmed the change, so it may not last." : "PostgreSQL does not respond at the moment."
  }

  /// Another transaction held a row for longer than the connection's lock timeout.
  var isLockTimeout: Bool { sqlState == PostgresCondition.lockNotAvailable }
}
