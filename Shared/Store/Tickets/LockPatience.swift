import PostgreSQL

/// How long a statement that others wait behind waits itself for rows that other transactions hold.
public enum LockPatience: Sendable, Hashable {
  /// As the connection is configured.
  case asConfigured
  /// `StoreBounds.lockPatience` for each row; then the transaction fails with `lock_not_available`.
  case brief
  /// What can be told from the rest is left out and told; whatever else is held is waited for briefly.
  case leavingOutHeld
}

extension PostgresBatch {
  /// Limits the waiting of all statements that are added after this one.
  mutating func limitLockWait(_ patience: LockPatience) {
    guard patience != .asConfigured else { return }
    add(Self.lockWait, ["\(Int(StoreBounds.lockPatience / .milliseconds(1)))ms"])
  }

  private static let lockWait = PostgresStatement<Void>(
    "limit_lock_wait", "SELECT set_config('lock_timeout', $1, true)", planning: .once)
}
