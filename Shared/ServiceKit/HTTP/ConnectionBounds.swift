/// The named bounds of one HTTP connection and of what all connections hold.
public enum ConnectionBounds {
  /// Bytes that a peer takes of what waits for it in each window, unless it takes all; a slower peer is cut off.
  static let bytesPerWriteWindow = 16 << 10
  public static let writeWindow: Duration = .seconds(20)
  /// Requests of a connection that may wait for their answers; beyond it nothing more is read.
  static let unansweredRequests = 16
  /// How long the rest of a request that was answered early is thrown away before the connection is closed, so that the answer is not lost
  /// to a reset.
  static let closingTime: Duration = .seconds(2)
  /// Bytes of one read, and how many reads are made in a row.
  static let bytesPerRead = 16 << 10
  static let readsInARow: UInt = 1
  /// Bytes that the kernel keeps of a connection that is not read.
  static let bytesInKernel = 128 << 10
  /// Bytes that are decoded at once while requests begin: the smallest request has 18 bytes, so this bounds how many requests come at once.
  static let bytesPerDecoding = 1 << 10
  /// Bytes of bodies that have begun and are not complete: of the process, and of one key.
  static let unfinishedBodyBytes = 64 << 20
  static let unfinishedBodyBytesPerKey = unfinishedBodyBytes / 4

  /// Checked once, when a server is made.
  static func check() {
    precondition(bytesPerDecoding <= bytesPerRead, "a read is decoded in pieces")
    precondition(bytesPerWriteWindow <= bytesInKernel, "a peer that reads takes a window's bytes")
  }
}
