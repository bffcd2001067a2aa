/// Limits on what channel connections may hold.
enum ChannelBounds {
  /// Messages that libzmq holds per connection before it stops reading from it: four of the largest fit into what a connection may hold.
  static let messagesPerConnection: Int32 = 4
  /// Answers that may wait for a client: as many as it may have requests in progress, so that none is dropped.
  static let answersPerConnection = Int32(IntakeBounds.requestsPerPeer)
  /// Kernel buffer bytes requested for a connection that is not being read; the kernel uses twice as many.
  static let bytesInKernel: Int32 = 512 << 10
  /// Bytes that a connection may have sent without their being read as whole messages; beyond that the connection is closed. A client that
  /// keeps to `IntakeBounds.frameBytes` per request is never closed.
  static let unreadBytesPerConnection = 32 << 20
  /// The same for all connections together; beyond that the connection with the most is closed.
  static let unreadBytes = 64 << 20
  /// Bytes of messages that may wait for the gateway before it stops reading.
  static let waitingBytes = 16 << 20
  /// Bytes of requests in progress per peer, and of all peers; one request is always accepted.
  static let bytesPerPeer = 8 << 20
  static let bytesUnderWay = 64 << 20

  /// Requests of one sender, and their bytes, that are read in one turn; a larger request has a turn of its own.
  static let requestsPerRound = 64
  static let bytesPerRound = 64 << 10
  /// Bytes of requests that arrived together which are read at once, before the next ones are fetched; the rest waits for its turn.
  static let bytesReadAtOnce = 256 << 10

  /// Checks the limits once, when the gateway's socket is created.
  static func check() {
    let held = (Int(messagesPerConnection) + 1) * IntakeBounds.frameBytes + 2 * Int(bytesInKernel)
    precondition(held <= unreadBytesPerConnection, "libzmq stops reading before a well-behaved connection is ended")
    precondition(unreadBytesPerConnection <= unreadBytes, "one connection may hold only a share of the total")
    precondition(IntakeBounds.replyWindow <= IntakeBounds.replyWindowMost, "the default is allowed")
    precondition(bytesPerRound <= bytesReadAtOnce, "a round of small requests can be read at once")
    precondition(
      IntakeBounds.replyResendTime * 2 <= IntakeBounds.replySubscriptionTime, "a reply is sent again in time")
    precondition(IntakeBounds.bodyBytes <= bytesPerPeer && bytesPerPeer <= bytesUnderWay, "the largest request fits")
  }
}
