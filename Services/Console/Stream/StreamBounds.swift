/// The named bounds of watching over open streams.
enum StreamBounds {
  /// How often the keys of open streams are checked: a revoked or expired key's stream ends within a second.
  static let keyCheckPause: Duration = .milliseconds(500)
  /// Within this time the stream of a key that is not valid any more has ended.
  static let revocationTime: Duration = .seconds(1)

  /// Checked once, when the hub is made.
  static func check() {
    precondition(keyCheckPause * 2 <= revocationTime, "a check may fail or be slow once")
    precondition(
      keyCheckPause <= ConsoleBounds.offerPause, "keys are checked at least as often as offers are looked for")
  }
}
