/// How many bytes the connections of a socket have sent that were not read as whole messages: decisions only.
///
/// libzmq 4.3.4 bounds the bytes of a frame, but not the frames of a message, and shows a message only when it is whole. So what it holds of
/// a connection is measured from outside: the bytes that the kernel received (`tcpi_bytes_received`) less those of the messages that were read.
struct UnreadBytes: Sendable {
  /// What one connection and all together may hold, and what heartbeats may add, which are never read as messages.
  struct Limits: Sendable, Equatable {
    var connection: Int
    var all: Int
    var controlBytesPerSecond = ZeroMQBounds.controlBytesPerSecond
    var handshakeBytes = ZeroMQBounds.handshakeBytes
  }

  private struct Connection: Sendable {
    /// Bytes that count as read: messages, the handshake, heartbeats.
    var read: Int
    var unread = 0
    var allowedUntil: ContinuousClock.Instant
  }

  private let limits: Limits
  private var connections: [Int32: Connection] = [:]

  init(_ limits: Limits) {
    self.limits = limits
  }

  /// The descriptors of the connections that are measured.
  var descriptors: [Int32] { Array(connections.keys) }

  /// A connection was accepted.
  mutating func opened(_ descriptor: Int32, now: ContinuousClock.Instant) {
    connections[descriptor] = Connection(read: limits.handshakeBytes, allowedUntil: now)
  }

  /// A connection has ended.
  mutating func closed(_ descriptor: Int32) {
    connections[descriptor] = nil
  }

  /// A whole message of a connection was read.
  /// - Parameter bytes: as many as it had on the wire, or a few more.
  mutating func read(_ bytes: Int, from descriptor: Int32) {
    connections[descriptor]?.read += bytes
  }

  /// Compares with what the kernel has received.
  /// - Parameter received: by descriptor, since its connection began; a connection that is left out has ended.
  /// - Returns: the connections to end: each that holds more than one may, and then the biggest until all together hold what they may.
  mutating func looked(_ received: [Int32: Int], now: ContinuousClock.Instant) -> [Int32] {
    for descriptor in descriptors {
      guard var connection = connections[descriptor], let bytes = received[descriptor] else {
        connections[descriptor] = nil
        continue
      }
      let passed = connection.allowedUntil.duration(to: now)
      let allowance = Int(passed / .seconds(1) * Double(limits.controlBytesPerSecond))
      if allowance > 0 {
        connection.read += allowance
        connection.allowedUntil = now
      }
      // What was allowed and not used does not add up.
      connection.read = min(connection.read, max(bytes, limits.handshakeBytes))
      connection.unread = max(0, bytes - connection.read)
      connections[descriptor] = connection
    }
    var total = connections.values.reduce(0) { $0 + $1.unread }
    var ended: [Int32] = []
    for (descriptor, connection) in connections.sorted(by: { $0.value.unread > $1.value.unread }) {
      guard connection.unread > limits.connection || total > limits.all else { break }
      total -= connection.unread
      ended.append(descriptor)
    }
    for descriptor in ended { connections[descriptor] = nil }
    return ended
  }
}
