import PostgreSQL

/// How long a statement that others wait for may itself wait for rows locked by other transactions.
public enum LockPatience: Sendable, Hashable {
  /// As the connection is configured.
  case asConfigured
  /// `StoreBounds.lockPatience` for each row; then the transaction fails with `lock_not_available`.
  case brief
  /// Locked elements that can be separated are omitted and reported; for other locks it waits briefly.
  case leavingOutHeld
}

extension PostgresBatch {
  /// Limits the lock wait of all statements added after this one.
  mutating func limitLockWait(_ patience: LockPatience) {
    guard patience != .asConfigured else { return }
    add(Self.lockWait, ["\(Int(StoreBounds.lockPatience / .milliseconds(1)))ms"])
  }

  private static let lockWait = PostgresStatement<Void>(
    "limit_lock_wait", "SELECT set_config('lock_timeout', $1, true)", planning: .once)
}
