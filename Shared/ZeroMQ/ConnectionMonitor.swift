import CLinux
import CZeroMQ
import Glibc
import Synchronization

/// Why connections were ended.
public enum ConnectionEnd: String, Sendable, CaseIterable {
  /// They sent more without completing a message than they may.
  case unreadBytes = "unread_bytes"
  /// Their address, or the whole socket, had as many as it may.
  case tooMany = "too_many"
}

/// Watches the connections of a bound TCP socket and ends those that are too many or make libzmq hold too much. It belongs to the socket's
/// event thread.
final class ConnectionMonitor {
  private static let names = Atomic<UInt64>(0)

  private let events: Socket
  private let registration: ZeroMQReactor.SocketID
  private var bytes: UnreadBytes
  private var counts: ConnectionCounts<[UInt64]>
  private var port: UInt16?

  /// Starts to watch a socket.
  /// - Parameter readable: called on the event thread when there are events; it calls `drain()`.
  init(
    _ socket: borrowing Socket, limits: SocketOptions.ConnectionLimits, on owner: ZeroMQThread,
    readable: @escaping ZeroMQReactor.Handler
  ) throws(ZeroMQError) {
    let name = "inproc://connections.\(Self.names.wrappingAdd(1, ordering: .relaxed).newValue)"
    try socket.monitor(at: name, events: ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_CLOSED | ZMQ_EVENT_DISCONNECTED)
    var options = SocketOptions()
    options.heartbeatInterval = .zero
    events = try Socket(.pair, context: owner.context, options: options)
    try events.connect(to: name)
    bytes = UnreadBytes(.init(connection: limits.unreadBytesPerConnection, all: limits.unreadBytes))
    counts = ConnectionCounts(perNetwork: limits.connectionsPerAddress, all: limits.connections)
    registration = owner.reactor.register(events, interest: .readable, handler: readable)
  }

  /// Whether there is anything to look at.
  var isIdle: Bool { bytes.descriptors.isEmpty }

  /// Only connections to this endpoint are ended.
  func bound(to endpoint: String) {
    port = endpoint.split(separator: ":").last.flatMap { UInt16($0) }
  }

  /// Stops to watch.
  func stop(on reactor: ZeroMQReactor) {
    reactor.remove(registration)
  }

  /// Takes in which connections were opened and closed, and ends those that are too many. An event is a 16-bit number and a 32-bit value in the host's byte order, then the
  /// address in a frame of its own (zmq_socket_monitor(3)); the value is the connection's descriptor.
  /// - Returns: how many were ended.
  func drain(now: ContinuousClock.Instant) -> Int {
    var ended = 0
    while let message = (try? events.receive()) ?? nil {
      guard let frame = message.frames.first, frame.count >= 6 else { continue }
      let (event, descriptor) = frame.withUnsafeBytes {
        (Int32($0.loadUnaligned(as: UInt16.self)), $0.loadUnaligned(fromByteOffset: 2, as: Int32.self))
      }
      guard event == ZMQ_EVENT_ACCEPTED else {
        bytes.closed(descriptor)
        counts.closed(descriptor)
        continue
      }
      bytes.opened(descriptor, now: now)
      guard !counts.opened(descriptor, from: Self.network(of: descriptor)), let port else { continue }
      if linux_end_tcp_connection(descriptor, port) == 0 { ended += 1 }
    }
    return ended
  }

  private static func network(of descriptor: Int32) -> [UInt64]? {
    var network: [UInt64] = [0, 0]
    return linux_peer_network(descriptor, &network) == 0 ? network : nil
  }

  /// A message was read.
  func read(_ message: Message) {
    guard let descriptor = message.descriptor else { return }
    bytes.read(message.bytesOnWire, from: descriptor)
  }

  /// Measures all connections.
  /// - Returns: how many were ended.
  func look(now: ContinuousClock.Instant) -> Int {
    guard let port else { return 0 }
    var received: [Int32: Int] = [:]
    for descriptor in bytes.descriptors {
      let count = linux_tcp_bytes_received(descriptor)
      if count >= 0 { received[descriptor] = Int(count) }
    }
    // libzmq notices at its next read, frees what it has assembled, and the peer may connect again.
    return bytes.looked(received, now: now).count { linux_end_tcp_connection($0, port) == 0 }
  }
}
