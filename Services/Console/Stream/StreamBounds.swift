/// Limits for monitoring open streams and what feeds them.
enum StreamBounds {
  /// How often the keys of open streams are checked: a revoked or expired key's stream ends within a second.
  static let keyCheckPause: Duration = .milliseconds(450)
  /// The time within which the stream of an invalidated key has ended.
  static let revocationTime: Duration = .seconds(1)
  /// How long the database may leave a poll unanswered before the streams say so: a person who waits for it wonders no longer.
  static let longestSilence: Duration = .seconds(4)

  /// Checks the limits once, when the hub is created.
  static func check() {
    // The pauses of periodic tasks vary by a tenth.
    precondition(keyCheckPause * 2 * 1.1 <= revocationTime, "a check may fail or be slow once")
    precondition(
      keyCheckPause <= ConsoleBounds.offerPause, "keys are checked at least as often as offers are polled")
    precondition(longestSilence >= ConsoleBounds.offerPause * 3, "a slow poll is not an outage")
  }
}
