/// The limits of this module.
enum CurlBounds {
  /// Idle connections kept for reuse, across all hosts.
  static let idleConnections = 64

  /// Maximum size of a response's headers in total, in bytes.
  static let responseHeadBytes = 64 << 10

  /// Buffered body bytes of a stream beyond which the transfer is paused.
  static let streamBufferBytes = 256 << 10

  /// The longest wait of one loop iteration; earlier events wake the thread anyway.
  static let longestWait = Duration.seconds(60)

  /// Concurrent host name lookups. Each occupies a thread, because the C library's calls block.
  static let lookups = 8

  /// Queued lookups; more are rejected as `overloaded`.
  static let waitingLookups = 256

  /// Addresses considered per host.
  static let addressesPerHost = 32
}
