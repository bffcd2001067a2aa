/// The named bounds of what channels' connections may hold.
enum ChannelBounds {
  /// Messages that libzmq keeps of one connection before it stops reading from it: four of the largest fit into what a connection may hold.
  static let messagesPerConnection: Int32 = 4
  /// Answers that wait for a client: as many as it may have asked for, so that none is dropped.
  static let answersPerConnection = Int32(IntakeBounds.requestsPerPeer)
  /// Bytes that the kernel is asked to keep of a connection that is not read; it takes twice as many.
  static let bytesInKernel: Int32 = 512 << 10
  /// Bytes that a connection may have sent without their being read as whole messages; beyond it the connection is ended. One that keeps
  /// to `IntakeBounds.frameBytes` in each request never is.
  static let unreadBytesPerConnection = 32 << 20
  /// The same for all connections; beyond it the one with the most is ended.
  static let unreadBytes = 64 << 20
  /// Bytes of messages that may wait for the gateway before it stops reading.
  static let waitingBytes = 16 << 20
  /// Bytes of a peer's requests that may be under way, and of all peers'; one request is always taken.
  static let bytesPerPeer = 8 << 20
  static let bytesUnderWay = 64 << 20

  /// Checked once, when the gateway's socket is made.
  static func check() {
    let held = (Int(messagesPerConnection) + 1) * IntakeBounds.frameBytes + 2 * Int(bytesInKernel)
    precondition(held <= unreadBytesPerConnection, "libzmq stops reading before a well-behaved connection is ended")
    precondition(unreadBytesPerConnection <= unreadBytes, "one connection may hold a share of all")
    precondition(IntakeBounds.bodyBytes <= bytesPerPeer && bytesPerPeer <= bytesUnderWay, "the largest request fits")
  }
}
