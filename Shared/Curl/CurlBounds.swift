/// The named bounds of this module.
enum CurlBounds {
  /// Idle connections kept for reuse, over all hosts.
  static let idleConnections = 64

  /// All fields of a response's head together, in bytes.
  static let responseHeadBytes = 64 << 10

  /// Body bytes of a stream that may wait for their reader before the transfer is paused.
  static let streamBufferBytes = 256 << 10

  /// The longest wait of one turn; anything earlier wakes the thread anyway.
  static let longestWait = Duration.seconds(60)

  /// Look-ups of host names that run at once. Each holds a thread, because the C library blocks in them.
  static let lookups = 8

  /// Look-ups that wait for one of those; more are refused as `overloaded`.
  static let waitingLookups = 256

  /// Addresses of one host that are looked at.
  static let addressesPerHost = 32
}
