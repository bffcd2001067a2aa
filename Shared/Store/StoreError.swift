/// A truth that the store relied on did not hold.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What went wrong, without anybody's data.
  public let description: String

  /// A row that must be there is not.
  static func vanished(_ what: String) -> StoreError {
    StoreError(description: "\(what) that was there a moment ago is gone; it is safe to try again")
  }

  /// A row holds what no version of the desk writes.
  static func unreadable(_ column: String) -> StoreError {
    StoreError(description: "the column \(column) holds a value that this build does not know")
  }
}

/// The SQLSTATEs that the store reacts to.
enum PostgresCondition {
  static let deadlock = "40P01"
  /// What `desk.key_was_taken` raises, too.
  static let serialization = "40001"
  static let unique = "23505"
  static let lockNotAvailable = "55P03"
}
