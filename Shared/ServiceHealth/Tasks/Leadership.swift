public import Store

/// Whether this process does what only one process of its service may do: it does while it holds the service's lease.
///
/// `PeriodicTask` takes it as a gate: rounds run only while the lease is held.
public struct Leadership: Sendable {
  private let current: @Sendable () -> Fence?

  /// Leads while `current` returns a fence.
  public init(_ current: @escaping @Sendable () -> Fence?) {
    self.current = current
  }

  /// The fence for writes; nil while another process leads.
  public var fence: Fence? { current() }
}
