/// Limits of one HTTP connection and of all connections together.
public enum ConnectionBounds {
  /// Minimum number of pending bytes that a peer must read in each window, unless it reads all; a slower peer is disconnected.
  static let bytesPerWriteWindow = 16 << 10
  public static let writeWindow: Duration = .seconds(20)
  /// Maximum number of unanswered requests of a connection; beyond it nothing more is read.
  static let unansweredRequests = 16
  /// How long the rest of a request that was answered early is discarded before the connection is closed, so that the answer is not lost
  /// to a reset.
  static let closingTime: Duration = .seconds(2)
  /// Bytes per read, and the number of consecutive reads.
  static let bytesPerRead = 16 << 10
  static let readsInARow: UInt = 1
  /// Bytes that the kernel buffers for a connection that is not read.
  static let bytesInKernel = 128 << 10
  /// Bytes decoded in one step while requests begin: the smallest request has 18 bytes, so this bounds the number of requests per step.
  static let bytesPerDecoding = 1 << 10
  /// Maximum bytes of incomplete bodies: per process, and per key.
  static let unfinishedBodyBytes = 64 << 20
  static let unfinishedBodyBytesPerKey = unfinishedBodyBytes / 4

  /// Checked once, when a server is created.
  static func check() {
    precondition(bytesPerDecoding <= bytesPerRead, "a read is decoded in pieces")
    precondition(bytesPerWriteWindow <= bytesInKernel, "a peer that reads takes a window's bytes")
  }
}
