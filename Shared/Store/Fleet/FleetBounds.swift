/// The intervals of heartbeats and leases.
public enum FleetBounds {
  /// The heartbeat interval.
  public static let heartbeat: Duration = .milliseconds(500)
  /// How long after its start an instance looks for others more often than its heartbeats do, and how often: those that start together
  /// find each other at once.
  public static let youth: Duration = .seconds(5)
  public static let youngLook: Duration = .milliseconds(100)
  /// An instance that was silent this long counts as dead.
  public static let silence: Duration = .seconds(3)
  /// How long a lease is valid without renewal.
  public static let leaseTime: Duration = .seconds(4)
  /// The renewal interval; several renewals may fail before the lease expires.
  public static let leaseRenewal: Duration = .milliseconds(1000)
  /// A holder stops trusting its lease this long before it expires, so that clocks may drift.
  public static let leaseMargin: Duration = .milliseconds(700)
  /// Rows of dead instances are removed after this time.
  public static let forgetAfter: Duration = .seconds(600)
}
