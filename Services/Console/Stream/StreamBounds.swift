/// Limits for monitoring open streams.
enum StreamBounds {
  /// How often the keys of open streams are checked: a revoked or expired key's stream ends within a second.
  static let keyCheckPause: Duration = .milliseconds(450)
  /// The time within which the stream of an invalidated key has ended.
  static let revocationTime: Duration = .seconds(1)

  /// Checks the limits once, when the hub is created.
  static func check() {
    // The pauses of periodic tasks vary by a tenth.
    precondition(keyCheckPause * 2 * 1.1 <= revocationTime, "a check may fail or be slow once")
    precondition(
      keyCheckPause <= ConsoleBounds.offerPause, "keys are checked at least as often as offers are polled")
  }
}
