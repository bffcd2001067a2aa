import CZeroMQ
import Glibc
import Synchronization

/// Why connections were closed.
public enum ConnectionEnd: String, Sendable, CaseIterable {
  /// They sent more than allowed without completing a message.
  case unreadBytes = "unread_bytes"
  /// Their address, or the whole socket, exceeded its limit.
  case tooMany = "too_many"
}

/// Monitors the connections of a bound TCP socket and closes those that exceed a limit or make libzmq hold too much. It belongs to the
/// socket's event thread.
final class ConnectionMonitor {
  private static let names = Atomic<UInt64>(0)

  private let events: Socket
  private let registration: ZeroMQReactor.SocketID
  private var bytes: UnreadBytes
  private var counts: ConnectionCounts<TCPConnection.Network>
  private var port: UInt16?

  /// Starts monitoring a socket.
  /// - Parameter readable: called on the event thread when there are events; it calls `drain()`.
  init(
    _ socket: borrowing Socket, limits: SocketOptions.ConnectionLimits, on owner: ZeroMQThread,
    readable: @escaping ZeroMQReactor.Handler
  ) throws(ZeroMQError) {
    let name = "inproc://connections.\(Self.names.wrappingAdd(1, ordering: .relaxed).newValue)"
    try socket.monitor(at: name, events: ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_CLOSED | ZMQ_EVENT_DISCONNECTED)
    events = try Socket(.pair, context: owner.context)
    try events.connect(to: name)
    bytes = UnreadBytes(.init(connection: limits.unreadBytesPerConnection, all: limits.unreadBytes))
    counts = ConnectionCounts(perNetwork: limits.connectionsPerAddress, all: limits.connections)
    registration = owner.reactor.register(events, interest: .readable, handler: readable)
  }

  /// Whether there are no connections to check.
  var isIdle: Bool { bytes.descriptors.isEmpty }

  /// Only connections to this endpoint are closed.
  func bound(to endpoint: String) {
    port = endpoint.split(separator: ":").last.flatMap { UInt16($0) }
  }

  /// Stops monitoring.
  func stop(on reactor: ZeroMQReactor) {
    reactor.remove(registration)
  }

  /// Reads which connections were opened and closed, and closes those that exceed a limit. An event is a 16-bit number and a 32-bit value
  /// in the host's byte order, followed by the address in a separate frame (zmq_socket_monitor(3)); the value is the connection's
  /// descriptor.
  /// - Returns: how many were closed.
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
      guard !counts.opened(descriptor, from: TCPConnection.network(of: descriptor)), let port else { continue }
      if TCPConnection.end(descriptor, localPort: port) { ended += 1 }
    }
    return ended
  }

  /// Records that a message was read.
  func read(_ message: Message) {
    guard let descriptor = message.descriptor else { return }
    bytes.read(message.bytesOnWire, from: descriptor)
  }

  /// Measures all connections.
  /// - Returns: how many were closed.
  func look(now: ContinuousClock.Instant) -> Int {
    guard let port else { return 0 }
    var received: [Int32: Int] = [:]
    for descriptor in bytes.descriptors {
      received[descriptor] = TCPConnection.bytesReceived(descriptor)
    }
    // libzmq detects it at its next read, frees what it has assembled, and the peer may reconnect.
    return bytes.looked(received, now: now).count { TCPConnection.end($0, localPort: port) }
  }
}
