import CLinux
import CZeroMQ
import Glibc
import Synchronization

/// Watches the connections of a bound TCP socket and ends those that make libzmq hold too much. It belongs to the socket's event thread.
final class ConnectionMonitor {
  private static let names = Atomic<UInt64>(0)

  private let events: Socket
  private let registration: ZeroMQReactor.SocketID
  private var bytes: UnreadBytes
  private var port: UInt16?

  /// Starts to watch a socket.
  /// - Parameter readable: called on the event thread when there are events; it calls `drain()`.
  init(
    _ socket: borrowing Socket, limits: UnreadBytes.Limits, on owner: ZeroMQThread,
    readable: @escaping ZeroMQReactor.Handler
  ) throws(ZeroMQError) {
    let name = "inproc://connections.\(Self.names.wrappingAdd(1, ordering: .relaxed).newValue)"
    try socket.monitor(at: name, events: ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_CLOSED | ZMQ_EVENT_DISCONNECTED)
    var options = SocketOptions()
    options.heartbeatInterval = .zero
    events = try Socket(.pair, context: owner.context, options: options)
    try events.connect(to: name)
    bytes = UnreadBytes(limits)
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

  /// Takes in which connections were opened and closed. An event is a 16-bit number and a 32-bit value in the host's byte order, then the
  /// address in a frame of its own (zmq_socket_monitor(3)); the value is the connection's descriptor.
  func drain(now: ContinuousClock.Instant) {
    while let message = (try? events.receive()) ?? nil {
      guard let frame = message.frames.first, frame.count >= 6 else { continue }
      let (event, descriptor) = frame.withUnsafeBytes {
        (Int32($0.loadUnaligned(as: UInt16.self)), $0.loadUnaligned(fromByteOffset: 2, as: Int32.self))
      }
      if event == ZMQ_EVENT_ACCEPTED { bytes.opened(descriptor, now: now) } else { bytes.closed(descriptor) }
    }
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
