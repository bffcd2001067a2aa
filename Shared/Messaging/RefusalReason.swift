/// Reasons why items are handed back: short fixed codes, never a customer's text.
public enum RefusalReason {
  /// The worker is leaving; the delivery does not count.
  public static let draining = "draining"

  /// The worker has no capacity; the delivery does not count.
  public static let full = "full"

  /// Whether a delivery that ended for this reason counts towards the limit.
  static func counts(_ reason: String) -> Bool {
    reason != draining && reason != full
  }
}
