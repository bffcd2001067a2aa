/// The named limits of this module.
public enum ZeroMQBounds {
  /// Messages that an actor reads from one socket per readiness, before other sockets and jobs have their turn.
  public static let messagesPerReadiness = 256

  /// Their bytes, after which others have their turn.
  public static let bytesPerReadiness = 4 << 20

  /// Frames kept of one message; a longer message is marked as truncated, and the rest is discarded.
  public static let framesPerMessage = 12

  /// Maximum bytes that a frame takes on the wire in addition to its content: 9 of its header (RFC 23), 33 of CURVE (RFC 26).
  static let overheadPerFrame = 42

  /// Bytes of a connection's greeting and handshake, with a margin.
  static let handshakeBytes = 4 << 10

  /// Bytes per second that the heartbeats of a peer may take, which chooses their interval: twenty of about 45 bytes.
  static let controlBytesPerSecond = 1 << 10

  /// How often connections are measured: a sender on the same machine sends no more than about 50 MB beyond its limit.
  static let measuringInterval: Duration = .milliseconds(50)

  /// Due timers fired in one turn of the reactor.
  static let timersPerTurn = 256

  /// Authentication requests under decision at once; beyond it connections get a temporary failure and retry.
  static let outstandingAuthentications = 1024

  /// Bytes of a user id, as in ZAP.
  static let userIDBytes = 255
}
