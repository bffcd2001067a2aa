import ServiceKit
import Store

/// Whether this watcher is the one that acts.
struct Leadership: Sendable {
  /// The lease of the one watcher that acts.
  static let lease = "sla-watcher"

  let leases: LeaseKeeper

  /// What to fence writes with; nil while another watcher leads.
  var fence: Fence? { leases.fence(Leadership.lease) }
}
