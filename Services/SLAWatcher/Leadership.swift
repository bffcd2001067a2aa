import ServiceKit
import Store

/// Whether this watcher is the one that acts.
struct Leadership: Sendable {
  /// The lease of the one watcher that acts.
  static let lease = "sla-watcher"

  let leases: LeaseKeeper

  /// The fence for writes; nil while another watcher leads.
  var fence: Fence? { leases.fence(Leadership.lease) }
}
