import DequeModule
import ZeroMQ

/// One DEALER or SUB socket of an actor, registered with the reactor, with the messages that wait until it is connected. Created, used
/// and released on the event thread only.
final class WorkerConnection {
  private let socket: Socket
  private let reactor: ZeroMQReactor
  private var registration: ZeroMQReactor.SocketID?
  private var waiting: Deque<[[UInt8]]> = []

  /// Connects in the background. libzmq chooses a new routing id for each socket.
  init(
    _ kind: Socket.Kind, to peer: LinkPeer, keys: CurveKeyPair?, owner: ZeroMQThread, topics: [[UInt8]] = [],
    handler: @escaping @Sendable () -> Void
  ) throws(ZeroMQError) {
    var options = SocketOptions()
    if let keys, let server = peer.serverPublicKey { options.security = .curveClient(keys: keys, server: server) }
    if case .subscriber = kind { options.maximumFrameBytes = MessagingBounds.hintFrameBytes }
    socket = try Socket(kind, context: owner.context, options: options)
    reactor = owner.reactor
    for topic in topics { try socket.subscribe(to: topic) }
    try socket.connect(to: peer.endpoint)
    registration = reactor.register(socket, interest: .readable) { _ in handler() }
  }

  /// Removes the socket from the reactor; it closes when the connection is released.
  func close() {
    if let registration { reactor.remove(registration) }
    registration = nil
  }

  /// The next message; nil if there is none or after an error, which the following silence reveals.
  func receive() -> Message? {
    registration == nil ? nil : (try? socket.receive()) ?? nil
  }

  /// Sends, or keeps the message until the connection is complete.
  /// - Returns: false when too many messages wait.
  func send(_ frames: [[UInt8]]) -> Bool {
    waiting.append(frames)
    flush()
    return waiting.count <= MessagingBounds.messagesAwaitingConnection
  }

  /// Sends waiting messages, as far as possible.
  func flush() {
    guard let registration else { return }
    let wasWaiting = waiting.count > 0
    while let frames = waiting.first, (try? socket.send(frames)) ?? false { waiting.removeFirst() }
    if wasWaiting { reactor.setInterest(waiting.isEmpty ? .readable : [.readable, .writable], for: registration) }
  }
}
