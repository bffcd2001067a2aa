/// Why items are handed back: a short code of one's own, never a customer's words.
public enum RefusalReason {
  /// The worker leaves; the hand-out does not count.
  public static let draining = "draining"

  /// The worker has no room; the hand-out does not count.
  public static let full = "full"

  /// Whether a hand-out that ended so counts towards the limit.
  static func counts(_ reason: String) -> Bool {
    reason != draining && reason != full
  }
}
