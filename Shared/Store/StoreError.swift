/// A violated invariant of the store.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What went wrong, without any data.
  public let description: String

  /// A required row is missing.
  static func vanished(_ what: String) -> StoreError {
    StoreError(description: "\(what) that existed a moment ago has disappeared; it is safe to retry")
  }

  /// A row contains a value that no version of the desk writes.
  static func unreadable(_ column: String) -> StoreError {
    StoreError(description: "the column \(column) contains a value that this build does not know")
  }
}

/// The SQLSTATEs that the store reacts to.
enum PostgresCondition {
  static let unique = "23505"
  static let lockNotAvailable = "55P03"
}
