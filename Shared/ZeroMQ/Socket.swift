import CZeroMQ
import Glibc

/// The owner of one libzmq socket, which it closes when it is deinitialised.
///
/// A socket belongs to one thread: create, use and release it in an actor of an event thread.
public struct Socket: ~Copyable {
  /// The messaging patterns in use.
  public enum Kind: Sendable {
    /// Addresses its peers: first frame in and out is the peer's routing id.
    case router
    /// Talks to its peers in round-robin order.
    case dealer
    /// Sends to all subscribers; drops messages for slow ones.
    case publisher
    /// Receives what it subscribed to.
    case subscriber
    /// Sends a request, and waits for the reply.
    case request
    /// Replies to each request.
    case reply
    /// Talks to one other socket of the process.
    case pair
  }

  /// The operations that a socket is ready for.
  public struct Events: OptionSet, Sendable {
    /// The raw bits.
    public let rawValue: UInt8
    /// Creates a set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A message can be received.
    public static let readable = Events(rawValue: 1)
    /// A message can be sent.
    public static let writable = Events(rawValue: 2)
  }

  let handle: UnsafeMutableRawPointer
  private let context: ZeroMQContext
  private let kind: Kind

  /// Creates a socket with its options set.
  public init(_ kind: Kind, context: ZeroMQContext, options: SocketOptions = SocketOptions()) throws(ZeroMQError) {
    handle = try Self.open(kind, context, options)
    self.context = context
    self.kind = kind
  }

  deinit { zmq_close(handle) }

  private static func open(
    _ kind: Kind, _ context: ZeroMQContext, _ options: SocketOptions
  ) throws(ZeroMQError) -> UnsafeMutableRawPointer {
    guard let handle = zmq_socket(context.handle, kind.constant) else { throw .last("create a \(kind) socket") }
    do {
      try options.apply(to: handle, isRouter: kind == .router)
    } catch {
      zmq_close(handle)
      throw error
    }
    return handle
  }

  // MARK: Endpoints

  /// Binds, and returns the endpoint with the port that was chosen where `endpoint` ends in `:*`.
  @discardableResult
  public borrowing func bind(to endpoint: String) throws(ZeroMQError) -> String {
    guard zmq_bind(handle, endpoint) == 0 else { throw .last("bind \(endpoint)") }
    return try string(ZMQ_LAST_ENDPOINT, named: "last endpoint")
  }

  /// Connects in the background, and reconnects whenever the connection is lost.
  public borrowing func connect(to endpoint: String) throws(ZeroMQError) {
    guard zmq_connect(handle, endpoint) == 0 else { throw .last("connect \(endpoint)") }
  }

  /// Ends a connection and drops the messages that wait for it.
  public borrowing func disconnect(from endpoint: String) throws(ZeroMQError) {
    guard zmq_disconnect(handle, endpoint) == 0 else { throw .last("disconnect \(endpoint)") }
  }

  /// Receives messages whose first frame begins with `prefix` (SUB only); an empty prefix means all.
  public borrowing func subscribe(to prefix: [UInt8]) throws(ZeroMQError) {
    guard zmq_setsockopt(handle, ZMQ_SUBSCRIBE, prefix, prefix.count) == 0 else { throw .last("subscribe") }
  }

  /// Publishes connection events to a socket of the kind `pair` that connects to `endpoint`.
  borrowing func monitor(at endpoint: String, events: Int32) throws(ZeroMQError) {
    guard zmq_socket_monitor(handle, endpoint, events) == 0 else { throw .last("monitor a \(kind) socket") }
  }

  // MARK: Messages

  /// Sends a message of one or more frames without waiting; the frames are copied once.
  /// - Returns: false when there is no room or no complete connection; nothing was sent then.
  /// - Throws: `peerUnreachable` when the peer that a ROUTER's first frame names is not connected.
  public borrowing func send(_ frames: [[UInt8]]) throws(ZeroMQError) -> Bool {
    precondition(!frames.isEmpty, "a message has at least one frame")
    for (index, frame) in frames.enumerated() {
      let flags = ZMQ_DONTWAIT | (index + 1 < frames.count ? ZMQ_SNDMORE : 0)
      while zmq_send(handle, frame, frame.count, flags) < 0 {
        let number = zmq_errno()
        if number == EINTR { continue }
        // Only the first frame can meet a full queue: libzmq admits whole messages.
        if number == EAGAIN && index == 0 { return false }
        throw ZeroMQError(errorNumber: number, place: "send on a \(kind) socket")
      }
    }
    return true
  }

  /// Receives one whole message without waiting; each frame is copied once.
  /// - Returns: nil when none has arrived.
  public borrowing func receive() throws(ZeroMQError) -> Message? {
    var part = zmq_msg_t()
    zmq_msg_init(&part)
    defer { zmq_msg_close(&part) }
    var message = Message()
    var isFirst = true
    while true {
      while zmq_msg_recv(&part, handle, isFirst ? ZMQ_DONTWAIT : 0) < 0 {
        // The usual end of reading, for which no error is made.
        let number = zmq_errno()
        if number == EINTR { continue }
        if number == EAGAIN && isFirst { return nil }
        throw ZeroMQError(errorNumber: number, place: "receive on a \(kind) socket")
      }
      message.append(&part, isFirst: isFirst)
      isFirst = false
      if zmq_msg_more(&part) == 0 { return message }
    }
  }

  private borrowing func string(_ option: Int32, named name: String) throws(ZeroMQError) -> String {
    var text = [CChar](repeating: 0, count: 512)
    var size = text.count
    guard zmq_getsockopt(handle, option, &text, &size) == 0 else { throw .last("get \(name)") }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension Socket.Kind {
  fileprivate var constant: Int32 {
    switch self {
    case .router: ZMQ_ROUTER
    case .dealer: ZMQ_DEALER
    case .publisher: ZMQ_PUB
    case .subscriber: ZMQ_SUB
    case .request: ZMQ_REQ
    case .reply: ZMQ_REP
    case .pair: ZMQ_PAIR
    }
  }
}
