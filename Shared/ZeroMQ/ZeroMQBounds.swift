/// The named bounds of this module.
public enum ZeroMQBounds {
  /// Messages that an actor reads from one socket per readiness, before other sockets and jobs have their turn.
  public static let messagesPerReadiness = 256

  /// Bytes of them, after which others have their turn.
  public static let bytesPerReadiness = 4 << 20

  /// Frames kept of one message; a message with more is marked as truncated, and its rest is discarded.
  public static let framesPerMessage = 12

  /// Bytes that a frame takes on the wire besides its content, at most: 9 of its header (RFC 23), 33 of CURVE (RFC 26).
  static let overheadPerFrame = 42

  /// Bytes of a connection's greeting and handshake, with room to spare.
  static let handshakeBytes = 4 << 10

  /// Bytes a second that heartbeats of a connection may take: four of some 45 bytes, and as many again from impatient peers.
  static let controlBytesPerSecond = 1 << 10

  /// How often connections are measured: a sender on the same machine gets no more than some 50 MB beyond its bound.
  static let measuringInterval: Duration = .milliseconds(50)

  /// Due timers fired in one turn of the reactor.
  static let timersPerTurn = 256

  /// Authentication requests under decision at once; beyond it connections are told to come again.
  static let outstandingAuthentications = 1024

  /// Bytes of a user id, as in ZAP.
  static let userIDBytes = 255
}
