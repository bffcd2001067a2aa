import CZeroMQ

/// The authenticated sender of a message, as assigned by the ZAP handler when the connection was made.
public struct UserID: Hashable, Sendable, CustomStringConvertible {
  /// The name, 1 to 255 bytes.
  public let name: String

  /// Accepts a name of 1 to 255 bytes without NUL.
  public init?(_ name: String) {
    guard (1...ZeroMQBounds.userIDBytes).contains(name.utf8.count), !name.utf8.contains(0) else { return nil }
    self.name = name
  }

  /// The name.
  public var description: String { name }
}

/// One received message.
public struct Message: Sendable {
  /// The frames; on a ROUTER the first one is the sender's routing id.
  public private(set) var frames: [[UInt8]] = []

  /// The sender; nil on sockets without authentication, and for messages of a single frame.
  public private(set) var userID: UserID?

  /// The descriptor of the connection it arrived on; nil for messages of a single frame and for transports without one.
  private(set) var descriptor: Int32?

  /// Bytes of its frames on the wire, including headers and encryption.
  private(set) var bytesOnWire = 0

  /// Whether frames beyond the limit were discarded; such a message must be refused.
  public private(set) var isTruncated = false

  init() {}

  mutating func append(_ part: inout zmq_msg_t, isFirst: Bool) {
    if !isFirst {
      bytesOnWire += zmq_msg_size(&part) + ZeroMQBounds.overheadPerFrame
      if descriptor == nil {
        let source = zmq_msg_get(&part, ZMQ_SRCFD)
        if source >= 0 { descriptor = source }
      }
    }
    guard frames.count < ZeroMQBounds.framesPerMessage else {
      isTruncated = true
      return
    }
    frames.append(Array(UnsafeRawBufferPointer(start: zmq_msg_data(&part), count: zmq_msg_size(&part))))
    // libzmq 4.3.4 prefetches a ROUTER's first frame when it is polled, and loses its properties in doing so.
    if !isFirst && userID == nil, let name = zeromq_user_id(&part) {
      userID = UserID(String(cString: name))
    }
  }
}
