/// The bytes that the connections of a socket have sent and that were not read as whole messages: decisions only.
///
/// libzmq 4.3.4 limits the bytes of a frame, but not the frames of a message, and delivers a message only when it is complete. So the
/// data it holds for a connection is measured from outside: the bytes that the kernel received (`tcpi_bytes_received`) less those of the
/// messages that were read.
struct UnreadBytes: Sendable {
  /// How much one connection and all together may hold, and the allowance for heartbeats, which are never read as messages.
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

  /// The descriptors of the measured connections.
  var descriptors: [Int32] { Array(connections.keys) }

  /// Records an accepted connection.
  mutating func opened(_ descriptor: Int32, now: ContinuousClock.Instant) {
    connections[descriptor] = Connection(read: limits.handshakeBytes, allowedUntil: now)
  }

  /// Records that a connection has ended.
  mutating func closed(_ descriptor: Int32) {
    connections[descriptor] = nil
  }

  /// Records that a whole message of a connection was read.
  /// - Parameter bytes: its bytes on the wire, or a few more.
  mutating func read(_ bytes: Int, from descriptor: Int32) {
    connections[descriptor]?.read += bytes
  }

  /// Compares with the bytes that the kernel has received.
  /// - Parameter received: by descriptor, since its connection began; a missing connection has ended.
  /// - Returns: the connections to close: each that exceeds its own limit, and then the largest until the total is within its limit.
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
      // Unused allowance does not accumulate.
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
