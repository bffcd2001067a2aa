/// The rhythm by which processes know of each other.
public enum FleetBounds {
  /// How often an instance says that it lives.
  public static let heartbeat: Duration = .milliseconds(500)
  /// An instance that was silent this long counts as dead.
  public static let silence: Duration = .seconds(3)
  /// How long a lease holds without renewal.
  public static let leaseTime: Duration = .seconds(4)
  /// How often a holder renews; several renewals may fail before the lease ends.
  public static let leaseRenewal: Duration = .milliseconds(1000)
  /// A holder stops trusting its lease this long before it ends, so that clocks may differ in pace.
  public static let leaseMargin: Duration = .milliseconds(700)
  /// Rows of dead instances are removed after this time.
  public static let forgetAfter: Duration = .seconds(600)
}
