/// The named bounds of this module.
public enum ZeroMQBounds {
  /// Messages that an actor reads from one socket per readiness, before other sockets and jobs have their turn.
  public static let messagesPerReadiness = 256

  /// Frames kept of one message; a message with more is marked as truncated, and its rest is discarded.
  public static let framesPerMessage = 32

  /// Due timers fired in one turn of the reactor.
  static let timersPerTurn = 256

  /// Authentication requests under decision at once; beyond it connections are told to come again.
  static let outstandingAuthentications = 1024

  /// Bytes of a user id, as in ZAP.
  static let userIDBytes = 255
}
