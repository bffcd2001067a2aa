import ServiceKit

/// Whether this notifier is the one that counts the outbox, moves undeliverable notices to the dead letters, and watches for failing hooks.
/// Every notifier delivers.
struct NotifierLeadership: Sendable {
  /// The lease of the one notifier that leads.
  static let lease = "notifier"

  private let isLeading: @Sendable () -> Bool

  init(_ leases: LeaseKeeper) {
    isLeading = { leases.fence(NotifierLeadership.lease) != nil }
  }

  /// Decided by the caller.
  init(_ isLeading: @escaping @Sendable () -> Bool) {
    self.isLeading = isLeading
  }

  var leads: Bool { isLeading() }
}
